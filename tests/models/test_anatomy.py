"""The figures of a network: they come from the model itself and say what its layers do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import models
from models.anatomy import (
    Box,
    Figure,
    Gate,
    Input,
    MaskedKernel,
    MaskedUnits,
    Output,
    Part,
    Stacks,
    figures,
    spread,
)
from models.interface import Model
from models.layers.masked import MaskedConv2d, MaskType
from models.layers.stacks import Downward, LeftOf, Rightward, RowsAbove
from tests import example_model
from tests.models.zoo import pictures, small, small_of_any_kind


@pytest.fixture(scope="module")
def zoo() -> dict[str, Model]:
    return {name: small_of_any_kind(name) for name in models.available()}


@pytest.fixture(scope="module")
def found(zoo: dict[str, Model]) -> dict[str, tuple[Part, ...]]:
    """The figures of every model of the zoo."""
    return {name: figures(model) for name, model in zoo.items()}


def of_kind(parts: tuple[Part, ...], kind: type[Figure]) -> list[Figure]:
    return [figure for part in parts for figure in part.figures if isinstance(figure, kind)]


def units(name: str, **config: Any) -> MaskedUnits:
    (figure,) = of_kind(figures(small(name, hidden=40, **config)), MaskedUnits)
    assert isinstance(figure, MaskedUnits)
    return figure


def test_every_model_has_figures_from_what_goes_in_to_what_comes_out(
    found: dict[str, tuple[Part, ...]],
) -> None:
    for name, parts in found.items():
        kinds = [type(part.figure) for part in parts]
        assert (name, kinds[0], kinds[-1]) == (name, Input, Output)
        assert len(kinds) > 2


def test_every_part_is_named_as_often_as_it_is_there(
    zoo: dict[str, Model], found: dict[str, tuple[Part, ...]]
) -> None:
    for name, parts in found.items():
        inside = {each for each, _ in zoo[name].named_modules()}
        for part in parts:
            assert len(part.names) == part.count
            assert set(part.names) <= inside


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("made", [MaskedUnits]),
        ("made-any-order", [MaskedUnits]),
        ("pixelcnn", [MaskedKernel]),
        ("pixelcnn-two-stack", [Stacks]),
        ("gated-pixelcnn", [Stacks, Gate]),
        ("gated-pixelcnn-map", [Stacks, Gate]),
    ],
)
def test_families_of_the_article_are_drawn_as_its_figures(
    found: dict[str, tuple[Part, ...]], name: str, kinds: list[type[Figure]]
) -> None:
    assert all(of_kind(found[name], kind) for kind in kinds)


# ---- masked kernels ------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", ["A", "B"])
def test_a_masked_kernel_has_the_mask_that_its_layer_multiplies_with(mask: MaskType) -> None:
    layer = MaskedConv2d(2, 3, 5, mask)
    (figure,) = layer.anatomy()
    assert isinstance(figure, MaskedKernel)
    assert figure.kind == mask
    assert np.array_equal(figure.mask[:3], layer.mask.bool().numpy())
    assert not figure.mask[3:].any()


def test_a_masked_kernel_is_shaded_by_the_mean_magnitude_of_its_weights() -> None:
    layer = MaskedConv2d(2, 3, 3, "B")
    (figure,) = layer.anatomy()
    assert isinstance(figure, MaskedKernel)
    assert figure.strength[0, 1] == pytest.approx(
        float(layer.weight.detach()[:, :, 0, 1].abs().mean())
    )
    assert not figure.strength[~figure.mask].any()


# ---- two stacks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer", [RowsAbove(1, 1), LeftOf(1, 1), Downward(1, 1, 2), Rightward(1, 1)], ids=type
)
def test_the_taps_of_a_stack_are_what_its_gradient_reaches(
    layer: RowsAbove | LeftOf | Downward | Rightward,
) -> None:
    x = torch.zeros(1, 1, 9, 9, requires_grad=True)
    layer(x)[0, 0, 4, 4].backward()
    assert x.grad is not None
    reached = {(row - 4, column - 4) for row, column in x.grad[0, 0].nonzero().tolist()}
    assert reached == {tuple(offset) for offset in layer.taps().offsets.tolist()}


@pytest.mark.parametrize("layer", [RowsAbove(1, 1), LeftOf(1, 1)], ids=type)
def test_a_first_layer_would_look_at_the_site_itself_if_it_were_not_moved(
    layer: RowsAbove | LeftOf,
) -> None:
    taps = layer.taps()
    assert [0, 0] in (taps.offsets + taps.moved).tolist()
    assert [0, 0] not in taps.offsets.tolist()


def test_layers_that_differ_in_their_dilation_are_one_part_that_says_so() -> None:
    parts = figures(small("gated-pixelcnn", dilations=(1, 2, 4)))
    middle = next(part for part in parts if part.count == 2 and isinstance(part.figure, Stacks))
    assert middle.differences() == "dilation 1, 2"


def test_a_gate_says_what_condition_goes_into_it() -> None:
    gates = {
        name: {gate.condition for gate in of_kind(figures(small(name)), Gate)}  # type: ignore[attr-defined]
        for name in ("gated-pixelcnn", "gated-pixelcnn-class", "gated-pixelcnn-map")
    }
    assert gates == {
        "gated-pixelcnn": {""},
        "gated-pixelcnn-class": {"class"},
        "gated-pixelcnn-map": {"what is painted"},
    }


# ---- masked units --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["made", "made-any-order"])
def test_the_masks_of_units_are_those_that_the_layers_are_given(name: str) -> None:
    model = small(name, hidden=40)
    given: dict[str, Tensor] = {}
    for part in ("first", "second", "out"):
        model.get_submodule(part).register_forward_pre_hook(
            lambda _, inputs, part=part: given.update({part: inputs[1]})
        )
    model.conditionals(pictures(model, 1))
    (figure,) = of_kind(figures(model), MaskedUnits)
    assert isinstance(figure, MaskedUnits)
    for (part, mask), drawn in zip(given.items(), figure.connections, strict=False):
        rows, columns = (figure.layers[at].index for at in (drawn.later, drawn.earlier))
        assert np.array_equal(mask.numpy()[rows][:, columns], drawn.mask), part


def test_what_flows_into_a_hidden_unit_is_the_product_of_the_masks() -> None:
    figure = units("made")
    first, second = (connection.mask.astype(int) for connection in figure.connections[:2])
    product = second @ first > 0
    assert np.array_equal(figure.flows_into(2, range(40))[0], product)


@pytest.mark.parametrize("name", ["made", "made-any-order"])
def test_exactly_the_earlier_inputs_flow_into_an_output(name: str) -> None:
    figure = units(name, shape=(3, 4, 4), levels=4)
    inputs, outputs = figure.layers[0].numbers, figure.layers[-1].numbers
    flows = figure.flows_into(3, range(len(outputs)))[0]
    assert np.array_equal(flows, inputs < outputs[:, None])


def test_a_large_layer_is_drawn_by_some_of_its_units_evenly_spread() -> None:
    figure = units("made", shape=(1, 40, 40))
    assert figure.layers[0].total == 1600
    assert len(figure.layers[0].numbers) == 1024
    assert figure.layers[0].numbers[[0, -1]].tolist() == [1, 1600]


def test_units_spread_evenly_have_the_first_and_the_last() -> None:
    assert spread(9, 3).tolist() == [0, 4, 8]
    assert spread(2, 5).tolist() == [0, 1]


# ---- models that say nothing of themselves -------------------------------------------------------


def test_a_model_of_another_package_is_drawn_as_boxes() -> None:
    model = example_model.NADE(example_model.Config(shape=(1, 3, 3), hidden=4))
    parts = figures(model)
    (box,) = of_kind(parts, Box)
    assert isinstance(box, Box)
    assert (box.kind, box.weights[0]) == ("NADE", ("first", (9, 1, 4)))


def test_a_convolution_is_a_box_with_its_kernel() -> None:
    (part,) = figures(nn.Sequential(nn.Conv2d(1, 2, (3, 5), stride=2)))
    assert isinstance(part.figure, Box)
    assert (part.figure.kernel, part.figure.stride) == ((3, 5), (2, 2))


def test_a_part_that_happens_to_be_called_anatomy_is_drawn_like_any_other() -> None:
    model = nn.Module()
    model.anatomy = nn.Linear(1, 2)
    assert [part.names for part in figures(model)] == [("anatomy",)]


def test_equal_neighbours_are_one_part_with_a_count() -> None:
    block = [nn.Sequential(nn.Linear(2, 2), nn.Conv2d(1, 1, 3)) for _ in range(3)]
    parts = figures(nn.Sequential(nn.Linear(2, 5), *block))
    assert [part.count for part in parts] == [1, 3, 3]
    assert parts[1].names == ("1.0", "2.0", "3.0")
    assert parts[1].group == parts[2].group != parts[0].group


def test_a_module_that_says_its_parts_is_drawn_in_that_order() -> None:
    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(1, 2), nn.Linear(2, 3)

        def anatomy(self) -> Iterator[Figure | nn.Module]:
            yield self.second
            yield self.first

    assert [part.names for part in figures(Turned())] == [("second",), ("first",)]
