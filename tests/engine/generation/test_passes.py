"""Several sites from one pass, and the most certain site first: what was drawn so is drawn so
again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from models.interface import AutoregressiveModel, OrderAgnosticModel
from studio.engine.generation.generation import Generation
from studio.engine.generation.passes import schedule
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn, next_levels, rows_known, some_evidence
from tests.models.zoo import small

SITES = 42


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("ardm", width=8, blocks=(1, 1, 1))


@pytest.fixture
def passes(model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sites the model knew in each of its passes."""
    known: list[int] = []
    assert isinstance(model, OrderAgnosticModel)
    predict = model._predict

    def counted(x: Tensor, where: Tensor, condition: Tensor | None) -> Tensor:
        known.append(int(where[0].sum()))
        return predict(x, where, condition)

    monkeypatch.setattr(model, "_predict", counted)
    return known


@pytest.mark.parametrize(("sites", "steps"), [(42, 5), (42, 41), (784, 20), (3, 8), (1, 1)])
def test_every_pass_draws_something_and_later_ones_draw_more(sites: int, steps: int) -> None:
    spread = schedule(sites, steps)
    assert (spread[0], spread[-1], len(spread)) == (0, sites, min(steps, sites) + 1)
    sizes = np.diff(spread)
    assert (sizes >= 1).all()
    assert sizes[-1] == max(sizes)


def test_a_picture_takes_as_many_passes_as_were_asked_for(
    model: AutoregressiveModel, passes: list[int]
) -> None:
    drawn(Generation(model, SamplingOptions(count=2, steps=5)))
    assert passes == schedule(SITES, 5)[:-1]
    passes.clear()
    drawn(Generation(model, SamplingOptions(count=2)))
    assert passes == list(range(SITES))


def test_what_is_given_takes_no_pass(model: AutoregressiveModel, passes: list[int]) -> None:
    evidence = some_evidence(model, rows_known(model, 3, 5))
    drawn(Generation(model, SamplingOptions(steps=5), evidence))
    assert passes == [12 + each for each in schedule(SITES - 12, 5)[:-1]]


OPTIONS = [
    SamplingOptions(count=2, steps=6),
    SamplingOptions(count=2, order="certain"),
    SamplingOptions(count=2, order="certain", steps=6),
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("given", [(), (2, 5)])
def test_after_a_restart_and_in_small_steps_it_comes_out_the_same(
    model: AutoregressiveModel, options: SamplingOptions, given: tuple[int, ...]
) -> None:
    evidence = some_evidence(model, rows_known(model, *given)) if given else None
    generation = Generation(model, options, evidence)
    whole = drawn(generation)
    generation.restart()
    while generation.position < SITES:
        generation.step(1)
    np.testing.assert_array_equal(generation.values, whole)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("position", [3, 11, 12, 30])
def test_gone_back_into_the_middle_of_a_pass_it_is_drawn_from_the_same_one(
    model: AutoregressiveModel, options: SamplingOptions, position: int
) -> None:
    generation = Generation(model, options)
    whole, order = drawn(generation), generation.order.copy()
    generation.rewind(position)
    generation.set_options(SamplingOptions(**{**vars(options), "temperature": 0.0}))
    assert generation.recorded == position
    generation.step(5)
    generation.rewind(position)
    generation.set_options(options)
    np.testing.assert_array_equal(drawn(generation), whole)
    np.testing.assert_array_equal(generation.order, order)


def test_the_most_certain_site_comes_first_in_each_pass(model: AutoregressiveModel) -> None:
    generation = Generation(model, SamplingOptions(order="certain", steps=6))
    drawn(generation)
    order, spread = generation.order, schedule(SITES, 6)
    assert sorted(order) == list(range(SITES))
    assert order.tolist() != model.order.tolist()
    entropies = generation.entropies[0]
    for begin, end in itertools.pairwise(spread):
        assert (np.diff(entropies[begin:end]) >= 0).all()
        left = predicted_entropies(model, generation, begin)[order[end:]]
        assert (left >= entropies[begin:end].max() - 1e-5).all(), "the others were less certain"


def predicted_entropies(
    model: AutoregressiveModel, generation: Generation, position: int
) -> np.ndarray:
    """Of every site when `position` of them were there."""
    assert isinstance(model, OrderAgnosticModel)
    known = torch.zeros(SITES, dtype=torch.bool)
    known[generation.order[:position]] = True
    with torch.inference_mode():
        picture = torch.from_numpy(generation.values)
        params = model.predict(picture, known.unflatten(0, model.spec.space)[None])
    return model.likelihood.entropy(params)[0].numpy()


def test_one_after_the_other_each_is_the_most_certain_one(model: AutoregressiveModel) -> None:
    generation = Generation(model, SamplingOptions(order="certain"))
    drawn(generation)
    for position in (0, 5, 20):
        entropies = predicted_entropies(model, generation, position)
        left = generation.order[position:]
        assert entropies[left[0]] == pytest.approx(entropies[left].min(), abs=1e-5)


def test_several_sites_from_a_pass_come_in_a_random_order_where_none_is_asked_for(
    model: AutoregressiveModel,
) -> None:
    first, again, other = (
        Generation(model, SamplingOptions(seed=seed, steps=9)).order.tolist() for seed in (1, 1, 2)
    )
    assert first == again
    assert sorted(first) == [*range(SITES)]
    assert first not in ([*range(SITES)], other)


def test_nats_of_sites_from_one_pass_are_what_that_pass_said(model: AutoregressiveModel) -> None:
    generation = Generation(model, SamplingOptions(steps=3, order="raster"))
    picture = torch.from_numpy(drawn(generation))
    assert isinstance(model, OrderAgnosticModel)
    begins = schedule(SITES, 3)
    for begin, end in itertools.pairwise(begins):
        known = torch.zeros(SITES, dtype=torch.bool)
        known[:begin] = True
        params = model.predict(picture, known.unflatten(0, model.spec.space)[None])
        exact = -model.likelihood.log_prob(params, model.sites(picture))[0, begin:end]
        np.testing.assert_allclose(generation.nats[0, begin:end], exact, atol=1e-5)


def test_the_next_site_looks_the_same_ahead_and_looking_back(model: AutoregressiveModel) -> None:
    generation = Generation(model, SamplingOptions(steps=6))
    generation.step(11)
    ahead = next_levels(generation)
    drawn(generation)
    generation.rewind(11)
    np.testing.assert_allclose(next_levels(generation), ahead, atol=1e-5)


def test_steps_mean_nothing_to_a_model_that_predicts_one_site_after_the_other() -> None:
    model = small("made", hidden=16)
    np.testing.assert_array_equal(
        drawn(Generation(model, SamplingOptions(steps=4))), drawn(Generation(model))
    )
