"""What a person gives of a picture, as what a model of two stages is given: the codes of all
patches that are given whole; see `models.interface.TwoStageModel.codes_of`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import TwoStageModel

_log = logging.getLogger(__name__)


def as_codes(evidence: Evidence, model: TwoStageModel) -> Evidence:
    """Evidence in pixels, (C, H, W) and (H, W), as evidence in codes, (1, h, w) and (h, w). What
    lies in patches that are not given whole is left out, and counted in a warning; StudioError
    where that is all that is given."""
    codes = checked_evidence(evidence.values, evidence.known, model)
    rows, columns = model.patch
    given, seen = int(evidence.known.sum()), int(codes.known.sum()) * rows * columns
    if given and not seen:
        raise StudioError(
            f"A code stands for {rows} x {columns} pixels, and no such patch is given whole: give a"
            " larger part of the picture."
        )
    if seen < given:
        _log.warning(
            "%d of the %d given pixels are not seen: their patches of %d x %d are not given whole.",
            given - seen,
            given,
            rows,
            columns,
        )
    return codes
