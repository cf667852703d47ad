"""A folder of pictures, whose subfolders are classes, or parts with classes inside."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data.sources import PART_WORDS, Found, Part, Source
from studio.engine.media.pictures import SUFFIXES, read_picture
from studio.engine.runtime.errors import StudioError


def _read(folder: Path, labels: Path | None, size: tuple[int, int] | None) -> Found:
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
        parts = {
            part: (images[:, :1].clone(), numbers) for part, (images, numbers) in parts.items()
        }
    return Found(parts, tuple(names))


def _part_folders(folder: Path) -> dict[str, Path]:
    """Where each part lies: all in one folder, unless its subfolders are parts and nothing else."""
    inside = set(_subfolders(folder))
    found = {"train": folder / "train"}
    for part, words in PART_WORDS.items():
        if names := inside.intersection(words):
            found[part] = folder / min(names)
    whole = {place.name for place in found.values()} == inside and len(found) > 1
    return found if whole else {"train": folder}


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


SOURCE = Source(
    "a folder of pictures; subfolders are classes, or parts: train, validation, test",
    _read,
    recognises=Path.is_dir,
    fallback=True,
    no_labels="The labels of a folder of pictures are its subfolders: no label file goes with it.",
)
