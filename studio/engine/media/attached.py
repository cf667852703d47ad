"""A text inside a file of a known kind, where other programs pass over it:

    PNG   an iTXt chunk "scene" before the end (PNG, third edition, 11.3.3)
    GIF   a comment before the first picture (GIF89a, 24)
    MP4   a "uuid" box at the end (ISO/IEC 14496-12, 4.2)
    WAV   a chunk "scen" at the end (RIFF)
    FLAC  APPLICATION blocks "scen" (RFC 9639, 8.4), as many as it takes
    NPY   a second array, of bytes, after the first, which alone is what np.load reads
    NPZ   a member "scene.json"

libsndfile, Pillow and ffmpeg keep comments of a few thousand characters only, or none; what is
attached here may be as long as it needs to be. Where it lies is found from headers, which are the
first things in a file or lead from one to the next: that is quick however large the file is.
"""

from __future__ import annotations

import io
import lzma
import math
import struct
import tokenize
import uuid
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import open_plain, reason

_MOST_PARTS = 200_000  # of a file that are looked at on the way
_PNG_TEXT = b"scene\0\0\0\0\0"  # keyword; not compressed; no language; no translated keyword
_GIF_TEXT = b"Scene: "
_ID = b"scen"
_UUID = uuid.uuid5(uuid.NAMESPACE_DNS, "scene.autoregressive-studio").bytes
MEMBER = "scene.json"  # of an archive
_LONGEST_BLOCK = 2**24 - 1 - len(_ID)  # bytes in a FLAC's
_APPLICATION, _LAST = 2, 0x80  # of FLAC's blocks: which they are, and whether frames come next
_DAMAGE = (
    struct.error,
    ValueError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,  # an encrypted archive
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    # NumPy takes its header for an expression of Python
    SyntaxError,
    TypeError,
    MemoryError,
    tokenize.TokenError,
)

Spans = list[tuple[int, int]]  # (offset, length) of the parts of the text


@dataclass(frozen=True)
class _Form:
    """find: where the text is in a file of so many bytes, None where there is none. put: writes it
    into a file that has none."""

    find: Callable[[BinaryIO, int], Spans | None]
    put: Callable[[BinaryIO, bytes], object]


def attach(path: Path, text: str) -> None:
    """Put a text into a file that has none yet: one that is being written, see `write_atomically`.
    StudioError where its kind has no room for one."""
    with path.open("r+b") as file:
        form = _form_of(file)
        if form is None:
            raise StudioError(f'"{path}" is of a kind that cannot carry a scene.')
        form.put(file, text.encode())


def has_attached(path: Path) -> bool:
    """Whether a file carries a text; quick."""
    try:
        with open_plain(path) as file:
            return _spans(file) is not None
    except OSError:
        return False


def attached(path: Path, most: int) -> str | None:
    """The text in a file; None where there is none, or the file is damaged. StudioError, one
    sentence, where the file cannot be read, and for a text of more than `most` bytes, before it
    is."""
    try:
        with open_plain(path) as file:
            spans = _spans(file)
            if spans is None:
                return None
            if sum(length for _, length in spans) > most:
                raise StudioError(f'The scene in "{path}" is larger than {most >> 20} MB.')
            return _read(file, spans).decode()
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except OSError as error:
        raise StudioError(f'"{path}" cannot be read: {reason(error)}.') from error
    except _DAMAGE:
        return None


def _spans(file: BinaryIO) -> Spans | None:
    form = _form_of(file)
    size = file.seek(0, io.SEEK_END)
    try:
        return None if form is None else form.find(file, size)
    except _DAMAGE:
        return None


def _read(file: BinaryIO, spans: Spans) -> bytes:
    if _at(file, 0, 2) == b"PK":
        file.seek(0)
        with zipfile.ZipFile(file) as archive:  # which gives no more than the size that it claims
            return archive.read(MEMBER)
    return b"".join(_at(file, *span) for span in spans)


def _form_of(file: BinaryIO) -> _Form | None:
    start = _at(file, 0, 12)
    for magic, offset, form in _MAGIC:
        if start[offset : offset + len(magic)] == magic:
            return form
    return None


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)


def _insert(file: BinaryIO, offset: int, content: bytes) -> None:
    file.seek(offset)
    rest = file.read()
    file.seek(offset)
    file.write(content + rest)


