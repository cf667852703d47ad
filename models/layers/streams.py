"""The two streams of PixelCNN++: gated residual blocks,
and the ways to half and to twice the resolution.

The stream *above* knows the rows above; the stream *before* knows everything before, and reads the
other one in every block. Each part computes both, in parallel over a picture; its `spread` follows,
in place of features, which pixels they depend on: floats (B, 1, H, W), 0 where they do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Figure, Gate
from models.layers.normalised import NormalisedConv2d, Padding, concatenated_elu, gated

KERNELS = (2, 3), (2, 2)  # above: a row up, to either side; before: a row up and a column left
PADDINGS: tuple[Padding, Padding] = (1, 1, 1), (1, 0, 1)


@dataclass
class Features:
    """Of one stream: x (B, width, H, W);
    active: what convolutions read, celu(x) with its padding;
    hidden: what the second convolution of the block read that made them, if one did."""

    x: Tensor
    active: Tensor
    padding: Padding
    hidden: Tensor | None = None

    @classmethod
    def of(cls, x: Tensor, padding: Padding, hidden: Tensor | None = None) -> Features:
        return cls(x, concatenated_elu(x, padding), padding, hidden)

    @property
    def shape(self) -> torch.Size:
        return self.x.shape

    def inside(self, y: Tensor) -> Tensor:
        """What a 1x1 convolution of `active` has at the places of x."""
        left, _, above = self.padding
        return y[:, :, above:, left : left + self.x.shape[3]]


def padded(x: Tensor, padding: Padding) -> Tensor:
    return F.pad(x, (padding[0], padding[1], padding[2], 0))


class Block(nn.Module):
    """A gated residual block of one stream, which reads others besides."""

    def __init__(self, width: int, stream: int, others: int, dropout: float) -> None:
        super().__init__()
        self.padding = PADDINGS[stream]
        self.inner = NormalisedConv2d(2 * width, width, KERNELS[stream])
        self.others = nn.ModuleList(
            NormalisedConv2d(2 * width, width, (1, 1)) for _ in range(others)
        )
        self.dropout = nn.Dropout(dropout)
        self.outer = NormalisedConv2d(2 * width, 2 * width, KERNELS[stream], scale=0.1)

    def forward(self, bias: Tensor | None, own: Features, *others: Features) -> Features:
        """bias: what the class adds before the gate, (B, 2 * width, 1, 1)."""
        y = self.inner(own.active)
        for conv, other in zip(self.others, others, strict=True):
            y = y + other.inside(conv(other.active))
        hidden = self.dropout(concatenated_elu(y, self.padding))
        y = self.outer(hidden)
        return Features.of(gated(own.x, y if bias is None else y + bias), self.padding, hidden)

    def anatomy(self) -> Iterator[Figure]:
        before = ("celu of the stream itself", *("celu of another stream" for _ in self.others))
        yield Gate("", self.inner.direction.shape[0], before, after=("residual connection",))

    def spread(self, own: Tensor, *others: Tensor) -> Tensor:
        seen = self.inner.spread(padded(own, self.padding)) + sum(others)
        return (own + self.outer.spread(padded(seen, self.padding))).clamp_max(1)


class Layer(nn.Module):
    """A block of each stream; on the way up, a short-cut leads into each."""

    def __init__(self, width: int, index: int, shortcuts: bool, dropout: float) -> None:
        super().__init__()
        self.index = index  # in the table of what the classes add
        self.above = Block(width, 0, 1 if shortcuts else 0, dropout)
        self.before = Block(width, 1, 2 if shortcuts else 1, dropout)

    def forward(self, biases: Tensor | None, *features: Features) -> tuple[Features, Features]:
        """biases: of all layers, (B, layers, 2, 2 * width).
        features: both streams, and both short-cuts where there are."""
        first, second = (
            (None, None) if biases is None else biases[:, self.index, :, :, None, None].unbind(1)
        )
        above, before, *shortcuts = features
        above = self.above(first, above, *shortcuts[:1])
        return above, self.before(second, before, above, *shortcuts[1:])

    def spread(self, above: Tensor, before: Tensor, *shortcuts: Tensor) -> tuple[Tensor, Tensor]:
        above = self.above.spread(above, *shortcuts[:1])
        return above, self.before.spread(before, above, *shortcuts[1:])


class Shrink(nn.Module):
    """To half the resolution: convolutions of stride 2, whose
    last row and column is the one that they stand at."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.above, self.before = (
            NormalisedConv2d(2 * width, width, kernel, stride=2) for kernel in KERNELS
        )

    def forward(self, above: Features, before: Features) -> tuple[Features, Features]:
        return Features.of(self.above(above.active), PADDINGS[0]), Features.of(
            self.before(before.active), PADDINGS[1]
        )

    def spread(self, above: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        return self.above.spread(padded(above, PADDINGS[0])), self.before.spread(
            padded(before, PADDINGS[1])
        )


class Grow(nn.Module):
    """To twice the resolution: transposed convolutions of stride 2,
    cut to the size (rows, columns) that is wanted."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.above, self.before = (
            NormalisedConv2d(2 * width, width, kernel, stride=2, up=True) for kernel in KERNELS
        )

    def forward(
        self, size: tuple[int, int], above: Features, before: Features
    ) -> tuple[Features, Features]:
        rows, columns = size
        a = self.above(above.inside(above.active))[:, :, :rows, 1 : 1 + columns]
        b = self.before(before.inside(before.active))[:, :, :rows, :columns]
        return Features.of(a, PADDINGS[0]), Features.of(b, PADDINGS[1])

    def spread(self, size: tuple[int, int], above: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        rows, columns = size
        a, b = self.above.spread(above), self.before.spread(before)
        return a[:, :, :rows, 1 : 1 + columns], b[:, :, :rows, :columns]
