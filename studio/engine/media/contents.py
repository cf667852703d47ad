"""What there is to learn from in a file or a folder, judged by names and first bytes alone: as long
as something is dragged over the window, nothing is read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from studio.engine.media import pictures
from studio.engine.media.idx import is_idx

_ARRAYS = frozenset([".npy", ".npz", ".amat", ".csv", ".tsv"])
_MOST = 2000  # entries of a folder that are looked at
_DEEPEST = 3  # folders: a part, and a class in it


def learnable(path: Path) -> str:
    """What a model could learn from at a path: "pictures", "recordings", or "" for nothing. In a
    folder that has both, it is what there is more of."""
    if not path.is_dir():
        return "pictures" if _is_array(path) else ""
    from studio.engine.media import recordings  # brings libraries for sound

    found: Counter[str] = Counter()
    for file in _files_in(path):
        suffix = file.suffix.lower()
        if suffix in recordings.SUFFIXES:
            found["recordings"] += 1
        elif suffix in pictures.SUFFIXES or _is_array(file):
            found["pictures"] += 1
    return found.most_common(1)[0][0] if found else ""


def _is_array(file: Path) -> bool:
    """An array of pictures, IDX or CIFAR's; what else has numbers in it does not look like one."""
    name = file.name.lower()
    if file.suffix.lower() in _ARRAYS:
        return True
    if name.endswith("_batch.bin") or name.startswith("data_batch_"):
        return True
    return ("ubyte" in name or "idx" in name) and is_idx(file)


def _files_in(folder: Path) -> Iterator[Path]:
    """The files of a folder and of those in it, a bounded number, without hidden ones."""
    left = _MOST
    for place, folders, files in os.walk(folder):
        inside = Path(place)
        deep = len(inside.relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if name[0] != "." and deep < _DEEPEST)
        for name in sorted(files):
            if left <= 0:
                return
            left -= 1
            if name[0] != ".":
                yield inside / name
