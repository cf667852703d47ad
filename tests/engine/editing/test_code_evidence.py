"""What is given in pixels, as it is given in codes."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch

from models.interface import TwoStageModel
from studio.engine.editing.code_evidence import as_codes
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small


@pytest.fixture
def model() -> TwoStageModel:
    """Of 3 x 4 codes, each for 4 x 4 pixels."""
    found = small("vq-prior", (1, 3, 4), levels=16)
    assert isinstance(found, TwoStageModel)
    return found


def given(rows: slice, columns: slice = slice(None)) -> Evidence:
    values = np.random.default_rng(0).integers(0, 256, (3, 12, 16), dtype=np.uint8)
    known = np.zeros((12, 16), bool)
    known[rows, columns] = True
    return Evidence(values, known)


def test_what_is_given_whole_is_kept_as_its_codes(model: TwoStageModel) -> None:
    found = as_codes(given(slice(0, 8)), model)
    assert found.known.tolist() == [[True] * 4, [True] * 4, [False] * 4]
    assert found.values.shape == (1, 3, 4)
    assert found.values.dtype == np.uint8
    assert not found.values[:, ~found.known].any()
    checked_evidence(found.values, found.known, model)
    whole = as_codes(given(slice(None)), model)
    codes = model.encode(torch.from_numpy(given(slice(None)).values)[None])
    assert np.array_equal(whole.values, codes[0].numpy())


def test_pixels_of_patches_that_are_not_given_whole_are_counted_in_a_warning(
    model: TwoStageModel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        as_codes(given(slice(0, 6)), model)
    assert caplog.messages == [
        "32 of the 96 given pixels are not seen: their patches of 4 x 4 are not given whole."
    ]


def test_where_no_patch_is_given_whole_it_says_so(model: TwoStageModel) -> None:
    with pytest.raises(StudioError, match="A code stands for 4 x 4 pixels"):
        as_codes(given(slice(1, 4)), model)


def test_where_nothing_is_given_nothing_is_kept(model: TwoStageModel) -> None:
    assert not as_codes(given(slice(0, 0)), model).known.any()
