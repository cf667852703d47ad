"""IDX, the files MNIST comes in: images, and labels beside them; or a folder with the parts of one
or several data sets, of which one is then named."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from studio.engine.data import part_names
from studio.engine.data.sources import Found, Parts, Source, Wanted
from studio.engine.media.arrays import as_images, as_labels, read_arrays
from studio.engine.media.idx import is_idx, read_idx
from studio.engine.runtime.errors import StudioError

_LABELS = ("", "labels", "y", "y_train", "train_labels")  # what the labels of a .npz are called


def read_idx_parts(images: Path, wanted: Wanted) -> Parts:
    """The data set that an IDX image file is a part of, with the labels of each part, given or
    found beside it by name."""
    parts: Parts = {}
    for part, file in part_names.set_of(images).items():
        values = as_images(read_idx(file), file, wanted.levels)
        given = wanted.labels if part == "train" else None
        parts[part] = values, labels_of(file, len(values), given)
    return parts


def labels_of(images: Path, count: int, given: Path | None = None) -> Tensor | None:
    """One label for each of `count` images, int64 (count,): from the file that is given, or else
    from the one that lies beside them; None where there is none."""
    labels = given or part_names.labels_beside(images)
    return None if labels is None else read_labels(labels, count, images)


def read_labels(labels: Path, count: int, images: Path) -> Tensor:
    """One label for each of `count` images, from an IDX, .npy or .npz file, int64 (count,)."""
    if labels.suffix.lower() not in (".npy", ".npz"):
        return as_labels(read_idx(labels), count, labels, images)
    arrays = read_arrays(labels)
    name = next((name for name in _LABELS if name in arrays), next(iter(arrays), None))
    if name is None or (name not in _LABELS and len(arrays) > 1):
        raise StudioError(f'"{labels}" holds no array called labels, but {", ".join(arrays)}.')
    return as_labels(arrays[name], count, labels, images)


def the_set(folder: Path, files: list[Path]) -> Path:
    """A part of the one data set that files in a folder are parts of; StudioError, which names
    them, where they are several."""
    sets = part_names.sets_in(files)
    first, *others = [part.get("train") or next(iter(part.values())) for part in sets.values()]
    if others:
        names = [part_names.title_of(common) for common in sets]
        raise StudioError(
            f'"{folder}" holds {len(sets)} data sets, {", ".join(names[:-1])} and {names[-1]}:'
            f" name a file of the one that is meant, such as {first}."
        )
    return first


def _read(path: Path, wanted: Wanted) -> Found:
    if path.is_dir():
        path = the_set(path, _images_in(path))
    return Found(read_idx_parts(path, wanted), label_source=wanted.labels)


def _images_in(folder: Path) -> list[Path]:
    return [
        file
        for file in folder.iterdir()
        if ("idx" in file.name or "ubyte" in file.name) and is_idx(file, (3,))
    ]


SOURCE = Source(
    "an IDX file, with its labels and its other parts beside it, or a folder with them",
    _read,
    recognises=lambda path: not path.is_dir() or bool(_images_in(path)),
    fallback=True,
)
