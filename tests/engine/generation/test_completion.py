"""Completion: evidence is kept, what cannot be seen is said, and particles come to the true
posterior."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation import population
from studio.engine.generation.completion import complete, unseen
from studio.engine.generation.generation import Generation, SamplingOptions
from studio.engine.generation.methods import methods
from studio.engine.generation.population import Population, attempts, draw_noise, systematic
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import PICTURES, small


def half(model: AutoregressiveModel, where: str) -> np.ndarray:
    known = np.zeros(model.spec.space, bool)
    height, width = model.spec.space
    given = {
        "top": known[: height // 2],
        "bottom": known[height // 2 :],
        "left": known[:, : width // 2],
    }[where]
    given[:] = True
    return known


def picture(model: AutoregressiveModel, seed: int = 5) -> np.ndarray:
    shape = (model.spec.channels, *model.spec.space)
    return np.random.default_rng(seed).integers(0, model.spec.levels, shape).astype(np.uint8)


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("gated-pixelcnn", levels=4)


@pytest.fixture
def opinionated() -> AutoregressiveModel:
    """Six pixels that depend on one another so much that what comes later tells a lot of what came
    before."""
    model = small("made", (1, 2, 3), hidden=16, dropout=0.0)
    for p in model.parameters():
        p.data *= 5
    return model


def test_evidence_above_is_seen_and_evidence_below_is_not(model):
    assert not unseen(model, half(model, "top")).any()
    np.testing.assert_array_equal(unseen(model, half(model, "bottom")), half(model, "bottom"))
    left = half(model, "left")
    np.testing.assert_array_equal(unseen(model, left)[0], np.zeros(6))
    np.testing.assert_array_equal(unseen(model, left)[1:], left[1:])


def test_nothing_is_unseen_where_nothing_or_all_is_given(model):
    for known in (np.zeros(model.spec.space, bool), np.ones(model.spec.space, bool)):
        assert not unseen(model, known).any()


def test_a_model_of_any_order_sees_all_evidence():
    model = small("made-any-order")
    assert not unseen(model, half(model, "bottom")).any()


def test_a_model_that_is_told_what_is_given_sees_all_evidence_and_needs_no_particles():
    model = small("gated-pixelcnn-map")
    image, known = picture(model), half(model, "bottom")
    assert not unseen(model, known).any()
    by_clamping, by_particles = (
        complete(model, image, known, method, count=2) for method in methods()
    )
    np.testing.assert_array_equal(by_particles, by_clamping)


@pytest.mark.parametrize("method", methods())
@pytest.mark.parametrize("where", ["top", "bottom", "left"])
@pytest.mark.parametrize("name", PICTURES)
def test_every_method_keeps_what_is_given(name, where, method):
    model = small(name, (2, 6, 6), levels=3)
    image, known = picture(model), half(model, where)
    finished = complete(model, image, known, method, count=2, seed=1)
    assert finished.dtype == np.uint8
    assert finished.shape == (2, 2, 6, 6)
    assert finished.max() < 3
    for each in finished:
        np.testing.assert_array_equal(each[:, known], image[:, known])
    assert not np.array_equal(finished[0], finished[1])


@pytest.mark.parametrize("method", methods())
def test_a_seed_gives_the_same_pictures_again(model, method):
    arguments = model, picture(model), half(model, "left"), method
    np.testing.assert_array_equal(complete(*arguments, 3, 1), complete(*arguments, 3, 1))
    np.testing.assert_array_equal(complete(*arguments, 3, 1)[:2], complete(*arguments, 2, 1))
    assert not np.array_equal(complete(*arguments, 3, 1), complete(*arguments, 3, 2))


def test_without_later_evidence_particles_are_not_needed(model):
    arguments = model, picture(model), half(model, "top")
    np.testing.assert_array_equal(
        complete(*arguments, "particles", 3), complete(*arguments, "clamp", 3)
    )


def posterior(
    model: AutoregressiveModel, image: np.ndarray, known: np.ndarray
) -> dict[bytes, float]:
    """Of every way to fill in the unknown sites, its probability given the evidence: all are listed
    and scored."""
    ways = []
    for fill in itertools.product(range(model.spec.levels), repeat=int((~known).sum())):
        way = image.copy()
        way[0, ~known] = fill
        ways.append(way)
    log_p = model.log_prob(torch.from_numpy(np.stack(ways)))
    return {way.tobytes(): p for way, p in zip(ways, log_p.softmax(0).tolist(), strict=True)}


def distance(pictures: np.ndarray, exact: dict[bytes, float]) -> float:
    """Total variation between how often the pictures occur and how often they should."""
    found = dict.fromkeys(exact, 0.0)
    for each in pictures:
        found[each.tobytes()] += 1 / len(pictures)
    return sum(abs(found[way] - exact[way]) for way in exact) / 2


@pytest.mark.parametrize("unknown", [(0, 1, 2), (0, 2, 4), (0, 3)])
def test_particles_come_to_the_true_posterior_and_clamping_does_not(
    opinionated, monkeypatch, unknown
):
    monkeypatch.setattr(population, "FEWEST", 32)
    known = np.ones((2, 3), bool)
    known.ravel()[list(unknown)] = False
    image = picture(opinionated, seed=1)
    exact = posterior(opinionated, image, known)
    assert 0.1 < max(exact.values()) < 0.9
    assert distance(complete(opinionated, image, known, "particles", 2000), exact) < 0.05
    assert distance(complete(opinionated, image, known, "clamp", 2000), exact) > 0.3


def test_systematic_resampling_takes_each_particle_as_often_as_its_weight_says():
    weights = torch.tensor([[0.5, 0.3, 0.15, 0.05], [0.0, 1.0, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
    for noise in torch.linspace(0, 0.999, 20):
        rows = systematic(weights, noise.expand(3))
        counts = torch.stack([torch.bincount(row, minlength=4) for row in rows])
        assert ((counts - 4 * weights).abs() < 1).all()
        assert counts[1].tolist() == [0, 4, 0, 0]
        assert rows[2].tolist() == [0, 1, 2, 3]


def test_many_pictures_share_the_attempts_so_that_a_step_stays_short():
    assert [attempts(count) for count in (1, 16, 64, 1000)] == [32, 32, 8, 8]


def test_the_noise_of_a_picture_is_its_own():
    few, many = draw_noise(2, 6, 1, seed=3), draw_noise(5, 6, 1, seed=3)
    assert few[0].shape == (64, 6, 1)
    assert few[1].shape == (2, 7)
    for a, b in zip(few, many, strict=True):
        assert torch.equal(a, b[: len(a)])


def test_a_population_knows_where_its_rows_came_from():
    """Weight on one particle of each picture alone: after resampling, every row goes back to it."""
    population = Population(2, draw_noise(2, 6, 1, seed=0)[1])
    log_p = torch.full((64,), -50.0)
    log_p[[5, 32 + 7]] = 0
    population.weigh(2, log_p)
    assert population.chosen(3).tolist() == [5, 39]
    parents = population.resample(3)
    assert parents is not None
    assert parents.tolist() == [5] * 32 + [39] * 32
    rows = torch.tensor([0, 63])
    assert population.lineage(rows, 5).tolist() == [[5, 39]] * 3 + [[0, 63]] * 2
    assert population.resample(4) is None, "all weights are the same again"
    assert population.forget(2)
    assert population.lineage(rows, 2).tolist() == [[0, 63]] * 2
    assert not population.forget(1)


def test_particles_that_all_fail_are_still_weighed():
    population = Population(1, draw_noise(1, 6, 1, seed=0)[1])
    population.weigh(0, torch.full((32,), -torch.inf))
    assert 0 <= int(population.chosen(1)) < 32


@pytest.fixture
def populated(model) -> Generation:
    """A generation that drew particles anew several times."""
    evidence = Evidence(picture(model), half(model, "left"))
    generation = Generation(model, SamplingOptions(count=2, method="particles"), evidence)
    generation.step(generation.length)
    return generation


def test_the_figures_of_particles_are_those_of_the_pictures_shown(model, populated):
    x = torch.from_numpy(populated.values)
    params = model.conditionals(x)
    free = ~half(model, "left").ravel()
    exact = -model.likelihood.log_prob(params, model.sites(x)).numpy()
    np.testing.assert_allclose(populated.nats, np.where(free, exact, 0), atol=1e-4)
    np.testing.assert_allclose(
        populated.entropies[:, free], model.likelihood.entropy(params)[:, free].numpy(), atol=1e-4
    )


@pytest.mark.parametrize("position", [4, 9, 12, 20, 33])
def test_particles_have_the_same_noise_after_going_back(populated, position):
    whole = populated.values
    populated.rewind(position)
    shown = populated.next_probabilities()
    populated.set_options(SamplingOptions(count=2, method="particles", temperature=0.5))
    assert populated.recorded == max(3, position)
    populated.step(9)
    populated.rewind(position)
    populated.set_options(SamplingOptions(count=2, method="particles"))
    np.testing.assert_allclose(populated.next_probabilities(), shown, atol=1e-4)
    populated.step(populated.length)
    np.testing.assert_array_equal(populated.values, whole)


def test_particles_start_again_as_they_began(populated):
    whole = populated.values
    populated.restart()
    populated.step(populated.length)
    np.testing.assert_array_equal(populated.values, whole)


def test_an_edit_among_particles_ends_where_a_fresh_start_would(model, populated):
    for rows in ([3], [3, 6], [0, 3, 6], [0, 1, 3, 6], [6], []):
        known = half(model, "left")
        known[rows] = True
        evidence = Evidence(picture(model, seed=8), known)
        populated.edit(evidence)
        populated.step(populated.length)
        fresh = Generation(model, SamplingOptions(count=2, method="particles"), evidence)
        fresh.step(fresh.length)
        np.testing.assert_array_equal(populated.values, fresh.values)


def test_the_class_is_heeded():
    model = small("gated-pixelcnn-class", levels=4)
    model.get_parameter("class_bias").mul_(30)  # untrained, the classes hardly differ
    one, other = (complete(model, picture(model), half(model, "top"), condition=c) for c in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"method": "magic"}, 'no method "magic": choose clamp or particles'),
        ({"count": 0}, "At least one picture"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 1.5}, "Top-p"),
        ({"top_k": -2}, "Top-k"),
        ({"condition": 1}, "takes no class"),
        ({"image": np.zeros((1, 3, 3), int)}, "picture has the shape"),
        ({"mask": np.ones((3, 3), bool)}, "mask has the shape"),
        ({"image": np.full((1, 7, 6), 7)}, "level 7, and the model's go from 0 to 3"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(model, arguments, sentence):
    with pytest.raises(StudioError, match=sentence):
        complete(model, **{"image": picture(model), "mask": half(model, "top"), **arguments})
