"""PixelRNN: the Row LSTM and the Diagonal BiLSTM (van den Oord et al.
2016a, sections 3.1, 3.2 and 3.4).

The idea: a two-dimensional LSTM carries a state over the picture, so that a pixel sees far. The
*Row LSTM* goes from the top down, a whole row at a time: each state comes from three states of the
row above, so what a pixel sees widens upwards like a triangle. The *Diagonal BiLSTM* goes over the
diagonals, each state coming from the pixel to the left and the one above; a second one, mirrored,
goes from right to left. Its map goes down one row before both are added, since in their own row its
states hold pixels that come later. Together they see every earlier pixel.

Differences from the paper: a linear stream with biases of its own width runs past the layers, as in
`pixelcnn`; the candidate is tanh(z / 2) (see `ConvLSTM`); the input has a channel of ones, so that
a blank pixel and "outside" differ. The first right-to-left map also reads the pixel itself, which
its move down makes an earlier one: without it, nothing would tell a row of the last pixel of the
row above until its end.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import LongTensor, Tensor, nn

from models.anatomy import Figure
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import Pointwise
from models.layers.masked import MaskedConv2d, check_kernel
from models.layers.raster import RasterStepper
from models.layers.recurrent_blocks import (
    DiagonalBlock,
    DiagonalBlockStep,
    LeftwardRows,
    RowBlock,
    RowBlockStep,
    sites_first,
)
from models.pixelcnn import PAPER
from models.recipe import Recipe
from models.settings import setting
from models.variants import Paper, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(64, "Channels of the stream", range=(1, 4096))
    hidden: int = setting(48, "Channels of an LSTM's state", range=(1, 4096))
    kernel: int = setting(
        7, "Rows and columns of the first layer's masked square, an odd number", range=(1, 63)
    )
    blocks: int = setting(3, "Layers of LSTMs", range=(1, 256))
    head: int = setting(64, "Channels between the last two layers", range=(1, 4096))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_kernel(self.kernel)


class PixelRNN(AutoregressiveModel):
    """What both have in common: the first layer, the stream and the head. Inside, sites come first:
    (N, B, channels)."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first = MaskedConv2d(self.spec.channels + 1, config.width, config.kernel, "A")
        self.head = nn.Linear(config.width, config.head)
        self.out = nn.Linear(config.head, self.likelihood.parameters)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        last = (self.head, self.out)
        yield from (part for part in self.children() if part not in last)
        yield from last

    @abstractmethod
    def stream(self, x: Tensor) -> Tensor:
        """x (B, channels + 1, H, W) -> what the head reads, (N, B, width)."""

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.scaled(x)
        h = self.stream(torch.cat([x, torch.ones_like(x[:, :1])], 1))
        return self.out(self.head(h.relu_()).relu_()).transpose(0, 1)  # (B, N, P)


class PixelRNNStepper(RasterStepper):
    """What both steppers have in common: the mirror of `PixelRNN._conditionals`."""

    model: PixelRNN
    blocks: Sequence[RowBlockStep | DiagonalBlockStep]

    def _make(self) -> None:
        super()._make()
        model = self.model
        self._first, self._h = model.first.cached(self), self.memory.scratch(model.config.width)
        self._head, self._out = Pointwise(model.head), Pointwise(model.out)

    def _open(self, row: int) -> None:
        for part in (self._first, *self.blocks):
            part.open(row)

    def _pixel(self, row: int, column: int) -> Tensor:
        stream = self._first.pixel(column, out=self._h)
        for block in self.blocks:
            stream = block.pixel(column, stream)
        return self._out(self._head(stream.relu_()).relu_())

    def _close(self, row: int) -> None:
        for block in self.blocks:
            block.close(row)


