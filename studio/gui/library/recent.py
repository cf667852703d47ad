"""The checkpoints that were opened from outside the library: they have cards in it from then on."""

from __future__ import annotations

from pathlib import Path

from studio.engine.checkpoints.cards import shipped
from studio.engine.checkpoints.places import own_folder, runs_folder
from studio.gui.widgets.recent_files import RecentFiles

_FILES = RecentFiles("library/recent", most=12)


def recent() -> list[Path]:
    """Those that are still there, the one that was opened last first."""
    return _FILES.paths


def remember(checkpoint: Path) -> bool:
    """Put a checkpoint that was opened first; returns whether it came from outside the library, and
    is new there."""
    path = checkpoint.absolute()
    inside = path.parent == own_folder() or runs_folder() in path.parents
    if inside or path in shipped().values():
        return False
    new = path not in recent()
    _FILES.remember(path)
    return new


def forget(checkpoint: Path) -> None:
    """Leave a checkpoint out from now on; its file stays."""
    _FILES.forget(checkpoint)
