from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.insights.layers import layers_of, outputs, pass_over, watched
from studio.engine.insights.question import Question
from tests.models.zoo import NAMES, pictures, small
from tests.thorough import some_of


def asked(model: AutoregressiveModel, x: Tensor, count: int | None = None) -> Question:
    """About the first picture of x, of which `count` sites are there, or all."""
    there = torch.zeros(x[0, 0].numel(), dtype=torch.bool)
    there[model.order[:count]] = True
    space = x.shape[2:]
    return Question(
        values=np.where(there.view(space), x[0], 0).astype(np.uint8),
        there=there.view(space).numpy(),
        given=np.zeros(space, bool),
        order=model.order.numpy(),
        levels=model.spec.levels,
    )


@pytest.mark.parametrize("name", some_of(NAMES))
def test_every_network_but_one_of_plain_units_has_layers_that_say_something_of_each_site(name: str):
    model = small(name)
    layers = layers_of(model)
    assert bool(layers) == (not name.startswith("made"))
    question = asked(model, pictures(model, 1))
    found = outputs(model, question, [layer.name for layer in layers])
    for layer in layers:
        values = found[layer.name]
        assert values.shape == (layer.form.channels, *question.space)
        assert np.isfinite(values).all()


def test_layers_come_in_the_order_in_which_they_are_through_and_have_names_to_be_read():
    layers = layers_of(small("transformer", layers=2))
    titles = [layer.title for layer in layers if layer.depth == 0]
    assert titles == ["First", "Block 1", "Block 2", "Norm", "Out"]
    assert "Block 2, attend" in [layer.title for layer in layers if layer.depth == 1]


@pytest.mark.parametrize("name", ["transformer", "pixelsnail-zigzag", "gated-pixelcnn"])
def test_the_last_layer_is_what_the_conditionals_are_made_of(name: str):
    model = small(name)
    x = pictures(model, 1)
    found = torch.from_numpy(outputs(model, asked(model, x), ["out"])["out"])
    in_order = found.flatten(1)[:, model.order].T
    assert torch.allclose(in_order, model.conditionals(x)[0], atol=1e-5)


@pytest.mark.parametrize("name", ["pixelrnn-diagonal", "pixelsnail-zigzag", "pixelcnn-plus-plus"])
def test_what_is_seen_of_a_prefix_does_not_depend_on_later_pixels(name: str):
    model = small(name, levels=4)
    names = [layer.name for layer in layers_of(model)]
    x, rank = pictures(model, 1), model.order.argsort()
    position = len(rank) // 2
    later = torch.where(rank.view(7, 6) > position, 3 - x, x)
    for one, other in zip(
        outputs(model, asked(model, x), names).values(),
        outputs(model, asked(model, later), names).values(),
        strict=True,
    ):
        earlier = (rank < position).numpy()
        # a cell of a coarse grid stands for its first pixel
        first = np.zeros((7, 6), bool)
        first[::4, ::4] = True
        chosen = (earlier & first.ravel()).reshape(7, 6)
        assert np.allclose(one[:, chosen], other[:, chosen])


def test_states_that_lie_in_another_order_than_the_pixels_are_left_out():
    names = {layer.name for layer in layers_of(small("pixelrnn-diagonal"))}
    assert {"first", "blocks.0", "blocks.1"} <= names
    assert not any(name.endswith((".right", ".left")) for name in names)


def test_what_a_layer_hands_through_is_not_called_a_layer_twice():
    names = [layer.name for layer in layers_of(small("wavenet", dilations=(1, 2)))]
    assert names[:3] == ["layers.0.taps", "layers.0.residual", "layers.0"]
    assert "layers.1" not in names  # of the last one only the gate is read
    assert "layers.1#2" in names


def test_a_coarse_grid_is_repeated_for_each_pixel_of_a_cell():
    model = small("pixelcnn-plus-plus", (1, 8, 8))
    name = next(layer.name for layer in layers_of(model) if layer.form.grid == (2, 2))
    found = outputs(model, asked(model, pictures(model, 1)), [name])[name]
    cells = found[:, ::4, ::4]
    assert np.array_equal(found, cells.repeat(4, 1).repeat(4, 2))


def test_another_thread_may_run_the_model_meanwhile():
    model = small("pixelcnn")
    x = pictures(model, 2)
    with watched(model, layers_of(model)[-1:]) as seen:
        pass_over(model, x[:1], x[:1, 0] >= 0)
        other = threading.Thread(target=model.conditionals, args=(x[1:],))
        other.start()
        other.join()
        mine = next(iter(seen.values()))
    assert torch.equal(mine[0].flatten(1).T, model.conditionals(x[:1])[0])


def test_nothing_stays_in_the_model_that_was_looked_at():
    model = small("pixelcnn")
    outputs(model, asked(model, pictures(model, 1)), ["out"])
    assert not any(module._forward_hooks for module in model.modules())
