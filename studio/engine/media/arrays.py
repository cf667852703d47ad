"""NumPy arrays of the person as images and labels:
reading the files, and bringing them to one form."""

import logging
import math
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.lib import format as npy
from numpy.typing import NDArray
from torch import Tensor

from studio.engine.media.attached import MEMBER
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError

_MOST_CLASSES = 10_000
_DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    KeyError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    tokenize.TokenError,  # NumPy takes its header for an expression of Python
)

_log = logging.getLogger(__name__)


def read_arrays(path: Path, most: int | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of a .npz by name, or of a .npy under the name ""; a single one of a .npz that was
    given no name, which NumPy calls arr_0, also under "".

    Pickled objects are refused, and what is larger than the memory that is free, or than `most`
    bytes, before it is read.
    """
    try:
        with path.open("rb") as file:  # NumPy leaves a damaged archive open
            _check_size(file, path, most)
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"": loaded}
            names = [name for name in loaded.files if name != MEMBER]  # that is no array
            return {"" if names == ["arr_0"] else name: loaded[name] for name in names}
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except MemoryError:
        raise StudioError(
            f'The arrays of "{path}" are too large for the memory of this machine.'
        ) from None
    except _DAMAGE as error:
        if "allow_pickle" in str(error):
            raise StudioError(
                f'"{path}" holds pickled Python objects, which can run code: save plain arrays'
                " instead."
            ) from None
        raise StudioError(
            f'"{path}" is not a whole NumPy file: it is cut short or another kind of file.'
        ) from None


def as_images(array: NDArray[Any], source: str | Path, levels: int | None = None) -> Tensor:
    """Images of any usual form as uint8 (N, C, H, W), C = 1 or 3.

    Accepts (N, H, W), (N, C, H, W), (N, H, W, C) and flat rows of a square (N, H * H); bytes, whole
    numbers 0..255 or of 16 bits, truth values, 0 and 1, fractions 0..1, or levels 0..levels-1, such
    as the studio itself writes. Where more than one could be meant, the log says what was taken.
    StudioError for anything else.
    """
    if array.ndim == 2:
        side = math.isqrt(array.shape[1])
        if side * side == array.shape[1]:
            array = array.reshape(len(array), side, side)
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[1] not in (1, 3) and array.shape[3] in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3):
        raise StudioError(
            f'The array in "{source}" of shape {tuple(array.shape)} is not a set of images.'
        )
    if array.size == 0:
        raise StudioError(f'"{source}" holds no images.')
    return torch.from_numpy(as_bytes(array, source, levels))


def as_bytes(
    array: NDArray[Any], source: str | Path, levels: int | None = None
) -> NDArray[np.uint8]:
    """The values of images, of any shape but not none, as greys 0..255; see `as_images`."""
    kind = array.dtype.kind
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    low, high = (float(array.min()), float(array.max())) if kind in "iuf" else (0.0, math.nan)
    whole = kind in "iu" or (0 <= low <= high <= 255 and bool((array == np.rint(array)).all()))
    if whole and low >= 0 and high == 1:
        if kind != "f":
            _log.warning('"%s" has only the values 0 and 1: they are black and white.', source)
        return array.astype(np.uint8) * np.uint8(255)
    if whole and low >= 0 and 0 < high < (levels or 0) < 256:
        assert levels is not None
        _log.warning(
            '"%s" has whole numbers from %d to %d: they are levels 0 to %d, not greys 0 to 255.',
            source, low, high, levels - 1,
        )  # fmt: skip
        return _greys_of(levels)[array.astype(np.intp)]
    if array.dtype == np.uint8:
        return np.require(array, requirements=["C", "W"])
    if whole and low >= 0 and high <= 255:
        return array.astype(np.uint8)
    if kind == "f" and low >= 0 and high <= 1:
        return np.rint(array * 255).astype(np.uint8)
    if array.dtype == np.uint16:
        _log.warning('"%s" has 16 bits: 0 to 65,535 are read as black to white.', source)
        return ((array.astype(np.uint32) * 2 + 257) // 514).astype(np.uint8)
    raise StudioError(
        f'The values in "{source}" are not grey levels: whole numbers 0 to 255, fractions 0 to 1,'
        " truth values or levels are read."
    )


def as_labels(array: NDArray[Any], count: int, source: str | Path, images: str | Path) -> Tensor:
    """`count` class labels as int64 (count,); StudioError
    where their number, kind or range is wrong."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise StudioError(f'The labels in "{source}" are not a row of whole numbers.')
    if len(array) != count:
        raise StudioError(
            f'"{source}" has {len(array):,} labels for the {count:,} images of "{images}".'
        )
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < _MOST_CLASSES:
        wrong = int(array.min()) if array.min() < 0 else int(array.max())
        raise StudioError(
            f'The label {wrong} in "{source}" is out of range: they go from 0 to'
            f" {_MOST_CLASSES - 1}."
        )
    return torch.from_numpy(array.astype(np.int64))


def _greys_of(levels: int) -> NDArray[np.uint8]:
    """The grey of each level, which a preparation of so many levels brings back to it: evenly from
    black to white, or the lowest grey of its bin where rounding would fall below that."""
    level = np.arange(levels)
    evenly = (level * 510 // (levels - 1) + 1) // 2
    return np.maximum(evenly, -(-level * 256 // levels)).astype(np.uint8)


def _check_size(file: IO[bytes], path: Path, most: int | None) -> None:
    """StudioError, by what the headers say, where the arrays would not fit the memory that is free,
    or are more than `most` bytes; ValueError where one claims more than the file has. The file is
    left at its beginning."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _require(sum(member.file_size for member in members), path, most)
            for member in (one for one in members if one.filename.endswith(".npy")):
                with archive.open(member) as stream:
                    _check_header(stream, member.file_size)
    else:
        size = file.seek(0, 2)
        file.seek(0)
        _check_header(file, size)
        _require(size, path, most)
    file.seek(0)


def _require(size: int, path: Path, most: int | None) -> None:
    if most is not None and size > most:
        raise StudioError(f'"{path}" is larger than {most >> 20} MiB, which is too large here.')
    memory.require(2 * size, f'Reading "{path}"')  # the second time as images


def _check_header(stream: IO[bytes], size: int) -> None:
    """ValueError where an array claims to be larger than what holds it."""
    version = npy.read_magic(stream)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(stream)
    if not dtype.hasobject and math.prod(shape) * dtype.itemsize > size:
        raise ValueError("its header claims more than there is")
