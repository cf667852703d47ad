"""CIFAR-10 in its binary version: records of one label and a colour picture of 32 x 32 pixels, one
after the other.

    label (1 byte, 0 to 9) | red, row by row (1,024 bytes) | green | blue

A data set is a folder with data_batch_1.bin ... and test_batch.bin, or one such file;
batches.meta.txt names the classes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from studio.engine.data.sources import Found, Part, Source, Wanted
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason

SUFFIX = ".bin"
CLASSES = 10
_SHAPE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32


def _batches(folder: Path) -> list[Path]:
    """The files of the training part in a folder; none where it is no CIFAR-10."""
    return sorted(folder.glob(f"data_batch_*{SUFFIX}"))


def _read_all(path: Path, wanted: Wanted) -> Found:
    """A file, or a folder with its test part where there is one, and class names.

    StudioError, naming the file, where one is cut short, of another kind or cannot be read.
    """
    if not path.is_dir():
        return Found({"train": _read([path])}, _names(path.parent))
    parts = {"train": _read(_batches(path))}
    if (test := path / f"test_batch{SUFFIX}").is_file():
        parts["test"] = _read([test])
    return Found(parts, _names(path))


def _read(files: list[Path]) -> Part:
    records = np.concatenate([_records(file) for file in files])
    images = torch.from_numpy(np.ascontiguousarray(records[:, 1:])).unflatten(1, _SHAPE)
    return images, torch.from_numpy(records[:, 0].astype(np.int64))


def _records(file: Path) -> np.ndarray:
    """uint8 (N, 3073)."""
    try:
        memory.require(2 * file.stat().st_size, f'Reading "{file}"')  # the second time as images
        content = np.fromfile(file, np.uint8)
    except OSError as error:
        raise StudioError(f'"{file}" cannot be read: {reason(error)}.') from None
    if not len(content):
        raise StudioError(f'"{file}" is empty.')
    if len(content) % _RECORD:
        raise StudioError(
            f'"{file}" is not a whole CIFAR-10 file: its {len(content):,} bytes are not a'
            f" multiple of {_RECORD:,}, which is a label and a picture."
        )
    records = content.reshape(-1, _RECORD)
    if (highest := int(records[:, 0].max())) >= CLASSES:
        raise StudioError(
            f'"{file}" is not a CIFAR-10 file: it has a label {highest}, and labels go from 0 to'
            f" {CLASSES - 1}."
        )
    return records


def _names(folder: Path) -> tuple[str, ...]:
    """The classes as batches.meta.txt names them, a line each;
    their numbers where it is missing or has too few."""
    try:
        lines = (folder / "batches.meta.txt").read_text(errors="replace").split("\n")
    except OSError:
        lines = []
    names = tuple(line.strip() for line in lines if line.strip())
    return names if len(names) == CLASSES else tuple(str(number) for number in range(CLASSES))


SOURCE = Source(
    "CIFAR-10, its binary version (.bin): a file, or the folder",
    _read_all,
    recognises=lambda path: path.suffix.lower() == SUFFIX or bool(_batches(path)),
    no_labels="The labels of CIFAR-10 are in its own files: leave out the file of labels.",
)
