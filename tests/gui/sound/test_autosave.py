"""What a sound was gone on from is kept with the window, and comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from tests.gui.keeping import ENDED, die, written
from tests.gui.windows import click, open_window, until


def test_the_beginning_of_a_sound_comes_back_with_its_way_back(
    window: MainWindow, voice: Path, qtbot: QtBot
) -> None:
    codes = np.arange(200, dtype=np.uint8)
    window.sound_page.set_beginning(codes)
    window.sound_page.set_beginning(codes[:100])
    written(qtbot, window)
    die(window)
    window.close()
    with open_window(qtbot, voice) as second:
        until(qtbot, lambda: second.messages.label.text() == ENDED)
        click(second.messages.button)
        timeline = second.sound_page.timeline
        until(qtbot, lambda: timeline.beginning == 100)
        until(qtbot, lambda: second.sound_page._beginnings.can_undo)
        second.sound_page.tools.undone.emit()
        until(qtbot, lambda: timeline.beginning == 200)
