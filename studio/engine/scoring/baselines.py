"""What trivial models need for sound, so that the bits of a real one say something."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.companding import LEVELS
from studio.engine.data.audio_data import AudioData

# as many samples are taken to have been seen after each code as the unigram has it; see `baselines`
_BELIEF = 100.0


def baselines(data: AudioData) -> dict[str, float]:
    """What trivial models need for the held-out part, in bits a sample: `uniform`, which knows
    nothing; `unigram`, how often each code comes in the training part; `previous_sample`, how often
    after which other.

    Counts are smoothed: the unigram's by one, those after a code as if the unigram had been seen
    there `_BELIEF` times.
    """
    pairs = torch.zeros(LEVELS * LEVELS)
    singles = torch.ones(LEVELS)
    for codes in data.train.codes:
        singles += codes.bincount(minlength=LEVELS)
        pairs += _pairs(codes).bincount(minlength=LEVELS * LEVELS)
    unigram = singles.double() / singles.sum()
    counts = pairs.double().view(LEVELS, LEVELS) + _BELIEF * unigram
    bigram = counts / counts.sum(1, keepdim=True)
    single_bits, pair_bits = -unigram.log2(), -bigram.flatten().log2()
    alone = sum(float(single_bits[codes.int()].sum()) for codes in data.test.codes)
    after = sum(
        float(pair_bits[_pairs(codes)].sum() + single_bits[codes[:1].int()].sum())
        for codes in data.test.codes
    )
    return {
        "uniform": math.log2(LEVELS),
        "unigram": alone / data.test.samples,
        "previous_sample": after / data.test.samples,
    }


def _pairs(codes: Tensor) -> Tensor:
    """Each code but the first with the one before it, as one number, (T - 1,)."""
    return codes[:-1].int() * LEVELS + codes[1:].int()
