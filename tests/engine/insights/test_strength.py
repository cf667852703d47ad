"""How strongly a conditional depends on each site: by the gradient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

import models
from models.interface import AudioModel, AutoregressiveModel
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights import strength as by_gradient
from studio.engine.insights.between_levels import between_levels
from studio.engine.insights.question import Question
from studio.engine.insights.reach import reach
from studio.engine.insights.strength import _lengths, _weighed, sound_strength
from tests.example_model import NADE, Config
from tests.models.zoo import NAMES, pictures, small

SPACE = (1, 5, 4)
SITE = 14


def question(model: AutoregressiveModel, seed: int = 1, **changes: Any) -> Question:
    """About a whole picture drawn by chance."""
    values = pictures(model, 1, seed)[0].numpy().astype(np.uint8)
    there = np.ones(model.spec.space, bool)
    given = np.zeros_like(there)
    order = model.order.numpy()
    return Question(values, there, given, order, model.spec.levels, **changes)


def strength(
    model: AutoregressiveModel, asked: Question, site: int, after: int = 0
) -> NDArray[np.float32]:
    found = by_gradient.strength(model, asked, site, after)
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
def test_exactly_what_is_within_reach_counts(name: str) -> None:
    model = small(name, SPACE).double()
    order = model.order.numpy()
    expected, found = reach(model, order, SITE), np.zeros(len(order), bool)
    earlier = np.zeros(len(order), bool)
    earlier[order[: order.tolist().index(SITE)]] = True
    # in one picture a rectifier may be shut: what counts is whether a path is ever open
    for seed in range(8):
        asked = replace(question(model, seed), there=earlier.reshape(model.spec.space))
        strengths = strength(model, asked, SITE)
        found |= strengths > 0
        if np.array_equal(found, expected):
            break
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("name", ["pixelcnn", "pixelcnn-two-stack", "pixelsnail-zigzag"])
def test_after_a_layer_nothing_counts_that_it_does_not_reach(name: str) -> None:
    model = small(name, SPACE)
    for after in (1, 3):
        found = strength(model, question(model), SITE, after)
        within = reach(model, model.order.numpy(), SITE, after)
        within[SITE] = True  # keys of attention know their own pixel
        assert not (found[~within] > 0).any()


def test_its_square_is_twice_the_divergence_of_a_small_change() -> None:
    model = small("gated-pixelcnn", (1, 4, 4), 3).double()
    asked, near = question(model), 1e-3
    found = strength(model, asked, 10)
    x = torch.from_numpy(asked.values)[None].double()
    changed = x.clone()
    changed[0, 0, 2, 1] += near * 2  # of three levels, two make the scale
    log_p, log_q = (
        model.likelihood.logits(model.conditionals(each)[0, 10]).log_softmax(-1)
        for each in (x, changed)
    )
    divergence = (log_p.exp() * (log_p - log_q)).sum().item()
    assert found[9] ** 2 * near**2 / 2 == pytest.approx(divergence, rel=0.01)


def test_an_order_agnostic_model_sees_what_is_known_wherever_it_lies() -> None:
    model = small("ardm", (1, 8, 8))
    asked = question(model)
    there = np.zeros((8, 8), bool)
    there[6, 1:4] = there[0, 0] = True
    found = strength(model, replace(asked, there=there), 30)
    assert np.array_equal(found > 0, there.ravel())


def test_a_site_does_not_count_for_itself() -> None:
    model = small("ardm", (1, 8, 8))
    found = strength(model, question(model), 30)
    assert found[30] == 0


def test_what_is_given_as_a_condition_counts_though_it_comes_later() -> None:
    model = small("gated-pixelcnn-map", (1, 6, 6))
    asked = question(model)
    given = np.zeros((6, 6), bool)
    given[5, 5] = True
    found = strength(model, replace(asked, given=given), 14)
    assert found[35] > 0
    assert not found[15:35].any()


def test_the_class_is_taken_account_of() -> None:
    model = small("gated-pixelcnn-class", (1, 5, 5), classes=3)
    found = [
        strength(model, question(model, options=SamplingOptions(condition=condition)), 12)
        for condition in (None, 1, 2)
    ]
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[1], found[2])


def test_the_order_of_the_drawing_is_followed() -> None:
    model = small("made-any-order", (1, 4, 4))
    asked = question(model)
    found = strength(model, replace(asked, order=np.arange(16)[::-1].copy()), 9)
    assert not found[:10].any()
    assert found[10:].any()


def test_a_model_of_another_package_is_asked_without_a_line_of_its_own() -> None:
    model = NADE(Config(shape=(1, 3, 3))).requires_grad_(False)
    found = strength(model, question(model), 4)
    assert (found > 0).tolist() == [True] * 4 + [False] * 5


class Rounding(NADE):
    def _conditionals(self, x: Tensor, condition: Tensor | None, order: Tensor) -> Tensor:
        return super()._conditionals(x.detach(), condition, order)


def test_where_no_gradient_passes_nothing_is_said() -> None:
    model = Rounding(Config(shape=(1, 3, 3))).requires_grad_(False)
    assert by_gradient.strength(model, question(model), 4) is None


def test_a_model_that_draws_meanwhile_is_not_disturbed() -> None:
    model = small("pixelcnn", blocks=1)
    strength(model, question(model), SITE, after=1)
    assert not any(module._forward_hooks for module in model.modules())
    assert all(weight.grad is None for weight in model.parameters())


# ---- sound ---------------------------------------------------------------------------------------


def voice(name: str = "wavenet", **overrides: Any) -> AudioModel:
    """A small one that looks back eight samples."""
    torch.manual_seed(0)
    config = {"levels": 8, "width": 4, "skip": 4, "dilations": (1, 2, 4), **overrides}
    model = models.build(name, **config).eval().requires_grad_(False)
    assert isinstance(model, AudioModel)
    for weight in model.parameters():
        if not weight.any():  # what starts at zero would hide what it lets through
            weight.normal_()
    return model


def codes(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 8, count).astype(np.uint8)


@pytest.mark.parametrize(("samples", "seen"), [(0, 0), (3, 3), (20, 8)])
def test_of_a_sound_as_many_samples_count_as_the_dilations_add_up_to(
    samples: int, seen: int
) -> None:
    model = voice().double()
    assert model.receptive_field == 1 + (1 + 2 + 4)
    found = sound_strength(model, codes(samples))
    assert found is not None
    assert found.shape == (seen,)
    assert (found > 0).all()


def test_of_a_sound_its_square_is_twice_the_divergence_of_a_small_change() -> None:
    model, near = voice(levels=4).double(), 1e-3
    before = codes(20) // 2
    before[-3] = 1
    found = sound_strength(model, before)
    assert found is not None
    x = torch.from_numpy(np.append(before, 0)).double().view(1, 1, -1).requires_grad_()
    changed = x.detach().clone()
    changed[0, 0, -4] += near * 3  # of four levels, three make the scale
    with between_levels():  # a table is read between its rows
        log_p, log_q = (
            model.likelihood.logits(model.conditionals(each)[0, -1]).log_softmax(-1)
            for each in (x, changed.requires_grad_())
        )
    divergence = (log_p.exp() * (log_p - log_q)).sum().item()
    assert found[-3] ** 2 * near**2 / 2 == pytest.approx(divergence, rel=0.01)


def test_only_the_last_samples_are_looked_at() -> None:
    model, long = voice(), codes(500)
    found, short = sound_strength(model, long), sound_strength(model, long[-8:])
    assert found is not None
    assert short is not None
    np.testing.assert_allclose(found, short, rtol=1e-4)


def test_of_a_sound_the_class_is_taken_account_of() -> None:
    model = voice(classes=2)
    found = np.array([sound_strength(model, codes(20), label) for label in (None, 0, 1)])
    assert not np.array_equal(found[0], found[1])
    assert not np.array_equal(found[1], found[2])


def test_of_a_vocoder_a_stretch_says_what_the_whole_does() -> None:
    model = voice("wavenet-mel", mels=3, hop=2, upsampling=(2,), map_width=4)
    frames = np.random.default_rng(1).random((60, 3)).astype(np.float32)
    before = codes(101)
    found = sound_strength(model, before, spectrogram=frames)
    x = torch.from_numpy(np.append(before, 0)).float().view(1, 1, -1).requires_grad_()
    with between_levels():
        params = model.conditionals(x, torch.from_numpy(frames.T)[None])[0, -1]
    expected = _lengths(_weighed(model, params), x, 8)
    assert found is not None
    assert expected is not None
    np.testing.assert_allclose(found, expected[-9:-1], rtol=1e-4)
