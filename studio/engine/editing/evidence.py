"""`Evidence`: what the person gives a model to finish, values and where they are known. Free of
torch; `studio.engine.editing.painting` edits it, `evidence_files` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import DataSpec, Model


@dataclass(frozen=True, eq=False)
class Evidence:
    """values: uint8 (C, H, W), levels.
    known: bool (H, W), True where they are given."""

    values: NDArray[np.uint8]
    known: NDArray[np.bool_]

    def copy(self) -> Evidence:
        """One that no edit of these arrays reaches."""
        return Evidence(self.values.copy(), self.known.copy())


def checked_evidence(values: NDArray[Any], known: NDArray[Any], model: Model) -> Evidence:
    """A copy of its own, as the model reads it; StudioError, one sentence, where it does not fit.

    To a model of codes one gives pixels of the pictures that they stand for, or codes: of pixels, a
    code is known where its whole patch is.
    """
    values, known = np.asarray(values), np.asarray(known)
    if model.pictures is model.spec or values.shape == model.spec.shape:
        return _checked(values, known, model.spec)
    return _coded(_checked(values, known, model.pictures), model)


def _checked(values: NDArray[Any], known: NDArray[Any], spec: DataSpec) -> Evidence:
    channels, (height, width), levels = spec.channels, spec.space, spec.levels
    values, known = np.asarray(values), np.asarray(known)
    if values.shape != (channels, height, width):
        raise StudioError(
            f"The picture has the shape {values.shape}, and the model draws"
            f" {(channels, height, width)}."
        )
    if known.shape != (height, width):
        raise StudioError(
            f"The mask has the shape {known.shape}, and the model draws {(height, width)}."
        )
    if values.dtype.kind not in "iub" or known.dtype.kind not in "iub":
        raise StudioError("A picture must hold whole numbers, and its mask true or false.")
    known = known.astype(bool)
    given = values[:, known]
    if given.size and not 0 <= int(given.min()) <= int(given.max()) < levels:
        wrong = int(given.min()) if given.min() < 0 else int(given.max())
        raise StudioError(
            f"The picture has a level {wrong}, and the model's go from 0 to {levels - 1}."
        )
    return Evidence(np.where(known, values, 0).astype(np.uint8), known)


def _coded(given: Evidence, model: Model) -> Evidence:
    """Pixels as codes."""
    import torch

    from models.interface import TwoStageModel

    assert isinstance(model, TwoStageModel)
    picture, mask = (torch.from_numpy(each)[None] for each in (given.values, given.known))
    with torch.inference_mode():
        codes, there = model.codes_of(picture.to(model.device), mask)
    known = there[0, 0].cpu().numpy()
    return Evidence(np.where(known, codes[0].cpu().numpy(), 0).astype(np.uint8), known)
