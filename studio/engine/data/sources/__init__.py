"""Sources of pictures, one file each: the data sets that ship,
and the forms in which a person's files come.

A module of this package that has a `SOURCE` is all that `open_data`, the command and the window
need to know of it.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.runtime.errors import StudioError

Part = tuple[Tensor, Tensor | None]  # images uint8 (N, C, H, W), labels int64 (N,) or None
Parts = dict[str, Part]  # "train" always, "validation" and "test" where the data have them

# What stands in the name of a file, or is a folder's, where the training part has "train".
PART_WORDS = {"validation": ("validation", "valid", "val"), "test": ("t10k", "test")}


@dataclass(frozen=True)
class Found:
    """What a source holds: the parts that it comes in, the names of the classes (None: numbers),
    the groups that stay together when a part is held out (int64 (N,), of the training part; None:
    each image for itself), and where the labels are from, None for where the images are."""

    parts: Parts
    classes: tuple[str, ...] | None = None
    groups: Tensor | None = None
    label_source: Path | None = None


@dataclass(frozen=True)
class Source:
    """summary: what it is, in a few words.
    read: (path, label file or None, size (H, W) of pictures or None) -> what is there; StudioError,
    one sentence that names the file, for everything that is wrong with it.
    name: of a data set that ships, which has no path.
    recognises: of files, whether a path, which exists, is of this form.
    fallback: whether it is asked after the others.
    no_labels: where no label file can go with it, the sentence that says why.
    """

    summary: str
    read: Callable[[Path, Path | None, tuple[int, int] | None], Found]
    name: str = ""
    recognises: Callable[[Path], bool] = lambda path: False
    fallback: bool = False
    no_labels: str = ""


@functools.cache
def sources() -> tuple[Source, ...]:
    """All of them: data sets that ship, then forms of files, as they are asked in turn."""
    modules = [import_module(info.name) for info in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [module.SOURCE for module in modules]
    return tuple(sorted(found, key=lambda source: (not source.name, source.fallback)))


def shipped_names() -> tuple[str, ...]:
    """Of the data sets that ship."""
    return tuple(source.name for source in sources() if source.name)


def read_source(name_or_path: str, labels: Path | None, size: tuple[int, int] | None) -> Found:
    """What the data set of this name, or the files at this path, hold; see `Source.read`."""
    path = Path(name_or_path)
    known = shipped_names()
    if name_or_path not in known and not path.exists():
        raise StudioError(
            f'There is no data set "{path}": it is neither {" nor ".join(known)} nor a file or'
            " folder."
        )
    source = next(
        source
        for source in sources()
        if (source.name == name_or_path if name_or_path in known else source.recognises(path))
    )
    if labels is not None and source.no_labels:
        raise StudioError(source.no_labels)
    return source.read(path, labels, size)


def class_numbers(names: Iterable[str], classes: tuple[str, ...], source: str | Path) -> Tensor:
    """Which of the classes each name is, int64 (N,); StudioError for one that is none of them."""
    for name in names:
        if name not in classes:
            raise StudioError(
                f'"{source}" has a class {name}, which the training part does not have: there are'
                f" {', '.join(classes)}."
            )
    return torch.tensor([classes.index(name) for name in names])
