"""The forms a person's data set comes in: IDX files, NumPy arrays, a folder of pictures.

Each reader gives the parts that there are, (images uint8 (N, C, H, W), labels int64 (N,) or None)
by their names: "train" always, "validation" and "test" where the data have them.
"""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.media.arrays import as_images, as_labels, read_arrays
from studio.engine.media.idx import read_idx
from studio.engine.media.pictures import SUFFIXES, read_picture
from studio.engine.runtime.errors import StudioError

Part = tuple[Tensor, Tensor | None]
Parts = dict[str, Part]

_LABEL_WORDS = {"images": "labels", "idx3": "idx1"}
# What images and labels are called: a single array, the usual pairs, the well-known archives with
# several parts.
_KEYS = {
    "train": (
        ("", ""),
        ("images", "labels"),
        ("x", "y"),
        ("x_train", "y_train"),
        ("train_images", "train_labels"),
    ),
    "validation": (
        ("x_val", "y_val"),
        ("val_images", "val_labels"),
        ("x_validation", "y_validation"),
        ("validation_images", "validation_labels"),
    ),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
}
# What stands in the name of a file, or is a folder's, where the training part has "train".
_PART_WORDS = {"validation": ("validation", "valid", "val"), "test": ("t10k", "test")}


def read_idx_parts(images: Path, labels: Path | None) -> Parts:
    """An IDX image file, its labels (given, or found beside it by name), and the parts beside it
    that are called like it: t10k or test, validation, valid or val instead of train."""
    parts = {"train": _idx_part(images, labels or _beside(images, _LABEL_WORDS))}
    if images.name.startswith("train"):
        for part, words in _PART_WORDS.items():
            found = (_beside(images, {"train": word}) for word in words)
            if (file := next(filter(None, found), None)) is not None:
                parts[part] = _idx_part(file, _beside(file, _LABEL_WORDS))
    return parts


def read_numpy_parts(path: Path, labels: Path | None) -> Parts:
    """The images of a .npy, or images and labels of a .npz under their usual names; `labels`
    overrides those of the training part."""
    arrays = read_arrays(path)
    parts: Parts = {}
    for part, pairs in _KEYS.items():
        for images_key, labels_key in pairs:
            if images_key in arrays:
                images = as_images(arrays[images_key], path)
                if labels is not None and part == "train":
                    parts[part] = images, _read_labels(labels, len(images), path)
                elif labels_key and labels_key in arrays:
                    parts[part] = images, as_labels(arrays[labels_key], len(images), path, path)
                else:
                    parts[part] = images, None
                break
        if not parts:
            found = ", ".join(sorted(arrays)) or "nothing"
            raise StudioError(f'"{path}" holds no array called images or x, but {found}.')
    return parts


def read_picture_parts(folder: Path, size: tuple[int, int] | None) -> tuple[Parts, tuple[str, ...]]:
    """The pictures of a folder, with its subfolders as classes; subfolders train, test and
    validation (or valid, or val), where there are no others, are parts themselves.

    In colour where any of the pictures is, in grey where none is.
    """
    folders = _part_folders(folder)
    names = sorted(
        {name for part in folders.values() for name in _subfolders(part) if _pictures(part / name)}
    )
    parts = {part: _picture_part(place, names, size) for part, place in folders.items()}
    if not any(_coloured(images) for images, _ in parts.values()):
        parts = {part: (images[:, :1].clone(), labels) for part, (images, labels) in parts.items()}
    return parts, tuple(names)


def _part_folders(folder: Path) -> dict[str, Path]:
    """Where each part lies: all in one folder, unless its subfolders are parts and nothing else."""
    inside = set(_subfolders(folder))
    found = {"train": folder / "train"}
    for part, words in _PART_WORDS.items():
        if names := inside.intersection(words):
            found[part] = folder / min(names)
    whole = {place.name for place in found.values()} == inside and len(found) > 1
    return found if whole else {"train": folder}


def class_numbers(names: Iterable[str], classes: tuple[str, ...], source: str | Path) -> Tensor:
    """Which of the classes each name is, int64 (N,); StudioError for one that is none of them."""
    for name in names:
        if name not in classes:
            raise StudioError(
                f'"{source}" has a class {name}, which the training part has not: there are'
                f" {', '.join(classes)}."
            )
    return torch.tensor([classes.index(name) for name in names])


def _idx_part(images: Path, labels: Path | None) -> Part:
    values = as_images(read_idx(images), images)
    return values, None if labels is None else _read_labels(labels, len(values), images)


def _read_labels(labels: Path, count: int, images: Path) -> Tensor:
    array = read_idx(labels) if labels.suffix.lower() != ".npy" else read_arrays(labels)[""]
    return as_labels(array, count, labels, images)


def _beside(path: Path, words: dict[str, str]) -> Path | None:
    """The existing file next to `path` whose name has these words exchanged, zipped or not."""
    name = path.name.removesuffix(".gz")
    for old, new in words.items():
        name = name.replace(old, new, 1)
    candidates = (path.parent / other for other in (name, f"{name}.gz") if other != path.name)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _subfolders(folder: Path) -> list[str]:
    return sorted(
        child.name for child in folder.iterdir() if child.is_dir() and child.name[0] != "."
    )


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    files = (file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    return sorted(file for file in files if file.name[0] != ".")


def _coloured(images: Tensor) -> bool:
    return not torch.equal(images[:, :-1], images[:, 1:])


def _picture_part(folder: Path, classes: list[str], size: tuple[int, int] | None) -> Part:
    """Its pictures as red, green and blue, with the numbers of their subfolders as labels."""
    loose = _pictures(folder)
    sorted_in = [
        (file, label) for label, name in enumerate(classes) for file in _pictures(folder / name)
    ]
    if loose and sorted_in:
        raise StudioError(
            f'The folder "{folder}" has pictures in itself and in subfolders: sort all or none.'
        )
    files = loose or [file for file, _ in sorted_in]
    if not files:
        raise StudioError(f'The folder "{folder}" holds no pictures.')
    first = read_picture(files[0], "RGB", size)
    height, width = first.shape[:2]
    images = torch.empty((len(files), 3, height, width), dtype=torch.uint8)
    for row, file in enumerate(files):
        pixels = torch.from_numpy(read_picture(file, "RGB", size).copy())
        if pixels.shape != first.shape:
            raise StudioError(
                f'All pictures must have one size, but "{file}" is {pixels.shape[1]} x'
                f' {pixels.shape[0]} and "{files[0]}" is {width} x {height}: give a size to have'
                " them resized."
            )
        images[row] = pixels.movedim(-1, 0)
    return images, torch.tensor([label for _, label in sorted_in]) if sorted_in else None
