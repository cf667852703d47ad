"""Gated PixelCNN, without and with a condition (van den Oord et al. 2016b, sections 2.1 to 2.3).
A family is one file, and this one has four variants.

The idea: two stacks instead of square masked kernels, so that there is no blind spot, and gates
instead of rectifiers,

    y = tanh(W_f * x) . sigmoid(W_g * x)    (equation 2)

A condition becomes a map s, which enters every gate
of both stacks through unmasked 1x1 convolutions,

    y = tanh(W_f * x + V_f * s) . sigmoid(W_g * x + V_g * s)    (equation 5)

and there are three of them (see `models.layers.condition_maps` for the last two):

- a class, the same at every pixel: s has one pixel, with a channel for each class, and V s is a
  bias (equation 4);
- a class, what and where: s = m(h) is as large as the picture and made of the class by transposed
  convolutions;
- a painting, the pixels that are given and where they lie, also those that come later in the order:
  s is made of it by a small convolutional network that sees all of it. Such a model is trained to
  draw what is not given, p(hidden | given), and nothing else is counted: at given pixels its
  conditionals mean nothing, for they are kept and never drawn.

Without a label, or with nothing given, one model draws from nothing; a share of the training
examples is shown so.

Differences from the paper: the vertical layers look at two rows, `dilation` apart, instead of an n
x n square, which reaches further for less; the vertical stack has residual connections too; skip
connections lead from every layer's gate to the output, as in WaveNet; the input has a channel of
ones, so that a blank pixel and "outside" differ; the painting as a condition is not in the paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.anatomy import Figure, Gate, Stacks
from models.interface import AutoregressiveModel, Classes, Map, ModelConfig
from models.layers.cached import Pointwise
from models.layers.condition_maps import ClassMap, PaintedMap
from models.layers.gates import GateStep, gate, gate_into
from models.layers.raster import RasterStepper
from models.layers.stacks import FIRST_REACH, Downward, LeftOf, Rightward, RowsAbove
from models.recipe import Recipe
from models.settings import setting
from models.variants import Publication, Variant, dynamically


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(32, "Channels of each stack", range=(1, 4096))
    dilations: tuple[int, ...] = setting(
        (1, 2, 4, 1, 2, 4, 1),
        "One gated layer for each: the distance between the rows and columns that its vertical part"
        " looks at",
        range=(1, 1024),
        length=(0, 256),
    )
    head: int = setting(
        64, "Channels of the skip connections and between the last two layers", range=(1, 4096)
    )
    classes: int = setting(0, "Classes that it can be conditioned on; 0 for none", range=(0, 65536))
    class_names: tuple[str, ...] = setting(
        (), "Names of the classes; empty: their numbers", length=(0, 65536)
    )
    map_width: int = setting(
        0,
        "Channels of the map made from the condition, a class or a painting; 0 for none",
        range=(0, 4096),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.map_width == 1:
            raise ValueError("map_width is 1, but must be 0 or at least 2")

    @property
    def condition_in_words(self) -> str:
        """What it is told besides the picture; "" for nothing."""
        if self.classes:
            return "class, by place" if self.map_width else "class"
        return "what is painted" if self.map_width else ""


# s (B, channels, H or 1, W or 1), and a layer's V (channels, 2, 2 * width)
Condition = tuple[Tensor, Tensor]


class GatedLayer(nn.Module):
    """Figure 2 of the paper: both stacks one layer up;
    of the last one, only the skip connection is read."""

    def __init__(
        self,
        width: int,
        dilation: int,
        inputs: int,
        first: bool,
        last: bool,
        condition: str = "",
    ) -> None:
        """condition: what is added before the gates besides, in words; "" for nothing."""
        super().__init__()
        self.first, self.dilation, self.condition = first, dilation, condition
        self.down = RowsAbove(inputs, 2 * width) if first else Downward(width, 2 * width, dilation)
        self.right = LeftOf(inputs, 2 * width) if first else Rightward(width, 2 * width)
        # from the vertical stack to the horizontal one
        self.across = nn.Conv2d(2 * width, 2 * width, 1)
        self.residual = None if last else nn.Conv2d(width, width, 1)

    def forward(
        self, v: Tensor, h: Tensor, condition: Condition | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """v, h: (B, width, H, W), the picture in the first layer.

        Returns the vertical and the horizontal stack, and the horizontal gate's output, for the
        skip connection.
        """
        down = self.down(v)  # (B, 2 * width, H, W)
        gated = gate(_conditioned(self.right(h) + self.across(down), condition, 1))
        if self.residual is None:
            return v, h, gated
        down = gate(_conditioned(down, condition, 0))
        if self.first:  # no residual connection goes round a layer that leaves its own position out
            return down, self.residual(gated), gated
        return v + down, h + self.residual(gated), gated

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        """The horizontal gate stands for the vertical one too, which has weights of its own."""
        width = self.across.out_channels // 2
        yield Stacks(self.down.taps(), self.right.taps(), width, self.dilation)
        after: tuple[str, ...] = ("skip connection",)
        if self.residual is not None:
            after = ("next layer" if self.first else "residual connection", *after)
        before = ("from the left", "from above (1 × 1)")
        yield Gate("tanh", width, before, self.condition, after)
        if self.residual is not None:
            yield self.residual


def _conditioned(x: Tensor, condition: Condition | None, stack: int) -> Tensor:
    """x + V * s, before the gate of the vertical stack (0) or the horizontal one (1)."""
    if condition is None:
        return x
    s, weight = condition
    return x + F.conv2d(s, weight[:, stack].T[:, :, None, None])


class GatedLayerStep:
    """Cached twin of `GatedLayer`: the vertical stack a row at a time,
    the horizontal one a pixel at a time.

    gated: where the gate's output is written, for the skip connection, (B, width).
    """

    def __init__(self, layer: GatedLayer, picture: RasterStepper, gated: Tensor) -> None:
        memory = picture.memory
        self.layer, self.gated = layer, gated
        self.down, self.right = layer.down.cached(picture), layer.right.cached(picture)
        self.across = Pointwise(layer.across)
        self.residual = None if layer.residual is None else Pointwise(layer.residual)
        width, columns = gated.shape[1], memory.space[1]
        self._gate, self._h = GateStep(memory, width), memory.scratch(width)
        # of the row: what the horizontal gate gets from above, and the vertical gate's output
        self._above, self._row = memory.scratch(columns, 2 * width), memory.scratch(columns, width)
        self._above_columns = self._above.unbind(1)

    def open(self, row: int, v: Tensor | None, condition: Condition | None) -> Tensor | None:
        """v (B, W, width): a row of the vertical stack -> the same of the next layer; None for the
        picture and from the last layer.

        condition: s of this row, (B, W or 1, channels), and V.
        """
        if v is not None:
            self.down.grid.write(row, v)
        down = self.down.row(row)  # (B, W, 2 * width)
        above = self.across.row(down, out=self._above).add_(self.right.bias)
        if condition is not None:
            s, weight = condition
            down.add_(s @ weight[:, 0])
            above.add_(s @ weight[:, 1])
        if self.residual is None:
            return None
        gate_into(self._row, down, *down.chunk(2, 2))
        return self._row if v is None else self._row.add_(v)

    def pixel(self, column: int, h: Tensor | None) -> Tensor | None:
        """h (B, width): a pixel of the horizontal stack -> the same of the next layer."""
        self.right(column, h, self._above_columns[column], out=self._gate.both)
        self._gate(out=self.gated)
        if self.residual is None:
            return None
        if h is None:
            return self.residual(self.gated)
        return self.residual.added(h, self.gated, out=self._h)

    def fill(
        self, v: Tensor, h: Tensor, condition: Condition | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The layer itself, which remembers the rows that go into it."""
        if not self.layer.first:
            self.down.grid.fill(v)
        made: tuple[Tensor, Tensor, Tensor] = self.layer(v, h, condition)
        return made


