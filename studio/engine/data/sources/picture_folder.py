"""A folder of pictures, whose subfolders are classes, or parts with classes inside."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from studio.engine.data.part_names import part_of
from studio.engine.data.sources import Found, Part, Source, Wanted
from studio.engine.media.pictures import SUFFIXES, Oddities, Oddity, read_picture
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError

_NAMED = 5  # files that a sentence names
_SYSTEM_FILES = frozenset(["thumbs.db", "desktop.ini"])

_log = logging.getLogger(__name__)


def _read(folder: Path, wanted: Wanted) -> Found:
    """The pictures of a folder, with its subfolders as classes, whatever is deeper in them;
    subfolders train, validation and test (or what else these are called) are parts themselves.

    In colour where any of the pictures is, in grey where none is. Damaged pictures, and sizes that
    differ, are named all at once.
    """
    parts = {part: _Files.of(place) for part, place in _part_folders(_unwrapped(folder)).items()}
    names = sorted({name for files in parts.values() for name in files.by_class})
    reading = _Reading(folder, wanted)
    read = {part: reading.read(files, names) for part, files in parts.items() if files.count}
    _say_others(folder, parts.values(), reading.count)
    reading.check()
    kept = {part: (images, labels) for part, (images, labels) in read.items() if len(images)}
    return Found(reading.in_their_colours(kept), tuple(names))


@dataclass
class _Files:
    """The pictures of a part: loose ones, and those in each of its subfolders, at any depth."""

    loose: list[Path]
    by_class: dict[str, list[Path]]
    others: Counter[str]  # files that are no pictures, by their endings

    @classmethod
    def of(cls, folder: Path) -> _Files:
        others: Counter[str] = Counter()
        inside = {name: _pictures(folder / name, others) for name in _subfolders(folder)}
        by_class = {name: files for name, files in inside.items() if files}
        loose = _pictures(folder, others, deep=False)
        if loose and by_class:
            raise StudioError(
                f'The folder "{folder}" has pictures in itself and in subfolders: sort all or none.'
            )
        return cls(loose, by_class, others)

    @property
    def count(self) -> int:
        return len(self.loose) + sum(map(len, self.by_class.values()))


@dataclass
class _Reading:
    """Reads parts one after the other, and remembers what is odd, damaged or of another size."""

    folder: Path
    wanted: Wanted
    odd: Oddities = field(default_factory=Counter)
    damaged: list[Path] = field(default_factory=list)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    count: int = 0
    coloured: bool = False

    def read(self, files: _Files, names: list[str]) -> Part:
        """Its pictures as red, green and blue, with the numbers of their classes as labels."""
        labelled = [(file, -1) for file in files.loose]
        for label, name in enumerate(names):
            labelled += [(file, label) for file in files.by_class.get(name, [])]
        self.count += len(labelled)
        images, labels = torch.empty(0, 3, 0, 0, dtype=torch.uint8), list[int]()
        for file, label in labelled:
            try:
                pixels = read_picture(file, "RGB", self.wanted.size, self.odd)
            except StudioError:
                self.damaged.append(file)
                continue
            size = pixels.shape[0], pixels.shape[1]
            if not labels:
                _require(len(labelled), size, self.folder)
                images = torch.empty(len(labelled), 3, *size, dtype=torch.uint8)
            self.sizes[size] += 1
            self.coloured = self.coloured or _is_coloured(pixels)
            if size == tuple(images.shape[2:]):
                images[len(labels)] = torch.from_numpy(pixels.copy()).movedim(-1, 0)
            labels.append(label)
        return images[: len(labels)], None if files.loose else torch.tensor(labels)

    def check(self) -> None:
        """Say what was odd and left out; StudioError where nothing can be learnt from it."""
        for oddity, count in self.odd.items():
            _log.warning(oddity.of_several(count, self.count, self.folder))
        named = _listed([file.relative_to(self.folder).as_posix() for file in self.damaged])
        if self.damaged and not self.wanted.skip_damaged:
            raise StudioError(
                f'{len(self.damaged):,} of the {self.count:,} pictures in "{self.folder}" cannot be'
                f" read ({named}): remove them, or leave them out with --skip-damaged (the setting"
                " skip_damaged=true)."
            )
        if self.damaged:
            _log.warning(
                'Left out of "%s": %d of %d pictures, damaged (%s).',
                self.folder, len(self.damaged), self.count, named,
            )  # fmt: skip
        if not self.sizes:
            raise StudioError(f'The folder "{self.folder}" holds no pictures that can be read.')
        if len(self.sizes) > 1:
            known = [f"{width} x {height}" for height, width in self.sizes]
            height, width = self.sizes.most_common(1)[0][0]
            raise StudioError(
                f'The pictures in "{self.folder}" have {len(known)} sizes, {_listed(known)}: have'
                f" all of them resized, with the setting shape={3 if self.coloured else 1},{height}"
                f",{width} (channels, rows, columns)."
            )

    def in_their_colours(self, parts: dict[str, Part]) -> dict[str, Part]:
        """In grey where none has colours; 0 and 1 as black and white where all have no others."""
        if not self.coloured:
            parts = {part: (images[:, :1].clone(), own) for part, (images, own) in parts.items()}
        if max(int(images.max()) for images, _ in parts.values()) == 1:
            _log.warning(Oddity.ZERO_ONE.of_several(self.count, self.count, self.folder))
            parts = {part: (images * 255, own) for part, (images, own) in parts.items()}
        return parts


def _unwrapped(folder: Path) -> Path:
    """The folder itself, or the only thing in it: a folder with folders of pictures."""
    inside = _subfolders(folder)
    if len(inside) == 1 and not _pictures(folder, Counter(), deep=False):
        only = folder / inside[0]
        if any(_pictures(only / name, Counter()) for name in _subfolders(only)):
            return _unwrapped(only)
    return folder


def _part_folders(folder: Path) -> dict[str, Path]:
    """Where each part lies: all in one folder, unless its subfolders are parts; what else lies
    beside train and another part is left out, and said."""
    found: dict[str, Path] = {}
    others = []
    for name in _subfolders(folder):
        if part := part_of(name):
            found.setdefault(part, folder / name)
        else:
            others.append(name)
    if len(found) < 2 or (others and "train" not in found):
        return {"train": folder}  # a class may well be called train, or test
    if others:
        _log.warning(
            'Read as parts of "%s": %s; left out: %s.',
            folder, ", ".join(place.name for place in found.values()), _listed(others),
        )  # fmt: skip
    return found


def _subfolders(folder: Path) -> list[str]:
    return sorted(
        child.name for child in folder.iterdir() if child.is_dir() and child.name[0] != "."
    )


def _pictures(folder: Path, others: Counter[str], deep: bool = True) -> list[Path]:
    """The pictures in a folder, without what is hidden; `others` counts the other files."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if deep and name[0] != ".")
        for name in files:
            ending = Path(name).suffix.lower()
            if name[0] == "." or name.lower() in _SYSTEM_FILES:
                continue
            if ending in SUFFIXES:
                found.append(Path(place, name))
            else:
                others[ending or "without an ending"] += 1
    return sorted(found)


def _say_others(folder: Path, parts: Iterable[_Files], pictures: int) -> None:
    others = sum((files.others for files in parts), Counter[str]())
    if others and pictures:
        kinds = _listed([f"{count} {ending}" for ending, count in others.most_common()])
        _log.warning(
            'Left out of "%s": %d of %d files, no pictures that are read (%s).',
            folder, others.total(), others.total() + pictures, kinds,
        )  # fmt: skip


def _require(count: int, size: tuple[int, int], folder: Path) -> None:
    memory.require(
        2 * 3 * count * size[0] * size[1],  # the second time while parts are set aside
        f'Reading the {count:,} pictures in "{folder}" at {size[1]} x {size[0]} pixels',
        advice="The setting shape has them resized.",
    )


def _is_coloured(pixels: np.ndarray) -> bool:
    return not np.array_equal(pixels[..., :-1], pixels[..., 1:])


def _listed(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


SOURCE = Source(
    "a folder of pictures; subfolders are classes, or parts: train, validation, test",
    _read,
    recognises=Path.is_dir,
    fallback=True,
    no_labels="The subfolders of pictures are their labels: leave out the file of labels.",
)
