"""Evidence fits the model, or is refused in a sentence, and is nobody else's array."""

from __future__ import annotations

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.runtime.errors import StudioError
from tests.coded_models import LEVELS, PIXELS, SIDE, shades
from tests.models.zoo import small


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", levels=4)  # of (1, 7, 6)


@pytest.mark.parametrize(
    ("values", "known", "sentence"),
    [
        (np.zeros((1, 6, 7), int), np.ones((7, 6), bool), r"picture has the shape \(1, 6, 7\)"),
        (np.zeros((1, 7, 6), int), np.ones((6, 7), bool), r"mask has the shape \(6, 7\)"),
        (np.full((1, 7, 6), 4), np.ones((7, 6), bool), "a level 4, and the model's go from 0 to 3"),
        (np.full((1, 7, 6), -1), np.ones((7, 6), bool), "a level -1"),
        (np.zeros((1, 7, 6), float), np.ones((7, 6), bool), "must hold whole numbers"),
    ],
)
def test_evidence_that_does_not_fit_is_refused_in_a_sentence(model, values, known, sentence):
    with pytest.raises(StudioError, match=sentence):
        checked_evidence(values, known, model)


def test_what_is_not_given_may_be_anything_and_becomes_0(model):
    """A picture is 255 where the mask leaves it open."""
    values, known = np.full((1, 7, 6), 255), np.zeros((7, 6), bool)
    values[0, 2], known[2] = 3, True
    evidence = checked_evidence(values, known, model)
    assert evidence.values.dtype == np.uint8
    assert (evidence.values[0, 2] == 3).all()
    assert evidence.values.sum() == 6 * 3


def test_a_mask_of_numbers_says_the_same_as_one_of_truth_values(model):
    evidence = checked_evidence(np.zeros((1, 7, 6), int), np.eye(7, 6, dtype=int), model)
    assert evidence.known.dtype == bool
    assert evidence.known.sum() == 6


def test_no_edit_of_the_persons_arrays_reaches_what_was_checked_or_copied(model):
    values, known = np.ones((1, 7, 6), np.uint8), np.ones((7, 6), bool)
    ones = [checked_evidence(values, known, model), Evidence(values, known).copy()]
    values[:], known[:] = 0, False
    for evidence in ones:
        assert evidence.values.all()
        assert evidence.known.all()


def test_pixels_become_the_codes_of_whole_patches():
    model, known = shades(), np.zeros((PIXELS, PIXELS), bool)
    known[:2, :3] = True
    given = checked_evidence(np.full((1, PIXELS, PIXELS), 1), known, model)
    assert np.argwhere(given.known).tolist() == [[0, 0]]
    assert given.values[0, 0, 0] == LEVELS - 1 - 1
    assert given.values.sum() == given.values[0, 0, 0], "nothing where nothing is known"


def test_codes_are_taken_as_they_are():
    codes = np.arange(SIDE * SIDE).reshape(1, SIDE, SIDE) % LEVELS
    given = checked_evidence(codes, np.ones((SIDE, SIDE), bool), shades())
    np.testing.assert_array_equal(given.values, codes)


def test_what_is_no_picture_of_a_model_of_codes_is_refused_by_the_size_of_its_pictures():
    with pytest.raises(StudioError, match=r"the model draws \(1, 8, 8\)"):
        checked_evidence(np.zeros((1, 6, 6), int), np.zeros((6, 6), bool), shades())
