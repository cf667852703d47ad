"""Files that were opened or saved, remembered from start to start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

_MOST = 8  # of a kind


class RecentFiles:
    """A list under a key of the settings, the one that was used last first."""

    def __init__(self, key: str, most: int = _MOST) -> None:
        self._key, self._most = key, most

    @property
    def paths(self) -> list[Path]:
        """Those that are still there."""
        return [path for path in self._kept() if path.is_file()]

    def remember(self, path: Path) -> None:
        """Put it first."""
        path = path.absolute()
        self._keep([path, *(other for other in self.paths if other != path)])

    def forget(self, path: Path) -> None:
        """Leave it out from now on; the file stays."""
        self._keep([other for other in self.paths if other != path])

    def moved(self, old: Path, new: Path) -> None:
        """A file lies elsewhere now."""
        if old in (kept := self._kept()):
            self._keep([new if path == old else path for path in kept])

    def clear(self) -> None:
        QSettings().remove(self._key)

    def _kept(self) -> list[Path]:
        kept = QSettings().value(self._key, [])
        paths = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
        return [Path(str(path)) for path in paths]

    def _keep(self, paths: list[Path]) -> None:
        QSettings().setValue(self._key, [str(path) for path in paths[: self._most]])


CHECKPOINTS = RecentFiles("recent/checkpoints")  # those of runs too
PICTURES = RecentFiles("recent/pictures")
RECORDINGS = RecentFiles("recent/recordings")
SCENES = RecentFiles("recent/scenes")
EVERY = (CHECKPOINTS, PICTURES, RECORDINGS, SCENES)
