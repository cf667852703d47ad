"""Bounds on the probability of what is given contain it, and where it is known they are one."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.bounds import (
    Bounds,
    bounds_of,
    evidence_bounds,
    in_words,
    refined,
)
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.engine.enumeration import SITES, SPACE, Enumerated, misfit, nine_pixels
from tests.models.zoo import small

KNOWN = torch.isin(torch.arange(SITES), torch.tensor([2, 4, 7]))
VALUES = torch.tensor([[0, 0, 1, 0, 1, 0, 0, 0, 0]])


@pytest.fixture(scope="module")
def model() -> AutoregressiveModel:
    return nine_pixels()


@pytest.fixture(scope="module")
def world(model: AutoregressiveModel) -> Enumerated:
    return Enumerated(model)


def evidence(known: Tensor = KNOWN, values: Tensor = VALUES) -> Evidence:
    return Evidence(values.view(1, *SPACE).numpy().astype(np.uint8), known.view(SPACE).numpy())


def test_both_sides_hold_on_average_beside_samples_of_the_model(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    truth, count = world.log_evidence(VALUES, KNOWN), 3000
    found = evidence_bounds(
        model,
        VALUES.expand(count, -1, -1),
        KNOWN,
        4,
        torch.Generator().manual_seed(0),
        world.samples(VALUES, KNOWN, count),
    )
    assert not found.exact
    assert found.lower.mean() < truth < found.upper.mean()
    inverse = (truth - found.upper.double()).exp()  # an estimate of 1 / p, beside 1 / p
    assert inverse.std() > 0.05
    assert abs(inverse.mean() - 1) < 3 * inverse.std() / count**0.5
    lower, upper = found.together
    assert truth - 0.05 < lower < upper + 0.05
    assert upper < truth + 0.05, "many runs together say it closely"


def test_more_particles_bring_the_two_sides_together(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    def gap(particles: int) -> float:
        retained = world.samples(VALUES, KNOWN, 300)
        given = VALUES.expand(300, -1, -1)
        noise = torch.Generator().manual_seed(1)
        found = evidence_bounds(model, given, KNOWN, particles, noise, retained)
        return float((found.upper - found.lower).mean())

    assert 0 < gap(64) < gap(2) / 4


def test_without_samples_of_the_model_refined_pictures_come_close(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    given, noise = VALUES.expand(2000, -1, -1), torch.Generator().manual_seed(0)
    pictures = refined(model, given, KNOWN, 8, noise, sweeps=6)
    assert misfit(pictures, world.conditional(VALUES, KNOWN)) < 3


def test_what_a_person_gives_is_bounded_in_bits_and_in_words(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    options = SamplingOptions(count=16, particles=64, temperature=0.3, seed=4)
    found = bounds_of(model, evidence(), options)
    truth = world.log_evidence(VALUES, KNOWN) / math.log(2)
    lower, upper = found.bits
    assert lower - 0.1 < truth < upper + 0.1, "the model's own, at whatever temperature one draws"
    figures, when = in_words(found, model, options)
    assert f"at least {lower:.2f} bits, at most {upper:.2f} bits" in figures
    assert "4 sweeps" in when
    again = bounds_of(model, evidence(), options)
    assert torch.equal(again.upper, found.upper), "the seed decides"


@pytest.mark.parametrize("given", [(0, 1, 2), tuple(range(SITES))])
def test_where_what_is_given_comes_first_in_the_order_it_is_one_figure(
    model: AutoregressiveModel, world: Enumerated, given: tuple[int, ...]
) -> None:
    known = torch.isin(torch.arange(SITES), torch.tensor(given))
    found = bounds_of(model, evidence(known), SamplingOptions(count=3))
    assert found.exact
    assert found.together == pytest.approx([world.log_evidence(VALUES, known)] * 2, abs=1e-4)
    assert len(in_words(found, model, SamplingOptions())) == 1
    assert "exactly" in in_words(found, model, SamplingOptions())[0]


def test_of_a_model_of_any_order_it_is_one_figure_for_the_order_asked_for() -> None:
    model = nine_pixels("made-any-order", 1.5, hidden=16)
    order = torch.tensor([7, 4, 2, 8, 6, 5, 3, 1, 0])
    world = Enumerated(model, order=order)
    options = SamplingOptions(order=tuple(range(SITES - 1, -1, -1)))
    found = bounds_of(model, evidence(), options)
    assert found.exact
    assert found.together[0] == pytest.approx(world.log_evidence(VALUES, KNOWN), abs=1e-4)


def test_an_order_of_another_picture_is_refused() -> None:
    model = nine_pixels("made-any-order", 1.5, hidden=16)
    with pytest.raises(StudioError, match="each of the 9 pixels exactly once"):
        bounds_of(model, evidence(), SamplingOptions(order=(3, 1)))


def test_nothing_given_is_certain(model: AutoregressiveModel) -> None:
    nothing = torch.zeros(SITES, dtype=torch.bool)
    for given in (None, evidence(nothing)):
        assert bounds_of(model, given, SamplingOptions()).bits == (0, 0)


def test_a_model_that_is_conditioned_on_what_is_given_has_no_probability_of_it() -> None:
    model = small("gated-pixelcnn-map", (1, *SPACE))
    with pytest.raises(StudioError, match="gives it no probability"):
        bounds_of(model, evidence(), SamplingOptions())


def test_runs_are_put_together_by_the_mean_of_their_estimates() -> None:
    bounds = Bounds(torch.tensor([0.2, 0.4]).log(), torch.tensor([0.5, 0.25]).log())
    assert bounds.together == pytest.approx((math.log(0.3), -math.log(3.0)))


def test_what_is_impossible_is_said_in_a_word_and_not_as_infinity() -> None:
    nothing = torch.full((1,), -math.inf)
    (said,) = in_words(Bounds(nothing, nothing, exact=True), small("made"), SamplingOptions())
    assert said == "made finds what is given impossible: it gives it the probability 0."
