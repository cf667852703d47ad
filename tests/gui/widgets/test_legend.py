"""The legend under the stage: its swatches look like what they explain."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.legend import Entry, Legend, LegendLine, Swatch
from tests.gui.fits import faults
from tests.gui.windows import at_rest, draw, open_window, until, wait_for_place
from tests.tiny import tiny_checkpoint


def test_what_is_drawn_is_shown_dark_and_light(qtbot: QtBot) -> None:
    swatch = Swatch("drawn")
    qtbot.addWidget(swatch)
    swatch.resize(swatch.sizeHint())
    image = swatch.grab().toImage()
    middle, width = image.height() // 2, image.width()
    assert image.pixelColor(width // 4, middle) == QColor("black")
    assert image.pixelColor(3 * width // 4, middle) == QColor("white")


def test_in_a_narrow_window_the_words_become_fewer_and_come_back(qtbot: QtBot) -> None:
    window, label = QWidget(), QLabel("drawn by the model")
    qtbot.addWidget(window)
    line = LegendLine(10, window)
    line.add(Entry(Swatch("drawn"), label, tip="", short="drawn"))
    line.fit()
    full = line.sizeHint().width()
    window.show()
    for width, text, there in ((full, "drawn by the model", True), (full - 1, "drawn", True)):
        line.resize(width, 20)
        assert (label.text(), label.isVisible()) == (text, there)
    line.resize(50, 20)
    assert not label.isVisible()
    line.resize(full, 20)
    assert (label.text(), label.isVisible()) == ("drawn by the model", True)


def whole(legend: Legend) -> bool:
    """Whether something is explained, and all of it is there."""
    shown = [one for one in (*legend.entries.values(), legend.scale) if one.isVisible()]
    fits = [legend.rect().contains(each.geometry()) for each in shown]
    wide = [each.width() >= each.sizeHint().width() for each in shown]
    apart = [not a.geometry().intersects(b.geometry()) for a in shown for b in shown if a is not b]
    return bool(shown) and all((*fits, *wide, *apart))


@pytest.mark.parametrize("size", [(1024, 700), (1280, 720)])
def test_it_is_whole_in_a_small_window_whatever_it_explains(
    qtbot: QtBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(*size)
        wait_for_place(window)
        page = window.drawing_page
        window.session.change(count=4, method="clamp")
        draw(page.stage, (6, 1), (6, 5))
        at_rest(qtbot, window.session)
        assert page.legend.entries["unseen"].isVisible()
        until(qtbot, lambda: whole(page.legend) and not faults(window))
        page.stage.set_overlay("entropy")
        until(qtbot, lambda: whole(page.legend))
        page.stage.set_overlay("none")
        page.drawing.finish()
        at_rest(qtbot, window.session)
        page.stage.choose(2)
        buttons = page.chosen._buttons.values()
        until(
            qtbot,
            lambda: (
                whole(page.legend)
                and page.legend.entries["drawn"].isVisible()
                and all(page.chosen.rect().contains(one.geometry()) for one in buttons)
            ),
        )


@pytest.mark.parametrize("size", [(1024, 700), (1280, 720)])
def test_a_message_lies_beside_it(qtbot: QtBot, tmp_path: Path, size: tuple[int, int]) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(*size)
        wait_for_place(window)
        draw(window.drawing_page.stage, (2, 1), (2, 5))
        at_rest(qtbot, window.session)
        window.messages.show_message("A sentence that needs several lines in a window. " * 4)
        until(qtbot, lambda: not covered(window))


def covered(window: MainWindow) -> list[str]:
    """What of the legend lies under the message."""
    message = window.messages.geometry()
    return [
        name
        for name, each in window.drawing_page.legend.entries.items()
        if each.isVisible()
        and message.intersects(QRect(each.mapTo(window.centre, QPoint()), each.size()))
    ]