class GatedPixelCNN(AutoregressiveModel):
    """Vertical and horizontal stacks of gated layers, with residual and skip connections."""

    OUTER_PARTS = ("layers.0", "out", "class_bias", "condition_gates")
    CONDITION_PARTS = ("class_bias", "condition_map", "condition_gates")
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        layers, width = len(config.dilations) + 1, config.width
        self.layers = nn.ModuleList(
            GatedLayer(
                width,
                dilation,
                self.spec.channels + 1,
                first=i == 0,
                last=i == layers - 1,
                condition=config.condition_in_words,
            )
            for i, dilation in enumerate((1, *config.dilations))
        )
        self.skip = nn.Conv2d(layers * width, config.head, 1)
        self.head = nn.Conv2d(config.head, config.head, 1)
        self.out = nn.Conv2d(config.head, self.likelihood.parameters, 1)
        # V of every layer, stack and half of the gate; none at first,
        # so that the condition is learnt last
        if config.classes:
            self.conditioning = Classes(config.classes, config.class_names)
        if config.map_width:
            self.condition_gates = nn.Parameter(torch.zeros(config.map_width, layers, 2, 2 * width))
            if config.classes:
                self.condition_map: nn.Module = ClassMap(
                    config.classes, config.map_width, self.spec.space
                )
            else:
                self.conditioning = Map(self.spec.channels + 1)
                self.condition_map = PaintedMap(self.spec.channels + 1, config.map_width)
        elif config.classes:
            self.class_bias = nn.Parameter(torch.zeros(config.classes, layers, 2, 2 * width))

    @property
    def gate_weights(self) -> Tensor:
        """V, (channels of s, layers, 2, 2 * width): of every layer both stacks."""
        return self.condition_gates if self.config.map_width else self.class_bias

    def condition_as_map(self, condition: Tensor | None) -> Tensor | None:
        """s, (B, channels, H, W), or (B, channels, 1, 1) where it is the same at every pixel; None
        for a model that takes no condition. Zero for rows without a label."""
        if isinstance(self.conditioning, Classes):
            assert condition is not None
            classes = torch.arange(self.conditioning.count, device=self.device)
            condition = (condition[:, None] == classes).to(self.dtype)[:, :, None, None]
        if condition is None or not self.config.map_width:
            return condition  # (B, classes, 1, 1)
        s: Tensor = self.condition_map(condition)
        return s

    def condition_of(self, s: Tensor | None, layer: int) -> Condition | None:
        """What the condition is to a layer."""
        return None if s is None else (s, self.gate_weights[:, layer])

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        if self.config.map_width:
            yield self.condition_map
        yield from (self.layers, self.skip, self.head, self.out)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        s = self.condition_as_map(condition)
        x = self.scaled(x)
        v = h = torch.cat([x, torch.ones_like(x[:, :1])], 1)  # (B, channels + 1, H, W)
        skips = []
        for i, layer in enumerate(self.layers):
            v, h, gated = layer(v, h, self.condition_of(s, i))
            skips.append(gated)
        y = self.head(self.skip(torch.cat(skips, 1)).relu_()).relu_()  # (B, head, H, W)
        return self.out(y).flatten(2).transpose(1, 2)  # (B, N, P)

    def _stepper(
        self, batch: int, condition: Tensor | None, order: LongTensor
    ) -> GatedPixelCNNStepper:
        s = self.condition_as_map(condition)
        return GatedPixelCNNStepper(self, batch, FIRST_REACH, s)

    def dependencies(self) -> Tensor:
        """Everything earlier within a rectangle: see `two_stack_dependencies`."""
        return two_stack_dependencies(
            self.spec.space, sum(self.config.dilations), len(self.config.dilations)
        )


