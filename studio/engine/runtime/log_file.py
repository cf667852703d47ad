"""The log as a file, which outlives the program: what was said, and what went wrong.

It lies in the person's folder for logs, and a new one is begun where it has grown. A second window
writes one of its own beside it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import platform
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import platformdirs
from filelock import FileLock, Timeout

from studio import __version__
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason

_LARGEST, _OLDER = 1 << 20, 3  # bytes of a file, and how many are kept besides
_MOST = 16  # windows that write at once
_LOGGERS = ("studio", "models")


def log_folder() -> Path:
    """Where logs are kept."""
    return Path(platformdirs.user_log_dir("autoregressive-studio", appauthor=False))


def usual_place() -> Path:
    """The log of the first window."""
    return log_folder() / "studio.log"


class LogFile:
    """Writes what `logging` is told by the studio and its models, and faults of the process, until
    `end`. path: of the file."""

    current: LogFile | None = None  # of this process

    def __init__(self) -> None:
        """StudioError, one sentence, where none can be written."""
        try:
            log_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path, self._lock = self._own()
            self._handler = RotatingFileHandler(
                self.path, maxBytes=_LARGEST, backupCount=_OLDER, encoding="utf-8"
            )
            self._faults: IO[str] = self.path.open("a", encoding="utf-8")
        except OSError as error:
            raise StudioError(
                f'The log in "{log_folder()}" cannot be written: {reason(error)}.'
            ) from error
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self._handler)
        faulthandler.enable(self._faults)
        LogFile.current = self
        self.note(f"Autoregressive Studio {__version__}, {platform.platform()}", logging.INFO)

    def note(self, text: str, level: int = logging.ERROR) -> None:
        """Write it, whatever `logging` is set to."""
        record = logging.makeLogRecord(
            {"msg": text.rstrip(), "levelno": level, "levelname": logging.getLevelName(level)}
        )
        self._handler.handle(record)

    def end(self) -> None:
        faulthandler.disable()
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self._handler)
        self._handler.close()
        self._faults.close()
        if self._lock is not None:
            self._lock.release()
        LogFile.current = None

    def _own(self) -> tuple[Path, FileLock | None]:
        """A file that no other process writes: turning it over is for one alone."""
        usual = usual_place()
        for number in range(1, _MOST + 1):
            path = usual if number == 1 else usual.with_stem(f"{usual.stem}-{number}")
            lock = FileLock(path.with_suffix(".lock"), timeout=0, thread_local=False)
            with contextlib.suppress(Timeout):
                try:
                    lock.acquire()
                except NotImplementedError:  # a disk that has no locks
                    return path, None
                return path, lock
        return usual, None
