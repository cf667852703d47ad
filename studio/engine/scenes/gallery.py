"""What was made: pictures, films and sounds that were saved, the newest first, with those that the
person likes marked.

A list of paths in the person's data folder, as JSON. The files stay where they are; one that is
gone is no longer listed. Several windows may change the list: each change is read, made and
written under a lock.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock

from studio.engine.checkpoints import places
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import free_name
from studio.engine.runtime.files import reason, write_atomically

_log = logging.getLogger(__name__)
_LATEST = 1e11  # seconds since 1970 that a date can be made of
MOST = 500  # files that are remembered; favourites are never forgotten for newer ones
_LARGEST = 2**22  # bytes of the list
_PATIENCE = 5.0  # seconds to wait for another window


@dataclass(frozen=True)
class Made:
    """A file, when it was made (seconds since 1970), and whether it is a favourite."""

    path: Path
    when: float
    favourite: bool = False


class Gallery:
    """file: where the list is kept, None for its usual place. Everything here reads or writes
    files: it is for a job. StudioError, one sentence, where the list cannot be written."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = places.gallery_file() if file is None else file

    def listed(self) -> list[Made]:
        """What is still there, the newest first; empty where the list cannot be read."""
        try:
            return [made for made in self._read() if made.path.is_file()]
        except OSError as error:
            _log.debug("the gallery cannot be read: %s: %s", self.file, error)
            return []

    def add(self, path: Path, favourite: bool = False) -> None:
        """A file that was just made; made again, it is the newest, and a favourite it stays."""
        path = path.absolute()

        def change(listed: list[Made]) -> list[Made]:
            liked = favourite or any(one.favourite for one in listed if one.path == path)
            rest = [one for one in listed if one.path != path]
            return [Made(path, time.time(), liked), *rest]

        self._change(change)

    def mark(self, path: Path, favourite: bool) -> None:
        """It is a favourite, or no longer."""
        self._change(
            lambda listed: [
                replace(one, favourite=favourite) if one.path == path else one for one in listed
            ]
        )

    def remove(self, path: Path) -> None:
        """Take it off the list; the file stays."""
        self._change(lambda listed: [one for one in listed if one.path != path])

    def free_path(self, name: str, suffix: str) -> Path:
        """For a file that is kept without asking for a name; its folder is there then."""
        folder = self.file.parent / "gallery"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            taken = [path.stem for path in folder.iterdir()]
        except OSError as error:
            raise StudioError(f'"{folder}" cannot be used: {reason(error)}.') from error
        return folder / f"{free_name(name, taken)}{suffix}"

    def _change(self, change: Callable[[list[Made]], list[Made]]) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.file}.lock", timeout=_PATIENCE):
                # with what lies where it is out of reach now: it may come back
                write_atomically(self.file, _as_bytes(_newest(change(self._read()))))
        except OSError as error:  # also what a lock raises that is not to be had
            raise StudioError(f'"{self.file}" could not be written: {reason(error)}.') from error

    def _read(self) -> list[Made]:
        try:
            if self.file.stat().st_size > _LARGEST:
                raise ValueError("it is too large")
            return [_made(one) for one in json.loads(self.file.read_bytes())]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, KeyError) as error:
            _log.debug("the gallery is begun anew: %s: %s", self.file, error)
            return []


def _newest(listed: list[Made]) -> list[Made]:
    room = MOST
    kept = []
    for one in listed:
        room -= not one.favourite
        if one.favourite or room >= 0:
            kept.append(one)
    return kept


def _made(one: dict[str, object]) -> Made:
    when = one["when"]
    if not isinstance(when, int | float) or not 0 <= when < _LATEST:
        raise ValueError("no time")
    return Made(Path(str(one["path"])), float(when), one.get("favourite") is True)


def _as_bytes(listed: list[Made]) -> bytes:
    rows = [{**asdict(one), "path": str(one.path)} for one in listed]
    return json.dumps(rows, indent=1).encode()
