"""NumPy arrays: a .npy of images, or a .npz with images and labels under their usual names, and
`names` of its classes where it has them; other parts and labels may lie beside it, as IDX files
have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.data import part_names
from studio.engine.data.sources import Found, Parts, Source, Wanted
from studio.engine.data.sources.idx_files import labels_of, read_labels, the_set
from studio.engine.media.arrays import as_images, as_labels, read_arrays
from studio.engine.media.pictures import SUFFIXES as PICTURES
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened

# What images and labels are called: a single array, the usual pairs, the well-known archives with
# several parts.
_KEYS = {
    "train": (
        ("", ""),
        ("images", "labels"),
        ("x", "y"),
        ("x_train", "y_train"),
        ("train_images", "train_labels"),
        ("arr_0", "arr_1"),  # without names
    ),
    "validation": (
        ("x_val", "y_val"),
        ("val_images", "val_labels"),
        ("x_validation", "y_validation"),
        ("validation_images", "validation_labels"),
    ),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}


def _read(path: Path, wanted: Wanted) -> Found:
    """The labels that are given override those of the training part."""
    if path.is_dir():
        path = the_set(path, _arrays_in(path))
    arrays = read_arrays(path)
    parts = _parts_in(arrays, path, wanted)
    classes = None if wanted.labels is not None else _names_in(arrays, parts)
    if parts.keys() == {"train"}:
        own = parts.pop("train")
        for part, file in part_names.set_of(path).items():
            beside = Wanted(levels=wanted.levels)
            if file == path:
                parts[part] = own
            else:
                parts[part] = _parts_in(read_arrays(file), file, beside)["train"]
    return Found(parts, classes, label_source=wanted.labels)


def _parts_in(arrays: dict[str, NDArray[Any]], path: Path, wanted: Wanted) -> Parts:
    """The parts that the arrays of one file hold."""
    parts: Parts = {}
    for part, pairs in _KEYS.items():
        for images_key, labels_key in pairs:
            if images_key not in arrays:
                continue
            images = as_images(arrays[images_key], path, wanted.levels)
            if wanted.labels is not None and part == "train":
                parts[part] = images, read_labels(wanted.labels, len(images), path)
            elif labels_key and labels_key in arrays:
                parts[part] = images, as_labels(arrays[labels_key], len(images), path, path)
            else:
                parts[part] = images, labels_of(path, len(images)) if part == "train" else None
            break
        if not parts:
            found = ", ".join(sorted(arrays)) or "nothing"
            raise StudioError(f'"{path}" holds no array called images or x, but {found}.')
    return parts


def _names_in(arrays: dict[str, NDArray[Any]], parts: Parts) -> tuple[str, ...] | None:
    """What the classes are called, where the array `names` says it: it has a text for each of them,
    no two alike, and is not a text for each image."""
    names = arrays.get("names", np.zeros(0))
    labels = [labels for _, labels in parts.values() if labels is not None and len(labels)]
    if names.dtype.kind != "U" or names.ndim != 1 or not labels:
        return None
    count = max(int(part.max()) for part in labels) + 1
    images = sum(len(images) for images, _ in parts.values())
    if len(names) != count and not count < len(names) < images:
        return None
    found = tuple(shortened(name).strip() for name in names.tolist())
    return found if all(found) and len({*found}) == len(found) else None


def _arrays_in(folder: Path) -> list[Path]:
    """The arrays of images in a folder that has nothing else to learn from."""
    files = list(folder.iterdir())
    if any(file.is_dir() or file.suffix.lower() in PICTURES for file in files):
        return []
    return [file for file in files if _is_array(file) and "label" not in file.name.lower()]


def _is_array(path: Path) -> bool:
    return path.suffix.lower() in (".npy", ".npz")


SOURCE = Source(
    "NumPy arrays: a .npy of images, a .npz with images and labels, or a folder with them",
    _read,
    recognises=lambda path: bool(_arrays_in(path)) if path.is_dir() else _is_array(path),
)
