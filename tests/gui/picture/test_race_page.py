"""Why drawing is slow or fast: the same picture drawn in three ways, to be watched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

import models
from studio.engine.insights.ways import CACHED, NAIVE, PARALLEL, WayMoment
from studio.gui.picture.race_page import TITLE, RacePage
from studio.gui.picture.way_view import Bar, WayPicture, colours
from studio.gui.session import Session
from studio.gui.shell.commands import commands_of
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import theme
from studio.gui.widgets.marks import tinted
from tests.gui.windows import Busy, click, open_window, press, until
from tests.models.zoo import small, small_of_any_kind
from tests.tiny import tiny_checkpoint

SIDE = 20  # pixels of a site


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def test_from_the_facts_of_the_model_to_the_outcome_by_the_mouse(
    window: MainWindow, qtbot: QtBot
) -> None:
    button = window.inspector.head.speed
    scroll = window.docks["Inspector"].widget()
    assert isinstance(scroll, QScrollArea)
    scroll.ensureWidgetVisible(button)
    click(button)
    page = window.race_page
    until(qtbot, lambda: page.isVisible() and page.latest is not None)
    click(page.play_button)
    until(qtbot, lambda: bool(page.outcome.text()))

    assert page.latest is not None
    first, *others = (way.values for way in page.latest.ways)
    assert all(np.array_equal(first, other) for other in others)
    assert "The cache needed" in page.outcome.text()
    assert "multiplications" in page.views[NAIVE].multiplied.text
    assert "passes" in page.views[PARALLEL].took.text
    assert "steps" in page.views[CACHED].accessibleName()
    assert page.views[NAIVE].bar.share > page.views[CACHED].bar.share > 0
    way = page.latest.ways[0]
    page.views[NAIVE].show_moment(replace(way, passes=1), 1, 2)
    assert page.views[NAIVE].took.text.startswith("1 pass ·")

    press("Home")
    until(qtbot, lambda: page.latest is not None and not page.latest.ways[0].position)
    window.show_stage()
    (found,) = (one for one in commands_of(window) if one.text == TITLE and one.where == "View")
    found.do()
    assert page.isVisible()


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[RacePage]:
    """By itself, with a model whose race stands at its beginning."""
    session = Session()
    session.model = small("pixelcnn", (1, 6, 6))
    page = RacePage(session)
    qtbot.addWidget(page)
    page.show()
    until(qtbot, lambda: page.latest is not None)
    yield page
    page.close_down()
    session.shut_down()
    page.close()


def test_its_thread_ends_when_nobody_looks(page: RacePage) -> None:
    racing = page._racing
    assert racing is not None
    page.toggle()
    page.hide()
    assert racing.join(10)
    assert not racing._thread.is_alive()


def test_it_begins_when_what_was_let_go_has_ended(page: RacePage, qtbot: QtBot) -> None:
    busy = Busy()
    page._session.let_go(busy)
    before = page._racing
    page._session.change(seed=5)
    until(qtbot, lambda: page._racing is not before)
    qtbot.wait(300)
    assert page.latest is None
    busy.through.set()
    until(qtbot, lambda: page.latest is not None)


def test_other_options_begin_another_race(page: RacePage, qtbot: QtBot) -> None:
    before = page._racing
    page._session.change(seed=5)
    until(qtbot, lambda: page._racing not in (before, None) and page.latest is not None)


def test_a_model_for_sound_is_told_about(page: RacePage, qtbot: QtBot) -> None:
    page._session.model = models.build("wavenet", width=2, skip=3, dilations=(1, 2))
    page._session.model_changed.emit()
    until(qtbot, lambda: page.sentence.text().startswith("For every sample"))
    assert not page.play_button.isVisible()
    until(qtbot, lambda: page.sentence.y() < page.height() // 4)  # under the title


def test_a_model_that_cannot_be_raced_says_why(page: RacePage, qtbot: QtBot) -> None:
    page._session.model = other = small_of_any_kind("autoencoder", (1, 8, 8))
    page._session.model_changed.emit()
    until(qtbot, lambda: page.sentence.text() == other.why)
    assert not page.views[NAIVE].isVisible()


@pytest.fixture(params=[theme.Theme.LIGHT, theme.Theme.DARK])
def look(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    before = qapp.palette()
    qapp.setPalette(theme.palette(request.param))
    yield
    qapp.setPalette(before)


def way(name: str, computed: list[tuple[int, int]], there: list[tuple[int, int]]) -> WayMoment:
    """Of a picture of 2 x 2: white in the first column."""
    masks = np.zeros((2, 2, 2), bool)
    for mask, sites in zip(masks, (there, computed), strict=True):
        for place in sites:
            mask[place] = True
    values = np.array([[[1, 0], [1, 0]]], np.uint8)
    return WayMoment(name, values, masks[0], masks[1], len(there), 4, 1, 0.1, 10)


def painted_on(widget: QWidget, qtbot: QtBot) -> QImage:
    qtbot.addWidget(widget)
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    widget.render(image, QPoint())
    return image


def at(image: QImage, row: int, column: int) -> QColor:
    """In the middle of a site."""
    middle = SIDE // 2
    return image.pixelColor(column * SIDE + middle, row * SIDE + middle)


def blended(colour: QColor) -> QColor:
    found = tinted(np.array([colour.rgba()], np.uint32), 5, "accent")
    return QColor.fromRgb(int(found[0]))


@pytest.mark.usefixtures("look")
def test_what_was_computed_last_is_tinted_light_and_dark(qtbot: QtBot) -> None:
    white, black, unknown = QColor("white"), QColor("black"), theme.colour("unknown")
    everything = [(0, 0), (0, 1), (1, 0), (1, 1)]
    expected = {
        NAIVE: (everything, [(0, 0)], [blended(white), *(blended(unknown) for _ in range(3))]),
        CACHED: ([(0, 1)], everything[:2], [white, blended(black)]),
        PARALLEL: (everything[2:], everything[:2], [white, black, blended(white), blended(black)]),
    }
    for name, (computed, there, seen) in expected.items():
        picture = WayPicture()
        picture.setMinimumSize(1, 1)
        picture.resize(2 * SIDE, 2 * SIDE)
        picture.show_colours(colours(way(name, computed, there), 2))
        image = painted_on(picture, qtbot)
        found = [at(image, *place) for place in everything[: len(seen)]]
        assert [one.name() for one in found] == [one.name() for one in seen]


@pytest.mark.usefixtures("look")
def test_the_bar_shows_a_share_and_little_is_a_pixel_light_and_dark(qtbot: QtBot) -> None:
    for share, last in ((0.5, 50), (0.001, 1)):
        bar = Bar()
        bar.resize(100, 10)
        bar.show_share(share)
        image = painted_on(bar, qtbot)
        assert image.pixelColor(last - 1, 5).name() == theme.colour("accent").name()
        assert image.pixelColor(last, 5).name() == theme.colour("line").name()
