"""Completion: evidence is kept, a seed gives the same again, and what does not fit is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.bounds import bounds_of
from studio.engine.generation.completion import complete
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods import methods
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.coded_models import PIXELS, shades
from tests.engine.drawings import drawn, half, picture
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT, small


@pytest.fixture
def model() -> AutoregressiveModel:
    return shallow("gated-pixelcnn", levels=4)


def check_kept(model: AutoregressiveModel, known: np.ndarray, method: str) -> None:
    image = picture(model)
    finished = complete(model, image, known, method, count=2, seed=1, particles=3, sweeps=1)
    assert finished.dtype == np.uint8
    assert finished.shape == (2, *model.spec.shape)
    assert finished.max() < model.spec.levels
    for each in finished:
        np.testing.assert_array_equal(each[:, known], image[:, known])
    assert not np.array_equal(finished[0], finished[1])


@pytest.mark.parametrize("where", ["top", "bottom", "left"])
@pytest.mark.parametrize("name", DIFFERENT)
def test_every_model_keeps_what_is_given(name, where):
    model = shallow(name, (2, 6, 6), levels=3)
    check_kept(model, half(model, where), "auto")


@pytest.mark.parametrize("where", ["top", "bottom", "left"])
@pytest.mark.parametrize("method", methods())
def test_every_method_keeps_what_is_given(method, where):
    kinds = [shallow(name) for name in ("gated-pixelcnn", "made-any-order", "gated-pixelcnn-map")]
    model = next(each for each in kinds if not methods()[method].refusal(each))
    check_kept(model, half(model, where), method)


@pytest.mark.parametrize("method", ["clamp", "smc", "smc-refined"])
def test_a_seed_gives_the_same_pictures_again(model, method):
    def completed(count: int, seed: int) -> np.ndarray:
        given = model, picture(model), half(model, "left")
        return complete(*given, method, count, seed, particles=6, sweeps=2)

    first = completed(3, 1)
    np.testing.assert_array_equal(completed(3, 1), first)
    np.testing.assert_array_equal(completed(2, 1), first[:2])
    assert not np.array_equal(completed(3, 2), first)


def test_all_that_can_be_asked_for_reaches_the_drawing(model):
    given = model, picture(model), half(model, "bottom"), "smc-refined", 2
    plain = complete(*given, particles=4, sweeps=0)
    assert not np.array_equal(complete(*given, particles=5, sweeps=0), plain)
    assert not np.array_equal(complete(*given, particles=4, sweeps=2), plain)


@pytest.mark.parametrize("method", ["auto", "clamp", "smc", "smc-refined"])
def test_what_is_finished_stays_as_it_is(model, method):
    image = picture(model)
    finished = complete(model, image, np.ones(model.spec.space, bool), method, count=2)
    np.testing.assert_array_equal(finished, np.stack([image, image]))


@pytest.mark.parametrize("method", ["auto", "clamp", "smc", "smc-refined"])
def test_from_nothing_every_method_draws_what_the_model_draws(model, method):
    nothing = np.zeros(model.spec.space, bool)
    np.testing.assert_array_equal(
        complete(model, picture(model), nothing, method, count=2),
        drawn(Generation(model, SamplingOptions(count=2))),
    )


@pytest.mark.parametrize("site", [0, 20, 41])
@pytest.mark.parametrize("method", ["auto", "smc", "smc-refined"])
def test_one_pixel_is_enough(model, method, site):
    known = np.zeros(model.spec.space, bool)
    known.ravel()[site] = True
    check_kept(model, known, method)


@pytest.mark.parametrize("steps", [0, 50])
@pytest.mark.parametrize("site", [0, 20, 41])
@pytest.mark.parametrize("name", ["gated-pixelcnn", "gated-pixelcnn-map", "ardm"])
def test_one_missing_pixel_is_drawn_and_nothing_else(name, site, steps):
    model = shallow(name, levels=4)
    known = np.ones(model.spec.space, bool)
    known.ravel()[site] = False
    steps = steps if model.predicts_all else 0
    image = picture(model)
    finished = complete(model, image, known, count=20, steps=steps)
    np.testing.assert_array_equal(finished[:, :, known], np.stack([image[:, known]] * 20))
    assert len(np.unique(finished[:, 0].reshape(20, -1)[:, site])) > 1


@pytest.mark.parametrize("steps", [0, 10, 50])
def test_all_or_nothing_given_is_kept_or_drawn_in_any_number_of_passes(steps):
    model = shallow("ardm", levels=4)
    image, everywhere = picture(model), np.ones(model.spec.space, bool)
    finished = complete(model, image, everywhere, steps=steps)
    np.testing.assert_array_equal(finished, image[None])
    np.testing.assert_array_equal(
        complete(model, image, ~everywhere, steps=steps),
        drawn(Generation(model, SamplingOptions(steps=steps))),
    )


def certain_of_black(name: str) -> AutoregressiveModel:
    """A model that gives white a probability of exp(-200) wherever it is."""
    model = shallow(name)
    list(model.parameters())[-2].data.zero_()
    list(model.parameters())[-1].data.fill_(-200.0)
    return model


@pytest.mark.parametrize("method", ["clamp", "smc", "smc-refined"])
def test_what_the_model_finds_next_to_impossible_is_completed_all_the_same(method):
    """21 pixels of a probability of exp(-200) each, which together are none that a float has."""
    model = certain_of_black("pixelcnn")
    known = half(model, "bottom")
    given = Evidence(np.ones_like(picture(model)), known)
    options = SamplingOptions(2, method=method, particles=4, sweeps=1)
    generation = Generation(model, options, given)
    generation.step(generation.length)
    assert (generation.values[:, :, known] == 1).all()
    assert (generation.values[:, :, ~known] == 0).all()
    bits = -200 * int(known.sum()) / math.log(2)
    particles = generation.snapshot(None, False, 0.0).particles
    if method != "clamp":
        assert particles is not None
        assert particles.log2_evidence == pytest.approx(bits)
        assert particles.effective == pytest.approx(4), "one explains it as well as another"
    found = bounds_of(model, given, options)
    assert found.bits == pytest.approx((bits, bits))


def test_strokes_that_no_digit_has_are_kept_by_trained_models_too():
    """A chessboard, below which nothing is given: contradictory to all they have seen."""
    known = np.zeros((28, 28), bool)
    known[20:24] = True
    board = np.indices((1, 28, 28)).sum(0).astype(np.uint8) % 2
    for name in ("gated-pixelcnn", "gated-pixelcnn-map", "ardm"):
        model = checkpoints.load(checkpoints.resolve(name))
        assert isinstance(model, AutoregressiveModel)
        steps = 20 if model.predicts_all else 0
        finished = complete(model, board, known, particles=4, steps=steps)
        np.testing.assert_array_equal(finished[:, :, known], board[None][:, :, known])


def test_the_class_counts():
    model = small("gated-pixelcnn-class", levels=4)
    model.get_parameter("class_bias").mul_(30)  # untrained, the classes hardly differ
    one, other = (complete(model, picture(model), half(model, "top"), condition=c) for c in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"method": "magic"}, 'no method "magic": choose one of auto, clamp,'),
        ({"count": 0}, "at least one picture"),
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


def test_a_model_of_codes_is_given_a_part_of_a_picture_and_finishes_it():
    model, image = shades(), np.arange(PIXELS, dtype=np.uint8)[None, :, None].repeat(PIXELS, 2) // 2
    known = np.zeros((PIXELS, PIXELS), bool)
    known[: PIXELS // 2] = True
    finished = complete(model, image, known, "clamp", count=2, seed=1)
    assert finished.shape == (2, 1, PIXELS, PIXELS)
    np.testing.assert_array_equal(finished[:, :, known], np.stack([image[:, known]] * 2))
