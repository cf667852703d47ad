"""Pictures as text, a row of numbers each: .amat, as the binarised MNIST comes, and CSV, with or
without names of the columns and a column of labels; other parts may lie beside it."""

from __future__ import annotations

import logging
import math
from pathlib import Path

import numpy as np

from studio.engine.data import part_names
from studio.engine.data.sources import Found, Part, Source, Wanted
from studio.engine.data.sources.idx_files import labels_of, the_set
from studio.engine.media.arrays import as_images, as_labels
from studio.engine.media.text_tables import SUFFIXES, read_table
from studio.engine.runtime.errors import StudioError

_LABEL_NAMES = ("label", "labels", "class", "target", "y")

_log = logging.getLogger(__name__)


def _read(path: Path, wanted: Wanted) -> Found:
    if path.is_dir():
        path = the_set(path, _tables_in(path))
    parts = {
        part: _part(file, wanted, wanted.labels if part == "train" else None)
        for part, file in part_names.set_of(path).items()
    }
    return Found(parts, label_source=wanted.labels)


def _part(path: Path, wanted: Wanted, labels: Path | None) -> Part:
    table = read_table(path)
    column = _label_column(path, table.names, table.values.shape[1])
    if column is None:
        images = as_images(table.values, path, wanted.levels)
        return images, labels_of(path, len(images), labels)
    images = as_images(np.delete(table.values, column, 1), path, wanted.levels)
    if labels is not None:
        return images, labels_of(path, len(images), labels)
    own = table.values[:, column]
    whole = np.isfinite(own).all() and (own == np.rint(own)).all()
    return images, as_labels(own.astype(np.int64) if whole else own, len(own), path, path)


def _label_column(path: Path, names: tuple[str, ...], columns: int) -> int | None:
    """Which column has the labels, None for none: the one that is called so; or else, where the
    others make a square, the last of a .amat and the first of others."""
    called = [name.lower() for name in names]
    named = next((called.index(name) for name in _LABEL_NAMES if name in called), None)
    pixels = columns - (named is not None)
    if _square(pixels):
        return named
    if named is None and _square(columns - 1):
        last = path.suffix.lower() == ".amat"
        _log.warning(
            '"%s" has %d columns: the %s is read as the labels.',
            path, columns, "last" if last else "first",
        )  # fmt: skip
        return columns - 1 if last else 0
    raise StudioError(
        f'The rows of "{path}" have {pixels:,} values, which do not make a square picture.'
    )


def _square(count: int) -> bool:
    return count > 0 and math.isqrt(count) ** 2 == count


def _tables_in(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if _is_table(file)]


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _recognises(path: Path) -> bool:
    """A table; or a folder of .amat files, for a .csv often lies beside what it is about."""
    if not path.is_dir():
        return _is_table(path)
    return any(table.suffix.lower() == ".amat" for table in _tables_in(path))


SOURCE = Source(
    "text: a .amat or .csv with a row of pixels for each picture, square, and labels if you like",
    _read,
    recognises=_recognises,
)
