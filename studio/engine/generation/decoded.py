"""What a model of two stages draws, as it is shown: the codes that are there so far as the pictures
they stand for. See `models.interface.TwoStageModel`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.interface import Model, TwoStageModel
from studio.engine.generation.exporting import ARRAYS, Frame

_AT_ONCE = 64  # pictures


def shown_in(path: Path, model: Model) -> tuple[Callable[[Frame], Frame], int]:
    """How moments of a drawing are written into a file, and the levels of their values: as they
    are, but of a model of two stages as the pictures that its codes stand for, unless it is a file
    of arrays: that keeps the codes."""
    if isinstance(model, TwoStageModel) and path.suffix.lower() not in ARRAYS:
        return functools.partial(decoded, model), model.pictures.levels
    return lambda frame: frame, model.spec.levels


@torch.inference_mode()
def decoded(model: TwoStageModel, frame: Frame) -> Frame:
    """A moment of codes as one of the pictures that they stand for, hatched where a code is not
    there yet."""
    known = torch.from_numpy(frame.known)[None, None].to(model.device)
    codes = torch.from_numpy(frame.values).to(model.device)
    pictures = [model.decode(some, known).to("cpu", torch.uint8) for some in codes.split(_AT_ONCE)]
    cursor = None
    if frame.cursor is not None:
        (row, column), (rows, columns) = frame.cursor, model.patch
        cursor = row * rows, column * columns
    return Frame(
        values=torch.cat(pictures).numpy(),
        known=of_pixels(frame.known, model),
        cursor=cursor,
        settled=None if frame.settled is None else of_pixels(frame.settled, model),
        patch=model.patch,
    )


def of_pixels(codes: NDArray[np.bool_], model: TwoStageModel) -> NDArray[np.bool_]:
    """What holds of codes, (..., h, w), of the pixels that they stand for: (..., H, W)."""
    rows, columns = model.patch
    return codes.repeat(rows, -2).repeat(columns, -1)