class RowLSTM(PixelRNN):
    """Layers of LSTMs that go down row by row."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        sizes = config.width, config.hidden, config.shape[2]
        self.blocks = nn.ModuleList(RowBlock(*sizes) for _ in range(config.blocks))

    def stream(self, x: Tensor) -> Tensor:
        h = sites_first(self.first(x))
        for block in self.blocks:
            h = block(h)
        return h

    def dependencies(self) -> Tensor:
        """The paper's triangle, which widens by a column a row,
        wider by what the first layer and the rows add.

        A path goes up by any number of rows and sideways by at most as many columns, a column to
        the left in each layer, and ends in the first layer's square, which must be entered a row up
        to go right.
        """
        height, width = self.spec.space
        row, column = torch.arange(height * width) // width, torch.arange(height * width) % width
        up, right = row[:, None] - row[None], column[None] - column[:, None]
        reach = self.config.kernel // 2
        most_right = torch.where(up > 0, up - 1 + reach, -1)
        return (up >= 0) & (right <= most_right) & (right >= -(up + reach + self.config.blocks))

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> RowLSTMStepper:
        return RowLSTMStepper(self, batch, self.first.reach)


class RowLSTMStepper(PixelRNNStepper):
    """The mirror of `RowLSTM.stream`."""

    model: RowLSTM
    blocks: list[RowBlockStep]

    def _make(self) -> None:
        super()._make()
        self.blocks = [RowBlockStep(cast(RowBlock, block), self) for block in self.model.blocks]

    def _prime(self, x: Tensor, rows: int) -> None:
        stream = sites_first(self.model.first(x[:, :, :rows]))
        for block in self.blocks:
            stream = block.fill(stream)


class DiagonalBiLSTM(PixelRNN):
    """Layers of two LSTMs each that go over the diagonals, to the right and to the left."""

    OUTER_PARTS = ("first", "first_own", "out")

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first_own = nn.Linear(self.spec.channels + 1, 4 * config.hidden, bias=False)
        sizes = config.width, config.hidden, config.shape[2]
        self.blocks = nn.ModuleList(DiagonalBlock(*sizes) for _ in range(config.blocks))

    def stream(self, x: Tensor) -> Tensor:
        h, own = sites_first(self.first(x)), self.first_own(sites_first(x))
        for i, block in enumerate(self.blocks):
            h = block(h, own if i == 0 else None)
        return h

    def _stepper(
        self, batch: int, condition: Tensor | None, order: LongTensor
    ) -> DiagonalBiLSTMStepper:
        return DiagonalBiLSTMStepper(self, batch, self.first.reach)


class DiagonalBiLSTMStepper(PixelRNNStepper):
    """The mirror of `DiagonalBiLSTM.stream`; the LSTMs to the left follow a row at a time."""

    model: DiagonalBiLSTM
    blocks: list[DiagonalBlockStep]

    def _make(self) -> None:
        super()._make()
        blocks = [cast(DiagonalBlock, block) for block in self.model.blocks]
        self._left = LeftwardRows(blocks, self.memory)
        self.blocks = [
            DiagonalBlockStep(block, self, left)
            for block, left in zip(blocks, self._left.states.unbind(1), strict=True)
        ]

    def _close(self, row: int) -> None:
        super()._close(row)
        own = self.model.first_own(self.grid.inside[:, row])
        self._left.close(row, [block.line for block in self.blocks], own)

    def _prime(self, x: Tensor, rows: int) -> None:
        x = x[:, :, :rows]
        stream, own = sites_first(self.model.first(x)), self.model.first_own(sites_first(x))
        for i, block in enumerate(self.blocks):
            stream = block.fill(stream, own if i == 0 else None)


VARIANTS = [
    Variant(
        "pixelrnn-row",
        RowLSTM,
        Config(),
        Recipe(epochs=4),
        "Row LSTM: a state from the three states above, row by row",
        paper=Paper(80.54, "van den Oord et al. 2016a, table 4"),
        does=(
            "A state goes from row to row, each made of the three above it, so that what a"
            " pixel sees widens upwards like a triangle."
        ),
        look_for=(
            "Compare it with pixelrnn-diagonal on one seed: what lies outside the triangle is"
            " not seen here."
        ),
        published=PAPER,
    ),
    Variant(
        "pixelrnn-diagonal",
        DiagonalBiLSTM,
        Config(),
        Recipe(epochs=3),
        "Diagonal BiLSTM: states from the left and above, and from the right, so that every earlier"
        " pixel is seen",
        paper=Paper(79.20, "van den Oord et al. 2016a, table 4: 7 layers; with one, 80.75"),
        does=(
            "Two states go over the diagonals, one from the left and one from the right, and"
            " together they see every earlier pixel."
        ),
        look_for="Paint a mark anywhere above: it can change every pixel that comes later.",
        published=PAPER,
    ),
]
