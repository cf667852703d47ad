"""Sets of drawings as files: one .npz with `images` uint8 (N, H, W), `labels` (N,) and `names`,
which any program that reads NumPy's arrays can open, and `open_data` reads as data with named
classes."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from studio.engine.data.drawings import Drawings, from_arrays
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import open_plain, write_atomically

SUFFIX = ".npz"
MOST_BYTES = 16 << 20  # of all arrays together
_MEMBERS = frozenset(["images.npy", "labels.npy", "names.npy"])
_DAMAGE = (OSError, EOFError, ValueError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def save_drawings(drawings: Drawings, path: Path) -> None:
    """Write a set, whole or not at all; StudioError, one sentence, where that cannot be."""
    names = np.array(drawings.names, dtype=np.str_)

    def write(temporary: Path) -> None:
        with temporary.open("wb") as file:  # given a path, NumPy would add an ending to some
            np.savez_compressed(file, images=drawings.images, labels=drawings.labels, names=names)

    write_atomically(path, write)


def read_drawings(path: Path) -> Drawings:
    """The set in a file; StudioError, one sentence that names the file, where it is none, damaged
    or too large, which is known before anything is read. Imports torch: call it in a job."""
    from studio.engine.media.arrays import as_bytes, read_arrays

    arrays = read_arrays(path, MOST_BYTES)
    what = f'"{path}"'
    if not {"images", "labels", "names"} <= arrays.keys():
        raise StudioError(f"{what} is no set of drawings: it has no images, labels and names.")
    names = arrays["names"]
    if names.dtype.kind != "U" or names.ndim != 1:
        raise StudioError(f"{what} is no set of drawings: its names are not a row of texts.")
    images = arrays["images"]
    if images.dtype == np.uint8 and images.size:  # other kinds are refused below
        images = as_bytes(images, path)
    return from_arrays(images, arrays["labels"], names.tolist(), what)


def is_drawings(path: Path) -> bool:
    """Whether a file looks like a set of drawings, judged by what its arrays are called."""
    if path.suffix.lower() != SUFFIX:
        return False
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            return {*archive.namelist()} >= _MEMBERS
    except _DAMAGE:
        return False
