"""The checkpoints that were opened from outside the library, remembered from start to start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from studio.engine.checkpoints.cards import shipped
from studio.engine.checkpoints.places import own_folder, runs_folder

_KEY = "library/recent"
_MOST = 12


def recent() -> list[Path]:
    """Those that are still there, the one that was opened last first."""
    kept = QSettings().value(_KEY, [])
    paths = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
    return [path for path in map(Path, map(str, paths)) if path.is_file()]


def remember(checkpoint: Path) -> bool:
    """Put a checkpoint that was opened first; returns whether it came from outside the library, and
    is new there."""
    path = checkpoint.absolute()
    inside = path.parent == own_folder() or path.parent.parent == runs_folder()
    if inside or path in shipped().values():
        return False
    before = recent()
    _keep([path, *(other for other in before if other != path)])
    return path not in before


def forget(checkpoint: Path) -> None:
    """Leave a checkpoint out from now on; its file stays."""
    _keep([path for path in recent() if path != checkpoint])


def _keep(paths: list[Path]) -> None:
    QSettings().setValue(_KEY, [str(path) for path in paths[:_MOST]])
