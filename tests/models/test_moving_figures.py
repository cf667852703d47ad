"""Figures that move with the picture say what the network really computes and keeps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import pytest
import torch
from torch import Tensor

from models.anatomy import Figure, MaskedKernel, figures
from models.layers.dilated import DilatedLayerStep
from models.layers.ordered import OrderedConv2d
from models.layers.recurrent_blocks import DiagonalBlock, RowBlock, by_diagonals
from models.moving_figures import AttentionTriangle, DilatedTree, Scales
from models.wavenet import WaveNetPixels, WaveNetStepper
from studio.engine.insights.layers import layers_of
from tests.models.zoo import pictures, small

T = TypeVar("T", bound=Figure)


def figure_of(name: str, kind: type[T], **overrides: Any) -> T:
    parts = figures(small(name, **overrides))
    return next(part.figure for part in parts if isinstance(part.figure, kind))


def rings(stepper: WaveNetStepper) -> list[Tensor]:
    """What the queue of each layer has for its older tap, (places, width)."""
    steps: Iterable[DilatedLayerStep] = stepper._network._layers
    return [step._ring[:, 0, : step._ring.shape[2] // 2] for step in steps]


@pytest.mark.parametrize("position", [0, 1, 5, 20])
def test_the_queues_of_the_tree_are_those_that_the_stepper_keeps(position: int) -> None:
    model = small("wavenet-pixels", dilations=(1, 2, 4, 8))
    assert isinstance(model, WaveNetPixels)
    figure, x = DilatedTree(model.dilations, model.width), pictures(model, 1)
    stepper = model.stepper(1)
    assert isinstance(stepper, WaveNetStepper)
    for values in model.sites(x)[0, :position]:
        stepper.commit(values[None])
    states = [h[0] for h, _ in model.through(model.first(model.scaled(x).flatten(2).mT))]
    for layer, ring in enumerate(rings(stepper), 1):
        sites = figure.queue(layer, position)
        assert len(ring) == figure.dilations[layer - 1]
        assert int(ring.any(1).sum()) == len(sites)
        for site in sites:
            assert torch.allclose(ring[site % len(ring)], states[layer - 1][site], atol=1e-5)


def test_what_flows_into_the_top_of_the_tree_is_what_the_model_depends_on() -> None:
    model = small("wavenet-pixels", dilations=(1, 2, 8))
    assert isinstance(model, WaveNetPixels)
    figure = DilatedTree(model.dilations, model.width)
    for site, row in enumerate(model.dependencies()):
        bottom = {each for below, each in figure.tree(3, site) if below == 0}
        # what the first layer makes of a site is shifted by one
        assert {each - 1 for each in bottom if each} == set(row.nonzero().flatten().tolist())


def test_as_many_layers_are_drawn_as_look_back_within_the_sites_that_are_drawn() -> None:
    assert DilatedTree((1, 2, 4, 8, 16, 32), 4).drawable(32) == 5
    assert DilatedTree((512,), 4).drawable(32) == 1


def test_a_state_of_the_diagonal_lstm_comes_from_a_diagonal_before_as_in_its_layer() -> None:
    block = DiagonalBlock(2, 2, columns=5)
    figure = next(each for each in block.anatomy() if isinstance(each, Figure))
    for way, order in zip((1, -1), by_diagonals(4, 5, torch.device("cpu")), strict=True):
        row, column = divmod(int(order[9]), 5)
        sources = figure.sources(row, column, way)  # type: ignore[attr-defined]
        assert {above - row for above, _ in sources} == set(block.right.offsets)
        # skewed, both lie a column before
        assert {above + way * beside for above, beside in sources} == {row + way * column - 1}


def test_a_state_of_the_row_lstm_comes_from_the_columns_that_its_layer_looks_at() -> None:
    block = RowBlock(2, 2, columns=5)
    figure = next(each for each in block.anatomy() if isinstance(each, Figure))
    sources = figure.sources(3, 2)  # type: ignore[attr-defined]
    assert sources == [(2, 2 + offset) for offset in block.lstm.offsets]


@pytest.mark.parametrize("name", ["transformer", "pixelsnail"])
def test_the_triangle_of_attention_is_what_the_model_depends_on(name: str) -> None:
    figure = figure_of(name, AttentionTriangle)
    for query, row in enumerate(small(name).dependencies()):
        assert list(figure.seen(query)) == row.nonzero().flatten().tolist()


def test_resolutions_are_those_that_come_out_of_the_parts_of_the_network() -> None:
    model = small("pixelcnn-plus-plus", (1, 8, 12))
    seen = [
        layer.form.grid
        for layer in layers_of(model)
        if layer.name.startswith("levels") and layer.depth == 0 and "#" not in layer.name
    ]
    (figure,) = [part.figure for part in figures(model) if isinstance(part.figure, Scales)]
    assert [(grid.rows, grid.columns) for grid in figure.grids[1:]] == seen
    assert sum(way.kind == "short-cut" for way in figure.ways) == 6


def test_resolutions_of_an_order_agnostic_network_are_those_of_its_blocks() -> None:
    model = small("ardm", (1, 8, 12), blocks=(1, 2, 1))
    (figure,) = [part.figure for part in figures(model) if isinstance(part.figure, Scales)]
    assert [grid.rows for grid in figure.grids] == [4, 4, 2, 2, 2, 4, 4]
    assert [way[:2] for way in figure.ways if way.kind == "short-cut"] == [(1, 5)]
    assert [figure.stride(number) for number in (0, 2)] == [2, 4]


def test_a_coarse_grid_is_computed_at_the_first_of_its_pixels_only() -> None:
    figure = figure_of("pixelcnn-plus-plus", Scales, shape=(1, 8, 8))
    coarsest = min(range(len(figure.grids)), key=lambda number: figure.grids[number].rows)
    assert figure.computed(coarsest, 4, 4)
    assert not figure.computed(coarsest, 4, 6)
    assert figure.computed(0, 3, 5)


def test_a_convolution_in_raster_order_is_drawn_as_the_kernel_that_it_is() -> None:
    layer = OrderedConv2d(2, 3, "raster", (5, 5), reach=1, itself=True)
    (figure,) = layer.anatomy()
    assert isinstance(figure, MaskedKernel)
    x = torch.zeros(1, 5, 5, 2, requires_grad=True)
    layer(x)[0, 2, 2].sum().backward()
    assert x.grad is not None
    looked_at = x.grad[0].abs().sum(2)[1:4, 1:4] > 0
    assert figure.mask.tolist() == looked_at.tolist()
    assert figure.kind == "B"
    assert not figure.strength[~figure.mask].any()
