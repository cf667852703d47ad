"""Sources of pictures, one file each: the data sets that ship,
and the forms in which a person's files come.

A module of this package that has a `SOURCE` is all that `open_data`, the command and the window
need to know of it.
"""

from __future__ import annotations

import functools
import os
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data.variants import Variants
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason
from studio.engine.runtime.texts import shortened

Part = tuple[Tensor, Tensor | None]  # images uint8 (N, C, H, W), labels int64 (N,) or None
Parts = dict[str, Part]  # "train", "validation" and "test", where the data have them; one at least
OTHER = "other"  # the class, where there is one, of all that are none of the others


@dataclass(frozen=True)
class Wanted:
    """How files are to be read.

    labels: a file with the labels of the training part.
    size: (H, W) that the pictures of a folder are resized to.
    levels: of the preparation, by which levels are told from greys; see `as_images`.
    skip_damaged: leave out the files of a folder that cannot be read.
    """

    labels: Path | None = None
    size: tuple[int, int] | None = None
    levels: int | None = None
    skip_damaged: bool = False


@dataclass(frozen=True)
class Found:
    """What a source holds: the parts that it comes in, the names of the classes (None: numbers),
    the groups that stay together when a part is held out (int64 (N,), of the training part; None:
    each image for itself), where the labels are from, None for where the images are, and other
    looks of training pictures, from a source that holds its parts out itself."""

    parts: Parts
    classes: tuple[str, ...] | None = None
    groups: Tensor | None = None
    label_source: Path | None = None
    variants: Variants | None = None


@dataclass(frozen=True)
class Source:
    """summary: what it is, in a few words.
    read: (path, how) -> what is there; StudioError, one sentence that names the file, for
    everything that is wrong with it.
    name: of a data set that ships, which has no path.
    recognises: of files, whether a path, which exists, is of this form.
    fallback: whether it is asked after the others.
    no_labels: where no label file can go with it, the sentence that says why.
    """

    summary: str
    read: Callable[[Path, Wanted], Found]
    name: str = ""
    recognises: Callable[[Path], bool] = lambda path: False
    fallback: bool = False
    no_labels: str = ""


_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # how they begin


@functools.cache
def sources() -> tuple[Source, ...]:
    """All of them: data sets that ship, then forms of files, as they are asked in turn."""
    modules = [import_module(info.name) for info in pkgutil.iter_modules(__path__, f"{__name__}.")]
    found = [module.SOURCE for module in modules]
    return tuple(sorted(found, key=lambda source: (not source.name, source.fallback)))


def shipped_names() -> tuple[str, ...]:
    """Of the data sets that ship."""
    return tuple(source.name for source in sources() if source.name)


def read_source(name_or_path: str, wanted: Wanted) -> Found:
    """What the data set of this name, or the files at this path, hold; see `Source.read`."""
    path = Path(name_or_path)
    known = shipped_names()
    if name_or_path not in known and not (os.path.isfile(path) or os.path.isdir(path)):
        raise StudioError(
            f'There is no data set "{shortened(str(path))}": it is neither'
            f" {' nor '.join(known)} nor a file or folder."
        )
    if name_or_path not in known:
        _refuse_pickles(path)
    source = next(
        source
        for source in sources()
        if (source.name == name_or_path if name_or_path in known else source.recognises(path))
    )
    if wanted.labels is not None and source.no_labels:
        raise StudioError(source.no_labels)
    return source.read(path, wanted)


def _refuse_pickles(path: Path) -> None:
    """StudioError for a pickle, or a folder with the batches of CIFAR-10's Python version."""
    for file in sorted(path.glob("data_batch_*")) if path.is_dir() else [path]:
        try:
            with file.open("rb") as opened:
                beginning = opened.read(2)
        except OSError as error:
            raise StudioError(f'"{file}" cannot be read: {reason(error)}.') from None
        if beginning in _PICKLES and file.suffix != ".bin":
            raise StudioError(
                f'"{file}" is a Python pickle, which can run code when it is opened: of CIFAR-10'
                " take the binary version, of other data plain NumPy arrays."
            )


def class_numbers(names: Iterable[str], classes: tuple[str, ...], source: str | Path) -> Tensor:
    """Which of the classes each name is, int64 (N,); StudioError for one that is none of them."""
    for name in names:
        if name not in classes:
            raise StudioError(
                f'"{source}" has a class {name}, which the training part does not have: there are'
                f" {', '.join(classes)}."
            )
    return torch.tensor([classes.index(name) for name in names])
