"""What the names of files say: which part of a data set they are, and what goes with them.

`emnist-letters-train-images-idx3-ubyte.gz` is the training part of a set whose test part is called
`emnist-letters-test-images-idx3-ubyte`, and its labels `emnist-letters-train-labels-idx1-ubyte`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

# What stands in the name of a file, or is a folder's, for each part.
PART_WORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val"),
    "test": ("t10k", "test", "testing"),
}
_PART_OF = {word: part for part, words in PART_WORDS.items() for word in words}
_PARTS = re.compile(rf"(?<![a-z])({'|'.join(_PART_OF)})(?![a-z])", re.IGNORECASE)
# what stands in the name of images, and in that of their labels
_LABEL_WORDS = (("images", "labels"), ("imgs", "labels"), ("idx3", "idx1"))

Parts = dict[str, Path]


def part_of(folder: str) -> str:
    """The part that a folder is, by its whole name; "" for none."""
    return _PART_OF.get(folder.lower(), "")


def sets_in(files: Iterable[Path]) -> dict[str, Parts]:
    """The data sets that files are parts of, by what their names have in common; a file whose name
    speaks of no part is a training part. Of one that is there twice, zipped too, the first is
    taken."""
    found: dict[str, Parts] = {}
    for file in sorted(files):
        part, common = _read(file.name)
        found.setdefault(common, {}).setdefault(part, file)
    return found


def set_of(file: Path) -> Parts:
    """The parts of the data set that a file is a part of: itself, and those beside it that are
    called like it."""
    part, common = _read(file.name)
    if "*" not in common:
        return {"train": file}
    beside = sets_in(other for other in file.parent.iterdir() if other.is_file())
    return {**beside.get(common, {}), part: file}


def title_of(common: str) -> str:
    """What a data set is called: what comes before the part, or else all of it."""
    return common.partition("*")[0].strip("-_. ") or common


def labels_beside(images: Path) -> Path | None:
    """The file of labels next to one of images, zipped or not, by its name."""
    name = images.name.removesuffix(".gz")
    for ours, theirs in _LABEL_WORDS:
        name = re.sub(rf"(?<![a-z]){ours}(?![a-z])", theirs, name, count=1, flags=re.IGNORECASE)
    candidates = (images.parent / other for other in (name, f"{name}.gz"))
    taken = images.name.removesuffix(".gz") == name
    return None if taken else next((one for one in candidates if one.is_file()), None)


def _read(name: str) -> tuple[str, str]:
    """The part that the name of a file speaks of, and the name with * for that word."""
    stem = name.lower().removesuffix(".gz")
    match = _PARTS.search(stem)
    if match is None:
        return "train", stem
    return _PART_OF[match[1]], f"{stem[: match.start()]}*{stem[match.end() :]}"