def two_stack_dependencies(space: tuple[int, ...], vertical: int, horizontal: int) -> Tensor:
    """Bool (N, N) for two stacks whose further layers reach `vertical` rows and columns and
    `horizontal` columns left.

    The rows above: as far up as the vertical stack reaches, and as far to either side; to the left
    also where a horizontal path takes a column and goes up from there. The row itself: as far left
    as the horizontal stack reaches.
    """
    height, width = space
    row, column = torch.arange(height * width) // width, torch.arange(height * width) % width
    up, right = row[:, None] - row[None], column[None] - column[:, None]
    reach = FIRST_REACH + vertical
    above = (up > 0) & (up <= reach) & (right <= reach) & (right >= -(reach + horizontal))
    beside = (up == 0) & (right < 0) & (right >= -(FIRST_REACH + horizontal))
    return above | beside


class GatedPixelCNNStepper(RasterStepper):
    """The mirror of `GatedPixelCNN.conditionals`; its condition is the map s."""

    model: GatedPixelCNN

    def _make(self) -> None:
        super()._make()
        model, width = self.model, self.model.config.width
        self._gates = self.memory.scratch(len(model.layers) * width)
        self._layers = [
            GatedLayerStep(cast(GatedLayer, layer), self, gated)
            for layer, gated in zip(model.layers, self._gates.split(width, 1), strict=True)
        ]
        self._skip, self._head = Pointwise(model.skip), Pointwise(model.head)
        self._out = Pointwise(model.out)

    def _open(self, row: int) -> None:
        v, s = None, self.condition
        if s is not None:
            s = s[:, :, row if s.shape[2] > 1 else 0].mT.contiguous()  # (B, W or 1, channels)
        for i, layer in enumerate(self._layers):
            v = layer.open(row, v, self.model.condition_of(s, i))

    def _pixel(self, row: int, column: int) -> Tensor:
        h = None
        for layer in self._layers:
            h = layer.pixel(column, h)
        return self._out(self._head(self._skip(self._gates).relu_()).relu_())

    def _prime(self, x: Tensor, rows: int) -> None:
        v = h = x[:, :, :rows]
        s = None if self.condition is None else self.condition[:, :, :rows]
        for i, layer in enumerate(self._layers):
            v, h, _ = layer.fill(v, h, self.model.condition_of(s, i))


