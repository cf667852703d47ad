"""Every operation that is written down as instructions comes to what torch says, on other values
than it was recorded with; and what is not written down is left to torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.runtime.graphs import Recorder
from studio.engine.runtime.programs import Arena, Program

Step = Callable[..., Any]
Shapes = Sequence[tuple[int, ...]]
WEIGHT, BIAS = torch.randn(24, 70), torch.randn(70)
PLACES = torch.tensor([4, 0, 4, 2])

STEPS: dict[str, tuple[Step, Shapes]] = {
    "relu, in place": (lambda x: (x + 0).relu_(), [(2, 37)]),
    "sigmoid": (lambda x: x.sigmoid(), [(2, 37)]),
    "sigmoid, into a part": (
        lambda x: torch.sigmoid(x[:, :8], out=torch.zeros(2, 16)[:, 8:]),
        [(2, 37)],
    ),
    "tanh": (lambda x: x.tanh(), [(2, 37)]),
    "elu": (lambda x: F.elu(x), [(2, 37)]),
    "elu, steeper": (lambda x: F.elu(x, 2.5), [(2, 37)]),
    "elu of a turned one": (lambda x: F.elu(x.t()), [(2, 37)]),
    "gelu": (lambda x: F.gelu(x), [(3, 20)]),
    "glu": (lambda x: F.glu(x, 1), [(2, 38)]),
    "glu of another dimension": (lambda x: F.glu(x, 0), [(4, 5)]),
    "neg, exp and log": (lambda x: (-(x * x + 1).log()).exp(), [(2, 5)]),
    "log1p": (lambda x: (x * x).log1p(), [(2, 5)]),
    "log sigmoid": (lambda x: F.logsigmoid(x), [(2, 5)]),
    "rsqrt": (lambda x: (x * x + 1).rsqrt(), [(2, 5)]),
    "add, scaled": (lambda x, y: x.add(y, alpha=0.3), [(2, 37), (2, 37)]),
    "add, to all rows": (lambda x, y: x + y, [(3, 37), (37,)]),
    "add, to all columns": (lambda x, y: x + y, [(3, 37), (3, 1)]),
    "sub": (lambda x, y: x - y, [(2, 37), (2, 37)]),
    "mul by a number": (lambda x: x * 0.7, [(2, 37)]),
    "mul in place": (lambda x, y: (x + 1).mul_(y), [(2, 37), (2, 37)]),
    "div": (lambda x, y: x / (y * y + 1), [(2, 37), (2, 37)]),
    "addcmul": (lambda x, y, z: x.addcmul(y, z, value=0.5), 3 * [(2, 37)]),
    "addcmul in place": (lambda x, y, z: (x * 1).addcmul_(y, z), 3 * [(2, 37)]),
    "square": (lambda x: x.pow(2), [(2, 5)]),
    "maximum and minimum": (lambda x, y: x.maximum(y) - x.minimum(y), 2 * [(2, 5)]),
    "clamp": (lambda x: x.clamp(-0.5, 0.2), [(2, 5)]),
    "clamp, one side": (lambda x: x.clamp_min(0.1) - x.clamp_max(0.1), [(2, 5)]),
    "comparisons": (
        lambda x, y: torch.stack([x > y, x >= y, x < y, x <= y, x == y, x != y]).to(torch.float32),
        2 * [(2, 5)],
    ),
    "and, or, not": (lambda x, y: (((x > 0) & (y > 0)) | ~(x > 1)).float(), 2 * [(2, 5)]),
    "where": (lambda x, y: torch.where(x > 0, x, y), 2 * [(2, 5)]),
    "where, a number": (lambda x: torch.where(x > 0, 1.0, x), [(2, 5)]),
    "whole numbers": (lambda x: (x > 0).to(torch.int64) * 3 + 1, [(2, 5)]),
    "truth of bytes": (lambda x: (x * x * 9).to(torch.uint8).to(torch.float32), [(2, 5)]),
    "addmm": (lambda x: torch.addmm(BIAS, x, WEIGHT), [(3, 24)]),
    "addmm, scaled": (
        lambda x, y: torch.addmm(y, x, WEIGHT, beta=0.5, alpha=2.0),
        [(3, 24), (3, 70)],
    ),
    "addmm in place": (lambda x, y: (y + 0).addmm_(x, WEIGHT), [(3, 24), (3, 70)]),
    "mm with a turned one": (lambda x, y: x @ y.t(), [(3, 37), (5, 37)]),
    "linear": (lambda x, w, b: F.linear(x, w, b), [(3, 24), (70, 24), (70,)]),
    "linear of more dimensions": (lambda x, w: F.linear(x, w), [(2, 3, 24), (7, 24)]),
    "bmm": (lambda x, y: torch.bmm(x, y), [(4, 3, 9), (4, 9, 17)]),
    "baddbmm": (lambda b, x, y: torch.baddbmm(b, x, y), [(4, 3, 17), (4, 3, 9), (4, 9, 17)]),
    "matmul of heads": (lambda x, y: x @ y, [(2, 3, 4, 9), (2, 3, 9, 17)]),
    "softmax": (lambda x: x.softmax(-1), [(3, 37)]),
    "softmax of another dimension": (lambda x: x.softmax(1), [(2, 5, 3)]),
    "log softmax": (lambda x: x.log_softmax(-1), [(3, 37)]),
    "cumsum": (lambda x: x.cumsum(-1), [(3, 37)]),
    "sum": (lambda x: x.sum(-1), [(3, 37)]),
    "sum, kept": (lambda x: x.sum(1, keepdim=True), [(2, 5, 3)]),
    "sum of truths": (lambda x: (x > 0).sum(-1).float(), [(3, 37)]),
    "amax": (lambda x: x.amax(0), [(3, 37)]),
    "layer norm": (lambda x, w, b: F.layer_norm(x, (37,), w, b), [(3, 37), (37,), (37,)]),
    "attention": (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v),
        [(2, 3, 1, 16), (2, 3, 11, 16), (2, 3, 11, 8)],
    ),
    "index_select": (lambda x: x.index_select(1, PLACES), [(2, 5, 7)]),
    "index_select of rows": (lambda x: x.index_select(0, PLACES), [(5, 7)]),
    "embedding": (lambda x: F.embedding(PLACES.view(2, 2), x), [(5, 7)]),
    "cat": (lambda x, y: torch.cat([x, y], 1), [(2, 5), (2, 3)]),
    "stack": (lambda x, y: torch.stack([x, y], 2), 2 * [(2, 5)]),
    "zeros that are written to": (lambda x: torch.zeros(2, 5).add_(x), [(2, 5)]),
    "empty that is written to": (lambda x: torch.empty(2, 5).copy_(x), [(2, 5)]),
    "fill": (lambda x: (x + 0).fill_(2.5) + x, [(2, 5)]),
    "a constant": (lambda x: x + torch.arange(5), [(2, 5)]),
    "a turned copy": (lambda x: x.t().contiguous(), [(2, 37)]),
    "a single value": (lambda x: x * x, [(1, 1)]),
    "four dimensions": (
        lambda x, y: x.permute(3, 1, 0, 2) * y.permute(0, 3, 2, 1),
        [(2, 3, 4, 5), (5, 4, 2, 3)],
    ),
}
LEFT_TO_TORCH: dict[str, tuple[Step, Shapes, str]] = {
    "a convolution": (lambda x: F.conv2d(x, x[:1]), [(2, 1, 3, 3)], "conv2d"),
    "double": (lambda x: x.double().float(), [(2, 5)], "to"),
    "five dimensions": (
        lambda x: x.permute(4, 2, 0, 3, 1) * x.permute(4, 2, 0, 3, 1).flip(0),
        [(2, 3, 2, 3, 2)],
        "flip",
    ),
    "attention with a mask": (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, q.new_zeros(4, 5)),
        [(2, 4, 8), (2, 5, 8), (2, 5, 8)],
        "attention",
    ),
    "powers": (lambda x, y: (x * x + 1).pow(y), [(2, 5), (2, 5)], "pow"),
    "large whole numbers": (lambda x: (x > 0).long() + 2**40, [(2, 5)], "add"),
}


def recorded(step: Step, own: list[Tensor]) -> tuple[Program, Tensor]:
    with torch.inference_mode():
        recorder = Recorder()
        with recorder:
            found = step(*own)
        return recorder.program(Arena()), found


@pytest.mark.parametrize("name", STEPS)
def test_they_come_to_what_torch_says(name: str) -> None:
    step, shapes = STEPS[name]
    torch.manual_seed(0)
    own = [torch.randn(shape) for shape in shapes]
    program, found = recorded(step, own)
    assert program.by_torch == []
    for _ in range(2):
        for each in own:
            each.copy_(2 * torch.randn(each.shape))
        with torch.inference_mode():
            program.run()
        torch.testing.assert_close(found, step(*own), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", LEFT_TO_TORCH)
def test_what_there_is_no_instruction_for_is_done_by_torch_in_between(name: str) -> None:
    step, shapes, operation = LEFT_TO_TORCH[name]
    torch.manual_seed(0)
    own = [torch.randn(shape) for shape in shapes]
    program, found = recorded(lambda *x: step(*(each + 1 for each in x)) * 1, own)
    assert any(operation in each for each in program.by_torch)
    for each in own:
        each.copy_(torch.randn(each.shape))
    with torch.inference_mode():
        program.run()
    torch.testing.assert_close(found, step(*(each + 1 for each in own)))
