"""Writing files so that a crash, a full disk or a killed
process never costs the one that was there before."""

from __future__ import annotations

import contextlib
import errno
import math
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from studio.engine.runtime.errors import StudioError

# in the name of every temporary file, so that what a killed process left is recognised and cleared
_MARK = ".part-"

NO_FILE = "it is a pipe or a device, no file"

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "there is no permission to write there",
    errno.EPERM: "there is no permission to write there",
    errno.EROFS: "the disk can only be read",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "what should be its folder is a file",
    errno.EISDIR: "a folder has that name",
    errno.ENAMETOOLONG: "the name is too long",
}


def open_plain(path: Path) -> BinaryIO:
    """For reading; OSError for a pipe or a device, which might never begin, or never end."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # of which opening says what it is
        raise OSError(errno.EINVAL, NO_FILE)
    return path.open("rb")


def write_atomically(path: str | Path, content: bytes | Callable[[Path], object]) -> None:
    """Replace the file at `path` by new content, whole or not at all.

    content: the bytes, or a function that writes them to the path it is given (a temporary file in
    the same folder, with the same suffix). What was at `path` before stays until the new file is
    safely on the disk.
    StudioError, one sentence, where it cannot be written; the old file is then untouched.
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(
            suffix=path.suffix, prefix=f".{path.stem}{_MARK}", dir=path.parent
        )
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
        if not isinstance(content, bytes):
            content(temporary)
        _to_disk(temporary)
        os.chmod(temporary, _usual_mode())
        os.replace(temporary, path)
        temporary = None
        _to_disk(path.parent)
    except OSError as error:
        raise StudioError(f'"{path}" could not be written: {reason(error)}.') from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def in_json(document: Any) -> Any:
    """A document as JSON can hold it: what is no number, or infinite, is null."""
    if isinstance(document, float):
        return document if math.isfinite(document) else None
    if isinstance(document, dict):
        return {key: in_json(value) for key, value in document.items()}
    if isinstance(document, (list, tuple)):
        return [in_json(value) for value in document]
    return document


def written_at(path: Path) -> float:
    """When a file was written last, or a folder changed; 0 where it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def clear_leftovers(path: str | Path) -> None:
    """Remove the temporary files that killed processes left beside `path` while they wrote it."""
    path = Path(path)
    for leftover in path.parent.glob(f".{path.stem}{_MARK}*{path.suffix}"):
        with contextlib.suppress(OSError):
            leftover.unlink()


def reason(error: OSError) -> str:
    """Why the system refused, as the end of a sentence."""
    return _REASONS.get(error.errno or 0) or (error.strerror or str(error)).lower()


def _to_disk(path: Path) -> None:
    """Wait until a file, or the entry of a file in its folder,
    is on the disk and not only in memory."""
    if path.is_dir() and os.name == "nt":
        return  # folders cannot be opened there, and replacing is journalled
    handle = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _usual_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