_CLASS_RECIPE = Recipe(epochs=2, muon_rate=4e-3, label_dropout=0.1, start="gated-pixelcnn")

# 5,500 characters are few: each is shown a little differently every time
_KANJI_RECIPE = Recipe(
    data="kanji", epochs=14, shift=1, rotation=3, zoom=0.08, stroke=0.15, label_dropout=0.1
)

PAPER = Publication(
    "van den Oord et al.",
    2016,
    "Conditional Image Generation with PixelCNN Decoders",
    "https://arxiv.org/abs/1606.05328",
)

VARIANTS = [
    Variant(
        "gated-pixelcnn",
        GatedPixelCNN,
        Config(),
        Recipe(epochs=4),
        "Two stacks with gates and skip connections",
        dynamic=dynamically(81.50),
        others=(_KANJI_RECIPE.with_changes(conditional=True),),
        does=(
            "Two stacks of convolutions, one for the rows above and one for the row itself,"
            " see every earlier pixel within reach, and gates decide what passes."
        ),
        look_for=(
            "Lay the entropy over the picture: it is unsure where a stroke may turn, and sure"
            " of the empty ground."
        ),
        published=PAPER,
    ),
    Variant(
        "gated-pixelcnn-class",
        GatedPixelCNN,
        Config(classes=10),
        _CLASS_RECIPE,
        "Gated PixelCNN conditioned on the class, as a bias in every gate",
        others=(_KANJI_RECIPE,),
        does="The class enters every gate as a bias, so that one network draws all classes.",
        look_for="Keep the seed and change the class: the same noise becomes something else.",
        published=PAPER,
    ),
    Variant(
        "gated-pixelcnn-location",
        GatedPixelCNN,
        Config(classes=10, map_width=32),
        _CLASS_RECIPE,
        "Gated PixelCNN conditioned on the class, as a map: what, and where",
        does=(
            "The class becomes a map as large as the picture, so that the network is told"
            " what to draw, and where."
        ),
        look_for=(
            "Draw with the seed that you gave gated-pixelcnn-class: only the way in which the"
            " class is told differs."
        ),
        published=PAPER,
    ),
    Variant(
        "gated-pixelcnn-map",
        GatedPixelCNN,
        Config(map_width=64),
        Recipe(epochs=3, rate=4e-3, muon_rate=6e-3, start="gated-pixelcnn"),
        "Gated PixelCNN conditioned on what is painted, wherever it lies: it draws the rest",
        others=(
            _KANJI_RECIPE.with_changes(
                epochs=9, rate=4e-3, muon_rate=6e-3, start="gated-pixelcnn-map-kanji"
            ),
        ),
        does=(
            "Everything that is painted is a condition of every pixel, also what lies later"
            " in the order."
        ),
        look_for=(
            "Paint the bottom of a digit: the top is drawn to meet it, which a model that"
            " only looks back cannot do."
        ),
        published=PAPER,
    ),
]
