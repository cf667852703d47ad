"""IDX, the files MNIST comes in: images, and labels beside them; or a folder with several parts."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from studio.engine.data.sources import PART_WORDS, Found, Part, Parts, Source
from studio.engine.media.arrays import as_images, as_labels, read_arrays
from studio.engine.media.idx import is_idx, read_idx

_LABEL_WORDS = {"images": "labels", "idx3": "idx1"}


def read_idx_parts(images: Path, labels: Path | None) -> Parts:
    """An IDX image file, its labels (given, or found beside it by name), and the parts beside it
    that are called like it: t10k or test, validation, valid or val instead of train."""
    parts = {"train": _idx_part(images, labels or _beside(images, _LABEL_WORDS))}
    if images.name.startswith("train"):
        for part, words in PART_WORDS.items():
            found = (_beside(images, {"train": word}) for word in words)
            if (file := next(filter(None, found), None)) is not None:
                parts[part] = _idx_part(file, _beside(file, _LABEL_WORDS))
    return parts


def _idx_part(images: Path, labels: Path | None) -> Part:
    values = as_images(read_idx(images), images)
    return values, None if labels is None else read_labels(labels, len(values), images)


def read_labels(labels: Path, count: int, images: Path) -> Tensor:
    """One label for each of `count` images, from an IDX or .npy file, int64 (count,)."""
    array = read_idx(labels) if labels.suffix.lower() != ".npy" else read_arrays(labels)[""]
    return as_labels(array, count, labels, images)


def _beside(path: Path, words: dict[str, str]) -> Path | None:
    """The existing file next to `path` whose name has these words exchanged, zipped or not."""
    name = path.name.removesuffix(".gz")
    for old, new in words.items():
        name = name.replace(old, new, 1)
    candidates = (path.parent / other for other in (name, f"{name}.gz") if other != path.name)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _read(path: Path, labels: Path | None, size: tuple[int, int] | None) -> Found:
    """In a folder the training part names the data set; the others are found beside it."""
    if path.is_dir():
        files = _images_in(path)
        path = next((file for file in files if file.name.startswith("train")), files[0])
    return Found(read_idx_parts(path, labels), label_source=labels)


def _images_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if "idx3" in file.name and is_idx(file))


SOURCE = Source(
    "an IDX file, or a folder with them",
    _read,
    recognises=lambda path: not path.is_dir() or bool(_images_in(path)),
    fallback=True,
)
