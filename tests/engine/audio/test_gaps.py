"""A gap is filled by takes whose weights are the model's posterior; nothing else is touched."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

import models
from models.companding import mu_law_encode
from models.layers.dilated import DilatedLayer
from models.wavenet_audio import WaveNet
from studio.engine.audio import gaps
from studio.engine.audio.gaps import Beam, Filling
from studio.engine.audio.rendering import Rendering
from studio.engine.editing.gap import Gap
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Cancelled
from tests.engine.speaking import lively
from tests.models.zoo import small

GAP = Gap(20, 23)  # 64 ways to fill it with 4 levels


@pytest.fixture
def model() -> WaveNet:
    return lively(width=4, skip=4, dilations=(1, 2, 4), sample_rate=1000)


@pytest.fixture
def few_levels() -> WaveNet:
    """What comes after a gap depends much on what lies in it."""
    model = lively(width=8, skip=8, dilations=(1, 2, 4), sample_rate=1000, levels=4)
    for layer in model.layers:
        assert isinstance(layer, DilatedLayer)
        layer.taps.weight.data *= 8
    model.out.bias.data.zero_()
    return model


def recording(levels: int = 256, samples: int = 60) -> np.ndarray:
    return np.random.default_rng(3).integers(0, levels, samples).astype(np.uint8)


def posterior(model: WaveNet, codes: np.ndarray, evidence: int) -> dict[bytes, float]:
    """The probability of each way to fill the gap together with the evidence after it, by trying
    them all."""
    ways = np.array([*itertools.product(range(4), repeat=GAP.length)], np.uint8)
    every = np.repeat(codes[None], len(ways), 0)
    every[:, GAP.begin : GAP.end] = ways
    x = torch.from_numpy(every).long()[:, None]
    each = model.likelihood.log_prob(model.conditionals(x), x.transpose(1, 2))
    total = each[:, GAP.begin : GAP.end + evidence].double().sum(1).exp().tolist()
    return dict(zip([way.tobytes() for way in ways], total, strict=True))


def test_the_weights_of_the_takes_are_the_posterior(
    few_levels: WaveNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    # four levels as far apart as they can be, so that the look-ahead makes a difference
    monkeypatch.setattr(gaps, "mu_law_decode", lambda c: (c / 1.5 - 1).astype(np.float32))
    monkeypatch.setattr(gaps, "_TRUST", 1.0)
    codes = recording(levels=4, samples=30)
    meant = posterior(few_levels, codes, evidence=7)
    runs = 120
    estimates = {way: np.zeros(runs) for way in meant}
    for seed in range(runs):
        filling = Beam(few_levels, codes, GAP, 8, SamplingOptions(seed=seed)).run()
        for take, weight in zip(filling.takes, filling.weights, strict=True):
            estimates[take.tobytes()][seed] = weight * np.exp(filling.log_evidence)
    # the estimates of the evidence's probability, and of each way's share in it, are unbiased
    evidence = np.sum([*estimates.values()], 0)
    error = evidence.std() / np.sqrt(runs)
    assert abs(evidence.mean() - sum(meant.values())) < 3 * error
    scores = [
        (estimates[way].mean() - meant[way]) / (estimates[way].std() / np.sqrt(runs))
        for way in meant
        if estimates[way].any()
    ]
    assert len(scores) > 40
    assert np.square(scores).mean() < 1.5, "chi-square over its degrees of freedom"


def test_takes_that_are_drawn_anew_are_looked_ahead_from_as_what_they_were(model: WaveNet) -> None:
    beam = Beam(model, recording(), GAP, 4)
    one, other = (gaps._Ahead(beam) for _ in range(2))
    probabilities = torch.rand(4, 256, generator=torch.Generator().manual_seed(0))
    rows = torch.tensor([2, 2, 0, 1])
    for ahead in (one, other):
        ahead.twisted(0, probabilities)
        ahead.commit(torch.tensor([10, 100, 150, 250]))
    other.select(rows)
    found, meant = other.twisted(1, probabilities[rows]), one.twisted(1, probabilities)
    for each, before in zip(found, meant, strict=True):
        torch.testing.assert_close(each, before[rows])


def test_the_evidence_makes_a_difference_to_what_is_probable(few_levels: WaveNet) -> None:
    codes = recording(levels=4, samples=30)
    with_evidence = posterior(few_levels, codes, evidence=7)
    without = posterior(few_levels, codes, evidence=0)
    shares = [np.array([*p.values()]) / sum(p.values()) for p in (with_evidence, without)]
    assert np.abs(shares[0] - shares[1]).sum() > 0.4


@pytest.mark.parametrize("begin", [0, 1, 20, 57])
def test_all_outside_the_gap_is_the_recording(model: WaveNet, begin: int) -> None:
    codes = recording()
    gap = Gap(begin, begin + 3)
    filled = Beam(model, codes, gap, 8).run().filled(codes, 4)
    outside = np.ones(len(codes), bool)
    outside[gap.begin : gap.end] = False
    assert len(filled) == 4
    assert (filled[:, outside] == codes[outside]).all()
    assert len(np.unique(filled, axis=0)) == 4


def test_what_lies_in_the_gap_is_not_looked_at(model: WaveNet) -> None:
    codes, other = recording(), recording()
    other[GAP.begin : GAP.end] = 0
    one, two = (Beam(model, given, GAP, 8).run() for given in (codes, other))
    assert np.array_equal(one.takes, two.takes)
    assert np.array_equal(one.weights, two.weights)


def test_the_same_seed_fills_it_the_same_and_another_one_otherwise(model: WaveNet) -> None:
    def fill(seed: int) -> Filling:
        return Beam(model, recording(), Gap(20, 32), 16, SamplingOptions(seed=seed)).run()

    one, again, other = fill(1), fill(1), fill(2)
    assert np.array_equal(one.takes, again.takes)
    assert np.array_equal(one.weights, again.weights)
    assert not np.array_equal(one.takes, other.takes)


def test_the_takes_come_heaviest_first_with_what_the_model_says_of_the_evidence(
    model: WaveNet,
) -> None:
    tone = (0.5 * np.sin(np.arange(60) / 3)).astype(np.float32)
    codes, gap = mu_law_encode(tone), Gap(20, 44)
    filling = Beam(model, codes, gap, 16).run()
    beginnings = np.unique(filling.takes[:, :8], axis=0)
    assert len(beginnings) < len(filling.takes), "some were drawn anew"
    assert filling.evidence == len(codes) - gap.end
    assert (np.diff(filling.weights) <= 0).all()
    assert filling.weights.sum() == pytest.approx(1)
    assert 1 <= filling.effective <= 16
    x = torch.from_numpy(filling.filled(codes, 16)).long()[:, None]
    each = model.likelihood.log_prob(model.conditionals(x), x.transpose(1, 2))
    np.testing.assert_allclose(filling.explained, each[:, gap.end :].mean(1), atol=1e-4)


def test_only_the_next_50_ms_are_scored() -> None:
    model = lively(width=4, skip=4, dilations=(1, 2), sample_rate=1000)
    codes = recording(samples=200)
    near, far = codes.copy(), codes.copy()
    near[GAP.end + 49] = 255 - near[GAP.end + 49]
    far[GAP.end + 50 :] = 0
    here, changed, same = (Beam(model, given, GAP, 8).run() for given in (codes, near, far))
    assert here.evidence == 50
    assert np.array_equal(here.explained, same.explained)
    assert not np.array_equal(here.explained, changed.explained)


def test_where_nothing_comes_after_it_the_takes_are_plain_continuations(model: WaveNet) -> None:
    codes = recording()
    options = SamplingOptions(seed=5, count=8)
    filling = Beam(model, codes, Gap(50, 60), 8, options).run()
    plain = Rendering(model, options, codes[:50])
    plain.run(10)
    assert {take.tobytes() for take in filling.takes} == {
        take.tobytes() for take in plain.codes[:, 50:]
    }
    np.testing.assert_allclose(filling.weights, 1 / 8, rtol=1e-6)
    assert filling.evidence == 0
    assert filling.log_evidence == pytest.approx(0, abs=1e-5)


def test_the_class_and_the_temperature_count() -> None:
    model = lively(width=4, skip=4, dilations=(1, 2), sample_rate=1000, classes=2)
    options = [
        SamplingOptions(condition=0),
        SamplingOptions(condition=1),
        SamplingOptions(condition=0, temperature=0.0),
    ]
    found = [Beam(model, recording(), GAP, 8, each).run().takes for each in options]
    assert not np.array_equal(found[0], found[1])
    assert len(found[2]) == 1, "there is one most probable way"


def test_what_watches_it_can_end_it(model: WaveNet) -> None:
    shares: list[float] = []

    def watch(share: float) -> None:
        shares.append(share)
        if len(shares) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        Beam(model, recording(), Gap(20, 40), 8).run(watch)
    assert shares == sorted(shares)
    assert 0 < shares[-1] < 1


def test_what_it_takes_is_estimated_first(model: WaveNet, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (Beam(model, recording(), Gap(20, 40), takes) for takes in (8, 800))
    assert 0 < few.estimate().seconds < 60
    assert few.estimate().size < many.estimate().size
    few.check_room()
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1000)
    with pytest.raises(memory.TooLargeError, match=r"800 takes .* Choose fewer takes\."):
        many.check_room()


def test_a_model_that_cannot_fill_a_gap_says_so(model: WaveNet) -> None:
    codes = recording()
    with pytest.raises(StudioError, match="for pictures"):
        Beam(small("pixelcnn"), codes, GAP)
    vocoder = models.build("wavenet-mel", hop=10, upsampling=(5, 2), mels=6)
    with pytest.raises(StudioError, match="choose another model"):
        Beam(vocoder, codes, GAP)
    for takes in (0, 1025):
        with pytest.raises(StudioError, match="by 1 to 1024 takes"):
            Beam(model, codes, GAP, takes)
    with pytest.raises(StudioError, match=r"lasts 0\.060 s"):
        Beam(model, codes, Gap(55, 61))
