"""Sampling options: what is asked for is done, and what
a model cannot do is refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import orders
from models.interface import AutoregressiveModel
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions, check_options, order_of
from studio.engine.runtime.errors import StudioError
from tests.engine.drawings import drawn, joint
from tests.models.zoo import small, small_of_any_kind


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", levels=4)


def test_a_model_of_any_order_follows_the_one_that_was_asked_for():
    model = small("made-any-order")
    backwards = tuple(range(41, -1, -1))
    generation = Generation(model, SamplingOptions(order=backwards))
    generation.step(6)
    assert generation.order.tolist() == list(backwards)
    assert not generation.values[0, 0, :6].any()
    drawn(generation)
    assert np.allclose(-generation.nats.sum(), joint(model, generation), atol=1e-3)


@pytest.mark.parametrize("name", orders.NAMES)
def test_an_order_can_be_asked_for_by_name_and_the_random_one_comes_from_the_seed(name):
    model = small("made-any-order")
    generation = Generation(model, SamplingOptions(order=name, seed=5))
    assert generation.order.tolist() == orders.named(name, 7, 6, seed=5).tolist()
    generation.set_options(SamplingOptions(order=name, seed=6))
    assert (generation.order.tolist() == orders.named(name, 7, 6, seed=5).tolist()) == (
        name != "random"
    )


def test_a_model_with_one_order_may_be_given_its_name_and_no_other():
    Generation(small("pixelcnn"), SamplingOptions(order="raster"))
    with pytest.raises(StudioError, match="own order"):
        Generation(small("pixelcnn"), SamplingOptions(order="spiral"))
    with pytest.raises(StudioError, match="there are raster"):
        Generation(small("made-any-order"), SamplingOptions(order="backwards"))


def bad(sentence: str, **options: Any) -> Any:
    return pytest.param(options, sentence, id="-".join(options))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        bad("at least one picture", count=0),
        bad("seed -1 is out of range", seed=-1),
        bad("counted from 0 to 2147483647, not -1", first=-1),
        bad("temperature must be 0 or more", temperature=-0.5),
        bad("Top-k", top_k=-1),
        bad("Top-p", top_p=0.0),
        bad("takes no class", condition=3),
        bad('no method "magic"', method="magic"),
        bad("must name each of the 42 pixels", order=(0, 0, 1)),
        bad("in its own order only", order=tuple(range(41, -1, -1))),
    ],
)
def test_settings_that_do_not_fit_are_refused_in_a_sentence(model, options, sentence):
    with pytest.raises(StudioError, match=sentence):
        Generation(model, SamplingOptions(**options))
    generation = Generation(model)
    generation.step(5)
    with pytest.raises(StudioError, match=sentence):
        generation.set_options(SamplingOptions(**options))
    assert (generation.position, generation.options) == (5, SamplingOptions())


def test_a_class_that_the_model_does_not_have_is_refused():
    with pytest.raises(StudioError, match="no class 10: classes go from 0 to 9"):
        Generation(small("gated-pixelcnn-class"), SamplingOptions(condition=10))


def test_without_a_word_the_order_is_the_models_own():
    model = small("pixelsnail-zigzag")
    assert order_of(SamplingOptions(), model).tolist() == model.order.tolist()


def test_a_share_of_corruption_beyond_all_pixels_is_refused():
    model = small_of_any_kind("autoencoder", hidden=(8,), code=4)
    check_options(SamplingOptions(corruption=1.0), model)
    with pytest.raises(StudioError, match=r"a share of the pixels from 0 to 1, not 1\.5"):
        check_options(SamplingOptions(corruption=1.5), model)


def test_an_order_says_nothing_to_a_model_that_does_not_generate():
    check_options(SamplingOptions(order="spiral"), small_of_any_kind("autoencoder", hidden=(8,)))


def test_chosen_takes_come_first_and_the_others_in_turn():
    assert SamplingOptions(count=3).take_numbers == (0, 1, 2)
    assert SamplingOptions(count=4, chosen_takes=(2, 7)).take_numbers == (2, 7, 0, 1)
    assert SamplingOptions(count=1, chosen_takes=(2, 7)).take_numbers == (2,)


@pytest.mark.parametrize("chosen", [(1, 1), (-1,), (1024,)])
def test_takes_that_cannot_be_chosen_are_one_sentence(model, chosen):
    with pytest.raises(StudioError, match="different numbers from 0 to 1023"):
        check_options(SamplingOptions(chosen_takes=chosen), model)
