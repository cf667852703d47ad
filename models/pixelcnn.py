"""PixelCNN: masked convolutions over the pixels above and to the left
(van den Oord et al. 2016a, section 3.3).

The idea: a convolution whose kernel is zero from the centre on (mask A), followed by convolutions
that may look at their own centre (mask B), sees only earlier pixels, so all 784 conditionals of a
picture train in one pass.

Stacking square masked kernels leaves a blind spot, though: a wedge to the right above the pixel
that no path reaches (van den Oord et al. 2016b, section 2.2). This model keeps it, as the plain
PixelCNN does; `pixelcnn-two-stack` has none.

Differences from the paper: the residual blocks use 7x7 kernels where the paper's have 3x3, a linear
stream with biases, and a channel of ones in the input, so that a blank pixel and "outside" differ.
No residual connection goes round the A layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import LongTensor, Tensor, nn

from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import Memory, Pointwise
from models.layers.masked import MaskedConv2d, check_kernel
from models.layers.raster import RasterStepper
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Paper, Publication, Variant, dynamically


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(64, "Channels of the stream", range=(1, 4096))
    hidden: int = setting(24, "Channels inside a block", range=(1, 4096))
    kernel: int = setting(7, "Rows and columns of the masked square, an odd number", range=(1, 63))
    blocks: int = setting(6, "Residual blocks after the first layer", range=(0, 256))
    head: int = setting(64, "Channels between the last two layers", range=(1, 4096))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_kernel(self.kernel)


class Block(nn.Module):
    """x + up(relu(conv(relu(down(x))))): the residual block
    of figure 5 (left), with a 7x7 mask B kernel."""

    def __init__(self, width: int, hidden: int, kernel: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(width, hidden, 1)
        self.conv = MaskedConv2d(hidden, hidden, kernel, "B")
        self.up = nn.Conv2d(hidden, width, 1)

    def bottleneck(self, x: Tensor) -> Tensor:
        """What the masked convolution looks at: (B, hidden, H, W)."""
        return self.down(x).relu_()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.up(self.conv(self.bottleneck(x)).relu_())  # (B, width, H, W)


class PixelCNN(AutoregressiveModel):
    """The plain PixelCNN with its blind spot."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first = MaskedConv2d(self.spec.channels + 1, config.width, config.kernel, "A")
        self.blocks = nn.ModuleList(
            Block(config.width, config.hidden, config.kernel) for _ in range(config.blocks)
        )
        self.head = nn.Conv2d(config.width, config.head, 1)
        self.out = nn.Conv2d(config.head, self.likelihood.parameters, 1)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.scaled(x)  # (B, channels, H, W)
        h = self.first(torch.cat([x, torch.ones_like(x[:, :1])], 1))  # (B, width, H, W)
        for block in self.blocks:
            h = block(h)
        return self.out(self.head(h.relu_()).relu_()).flatten(2).transpose(1, 2)  # (B, N, P)

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> PixelCNNStepper:
        return PixelCNNStepper(self, batch, self.config.kernel // 2)

    def dependencies(self) -> Tensor:
        """The wedge that stacked masks reach: per layer up to 3 columns left in the row itself, and
        a square above it.

        A pixel `up` rows higher is reached only by going up, and a step that goes up by u rows goes
        right by at most `reach` columns, while a step within the row goes left only.
        """
        height, width = self.spec.space
        reach, layers = self.config.kernel // 2, self.config.blocks + 1
        row, column = torch.arange(height * width) // width, torch.arange(height * width) % width
        up, right = row[:, None] - row[None], column[None] - column[:, None]
        sideways = reach * layers
        inside = (up >= 0) & (up <= sideways) & (right >= -sideways)
        # each layer that goes up at all (by 1..reach rows) buys `reach` columns to the right, and
        # at most `layers` can; with u rows to climb, at most min(u, layers) layers can go up.
        most_right = torch.where(up > 0, reach * up.clamp(max=layers), -1)
        return inside & (right <= most_right)


class FoldedStream:
    """The stream past the blocks at one pixel, without its being there: with the features f of the
    first layer and what each block's masked convolution found, z,

        h_i = f + up_1(z_1) + ... + up_(i-1)(z_(i-1)),

    so what block i reads, down_i(h_i), is one product of [f, z_1, ..., z_(i-1)] with the matrix
    [D_i, U_1 D_i, ..., U_(i-1) D_i]. That leaves two products a block instead of three: a picture
    of the shipped model takes a fifth less time than with the stream added up.
    """

    def __init__(self, blocks: Sequence[Block], memory: Memory) -> None:
        hidden, width = blocks[0].down.weight.shape[:2]
        found = memory.scratch(width + len(blocks) * hidden)
        self.first, *self.inner = found.split([width] + [hidden] * len(blocks), 1)
        stream = torch.eye(width, device=found.device, dtype=found.dtype)  # [I, U_1, U_2, ...]
        bias = torch.zeros_like(stream[0])
        self._down: list[tuple[Tensor, Tensor, Tensor]] = []
        for block in blocks:
            down, up = Pointwise(block.down), Pointwise(block.up)
            down_bias = (bias @ down.weight + down.bias).repeat(memory.batch, 1)
            self._down.append((down_bias, found[:, : len(stream)], stream @ down.weight))
            stream, bias = torch.cat([stream, up.weight]), bias + up.bias
        self._end = bias, found, stream

    def down(self, block: int, out: Tensor) -> Tensor:
        """Write down_i(h_i) into `out`, (B, hidden), once `first`
        and `inner` of all blocks before are written."""
        return torch.addmm(*self._down[block], out=out)

    def end(self) -> Tensor:
        """The stream behind the last block, (B, width)."""
        return torch.addmm(*self._end)


class PixelCNNStepper(RasterStepper):
    """The mirror of `PixelCNN._conditionals`, with the stream folded."""

    model: PixelCNN

    def _make(self) -> None:
        super()._make()
        model, blocks = self.model, [cast(Block, block) for block in self.model.blocks]
        self._first = model.first.cached(self)
        self._convs = [block.conv.cached(self) for block in blocks]
        self._stream = FoldedStream(blocks, self.memory)
        self._head, self._out = Pointwise(model.head), Pointwise(model.out)

    def _open(self, row: int) -> None:
        for conv in (self._first, *self._convs):
            conv.open(row)

    def _pixel(self, row: int, column: int) -> Tensor:
        stream = self._stream
        self._first.pixel(column, out=stream.first)
        for i, conv in enumerate(self._convs):
            stream.down(i, out=conv.slots[column]).relu_()
            conv.pixel(column, out=stream.inner[i]).relu_()
        return self._out(self._head(stream.end().relu_()).relu_())

    def _close(self, row: int) -> None:
        for conv in self._convs:
            conv.close(row)

    def _prime(self, x: Tensor, rows: int) -> None:
        h = self.model.first(x[:, :, :rows])
        for conv, block in zip(self._convs, self.model.blocks, strict=True):
            conv.fill(cast(Block, block).bottleneck(h))
            h = block(h)


PAPER = Publication(
    "van den Oord, Kalchbrenner & Kavukcuoglu",
    2016,
    "Pixel Recurrent Neural Networks",
    "https://arxiv.org/abs/1601.06759",
)

VARIANTS = [
    Variant(
        "pixelcnn",
        PixelCNN,
        Config(),
        Recipe(epochs=3),
        "Masked 7x7 convolutions, with a blind spot",
        article=Article(0.1177),
        paper=Paper(81.30, "van den Oord et al. 2016a, table 4"),
        dynamic=dynamically(81.45),
        does=(
            "Masked 7x7 convolutions see only pixels above and to the left, so that all"
            " conditionals of a picture train in one pass."
        ),
        look_for=(
            "It has a blind spot, a wedge above to the right: a stroke that comes from there"
            " surprises it."
        ),
        published=PAPER,
    )
]
