"""Multiplications, counted on the model and by hand."""

from __future__ import annotations

import pytest

import models
from models.interface import AudioModel, OrderAgnosticModel
from studio.engine.insights import multiplications
from studio.engine.insights.multiplications import Steps, of_sample
from tests.models.zoo import PICTURES, conditions, pictures, small
from tests.thorough import sketch, some_of

CACHED = [name for name in some_of(PICTURES) if not isinstance(sketch(name), OrderAgnosticModel)]


def voice(**config: object) -> AudioModel:
    model = models.build("wavenet", width=2, skip=3, dilations=(1, 2), **config)
    assert isinstance(model, AudioModel)
    return model.requires_grad_(False).eval()


def test_a_pass_of_made_uses_every_weight_once():
    model = small("made", (1, 2, 2), hidden=3)
    # pixels to units, units to units, units to pixels, pixels to pixels
    by_hand = 4 * 3 + 3 * 3 + 3 * 4 + 4 * 4
    assert multiplications.of(lambda: model.conditionals(pictures(model, 1))) == by_hand


def test_the_cache_of_made_uses_those_weights_only_that_its_masks_let_through():
    model = small("made", (1, 2, 2), hidden=3)
    # the three units have the degrees 1, 2, 3: pixels to the units above them, units to those that
    # are not below them, units to pixels, and pixels to later ones
    by_hand = (3 + 2 + 1) + (3 + 2 + 1) + (3 + 2 + 1) + (3 + 2 + 1)
    assert Steps(lambda: model.stepper(1)).until(4) == by_hand


def test_a_pass_of_convolutions_multiplies_all_kernels_at_every_pixel():
    model = small("pixelcnn", (1, 3, 3), width=2, hidden=5, blocks=1, kernel=3, head=4)
    kernel = 2 * 3  # the row below is never looked at, and not stored
    # a pixel and "inside" to the stream, down, the block's kernel, up, two layers of the head
    at_a_pixel = kernel * 2 * 2 + 2 * 5 + kernel * 5 * 5 + 5 * 2 + 2 * 4 + 4 * 1
    assert multiplications.of(lambda: model.conditionals(pictures(model, 1))) == 9 * at_a_pixel


@pytest.mark.parametrize("name", CACHED)
def test_every_cache_multiplies_less_than_the_naive_loop(name: str):
    model = small(name, (1, 3, 3))
    x, condition = pictures(model, 1), conditions(model, 1)
    of_a_pass = multiplications.of(lambda: model.conditionals(x, condition))
    steps = Steps(lambda: model.stepper(1, condition))
    assert steps.cached
    assert 0 < steps.until(9) < 9 * of_a_pass


def test_attention_grows_with_the_position():
    model = small("transformer", (1, 4, 4))
    steps = Steps(lambda: model.stepper(1))
    each = [steps.until(i + 1) - steps.until(i) for i in range(16)]
    assert each[1:] == sorted(each[1:])
    assert each[1] < each[15]


def test_without_a_cache_every_step_is_a_pass():
    model = small("transformer", (1, 2, 2))
    model._stepper = lambda *given: super(type(model), model)._stepper(*given)  # type: ignore
    of_a_pass = multiplications.of(lambda: model.conditionals(pictures(model, 1)))
    steps = Steps(lambda: model.stepper(1))
    assert not steps.cached
    assert steps.until(4) == 4 * of_a_pass


def test_a_sample_of_sound_is_computed_by_itself_or_with_all_that_it_looks_back_to():
    model = voice()
    found = of_sample(model)
    layers = sum(
        p.numel() for name, p in model.named_parameters() if p.ndim > 1 and name != "first.weight"
    )
    assert found.samples == model.receptive_field
    assert found.cached is not None
    assert found.cached == layers
    assert found.naive > found.cached * (found.samples - 1)


@pytest.mark.parametrize("name", ["wavenet", "wavenet-mel"])
def test_it_is_said_in_a_sentence(name: str):
    model = models.build(name, width=2, skip=3, dilations=(1, 2))
    assert isinstance(model, AudioModel)
    told = str(of_sample(model))
    assert f"computes the last {model.receptive_field} again" in told
    assert "computes one" in told
