"""Layers of PixelCNN++: weight-normalised convolutions over what comes before, the concatenated
ELU, and the gate.

A weight is kept as a direction and a length for every output, w = g v / |v| (Salimans & Kingma
2016, "Weight normalization", equation 2); lengths and biases are chosen from the first pictures, so
that every output starts with mean 0 and deviation 1 (section 3 there). Every convolution reads what
`concatenated_elu` gives, which is also where the padding comes from.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.tracing import traced

Padding = tuple[int, int, int]  # columns to the left, columns to the right, rows above


class NormalisedConv2d(nn.Module):
    """A convolution without padding whose weight is g v / |v|; transposed where `up`, which makes
    stride x stride as many.

    scale: the deviation that the outputs start with.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        stride: int = 1,
        up: bool = False,
        scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.stride, self.up, self.scale = stride, up, scale
        self.direction = nn.Parameter(torch.empty(outputs, inputs, *kernel))
        nn.init.kaiming_normal_(self.direction, nonlinearity="linear")
        self.gain = nn.Parameter(torch.full((outputs,), scale))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.initialising = False

    def weight(self) -> Tensor:
        """(outputs, inputs, rows, columns)."""
        length = self.direction.flatten(1).norm(dim=1)
        return self.direction * (self.gain / length)[:, None, None, None]

    def forward(self, x: Tensor) -> Tensor:
        if self.initialising:
            self._initialise(x)
        return self._convolved(x, self.weight(), self.bias)

    def _convolved(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.up:
            return F.conv_transpose2d(x, weight.transpose(0, 1), bias, self.stride)
        return F.conv2d(x, weight, bias, self.stride)

    @torch.no_grad()
    def _initialise(self, x: Tensor) -> None:
        """Give the outputs for x the mean of the bias as it is, and the deviation `scale`; outputs
        that are the same everywhere, as above the only row of a picture, keep their length."""
        self.gain.fill_(1.0)
        deviation, mean = torch.std_mean(self._convolved(x, self.weight(), None), (0, 2, 3))
        self.gain.copy_(self.scale / torch.where(deviation > 1e-3, deviation, 1.0))
        self.bias.sub_(mean * self.gain)

    def spread(self, seen: Tensor) -> Tensor:
        """What the outputs depend on, given what the inputs do:
        floats (B, 1, H, W), 0 where a site does not."""
        ones = torch.ones(1, 1, *self.direction.shape[2:], device=seen.device)
        return self._convolved(seen, ones, None).clamp_max(1)


class _ConcatenatedELU(torch.autograd.Function):
    """Written out, since it is much of a training step:
    one output, written in place, is all that is kept.

    elu(x) = max(x, exp(-|x|) - 1) for either sign of x, so that one exponential serves both halves.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, padding: Padding) -> Tensor:
        left, right, above = padding
        B, C, H, W = x.shape
        # channels last
        y = x.new_zeros((B, above + H, left + W + right, 2 * C)).permute(0, 3, 1, 2)
        inside = y[:, :, above:, left : left + W]
        below = x.abs().neg_().expm1_()
        torch.maximum(x, below, out=inside[:, :C])
        torch.maximum(x.neg(), below, out=inside[:, C:])
        ctx.save_for_backward(y)
        ctx.padding = padding
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (y,) = ctx.saved_tensors
        left, right, above = ctx.padding
        columns = slice(left, y.shape[3] - right)
        y, gradient = y[:, :, above:, columns], gradients[0][:, :, above:, columns]
        gradient = torch.ops.aten.elu_backward(gradient, 1, 1, 1, True, y)
        C = y.shape[1] // 2
        return gradient[:, :C] - gradient[:, C:], None


class _Gate(torch.autograd.Function):
    """Written out so that the gradients of both halves go into one tensor; sigmoid is slow where
    channels are cut."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        signal, gate = y.chunk(2, 1)
        gate = gate.contiguous(memory_format=torch.channels_last).sigmoid()
        ctx.save_for_backward(signal, gate)
        return torch.addcmul(x, signal, gate)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        signal, gate = ctx.saved_tensors
        gradient = gradients[0]
        B, C, H, W = signal.shape
        both = signal.new_empty((B, H, W, 2 * C)).permute(0, 3, 1, 2)
        torch.mul(gradient, gate, out=both[:, :C])
        torch.ops.aten.sigmoid_backward.grad_input(gradient * signal, gate, grad_input=both[:, C:])
        return gradient, both


def concatenated_elu(x: Tensor, padding: Padding = (0, 0, 0)) -> Tensor:
    """elu of x and of -x, (B, 2 * C, above + H, left + W + right),
    with zeros around (Shang et al. 2016)."""
    if traced():
        left, right, above = padding
        return F.pad(F.elu(torch.cat([x, -x], 1)), (left, right, above, 0))
    return _ConcatenatedELU.apply(x, padding)


def gated(x: Tensor, y: Tensor) -> Tensor:
    """x plus the first half of y's channels times the sigmoid of the second:
    x (B, C, H, W), y (B, 2 * C, H, W)."""
    if traced():
        signal, gate = y.chunk(2, 1)
        return x + signal * gate.sigmoid()
    return _Gate.apply(x, y)