# PNG.


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, offset of the content, its length) of each."""
    offset = 8
    for _ in range(_MOST_PARTS):
        length, kind = struct.unpack(">I4s", _at(file, offset, 8))
        if offset + 12 + length > size:
            return
        yield kind, offset + 8, length
        offset += 12 + length


def _find_in_png(file: BinaryIO, size: int) -> Spans | None:
    head = len(_PNG_TEXT)
    for kind, offset, length in _chunks(file, size):
        if kind == b"iTXt" and length >= head and _at(file, offset, head) == _PNG_TEXT:
            return [(offset + head, length - head)]
        if kind == b"IEND":
            break
    return None


def _put_into_png(file: BinaryIO, text: bytes) -> None:
    size = file.seek(0, io.SEEK_END)
    end = next(offset - 8 for kind, offset, _ in _chunks(file, size) if kind == b"IEND")
    body = b"iTXt" + _PNG_TEXT + text
    _insert(
        file, end, struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    )


# GIF.


def _comments(file: BinaryIO) -> tuple[list[Spans], int]:
    """The comments before the first picture, each in its parts, and where they end."""
    found: list[Spans] = []
    flags = _at(file, 10, 1)[0]
    offset = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    for _ in range(_MOST_PARTS):
        mark = _at(file, offset, 2)
        if len(mark) < 2 or mark[0] != 0x21 or mark[1] not in (0xFE, 0xFF):
            break
        parts, end = _parts(file, offset + 2)
        if mark[1] == 0xFE:
            found.append(parts)
        offset = end
    return found, offset


def _parts(file: BinaryIO, offset: int) -> tuple[Spans, int]:
    """The parts of an extension, of 255 bytes at most, and what follows them."""
    found: Spans = []
    while length := _at(file, offset, 1)[0]:
        found.append((offset + 1, length))
        offset += 1 + length
    return found, offset + 1


def _find_in_gif(file: BinaryIO, size: int) -> Spans | None:
    head = len(_GIF_TEXT)
    for parts in _comments(file)[0]:
        if parts and _at(file, parts[0][0], head) == _GIF_TEXT and parts[0][1] >= head:
            (offset, length), *rest = parts
            return [(offset + head, length - head), *rest]
    return None


def _put_into_gif(file: BinaryIO, text: bytes) -> None:
    text = _GIF_TEXT + text
    parts = (text[at : at + 255] for at in range(0, len(text), 255))
    body = b"".join(bytes([len(part)]) + part for part in parts)
    _insert(file, _comments(file)[1], b"\x21\xfe" + body + b"\0")


# MP4.


def _find_in_mp4(file: BinaryIO, size: int) -> Spans | None:
    offset = 0
    for _ in range(_MOST_PARTS):
        length, kind = struct.unpack(">I4s", _at(file, offset, 8))
        if length == 1:  # longer than 32 bits can tell
            (length,) = struct.unpack(">Q", _at(file, offset + 8, 8))
        if length < 8 or offset + length > size:
            break
        if kind == b"uuid" and length >= 24 and _at(file, offset + 8, 16) == _UUID:
            return [(offset + 24, length - 24)]
        offset += length
    return None


def _put_into_mp4(file: BinaryIO, text: bytes) -> None:
    file.seek(0, io.SEEK_END)
    file.write(struct.pack(">I4s", 24 + len(text), b"uuid") + _UUID + text)


# WAV.


def _find_in_wav(file: BinaryIO, size: int) -> Spans | None:
    offset = 12
    for _ in range(_MOST_PARTS):
        kind, length = struct.unpack("<4sI", _at(file, offset, 8))
        if offset + 8 + length > size:
            break
        if kind == _ID:
            return [(offset + 8, length)]
        offset += 8 + length + length % 2
    return None


def _put_into_wav(file: BinaryIO, text: bytes) -> None:
    size = file.seek(0, io.SEEK_END)
    even = b"\0" * (size % 2)
    file.write(even + struct.pack("<4sI", _ID, len(text)) + text + b"\0" * (len(text) % 2))
    size = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", size - 8))


# FLAC.


def _find_in_flac(file: BinaryIO, size: int) -> Spans | None:
    found: Spans = []
    offset = 4
    for _ in range(_MOST_PARTS):
        (head,) = struct.unpack(">I", _at(file, offset, 4))
        kind, length = head >> 24, head & 0xFFFFFF
        if offset + 4 + length > size:
            return None
        if kind & ~_LAST == _APPLICATION and length >= 4 and _at(file, offset + 4, 4) == _ID:
            found.append((offset + 8, length - 4))
        if kind & _LAST:
            break
        offset += 4 + length
    return found or None


def _put_into_flac(file: BinaryIO, text: bytes) -> None:
    """After the first block, which says what the frames are; so that is no longer the last."""
    kind, *length = _at(file, 4, 4)
    body = b""
    for at in range(0, max(1, len(text)), _LONGEST_BLOCK):
        part = text[at : at + _LONGEST_BLOCK]
        last = _LAST if kind & _LAST and at + _LONGEST_BLOCK >= len(text) else 0
        body += struct.pack(">I", (_APPLICATION | last) << 24 | len(_ID) + len(part)) + _ID + part
    file.seek(4)
    file.write(bytes([kind & ~_LAST]))
    _insert(file, 8 + int.from_bytes(bytes(length), "big"), body)


# NumPy.


def _header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype]:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the first Python wrote
        shape, _, dtype = read(file)
    return shape, dtype


def _find_in_npy(file: BinaryIO, size: int) -> Spans | None:
    file.seek(0)
    shape, dtype = _header(file)
    end = file.tell() + math.prod(shape) * dtype.itemsize
    if dtype.hasobject or end >= size:
        return None
    file.seek(end)
    shape, dtype = _header(file)
    if dtype != np.uint8 or len(shape) != 1 or file.tell() + shape[0] > size:
        return None
    return [(file.tell(), shape[0])]


def _put_into_npy(file: BinaryIO, text: bytes) -> None:
    file.seek(0, io.SEEK_END)
    np.save(file, np.frombuffer(text, np.uint8), allow_pickle=False)


def _find_in_npz(file: BinaryIO, size: int) -> Spans | None:
    with zipfile.ZipFile(file) as archive:
        if MEMBER not in archive.namelist():
            return None
        return [(0, archive.getinfo(MEMBER).file_size)]


def _put_into_npz(file: BinaryIO, text: bytes) -> None:
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, text)


# What files of each kind begin with, and where.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", 0, _Form(_find_in_png, _put_into_png)),
    (b"GIF8", 0, _Form(_find_in_gif, _put_into_gif)),
    (b"ftyp", 4, _Form(_find_in_mp4, _put_into_mp4)),
    (b"WAVE", 8, _Form(_find_in_wav, _put_into_wav)),
    (b"fLaC", 0, _Form(_find_in_flac, _put_into_flac)),
    (b"\x93NUMPY", 0, _Form(_find_in_npy, _put_into_npy)),
    (b"PK", 0, _Form(_find_in_npz, _put_into_npz)),
)
