"""Gated PixelCNN, without and with a condition (van den Oord et al. 2016b, sections 2.1 to 2.3).

The idea: two stacks instead of square masked kernels, so that there is no blind spot, and gates
instead of rectifiers,

    y = tanh(W_f * x) . sigmoid(W_g * x)    (equation 2)

A condition becomes a map s, which enters every gate of both stacks through unmasked 1x1
convolutions,

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

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.interface import AutoregressiveModel, Classes, Map, ModelConfig
from models.layers.condition_maps import ClassMap, PaintedMap
from models.layers.rows import RowStepper, as_kernel, as_matrix, bias_of, row_of
from models.layers.stacks import FIRST_REACH, Downward, LeftOf, Rightward, RowsAbove
from models.recipe import Recipe
from models.settings import setting
from models.variants import Variant


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
    )
    head: int = setting(
        64, "Channels of the skip connections and between the last two layers", range=(1, 4096)
    )
    classes: int = setting(0, "Classes that it can be conditioned on; 0 for none", range=(0, 65536))
    class_names: tuple[str, ...] = setting((), "Names of the classes; empty: their numbers")
    map_width: int = setting(
        0,
        "Channels of the map that the condition becomes, the class where there are classes and else"
        " the painting; 0 for none",
        range=(0, 4096),
    )


def gate(x: Tensor) -> Tensor:
    """tanh of the first half of the channels times the sigmoid of the second (equation 2)."""
    signal, half = x.chunk(2, 1)
    return signal.tanh() * half.sigmoid()


Condition = tuple[
    Tensor, Tensor
]  # s (B, channels, H or 1, W or 1), and a layer's V (channels, 2, 2 * width)


class GatedLayer(nn.Module):
    """Figure 2 of the paper: both stacks one layer up; of the last one, only the skip connection is
    read."""

    def __init__(self, width: int, dilation: int, inputs: int, first: bool, last: bool) -> None:
        super().__init__()
        self.first = first
        self.down = RowsAbove(inputs, 2 * width) if first else Downward(width, 2 * width, dilation)
        self.right = LeftOf(inputs, 2 * width) if first else Rightward(width, 2 * width)
        self.across = nn.Conv2d(
            2 * width, 2 * width, 1
        )  # from the vertical stack to the horizontal one
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


def _conditioned(x: Tensor, condition: Condition | None, stack: int) -> Tensor:
    """x + V * s, before the gate of the vertical stack (0) or the horizontal one (1)."""
    if condition is None:
        return x
    s, weight = condition
    return x + F.conv2d(s, weight[:, stack].T[:, :, None, None])


class GatedPixelCNN(AutoregressiveModel):
    """Vertical and horizontal stacks of gated layers, with residual and skip connections."""

    OUTER_PARTS = ("layers.0", "out", "class_bias", "condition_gates")
    CONDITION_PARTS = ("class_bias", "condition_map", "condition_gates")
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        layers, width = len(config.dilations) + 1, config.width
        self.layers = nn.ModuleList(
            GatedLayer(width, dilation, self.spec.channels + 1, first=i == 0, last=i == layers - 1)
            for i, dilation in enumerate((1, *config.dilations))
        )
        self.skip = nn.Conv2d(layers * width, config.head, 1)
        self.head = nn.Conv2d(config.head, config.head, 1)
        self.out = nn.Conv2d(config.head, self.likelihood.parameters, 1)
        # V of every layer, stack and half of the gate; none at first, so that the condition is
        # learnt last
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
        return GatedPixelCNNStepper(self, batch, self.condition_as_map(condition))

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


class GatedPixelCNNStepper(RowStepper):
    """The vertical stack is computed a row at a time; a pixel costs two small products a layer and
    three at the end.

    sigmoid(b) = (1 + tanh(b / 2)) / 2 lets one tanh serve both halves of a gate: the weights into
    the second half are halved here, and so are those that read the gate, which then is t_a + t_a
    t_b.
    """

    model: GatedPixelCNN

    def __init__(self, model: GatedPixelCNN, batch: int, s: Tensor | None) -> None:
        """s: see `GatedPixelCNN.condition_as_map`; what it comes to in the gates is computed a row
        at a time."""
        width = model.config.width
        self._half = torch.ones(2 * width, device=model.device, dtype=model.dtype)
        self._half[width:] = 0.5
        self._map = None
        if s is not None:
            self._map = s.detach().permute(2, 0, 3, 1).contiguous()  # (H, B, W, channels)
            self._gate_weights = (model.gate_weights.detach() * self._half).flatten(
                1
            )  # (channels, layers * 2 * 2 * width)
        self._down, self._right, self._across, self._residual = [], [], [], []
        for layer in model.layers:
            assert isinstance(layer, GatedLayer)
            down, right = layer.down.conv, layer.right.conv
            across = as_matrix(layer.across.weight)
            self._down.append(
                as_kernel(down.weight * self._half[:, None, None, None], bias_of(down) * self._half)
            )
            self._right.append(as_matrix(right.weight) * self._half)
            # it reads the vertical features before their gate, whose second half is halved
            across = across / self._half[:, None] * self._half
            self._across.append((across, (bias_of(layer.across) + bias_of(right)) * self._half))
            if layer.residual is not None:
                self._residual.append(as_matrix(layer.residual.weight) / 2)
        self._offsets = self._right_of_biases(model)
        self._skip = as_matrix(model.skip.weight) / 2, bias_of(model.skip)
        self._head = as_matrix(model.head.weight), bias_of(model.head)
        self._out = as_matrix(model.out.weight), bias_of(model.out)
        super().__init__(model, batch, FIRST_REACH)

    def _right_of_biases(self, model: GatedPixelCNN) -> list[Tensor]:
        """What the biases of the residual connections come to in each layer's horizontal gate, (W,
        2 * width).

        The horizontal stack is kept without them, which saves an addition a layer and pixel; they
        are the same everywhere but outside the picture, to the left of column 0, where there are
        none.
        """
        width, columns = model.config.width, model.spec.space[1]
        carried = torch.zeros_like(self._half[:width])
        offsets: list[Tensor] = []
        for layer, right in zip(model.layers, self._right, strict=True):
            offset = torch.zeros(columns, 2 * width, device=model.device, dtype=model.dtype)
            if offsets:
                offset += carried @ right[width:]
                offset[1:] += carried @ right[:width]
            offsets.append(offset)
            assert isinstance(layer, GatedLayer)
            if layer.residual is not None:
                carried = carried + bias_of(layer.residual)
        return offsets

    def _allocate(self) -> None:
        config = self.model.config
        width = config.width
        # of every layer but the last, the vertical stack of all rows and the horizontal stack of
        # the current one
        self.vertical = [
            self.zeros(d + self.height, self.width + 2 * d, width) for d in config.dilations
        ]
        self.horizontal = [self.zeros(1 + self.width, width) for _ in config.dilations]
        self._slots = [[line[:, c + 1] for c in range(self.width)] for line in self.horizontal]
        self._windows = [
            [line[:, c : c + 2].flatten(1) for c in range(self.width)] for line in self.horizontal
        ]
        self._gates = self.zeros(
            len(self.model.layers) * width
        )  # (B, layers * width): what the skip connections read
        self._gated = list(self._gates.split(width, 1))

    def _buffers(self) -> list[Tensor]:
        return self.vertical

    def _biases(self, row: int) -> Tensor | None:
        """What the condition adds in a row, (B, 1 or W, layers, 2, 2 * width), halved like the
        gates."""
        if self._map is None:
            return None
        line = self._map[row if len(self._map) > 1 else 0]  # (B, W, channels)
        return (line @ self._gate_weights).unflatten(2, (len(self.model.layers), 2, -1))

    def _open(self, row: int) -> None:
        self._above = []
        biases = self._biases(row)
        width, last = self.model.config.width, len(self.model.layers) - 1
        for i in range(last + 1):
            if i == 0:
                down = row_of(self.grid, row, self._down[i])  # (B * W, 2 * width)
            else:
                down = row_of(
                    self.vertical[i - 1], row, self._down[i], self.model.config.dilations[i - 1]
                )
            weight, bias = self._across[i]
            across = (
                torch.addmm(bias, down, weight)
                .unflatten(0, (self.batch, self.width))
                .add_(self._offsets[i])
            )
            if biases is not None:
                across += biases[:, :, i, 1]
            self._above.append(across.unbind(1))  # of each column (B, 2 * width)
            if i == last:
                continue
            if biases is not None:
                down.unflatten(0, (self.batch, self.width)).add_(biases[:, :, i, 0])
            signal, gate = down.tanh_().split(width, 1)
            gated = (
                torch.addcmul(signal, signal, gate).mul_(0.5).unflatten(0, (self.batch, self.width))
            )
            if i > 0:
                d = self.model.config.dilations[i - 1]
                gated += self.vertical[i - 1][:, d + row, d : d + self.width]
            d = self.model.config.dilations[i]
            self.vertical[i][:, d + row, d : d + self.width] = gated

    def _pixel(self, column: int) -> Tensor:
        width, last = self.model.config.width, len(self.model.layers) - 1
        for i, gated in enumerate(self._gated):
            seen = self._windows[i - 1][column] if i else self.left[column]
            both = torch.addmm(
                self._above[i][column], seen, self._right[i]
            ).tanh_()  # (B, 2 * width)
            signal = both[:, :width]
            torch.addcmul(signal, signal, both[:, width:], out=gated)
            if i == 0:
                torch.mm(gated, self._residual[i], out=self._slots[i][column])
            elif i < last:
                torch.addmm(
                    self._slots[i - 1][column], gated, self._residual[i], out=self._slots[i][column]
                )
        y = torch.addmm(self._skip[1], self._gates, self._skip[0]).relu_()  # (B, head)
        return torch.addmm(
            self._out[1], torch.addmm(self._head[1], y, self._head[0]).relu_(), self._out[0]
        )

    def _close(self, row: int) -> None:
        """Nothing: the rows below look at the vertical stack alone."""

    def _prime(self, x: Tensor, rows: int) -> None:
        v = h = x[:, :, :rows]
        s = None if self._map is None else self._map[:rows].permute(1, 3, 0, 2)
        for i, layer in enumerate(self.model.layers[:-1]):
            v, h, _ = layer(v, h, self.model.condition_of(s, i))
            d = self.model.config.dilations[i]
            self.vertical[i][:, d : d + rows, d : d + self.width] = v.permute(0, 2, 3, 1)

    def select(self, rows: Tensor) -> None:
        if self._map is not None:
            self._map = self._map.index_select(1, rows.to(self._map.device))
        super().select(rows)


_CLASS_RECIPE = Recipe(epochs=2, muon_rate=4e-3, label_dropout=0.1, start="gated-pixelcnn")

VARIANTS = [
    Variant(
        "gated-pixelcnn",
        GatedPixelCNN,
        Config(),
        Recipe(epochs=4),
        "Two stacks with gates and skip connections",
    ),
    Variant(
        "gated-pixelcnn-class",
        GatedPixelCNN,
        Config(classes=10),
        _CLASS_RECIPE,
        "Gated PixelCNN conditioned on the class, as a bias in every gate",
    ),
    Variant(
        "gated-pixelcnn-location",
        GatedPixelCNN,
        Config(classes=10, map_width=32),
        _CLASS_RECIPE,
        "Gated PixelCNN conditioned on the class, as a map: what, and where",
    ),
    Variant(
        "gated-pixelcnn-map",
        GatedPixelCNN,
        Config(map_width=64),
        Recipe(epochs=3, rate=4e-3, muon_rate=6e-3, start="gated-pixelcnn"),
        "Gated PixelCNN conditioned on what is painted, wherever it lies: it draws the rest",
    ),
]
