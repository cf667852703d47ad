"""Every step of the lessons that come with the studio, in the window of a small laptop: what it
points at is there and framed, and no word is cut off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.scenes import lessons
from studio.gui.picture import auto_completion
from studio.gui.shell.main_window import MainWindow
from tests.gui.fits import faults
from tests.gui.windows import open_window, until
from tests.thorough import THOROUGH
from tests.tiny import tiny_checkpoint

COURSE = sorted(path.parent for path in lessons.course_folder().glob("*/lesson.md"))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    QSettings().setValue(auto_completion.KEY, True)  # as it is for everybody
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.resize(1280, 720)
        yield window


@pytest.mark.parametrize(
    "folder", COURSE if THOROUGH else COURSE[3::5], ids=lambda folder: folder.name
)
def test_every_step_of_a_lesson_is_seen_whole(
    window: MainWindow, qtbot: QtBot, folder: Path
) -> None:
    own = window.lessons
    own.open(folder)
    until(qtbot, lambda: own.lesson is not None)
    lesson = own.lesson
    assert lesson is not None
    for number, step in enumerate(lesson.steps):
        if number:
            own.go(number)
        until(qtbot, lambda: own.settled)
        if step.scene is not None:
            assert window.session.title == step.scene.model.name
        seen = settled_faults(window)
        assert not window.messages.isVisible(), window.messages.label.text()
        hidden = [
            line.text
            for line, frame in zip(step.points, own.frames.frames, strict=True)
            if not frame.isVisible()
        ]
        assert hidden == [], f"step {number + 1}"
        assert seen == [], f"step {number + 1}"
    own.go(len(lesson.steps))
    until(qtbot, lambda: own.before is None)
    # what is compiled for sound is compiled to its end, whatever becomes of the window
    qtbot.waitUntil(nothing_is_compiled, timeout=120_000)


def nothing_is_compiled() -> bool:
    return not any(thread.name.startswith("Preparing") for thread in threading.enumerate())


def settled_faults(window: MainWindow) -> list[str]:
    """What does not fit, once everything has had the time to find its place."""
    for _ in range(50):
        QTest.qWait(60)
        if not (found := faults(window)):
            break
    return found
