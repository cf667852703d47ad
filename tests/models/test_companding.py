"""mu-law: codes survive the way there and back, silence is 128,
and quiet sound is kept finer than loud."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.companding import LEVELS, SILENCE, mu_law_decode, mu_law_encode

CODES = torch.arange(LEVELS, dtype=torch.uint8)


def test_codes_decoded_and_encoded_are_the_same_codes():
    assert torch.equal(mu_law_encode(mu_law_decode(CODES)), CODES)


def test_silence_has_a_code_and_is_nearly_silent():
    assert mu_law_encode(torch.zeros(3)).tolist() == [SILENCE] * 3
    assert mu_law_decode(torch.tensor([SILENCE])).abs() < 1e-4


def test_the_ends_are_the_loudest_and_what_is_louder_is_clipped():
    assert mu_law_encode(torch.tensor([-7.0, -1.0, 1.0, 7.0])).tolist() == [0, 0, 255, 255]
    assert mu_law_decode(torch.tensor([0, 255])).tolist() == pytest.approx([-1.0, 1.0])


def test_the_curve_is_the_papers():
    x = torch.linspace(-1, 1, 4001, dtype=torch.float64)
    compressed = x.sign() * (1 + 255 * x.abs()).log() / np.log(256)
    nearest = (compressed + 1) / 2 * 255
    assert (mu_law_encode(x).double() - nearest).abs().max() <= 0.5 + 1e-4


def test_the_error_is_in_proportion_to_the_sound_and_tiny_where_it_is_quiet():
    x = torch.linspace(-1, 1, 10_001)
    error = (mu_law_decode(mu_law_encode(x)) - x).abs()
    assert (
        error <= np.log(256) / 255 * (x.abs() + 1 / 255) * 1.03
    ).all()  # half a level, by the slope of the curve


def test_arrays_come_back_as_arrays():
    samples = np.sin(np.arange(100.0))[::-1]
    codes = mu_law_encode(samples)
    assert isinstance(codes, np.ndarray)
    assert codes.dtype == np.uint8
    assert codes.tolist() == mu_law_encode(torch.from_numpy(samples.copy())).tolist()
    assert mu_law_decode(codes.astype(np.int64)).dtype == np.float32
