"""The window without a mouse, and for those who hear it: every control is reached by Tab, shows
that it has the keys, and has a name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.widgets.focus_frame import FocusFrame, _Edge
from tests.gui.focus import NO_MARK, NO_NAME, NOT_REACHED, ORDER
from tests.tiny import tiny_checkpoint, tiny_voice

Faults = dict[str, list[str]]


def test_every_control_is_reached_by_tab_in_order_shows_its_frame_and_has_a_name(
    tmp_path: Path,
) -> None:
    """On any page and in any dock, on a screen of 1280 x 720; all in one test, since the window is
    gone through once for it."""
    folder = tmp_path
    checkpoints = [
        tiny_checkpoint(folder, "gated-pixelcnn-class"),
        tiny_checkpoint(folder, "autoencoder"),
        tiny_voice(folder),
        tiny_voice(folder, "wavenet-mel"),
    ]
    own = {f"XDG_{what}_HOME": str(folder / what) for what in ("CONFIG", "DATA", "CACHE")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.focus", *map(str, checkpoints)],
        stdout=subprocess.PIPE,
        env={**os.environ, **own},
        text=True,
        check=True,
        timeout=150,
    )
    found: Faults = json.loads(done.stdout)
    assert {kind: found[kind] for kind in (NOT_REACHED, NO_MARK, NO_NAME, ORDER)} == {
        kind: [] for kind in (NOT_REACHED, NO_MARK, NO_NAME, ORDER)
    }


def test_a_click_takes_the_frame_away(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    line, listed = QLineEdit(), QListWidget()
    for part in (line, listed):
        column.addWidget(part)
    FocusFrame(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert len(listed.findChildren(_Edge)) == 4
    QTest.mouseClick(listed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not listed.findChildren(_Edge))
