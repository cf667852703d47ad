"""A moment of a generation tells of the picture that is chosen, of its attempts and of its next
site."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.zoo import conditions, small


def test_of_a_chosen_picture_a_moment_tells_what_is_its_own() -> None:
    model = small("pixelcnn", levels=4)
    generation = Generation(model, SamplingOptions(count=3))
    generation.step(20)
    seen, mean = (generation.snapshot(None, False, 0.0, chosen) for chosen in (2, None))
    assert (seen.shown, mean.shown) == (2, 0)
    np.testing.assert_array_equal(seen.probabilities, generation.next_probabilities(2))
    np.testing.assert_array_equal(seen.entropies, generation.entropies[2])
    assert seen.nats_so_far == pytest.approx(generation.nats[2].sum(), rel=1e-5)
    assert mean.nats_so_far == pytest.approx(generation.nats.sum(1).mean(), rel=1e-5)
    assert generation.snapshot(None, False, 0.0, 3).chosen is None, "it is gone"


@torch.inference_mode()
def test_it_says_how_particles_fare_and_how_probable_they_find_what_is_given(model):
    known = np.zeros((7, 6), bool)
    known[[0, 3]] = True
    evidence = Evidence(np.ones((1, 7, 6), np.uint8), known)
    generation = Generation(model, SamplingOptions(count=2, particles=20), evidence)
    at_first = generation.snapshot(None, False, 0.0, 1)
    assert (at_first.method, at_first.why[:7]) == ("smc", "Some of")
    x = torch.ones(1, 1, 7, 6, dtype=torch.long)
    row = float(model.likelihood.log_prob(model.conditionals(x), model.sites(x))[0, :6].sum())
    assert at_first.particles is not None
    assert (at_first.particles.count, at_first.particles.effective) == (20, 20)
    assert at_first.particles.log2_evidence == pytest.approx(row / np.log(2), rel=1e-4)
    generation.step(30)
    for chosen in (0, 1):
        now = generation.snapshot(None, False, 0.0, chosen).particles
        assert now is not None
        assert 1 <= now.effective < 20
        assert now.log2_evidence is not None
        assert now.log2_evidence < row / np.log(2) - 3
        assert (generation.effective() or [])[chosen] == now.effective
    generation.set_options(SamplingOptions(count=2, particles=20, temperature=0.7))
    cold = generation.snapshot(None, False, 0.0).particles
    assert cold is not None
    assert cold.log2_evidence is None, "what is drawn is no sample of the model"


def test_a_snapshot_supposes_what_it_is_asked_to() -> None:
    model = small("pixelcnn-plus-plus", (3, 3, 3), levels=8)
    generation = Generation(model)
    shown = generation.snapshot(None, False, 0.0, supposed=(7, None, None))
    assert shown.upcoming is not None
    assert shown.upcoming.supposed == (7, None, None)
    assert shown.upcoming.components is not None
    assert generation.snapshot(None, True, 0.0, hurried=True).upcoming.components is None  # type: ignore[union-attr]
    params = model.conditionals(torch.zeros(1, 3, 3, 3, dtype=torch.long), conditions(model, 1))
    values = torch.tensor(shown.upcoming.value)
    expected = model.likelihood.probabilities(params[0, 0], values=values)
    np.testing.assert_allclose(shown.upcoming.sampled, expected, atol=1e-5)
