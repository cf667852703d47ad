"""Attention on the stage: the picture shows through it, and what is looked at most is outlined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.insights import insights
from studio.engine.insights.asking import Reply
from studio.engine.insights.question import Answer, Map, question_of
from studio.engine.media.colour_maps import colour_map
from studio.gui.picture.stage import Stage
from studio.gui.widgets import theme
from studio.gui.widgets.theme import Theme
from tests.gui.picture.test_stage import SIDE, moment
from tests.gui.windows import at_rest, open_window, run_xdotool, site, until
from tests.tiny import SIZE, tiny_checkpoint

POSITION, MOST = 15, 8  # the next pixel, and the one that it looks at most


@pytest.fixture(params=[Theme.LIGHT, Theme.DARK], ids=["light", "dark"])
def palette(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[QPalette]:
    before = qapp.palette()
    qapp.setPalette(theme.palette(request.param))
    yield qapp.palette()
    qapp.setPalette(before)


@pytest.fixture
def stage(qtbot: QtBot, palette: QPalette) -> Stage:
    stage = Stage()
    qtbot.addWidget(stage)
    stage.resize(400, 420)
    stage.show_painting(Painting(1, SIDE, SIDE, 2))
    stage.show()
    qtbot.waitExposed(stage)
    stage.show_snapshot(moment(POSITION))
    return stage


def looks_at(weights: np.ndarray) -> Answer:
    shares = np.full(SIDE * SIDE, np.nan, np.float32)
    shares[:POSITION] = weights
    values = shares.reshape(SIDE, SIDE)
    return Answer(maps=(Map(values),), marked=np.array([MOST]), site=POSITION)


def rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def shown(share: float, level: int) -> QColor:
    """The colour of the map, with three tenths of the picture seen through it."""
    colour = QColor.fromRgba(int(colour_map("magma")[round(share * 255)]))
    return QColor(*(int(0.7 * part + 0.3 * 255 * level) for part in rgb(colour)))


def test_weights_are_colours_the_picture_shines_through_and_marks_stand_out(stage: Stage) -> None:
    plain = stage.grab().toImage()
    weights = np.zeros(POSITION, np.float32)
    weights[MOST], weights[3] = 1, 0.5
    insight = insights()["attention"]
    stage.set_overlay("attention")
    stage.show_reply(Reply(insight, question_of(moment(POSITION), 2), looks_at(weights)))
    image = stage.grab().toImage()

    def inside(index: int) -> QPoint:
        return site(stage, *divmod(index, SIDE))

    for index in range(POSITION):
        level = sum(divmod(index, SIDE)) % 2
        found, expected = image.pixelColor(inside(index)), shown(weights[index], level)
        differences = np.subtract(rgb(found), rgb(expected))
        assert np.abs(differences).max() <= 2, index
    for index in (POSITION + 1, SIDE * SIDE - 1):
        assert image.pixelColor(inside(index)) == plain.pixelColor(inside(index)), "not there yet"
    rect = stage.picture_rect(0)
    zoom = rect.width() // SIDE
    for index, colour in ((MOST, "accent"), (POSITION, "changed")):
        row, column = divmod(index, SIDE)
        edge = rect.topLeft() + QPoint(column * zoom, row * zoom + zoom // 2)
        assert image.pixelColor(edge) == theme.colour(colour)


def test_it_goes_with_the_drawing_and_with_the_pointer(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "transformer")) as window:
        stage, bar = window.drawing_page.stage, window.drawing_page.insight
        at_rest(qtbot, window.session)
        stage.set_overlay("attention")

        def told() -> int | None:
            return None if stage.layer is None else stage.layer.answer.site

        def point_at(widget: QWidget, place: QPoint) -> None:
            there = widget.mapToGlobal(place)
            run_xdotool("mousemove", str(there.x()), str(there.y()))

        point_at(window, QPoint(2, 2))
        window.drawing_page.drawing.step(10)
        until(qtbot, lambda: told() == 10)
        window.drawing_page.drawing.step(7)
        until(qtbot, lambda: told() == 17)
        assert bar.boxes.keys() == {"Layer", "Head"}
        words = bar._words["Layer"]
        label = next(one for one in bar.findChildren(QLabel) if one.text() == "Head")
        assert words.geometry().right() < label.geometry().left(), "words lie over one another"
        point_at(stage, site(stage, 1, 3))
        until(qtbot, lambda: told() == SIZE + 3)
        assert bar.sentence.text().startswith("Row 1, column 3 looks")
