"""Many small pictures on one sheet, as data sets that ship are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def tiles(sheet: NDArray[np.uint8], side: int, count: int) -> NDArray[np.uint8]:
    """The first squares of a sheet on which they lie row by row, without gaps: uint8 (count,
    channels, side, side), of a sheet (H, W) or (H, W, channels).

    ValueError where the sheet has not so many.
    """
    rows, columns = (size // side for size in sheet.shape[:2])
    if rows * columns < count:
        raise ValueError(f"a sheet of {rows} x {columns} tiles has no {count} of them")
    whole = sheet[: rows * side, : columns * side]
    found = whole.reshape(rows, side, columns, side, -1).transpose(0, 2, 4, 1, 3)
    return np.ascontiguousarray(found.reshape(rows * columns, -1, side, side)[:count])
