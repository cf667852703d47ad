"""Windows of recordings: every sample counts once, and
is predicted as it would be in the whole recording."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import models
from models.companding import mu_law_decode
from models.wavenet_audio import WaveNet
from studio.engine.data.audio_data import Sounds
from studio.engine.data.audio_windows import Windows
from studio.engine.media.mel import MelSpec, log_mel

LENGTHS = (10, 430, 431, 432, 3000)


def sounds(labels: list[int] | None = None) -> Sounds:
    draws = torch.Generator().manual_seed(0)
    codes = tuple(
        torch.randint(256, (length,), dtype=torch.uint8, generator=draws) for length in LENGTHS
    )
    return Sounds(codes, tuple("abcde"), None if labels is None else torch.tensor(labels))


def small(name: str, **overrides: Any) -> WaveNet:
    torch.manual_seed(0)
    model = models.build(name, width=8, skip=8, dilations=(1, 2, 4, 8) * 2, **overrides).eval()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)  # a condition says nothing, at first
    assert isinstance(model, WaveNet)
    return model


def cut(model: WaveNet, some: Sounds) -> Windows:
    return Windows(some, model, 0.05, torch.device("cpu"))


@pytest.mark.parametrize("name", ["wavenet", "wavenet-mel"])
@torch.inference_mode()
def test_scored_in_windows_a_recording_has_the_likelihood_that_it_has_in_one_piece(name):
    model, some = small(name), sounds()
    windows = cut(model, some)
    assert len(windows) > len(LENGTHS)
    x, condition, known = windows.of(torch.arange(len(windows)))
    assert known is not None
    nats = (
        -model.likelihood.log_prob(model.conditionals(x, condition), model.sites(x))
        .masked_fill(known, 0)
        .sum(1)
    )
    for row, codes in enumerate(some.codes):
        given = None
        if name == "wavenet-mel":
            given = torch.from_numpy(log_mel(mu_law_decode(codes).numpy(), MelSpec())).T[None]
        whole = -model.log_prob(codes[None, None], given)
        torch.testing.assert_close(
            nats[windows.recording == row].sum(0, keepdim=True), whole, rtol=1e-5, atol=1e-3
        )


def test_every_sample_counts_once():
    windows = cut(small("wavenet"), sounds())
    _, _, known = windows.of(torch.arange(len(windows)))
    assert known is not None
    assert torch.equal((~known).sum(1), windows.counts)
    assert [int(windows.counts[windows.recording == row].sum()) for row in range(5)] == list(
        LENGTHS
    )


def test_a_window_that_begins_a_recording_needs_no_context():
    windows = cut(small("wavenet"), sounds())
    assert windows.length == 31 + 400
    assert torch.bincount(windows.recording).tolist() == [1, 1, 1, 2, 8]


def test_windows_have_the_label_of_their_recording():
    windows = cut(small("wavenet", classes=3), sounds([2, 0, -1, 1, 0]))
    _, labels, _ = windows.of(torch.arange(len(windows)))
    assert labels is not None
    assert labels.tolist() == [2, 0, -1, 1, 1, *[0] * 8]


def test_a_model_without_a_condition_is_given_no_labels():
    assert cut(small("wavenet"), sounds([0] * 5)).of(torch.tensor([0]))[1] is None


def test_whole_windows_are_all_of_one_length_and_count_the_same():
    windows = cut(small("wavenet"), sounds())
    lengths = set()
    for row in range(len(windows)):
        x, _, known = windows.of(torch.tensor([row]), whole=True)
        assert known is not None
        lengths.add(x.shape[2])
        assert int((~known).sum()) == windows.counts[row]
    assert len(lengths) == 1
