"""Tables of numbers as text: .amat, .csv, .tsv and .txt, with or without a line of names on top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason

SUFFIXES = frozenset([".amat", ".csv", ".tsv"])
_LONGEST_LINE = 1 << 24  # characters
_BYTES_A_CHARACTER = 4  # a digit and a space are a number of 4 bytes, and there is a copy


@dataclass(frozen=True)
class Table:
    """names: of the columns, where the file has them. values: float32 (rows, columns)."""

    names: tuple[str, ...]
    values: NDArray[np.float32]


def read_table(path: Path) -> Table:
    """The numbers of a file, with commas, semicolons, tabs or spaces between them.

    StudioError, naming the file, where it is empty, is no table of numbers or would not fit the
    memory that is free.
    """
    try:
        memory.require(_BYTES_A_CHARACTER * path.stat().st_size, f'Reading "{path}"')
        with path.open(encoding="utf-8-sig") as file:
            first = file.readline(_LONGEST_LINE).strip()
            between = next((sign for sign in ",;\t" if sign in first), None)
            names = [name.strip().strip('"') for name in re.split(between or r"\s+", first)]
            named = not all(map(_is_number, names))
            if not named:
                file.seek(0)
            values = np.loadtxt(
                file, np.float32, comments=None, delimiter=between, ndmin=2, quotechar='"'
            )
    except UnicodeDecodeError:
        raise StudioError(f'"{path}" is not text: a table of numbers was expected.') from None
    except OSError as error:
        raise StudioError(f'"{path}" cannot be read: {reason(error)}.') from None
    except ValueError as error:
        raise StudioError(
            f'"{path}" is not a table of numbers: {str(error).rstrip(".").splitlines()[0]}.'
        ) from None
    if not values.size:
        raise StudioError(f'"{path}" holds no numbers.')
    return Table(tuple(names) if named else (), values)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
