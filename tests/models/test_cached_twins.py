"""Fusions of cached twins, each of which is what the plain layers come to;
and in which mode steppers run."""

from __future__ import annotations

import pytest
import torch

from models.layers.cached import Memory
from models.layers.gates import DoubledGateStep, gate
from models.layers.masked import MaskedLinear, OrderedLinearStep
from models.layers.recurrent_blocks import DiagonalBlock, LeftwardRows, rows_first
from models.pixelcnn import Block, FoldedStream, PixelCNN
from models.pixelrnn import DiagonalBiLSTM
from tests.models.zoo import conditions, pictures, small


@torch.inference_mode()
def test_the_folded_stream_is_the_stream_added_up_block_by_block() -> None:
    model = small("pixelcnn").double()
    assert isinstance(model, PixelCNN)
    blocks = [block for block in model.blocks if isinstance(block, Block)]
    stream = FoldedStream(blocks, Memory(model, batch=3))
    h = torch.randn(3, model.config.width, 1, 1, dtype=torch.double)
    stream.first.copy_(h.flatten(1))
    for i, block in enumerate(blocks):
        read = torch.empty(3, model.config.hidden, dtype=torch.double)
        torch.testing.assert_close(stream.down(i, out=read), block.down(h).flatten(1))
        found = torch.randn(3, model.config.hidden, 1, 1, dtype=torch.double)
        stream.inner[i].copy_(found.flatten(1))
        h = h + block.up(found)
    torch.testing.assert_close(stream.end(), h.flatten(1))


@torch.inference_mode()
def test_all_lstms_to_the_left_go_over_a_row_as_each_does_alone() -> None:
    model = small("pixelrnn-diagonal").double()
    assert isinstance(model, DiagonalBiLSTM)
    blocks = [block for block in model.blocks if isinstance(block, DiagonalBlock)]
    height, width = model.spec.space
    together = LeftwardRows(blocks, Memory(model, batch=3))
    inputs = torch.randn(len(blocks), height * width, 3, model.config.width, dtype=torch.double)
    own = torch.randn(height * width, 3, 4 * model.config.hidden, dtype=torch.double)
    for row in range(height):
        here = slice(row * width, (row + 1) * width)
        together.close(row, inputs[:, here].transpose(1, 2).unbind(0), own[here].transpose(0, 1))
    for i, block in enumerate(blocks):
        _, alone = block.scan(inputs[i], own if i == 0 else None)
        torch.testing.assert_close(together.states[:, i, 1:], rows_first(alone, width))


def test_the_doubled_gate_is_twice_the_gate() -> None:
    both = torch.randn(3, 10, dtype=torch.double)
    step = DoubledGateStep(Memory(small("wavenet").double(), batch=3), width=5)
    step.both.copy_(step.halved(both))
    doubled = torch.empty(3, 5, dtype=torch.double)
    step(out=doubled)
    torch.testing.assert_close(doubled, 2 * gate(both))


@pytest.mark.parametrize("strict", [False, True])
def test_ordered_sums_are_those_of_a_masked_linear_layer(strict: bool) -> None:
    layer = MaskedLinear(6, 5).double()
    seen, drawn = [0, 0, 1, 2, 4, 5], [0, 1, 1, 3, 5]  # ranks of the inputs and of the outputs
    ranks = torch.tensor(drawn)[:, None], torch.tensor(seen)
    mask = ranks[0] > ranks[1] if strict else ranks[0] >= ranks[1]
    x = torch.randn(3, 6, dtype=torch.float64)
    meant = layer(x, mask) - layer.bias
    one_by_one, at_once = (
        OrderedLinearStep(layer.weight.T, seen, drawn, x.new_zeros(3, 5), strict) for _ in range(2)
    )
    one_by_one.add(0, 2, x[:, :2])
    for i in range(2, 6):
        one_by_one.add(i, i + 1, x[:, i : i + 1])
    at_once.add(0, 6, x)
    torch.testing.assert_close(one_by_one.sums, meant)
    torch.testing.assert_close(at_once.sums, meant)


@pytest.mark.parametrize("name", ["gated-pixelcnn-class", "transformer", "wavenet-mel"])
def test_a_stepper_that_was_made_in_inference_mode_runs_outside(name: str) -> None:
    model = small(name).requires_grad_(True)
    x, condition = pictures(model, 2), conditions(model, 2)
    with torch.inference_mode():
        stepper = model.stepper(2, condition)
    for site in range(9):
        stepper.commit(model.sites(x)[:, site])
    stepper.select(torch.tensor([1, 1, 0]))
    stepper.rewind(7)
    expected = model.conditionals(x, condition)[[1, 1, 0], 7]
    torch.testing.assert_close(stepper.conditional(), expected, rtol=0, atol=1e-4)
