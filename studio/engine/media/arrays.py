"""NumPy arrays of the person as images and labels:
reading the files, and bringing them to one form."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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
)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a .npz by name, or of a .npy under the name ""; pickled objects are refused."""
    try:
        with path.open("rb") as file:  # NumPy leaves a damaged archive open
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return {"": loaded}
            return {name: loaded[name] for name in loaded.files}
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
            f'"{path}" is not a whole NumPy file: it is cut short or of another kind.'
        ) from None


def as_images(array: NDArray[Any], source: str | Path) -> Tensor:
    """Images of any usual form as uint8 (N, C, H, W), C = 1 or 3.

    Accepts (N, H, W), (N, C, H, W), (N, H, W, C) and flat rows of a square (N, H * H); bytes, whole
    numbers 0..255, truth values, or fractions 0..1. StudioError otherwise.
    """
    if array.ndim == 2:
        side = round(float(array.shape[1]) ** 0.5)
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
    return torch.from_numpy(_bytes(array, source))


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


def _bytes(array: NDArray[Any], source: str | Path) -> NDArray[np.uint8]:
    kind = array.dtype.kind
    if array.dtype == np.uint8:
        return np.require(array, requirements=["C", "W"])
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    low, high = (float(array.min()), float(array.max())) if kind in "iuf" else (0.0, float("nan"))
    if kind in "iu" and low >= 0 and high <= 255:
        return array.astype(np.uint8)
    if kind == "f" and low >= 0 and high <= 1:
        return np.rint(array * 255).astype(np.uint8)
    raise StudioError(
        f'The values in "{source}" are not grey levels: whole numbers 0 to 255 or fractions 0 to 1'
        " are read."
    )
