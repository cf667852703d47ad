"""IDX, the format MNIST comes in: a magic number, the dimensions, then the bytes; plain or gzipped.

    0x00 0x00 <type code> <number of dimensions>
    each dimension, big-endian 32 bit
    values, row by row

Type code 0x08 is unsigned byte, the only one that images and labels use and the only one read here.
"""

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError

GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 0x08
_CHUNK = 1 << 24
_MOST_ZIPPED = 1032  # bytes that gzip can make of one


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array of an IDX file: (N,) for labels, (N, H, W) for images, uint8.

    StudioError, naming the file, where it is missing, not IDX,
    cut short, or longer than its header says.
    """
    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == GZIP_MAGIC
            file.seek(0)
            if not zipped:
                return _read(file, path, path.stat().st_size)
            with gzip.GzipFile(fileobj=file) as unzipped:
                return _read(unzipped, path)  # type: ignore[arg-type]
    except EOFError:
        raise StudioError(
            f'The IDX file "{path}" is cut short: its gzip data ends too early.'
        ) from None
    except (gzip.BadGzipFile, zlib.error):
        raise StudioError(
            f'The IDX file "{path}" is damaged: its gzip data cannot be unpacked.'
        ) from None
    except OSError as error:
        raise StudioError(f'"{path}" cannot be read: {error.strerror or error}.') from None
    except MemoryError:
        raise StudioError(
            f'The IDX file "{path}" is too large for the memory of this machine.'
        ) from None


def is_idx(path: Path, dimensions: tuple[int, ...] = (1, 3)) -> bool:
    """Whether the file begins like IDX of so many dimensions (looking through gzip)."""
    try:
        with open(path, "rb") as file:
            zipped = file.read(2) == GZIP_MAGIC
            file.seek(0)
            start = gzip.GzipFile(fileobj=file).read(4) if zipped else file.read(4)
    except (OSError, EOFError, zlib.error):
        return False
    return len(start) == 4 and start[:2] == b"\0\0" and start[3] in dimensions


def _read(stream: BinaryIO, path: Path, size: int | None = None) -> NDArray[np.uint8]:
    """size: of the file in bytes, where it is not zipped."""
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise StudioError(
            f'"{path}" is not an IDX file, which begins with two zero bytes: `studio data` lists'
            " what can be read."
        )
    code, dimensions = magic[2], magic[3]
    if code != _UNSIGNED_BYTE:
        raise StudioError(
            f'The IDX file "{path}" has values of type 0x{code:02x}; only bytes are read.'
        )
    if dimensions not in (1, 3):
        raise StudioError(
            f'The IDX file "{path}" has {dimensions} dimensions; labels have 1 and grey images'
            " have 3."
        )
    header = stream.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise StudioError(f'The IDX file "{path}" is cut short: it ends within its header.')
    shape = struct.unpack(f">{dimensions}I", header)
    expected = math.prod(shape)
    if size is not None and size < stream.tell() + expected:
        raise _cut_short(path, size - stream.tell(), expected)
    # zipped, a kilobyte can be a megabyte, but no more: what claims more is cut short
    if size is not None or expected <= _MOST_ZIPPED * path.stat().st_size:
        memory.require(2 * expected, f'Reading "{path}"')  # the second time as images
    values = bytearray()
    # in chunks, so that a header that claims terabytes costs no more than the file really holds
    while len(values) < expected and (chunk := stream.read(min(_CHUNK, expected - len(values)))):
        values += chunk
    if len(values) < expected:
        raise _cut_short(path, len(values), expected)
    if stream.read(1):
        raise StudioError(
            f'The IDX file "{path}" is damaged: it goes on after its {expected:,} bytes.'
        )
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)


def _cut_short(path: Path, there: int, expected: int) -> StudioError:
    return StudioError(
        f'The IDX file "{path}" is cut short: it holds {there:,} of {expected:,} bytes.'
    )
