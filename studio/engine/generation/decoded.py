"""What a model of two stages draws, as it is shown: the codes that are there so far as the pictures
they stand for. See `models.interface.TwoStageModel`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from models.interface import Model, TwoStageModel
from studio.engine.editing.patches import in_pixels
from studio.engine.generation.decoding import pictures_of
from studio.engine.generation.exporting import ARRAYS, Frame


def shown_in(path: Path, model: Model) -> tuple[Callable[[Frame], Frame], int]:
    """How moments of a drawing are written into a file, and the levels of their values: as they
    are, but of a model of two stages as the pictures that its codes stand for, unless it is a file
    of arrays: that keeps the codes."""
    if isinstance(model, TwoStageModel) and path.suffix.lower() not in ARRAYS:
        return functools.partial(decoded, model), model.pictures.levels
    return lambda frame: frame, model.spec.levels


def decoded(model: TwoStageModel, frame: Frame) -> Frame:
    """A moment of codes as one of the pictures that they stand for, hatched where a code is not
    there yet."""
    cursor = None
    if frame.cursor is not None:
        (row, column), (rows, columns) = frame.cursor, model.patch
        cursor = row * rows, column * columns
    return Frame(
        values=pictures_of(model, frame.values, frame.known),
        known=in_pixels(frame.known, model.patch),
        cursor=cursor,
        settled=None if frame.settled is None else in_pixels(frame.settled, model.patch),
        patch=model.patch,
    )
