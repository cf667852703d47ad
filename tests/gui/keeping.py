"""Helpers for tests of what a window keeps: what is in its file, and how it ends."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.engine.checkpoints.places import sessions_folder
from studio.engine.scenes import autosave
from studio.engine.scenes.kept_session import KeptSession, alike
from studio.gui.shell.kept_window import kept
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import until

ENDED = "The studio ended without being closed. Go on where it was?"


def files(kind: str = "") -> list[Path]:
    return sorted(sessions_folder().glob(f"*{kind}.json"))


def written(qtbot: QtBot, window: MainWindow) -> KeptSession:
    """Wait until what is open now is kept; returns what is in the file."""
    until(qtbot, lambda: not _behind(window))
    left = autosave.Left(files(".open")[-1], window.autosave._own._lock)  # type: ignore
    return left.read()


def _behind(window: MainWindow) -> bool:
    saving = window.autosave
    saving._hear()
    return saving._job is not None or not alike(kept(window), saving._written)


def die(window: MainWindow) -> None:
    """End as a killed process does: nothing more is written, and the system takes the lock."""
    saving = window.autosave
    saving._timer.stop()
    saving._wait()
    assert saving._own is not None
    assert saving._own._lock is not None
    saving._own._lock.release()
    saving._own, saving.switch = None, type("Off", (), {"isChecked": lambda self: False})()
