"""Colour in the window: painting with it, taking it off a picture, and telling it apart from what
was not painted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractButton, QColorDialog
from pytestqt.qtbot import QtBot

from studio.engine.editing.painting import Painting
from studio.gui.picture.inks import SWATCHES, ColourInk
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, draw, open_window, press, site, until
from tests.tiny import SIZE, tiny_checkpoint

RED = (221, 46, 68)
WHITE = (255, 255, 255)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    path = tiny_checkpoint(
        tmp_path, "gated-pixelcnn-class", levels=256, channels=3, preparation="rgb-256"
    )
    with open_window(qtbot, path) as window:
        window.drawing_page.tools.size_box.setValue(1)
        yield window


def painting_of(window: MainWindow) -> Painting:
    assert window.session.painting is not None
    return window.session.painting


def painted(window: MainWindow) -> np.ndarray:
    """The levels of the painting, (H, W, 3)."""
    return painting_of(window).values.transpose(1, 2, 0)


def shown(window: MainWindow, row: int, column: int) -> QColor:
    """Off the middle of the site, where there may be a mark."""
    quarter = window.drawing_page.stage.picture_rect(0).width() // (4 * SIZE)
    return (
        window.drawing_page.stage.grab()
        .toImage()
        .pixelColor(site(window.drawing_page.stage, row, column) - QPoint(quarter, quarter))
    )


def test_a_colour_that_was_clicked_is_what_the_brush_paints(
    window: MainWindow, qtbot: QtBot
) -> None:
    click(window.drawing_page.tools.colour_ink.swatches["Red"])
    draw(window.drawing_page.stage, (1, 1), (1, 6))
    until(qtbot, lambda: (painted(window)[1, 1:7] == RED).all())
    colour = shown(window, 1, 3)
    assert colour.red() > 180
    assert max(colour.green(), colour.blue()) < 90, (
        "what is painted keeps its colour, with a touch of evidence"
    )
    click(window.drawing_page.transport.finish)
    at_rest(qtbot, window.session)
    assert window.session.latest is not None
    assert window.session.latest.values[0, :, 1, 3].tolist() == list(RED)


def test_the_background_is_white_and_x_swaps_it_with_the_brush(
    window: MainWindow, qtbot: QtBot
) -> None:
    draw(window.drawing_page.stage, (2, 2))
    until(qtbot, lambda: not painting_of(window).empty)
    press("g")
    until(qtbot, lambda: (painted(window)[0] == WHITE).all())
    assert painted(window)[2, 2].tolist() == [0, 0, 0]
    press("x")
    until(qtbot, lambda: window.drawing_page.tools.ink.value == WHITE)
    assert window.drawing_page.tools.ink.ground == (0, 0, 0)


def test_the_pipette_takes_a_colour_off_any_of_the_pictures_and_paints_on(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, tools = window.session, window.drawing_page.tools
    session.change(count=4)
    window.drawing_page.drawing.finish()
    until(
        qtbot,
        lambda: (
            session.latest is not None
            and session.latest.position == SIZE * SIZE
            and session.latest.count == 4
        ),
    )
    at_rest(qtbot, session)
    press("i")
    until(qtbot, lambda: tools.tool == "pipette")
    window.drawing_page.stage.picture = 3
    window.drawing_page.stage.pressed.emit(5, 2)
    assert session.latest is not None
    assert list(tools.colour_ink.value) == session.latest.values[3, :, 5, 2].tolist()
    assert tools.tool == "brush"
    assert painting_of(window).empty, "the pipette paints nothing"


def test_a_dialog_offers_every_colour(window: MainWindow, qtbot: QtBot) -> None:
    ink = window.drawing_page.tools.colour_ink
    click(ink.brush)
    until(qtbot, lambda: bool(window.findChildren(QColorDialog)))
    (dialog,) = window.findChildren(QColorDialog)
    dialog.setCurrentColor(QColor(1, 2, 3))
    dialog.accept()
    assert ink.value == (1, 2, 3)
    until(qtbot, lambda: not window.findChildren(QColorDialog))


def test_a_dialog_can_be_left_though_a_model_without_colours_has_come(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    click(window.drawing_page.tools.colour_ink.brush)
    until(qtbot, lambda: bool(window.findChildren(QColorDialog)))
    (dialog,) = window.findChildren(QColorDialog)
    until(qtbot, dialog.isActiveWindow)
    other = tiny_checkpoint(tmp_path, "made")
    window.load(other)
    until(qtbot, lambda: window.session.checkpoint == other)
    at_rest(qtbot, window.session)
    assert not window.drawing_page.tools.colour_ink.isEnabled()
    press("Escape")
    until(qtbot, lambda: not window.findChildren(QColorDialog))


def test_every_tool_for_colour_has_a_tip_and_a_name(window: MainWindow) -> None:
    buttons = window.drawing_page.tools.colour_ink.findChildren(QAbstractButton)
    assert len(buttons) == 2 + len(SWATCHES)
    for button in buttons:
        assert button.toolTip()
        assert button.accessibleName()


def test_a_picture_in_colour_becomes_evidence_in_colour(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    Image.new("RGB", (SIZE, SIZE), RED).save(tmp_path / "red.png")
    window.drawing_page.open_file(tmp_path / "red.png")
    until(qtbot, lambda: not painting_of(window).empty)
    assert (painted(window) == RED).all()


def test_grey_models_have_their_shades_and_no_colours(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    tools = window.drawing_page.tools
    assert tools.colour_ink.isVisible()
    assert not tools.grey_ink.isVisible()
    for levels, pipette in ((4, True), (2, False)):
        window.load(tiny_checkpoint(tmp_path, levels=levels))
        until(qtbot, lambda: tools.grey_ink.isVisible() and tools.ink.value == levels - 1)  # noqa: B023
        assert not tools.colour_ink.isVisible()
        assert tools.pipette.isVisible() == pipette


@pytest.mark.parametrize("levels", [2, 4, 256])
def test_colours_fall_into_the_bins_of_the_preparation_and_come_back(
    qtbot: QtBot, levels: int
) -> None:
    ink = ColourInk()
    qtbot.addWidget(ink)
    ink.fit(levels)
    for level in range(levels):
        ink.take((level, 0, levels - 1))
        assert ink.value == (level, 0, levels - 1)
