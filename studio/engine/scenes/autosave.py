"""What is open in a window, kept in a file of its own meanwhile, and found at a later start.

Every window has a name in `places.sessions_folder()`, and up to two files under it:

NAME.open.json    what is open, see `kept_session`; left by a window that ended without being closed
NAME.closed.json  the same, after it was closed
NAME.lock         held while the window lives; the system takes it back from a process that ends,
                  however it ends

So what one process has open is never another's to offer, and several can share the folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from studio.engine.checkpoints.places import sessions_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import clear_leftovers, reason, write_atomically, written_at
from studio.engine.scenes.document import MOST_CHARACTERS
from studio.engine.scenes.kept_session import KeptSession, Writing, from_text

_OPEN, _CLOSED, _UNREAD, _LOCK = ".open.json", ".closed.json", ".unread.json", ".lock"
_MOST_OPEN, _MOST_CLOSED = 5, 3  # that are kept of windows that are gone
_FRESH = 60.0  # seconds in which a lock without a session may be that of a window that opens


class Autosave:
    """The session of one window, for as long as it is open. `write` may be called in any one thread
    at a time, all else in the thread that made it."""

    def __init__(self, folder: Path | None = None, left: Left | None = None) -> None:
        """left: a session that is open again, and kept from now on under its own name.

        StudioError, one sentence, where nothing can be kept.
        """
        self._writing = Writing()
        self._former: Path | None = None  # to go when there is another
        self._lock: FileLock | None
        if left is not None:
            self._path, self._lock = _beside(left.path, _OPEN), left.lock
            if left.path != self._path:
                self._former = left.path
            return
        folder = sessions_folder() if folder is None else folder
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{secrets.token_hex(3)}"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _acquired(folder / f"{name}{_LOCK}")
        except OSError as error:
            raise StudioError(f'"{folder}" cannot be written: {reason(error)}.') from error
        self._path = folder / f"{name}{_OPEN}"

    def write(self, kept: KeptSession) -> None:
        """Replace what was kept, whole or not at all; StudioError, one sentence, where it cannot be
        written, or could not be read again."""
        text = self._writing.text(kept)
        if len(text) > MOST_CHARACTERS:
            raise StudioError(
                f"It takes {len(text) / 2**20:,.0f} MB, and at most {MOST_CHARACTERS >> 20} can be"
                " read again. What was kept before stays. Delete branches, or save their scenes."
            )
        write_atomically(self._path, text.encode())
        if self._former is not None:
            self._former.unlink(missing_ok=True)
            self._former = None

    def close(self) -> None:
        """The window was closed: what is kept is no longer offered, but can be asked for."""
        with contextlib.suppress(OSError):
            os.replace(self._path, _beside(self._path, _CLOSED))
        self._end()

    def discard(self) -> None:
        """Nothing of it is kept."""
        for path in (self._path, self._former):
            if path is not None:
                path.unlink(missing_ok=True)
        self._end()

    def _end(self) -> None:
        if self._lock is not None:
            self._lock.release()
        if not _beside(self._path, _CLOSED).exists():
            _beside(self._path, _LOCK).unlink(missing_ok=True)


class Left:
    """A session that no window has open. It belongs to who has found it, until it is let go, and is
    nobody else's to find."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self.path, self.lock = path, lock

    @property
    def ended_by_itself(self) -> bool:
        """Whether its window was never closed."""
        return self.path.name.endswith(_OPEN)

    def read(self) -> KeptSession:
        """What was open; StudioError, one sentence, where the file is damaged."""
        try:
            if self.path.stat().st_size > MOST_CHARACTERS:
                raise StudioError("What the studio saved by itself is too large to be read.")
            return from_text(self.path.read_text("utf-8"))
        except OSError as error:
            raise StudioError(f'"{self.path}" cannot be read: {reason(error)}.') from error
        except UnicodeDecodeError as error:
            raise StudioError("What the studio saved by itself is damaged.") from error

    def put_by(self) -> None:
        """It need not be offered any more, but can be asked for."""
        with contextlib.suppress(OSError):
            os.replace(self.path, _beside(self.path, _CLOSED))
        self.let_go()

    def set_apart(self) -> None:
        """It cannot be read, by this version at least: it stays, and is not offered again."""
        with contextlib.suppress(OSError):
            os.replace(self.path, _beside(self.path, _UNREAD))
        self.let_go()

    def remove(self) -> None:
        """It is open in another window now, or of no use."""
        clear_leftovers(self.path)
        self.path.unlink(missing_ok=True)
        self.lock.release()
        with contextlib.suppress(OSError):  # one that somebody has open, on Windows
            _beside(self.path, _LOCK).unlink(missing_ok=True)

    def let_go(self) -> None:
        self.lock.release()


def find(folder: Path | None = None, closed: bool = True) -> Left | None:
    """The session that was written last, of a window that is gone; None where there is none.

    closed: whether one will do that was closed as it should be.
    """
    for path in _newest_first(sessions_folder() if folder is None else folder):
        if (closed or path.name.endswith(_OPEN)) and (left := _claimed(path)) is not None:
            return left
    return None


def tidy(folder: Path | None = None, none: bool = False) -> None:
    """Clear what windows that are gone have left: half written files, locks, and all sessions but
    the newest. None of them stays where `none` is asked for."""
    folder = sessions_folder() if folder is None else folder
    room = {_OPEN: 0 if none else _MOST_OPEN, _CLOSED: 0 if none else _MOST_CLOSED}
    for path in _newest_first(folder):
        kind = _OPEN if path.name.endswith(_OPEN) else _CLOSED
        if (left := _claimed(path)) is None:
            continue
        if room[kind]:
            room[kind] -= 1
            clear_leftovers(path)
            left.let_go()
        else:
            left.remove()
    now = time.time()
    for path in folder.glob(f"*{_LOCK}"):
        with contextlib.suppress(OSError):
            alone = not any(_beside(path, kind).exists() for kind in (_OPEN, _CLOSED))
            if alone and now > path.stat().st_mtime + _FRESH and (lock := _held(path)) is not None:
                clear_leftovers(_beside(path, _OPEN))
                lock.release()
                path.unlink(missing_ok=True)


def _newest_first(folder: Path) -> Iterator[Path]:
    found = [path for kind in (_OPEN, _CLOSED) for path in folder.glob(f"*{kind}")]
    yield from sorted(found, key=written_at, reverse=True)


def _claimed(path: Path) -> Left | None:
    lock = _held(_beside(path, _LOCK))
    if lock is None:
        return None
    if path.is_file():
        return Left(path, lock)
    lock.release()  # another process was faster
    return None


def _held(path: Path) -> FileLock | None:
    """The lock, where no process has it."""
    try:
        return _acquired(path)
    except OSError:
        return None


def _acquired(path: Path) -> FileLock | None:
    """None where somebody has it, or the disk has no locks: then nothing of others is touched."""
    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except (Timeout, NotImplementedError):
        return None
    return lock


def _beside(path: Path, kind: str) -> Path:
    """The file of another kind under the same name."""
    return path.with_name(f"{path.name.partition('.')[0]}{kind}")
