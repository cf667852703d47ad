"""PixelCNN++ beyond what every model must do: fresh weights fitted to pictures, classes, and the
work a pixel takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import models
from models.interface import AutoregressiveModel
from models.layers import normalised
from models.layers.normalised import NormalisedConv2d, concatenated_elu, gated
from models.layers.stream_cache import Resolution
from models.pixelcnn_plus_plus import PixelCNNPlusPlus
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from tests.models.test_zoo import walk
from tests.models.zoo import built, pictures, small
from tests.tiny import tiny_data

NAME = "pixelcnn-plus-plus"


def plus_plus(model: AutoregressiveModel) -> PixelCNNPlusPlus:
    """The same, known for what it is."""
    assert isinstance(model, PixelCNNPlusPlus)
    return model


def outputs(model: AutoregressiveModel, x: Tensor) -> dict[str, Tensor]:
    """What each convolution makes of these pictures, by name."""
    made: dict[str, Tensor] = {}
    hooks = [
        layer.register_forward_hook(lambda _layer, _given, y, name=name: made.update({name: y}))
        for name, layer in model.named_modules()
        if isinstance(layer, NormalisedConv2d)
    ]
    model.conditionals(x)
    for hook in hooks:
        hook.remove()
    return made


def test_fitted_to_pictures_every_output_has_mean_zero_and_the_deviation_that_was_asked_for() -> (
    None
):
    model = built(NAME, shape=(1, 12, 12), levels=8).requires_grad_(False)
    x = pictures(model, 32)
    model.initialise(x)
    made = outputs(model, x)
    layers = dict(model.named_modules())
    assert len(made) > 50
    for name, y in made.items():
        if name != "out":
            torch.testing.assert_close(
                y.mean((0, 2, 3)), torch.zeros(y.shape[1]), rtol=0, atol=1e-4
            )
        deviation = torch.full((y.shape[1],), layers[name].scale)
        torch.testing.assert_close(y.std((0, 2, 3)), deviation, rtol=1e-3, atol=1e-4)


def test_fitted_to_pictures_it_begins_near_an_even_spread_of_levels() -> None:
    model = plus_plus(built(NAME, shape=(1, 7, 6), levels=16).requires_grad_(False))
    model.initialise(pictures(model, 32))
    params = model.conditionals(pictures(model, 8, seed=5))
    torch.testing.assert_close(params.mean((0, 1)), model.likelihood.beginning(), rtol=0, atol=0.1)


def test_training_begins_with_weights_fitted_to_the_data(tmp_path: Path) -> None:
    recipe = models.recipe(NAME).with_changes(
        data=str(tiny_data(tmp_path)), batch=10, preparation="grey-16"
    )
    config: dict[str, Any] = {"width": 4, "blocks": (1, 1)}
    begun = [
        Trainer(NAME, recipe, config, Run.create(NAME, tmp_path / run), torch.device("cpu"))
        for run in "ab"
    ]
    weights = [training.learner.model.get_parameter("first_above.gain") for training in begun]
    assert not torch.equal(weights[0], torch.ones(4))
    assert torch.equal(weights[0], weights[1])  # the same ones whenever it begins
    # and in the average
    assert torch.equal(begun[0].model.get_parameter("first_above.gain"), weights[0])


@pytest.mark.parametrize("padding", [(0, 0, 0), (1, 0, 1), (1, 1, 1)])
def test_the_activation_and_the_gate_have_the_gradients_that_they_say(
    padding: tuple[int, int, int],
) -> None:
    x, y = (
        torch.randn(2, channels, 3, 4, dtype=torch.float64, requires_grad=True)
        for channels in (3, 6)
    )
    assert torch.autograd.gradcheck(lambda x: concatenated_elu(x, padding), x)
    assert torch.autograd.gradcheck(gated, (x, y))


def test_the_activation_is_elu_of_both_signs_with_zeros_around() -> None:
    x = torch.randn(2, 3, 4, 5)
    y = concatenated_elu(x, (1, 2, 1))
    expected = nn.functional.pad(nn.functional.elu(torch.cat([x, -x], 1)), (1, 2, 1, 0))
    torch.testing.assert_close(y, expected)


@torch.inference_mode()
def test_a_class_counts_at_once_and_in_the_stepper() -> None:
    model = small(NAME, (1, 7, 6), 4, classes=3)
    x, condition = pictures(model, 4), torch.tensor([-1, 0, 1, 2])
    params = model.conditionals(x, condition)
    torch.testing.assert_close(walk(model, x, condition), params, rtol=0, atol=1e-4)
    assert torch.equal(params[0], model.conditionals(x)[0])
    assert (params[1:, 0] - params[:1, 0]).abs().amax(1).min() > 1e-3
    stepper = model.stepper(4, condition)
    stepper.prime(x, 17)
    stepper.select(torch.tensor([3, 1]))
    torch.testing.assert_close(stepper.conditional(), params[[3, 1], 17], rtol=0, atol=1e-4)


@pytest.mark.parametrize("blocks", [(2,), (1, 1), (1, 1, 1, 1)])
@pytest.mark.parametrize("shape", [(1, 5, 7), (3, 4, 1), (1, 1, 9)])
@torch.inference_mode()
def test_any_number_of_resolutions_fits_pictures_of_any_size(
    shape: tuple[int, int, int], blocks: tuple[int, ...]
) -> None:
    model = small(NAME, shape, 6, blocks=blocks, width=8)
    x = pictures(model, 3)
    torch.testing.assert_close(walk(model, x), model.conditionals(x), rtol=0, atol=1e-4)


@torch.inference_mode()
def test_a_coarser_pixel_is_computed_with_the_one_that_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = small(NAME, (1, 8, 8))
    computed: list[tuple[int, int, int]] = []
    original = Resolution.pixel

    def pixel(self: Resolution, row: int, column: int, *given: Tensor) -> None:
        computed.append((self.width, row, column))
        original(self, row, column, *given)

    monkeypatch.setattr(Resolution, "pixel", pixel)
    stepper = model.stepper(1)
    for site in range(64):
        stepper.conditional()
        row, column = divmod(site, 8)
        expected = [
            (8 // n, row // n, column // n) for n in (1, 2, 4) if row % n == column % n == 0
        ]
        assert computed == expected
        computed.clear()
        stepper.commit(torch.zeros(1, 1, dtype=torch.long))


def test_neighbouring_levels_are_told_apart_even_in_half_precision() -> None:
    model = plus_plus(small(NAME, levels=256))
    codes = model.encoded(torch.arange(256)[:, None]).bfloat16()
    assert (codes[1:] - codes[:-1]).abs().amax(1).min() > 0.9


def test_a_resolution_without_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="blocks is 1, 0, but each of them"):
        models.build(NAME, blocks=(1, 0))


def test_what_an_export_follows_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    x, y = torch.randn(2, 3, 4, 5), torch.randn(2, 6, 4, 5)
    quick = concatenated_elu(x, (1, 2, 3)), gated(x, y)
    monkeypatch.setattr(normalised, "traced", lambda: True)
    torch.testing.assert_close((concatenated_elu(x, (1, 2, 3)), gated(x, y)), quick)
