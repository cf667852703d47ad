"""PixelCNN with a vertical and a horizontal stack and plain rectifiers: no blind spot, no gates.

The idea is section 2.2 of van den Oord et al. 2016b without its gates, a step on the way from
`pixelcnn` to `gated-pixelcnn` that shows what removing the blind spot alone is worth.

Differences from the paper: as in `gated_pixelcnn`, two dilated rows instead of squares, residual
connections in both stacks, biases everywhere and a channel of ones in the input. Without biases and
that channel, a stack of convolutions cannot predict anything but one half from an empty context,
and pays a bit for every blank pixel of the top rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import LongTensor, Tensor, nn

from models.anatomy import Figure, Stacks
from models.gated_pixelcnn import PAPER, two_stack_dependencies
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import Pointwise
from models.layers.raster import RasterStepper
from models.layers.stacks import FIRST_REACH, Downward, LeftOf, Rightward, RowsAbove
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(40, "Channels of each stack", range=(1, 4096))
    dilations: tuple[int, ...] = setting(
        (1, 2, 4, 1, 2, 4, 1),
        "One layer for each: the distance between the rows and columns that its vertical part looks"
        " at",
        range=(1, 1024),
        length=(0, 256),
    )
    head: int = setting(64, "Channels between the last two layers", range=(1, 4096))


class Layer(nn.Module):
    """v + relu(down(v)), h + mix(relu(right(h) + across(v'))): both stacks one layer up."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.down = Downward(width, width, dilation)
        self.across = nn.Conv2d(width, width, 1)
        self.right = Rightward(width, width)
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, v: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        v = v + self.down(v).relu_()  # (B, width, H, W)
        return v, h + self.mix((self.right(h) + self.across(v)).relu_())

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        width = self.mix.in_channels
        yield Stacks(self.down.taps(), self.right.taps(), width, self.down.dilation)
        yield self.mix


class LayerStep:
    """Cached twin of `Layer`: the vertical stack a row at a time,
    the horizontal one a pixel at a time."""

    def __init__(self, layer: Layer, picture: RasterStepper) -> None:
        self.layer = layer
        self.down, self.right = layer.down.cached(picture), layer.right.cached(picture)
        self.across, self.mix = Pointwise(layer.across), Pointwise(layer.mix)
        width = layer.mix.in_channels
        self._above = picture.memory.scratch(picture.width, width)  # of the row
        self._above_columns = self._above.unbind(1)
        self._inner, self._h = picture.memory.scratch(width), picture.memory.scratch(width)

    def open(self, row: int, v: Tensor) -> Tensor:
        """v (B, W, width): a row of the vertical stack -> the same of the next layer."""
        self.down.grid.write(row, v)
        v = self.down.row(row).relu_().add_(v)
        self.across.row(v, out=self._above).add_(self.right.bias)
        return v

    def pixel(self, column: int, h: Tensor) -> Tensor:
        """h (B, width): a pixel of the horizontal stack -> the same of the next layer."""
        inner = self.right(column, h, self._above_columns[column], out=self._inner).relu_()
        return self.mix.added(h, inner, out=self._h)

    def fill(self, v: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """The layer itself, which remembers the rows that go into it."""
        self.down.grid.fill(v)
        made: tuple[Tensor, Tensor] = self.layer(v, h)
        return made


class TwoStackPixelCNN(AutoregressiveModel):
    """Vertical and horizontal stacks of rectified layers."""

    OUTER_PARTS = ("first_down", "first_right", "first_across", "layers.0", "out")
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first_down = RowsAbove(self.spec.channels + 1, config.width)
        self.first_right = LeftOf(self.spec.channels + 1, config.width)
        self.first_across = nn.Conv2d(config.width, config.width, 1)
        self.layers = nn.ModuleList(Layer(config.width, dilation) for dilation in config.dilations)
        self.head = nn.Conv2d(config.width, config.head, 1)
        self.out = nn.Conv2d(config.head, self.likelihood.parameters, 1)

    def first(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Both stacks after their first layers: x (B, channels + 1,
        H, W) -> two of (B, width, H, W)."""
        v = self.first_down(x).relu_()
        return v, self.first_right(x) + self.first_across(v)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        width = self.config.width
        yield Stacks(self.first_down.taps(), self.first_right.taps(), width, dilation=1)
        yield from (self.layers, self.head, self.out)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.scaled(x)
        v, h = self.first(torch.cat([x, torch.ones_like(x[:, :1])], 1))
        for layer in self.layers:
            v, h = layer(v, h)
        return self.out(self.head(h.relu_()).relu_()).flatten(2).transpose(1, 2)  # (B, N, P)

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> TwoStackStepper:
        return TwoStackStepper(self, batch, FIRST_REACH)

    def dependencies(self) -> Tensor:
        """Everything earlier within a rectangle: see `two_stack_dependencies`."""
        return two_stack_dependencies(
            self.spec.space, sum(self.config.dilations), len(self.config.dilations)
        )


class TwoStackStepper(RasterStepper):
    """The mirror of `TwoStackPixelCNN._conditionals`."""

    model: TwoStackPixelCNN

    def _make(self) -> None:
        super()._make()
        model = self.model
        self._down, self._right = model.first_down.cached(self), model.first_right.cached(self)
        self._across = Pointwise(model.first_across)
        self._h = self.memory.scratch(model.config.width)
        self._layers = [LayerStep(cast(Layer, layer), self) for layer in model.layers]
        self._head, self._out = Pointwise(model.head), Pointwise(model.out)

    def _open(self, row: int) -> None:
        v = self._down.row(row).relu_()
        self._above = self._across.row(v).add_(self._right.bias).unbind(1)
        for layer in self._layers:
            v = layer.open(row, v)

    def _pixel(self, row: int, column: int) -> Tensor:
        h = self._right(column, None, self._above[column], out=self._h)
        for layer in self._layers:
            h = layer.pixel(column, h)
        return self._out(self._head(h.relu_()).relu_())

    def _prime(self, x: Tensor, rows: int) -> None:
        v, h = self.model.first(x[:, :, :rows])
        for layer in self._layers:
            v, h = layer.fill(v, h)


VARIANTS = [
    Variant(
        "pixelcnn-two-stack",
        TwoStackPixelCNN,
        Config(),
        Recipe(epochs=3),
        "Vertical and horizontal stacks: no blind spot, no gates",
        article=Article(0.3007),
        does=(
            "One stack of convolutions reads the rows above and one the row itself, so that"
            " no earlier pixel within reach is hidden."
        ),
        look_for=(
            "Its bits/dim beside those of pixelcnn and gated-pixelcnn say what the blind spot"
            " costs, and what gates bring."
        ),
        published=PAPER,
    )
]
