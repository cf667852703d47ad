"""What tells the weights of one checkpoint from those of another, whatever the files are called:
the SHA-256 of all that follows the header of a safetensors file. The card is not part of it, so
that a checkpoint that is scored or renamed stays the same. Free of torch."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache
from pathlib import Path

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason

_CHUNK = 1 << 20


def fingerprint(checkpoint: Path) -> str:
    """ "sha256:" and 64 digits; StudioError, one sentence, where the file cannot be read. Read once
    for as long as the file is what it was."""
    try:
        state = checkpoint.stat()
    except OSError as error:
        raise StudioError(f'"{checkpoint}" cannot be read: {reason(error)}.') from error
    return _fingerprint(checkpoint, state.st_size, state.st_mtime_ns)


@lru_cache(256)
def _fingerprint(checkpoint: Path, size: int, written: int) -> str:
    digest = hashlib.sha256()
    try:
        with checkpoint.open("rb") as file:
            start = file.read(8)
            if len(start) == 8:
                file.seek(min(size, 8 + struct.unpack("<Q", start)[0]))
            while part := file.read(_CHUNK):
                digest.update(part)
    except OSError as error:
        raise StudioError(f'"{checkpoint}" cannot be read: {reason(error)}.') from error
    return f"sha256:{digest.hexdigest()}"
