"""Attention on the stage: the picture shows through it, and what is looked at most is outlined."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.engine.insights import insights
from studio.engine.insights.asking import Reply
from studio.engine.insights.question import Answer, Map, question_of
from studio.gui.picture.stage import Stage
from studio.gui.widgets import theme
from studio.gui.widgets.colour_maps import colour_map
from studio.gui.widgets.theme import Theme
from tests.gui.picture.test_stage import SIDE, moment
from tests.gui.windows import site

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
