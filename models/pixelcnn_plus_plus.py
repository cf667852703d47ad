"""PixelCNN++ (Salimans, Karpathy, Chen & Kingma 2017).

The idea: a PixelCNN that predicts a pixel as a whole by a few numbers, the parameters of a mixture of logistic distributions
(sections 2.1 and 2.2, `DiscretizedLogisticMixture`), and that looks at the picture in several resolutions (2.3). One stream
of features knows the rows above, a second one everything before; both go down to half the resolution and half of that, and
up again, where short-cuts bring back the details of the way down (2.4, figure 2). The rest are residual blocks with gates,

    x + a . sigmoid(b),   (a, b) = W_2 * celu(W_1 * celu(x) + V * celu(others)),   celu(x) = (elu(x), elu(-x)),

dropout inside them (2.5), and normalised weights (`models.layers.normalised`). A class enters as a bias of (a, b).

Differences from the paper: the first layers see as far as a 7x7 kernel; the convolutions between two resolutions read celu
too; what a block reads besides its own stream has a normalised convolution for each source; a picture of any size will do,
padded below and to the right where a resolution does not divide it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import orders
from models.interface import AutoregressiveModel, Classes, DataSpec, Stepper
from models.layers.normalised import NormalisedConv2d, Padding, concatenated_elu, gated
from models.layers.stacks import FIRST_REACH
from models.likelihoods import DiscretizedLogisticMixture
from models.recipe import Recipe

RECIPE = Recipe(preparation="grey-256", epochs=2)

T = TypeVar("T")
KERNELS = (2, 3), (2, 2)  # of the stream of the rows above, and of the stream of everything before
PADDINGS: tuple[Padding, Padding] = (1, 1, 1), (1, 0, 1)


@dataclass(frozen=True)
class Config:
    """shape, levels: the data.  width: channels of each stream.  blocks: of each resolution on the way down, the finest first,
    each half of the one before; on the way up they have one more, but for the coarsest.  mixtures: logistic components.
    dropout: share of a block's inner features.  classes: how many, 0 for none.  class_names: theirs."""

    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 256
    width: int = 32
    blocks: tuple[int, ...] = (1, 2, 2)
    mixtures: int = 10
    dropout: float = 0.0
    classes: int = 0
    class_names: tuple[str, ...] = ()


@dataclass
class Features:
    """Of one stream: x (B, width, H, W), and what convolutions read, celu(x) with its padding."""

    x: Tensor
    active: Tensor
    padding: Padding

    @classmethod
    def of(cls, x: Tensor, padding: Padding) -> Features:
        return cls(x, concatenated_elu(x, padding), padding)

    def inside(self, y: Tensor) -> Tensor:
        """What a 1x1 convolution of `active` has at the places of x."""
        left, _, above = self.padding
        return y[:, :, above:, left : left + self.x.shape[3]]


def padded(x: Tensor, padding: Padding) -> Tensor:
    return F.pad(x, (padding[0], padding[1], padding[2], 0))


def rows_above(x: Tensor) -> Tensor:
    """The picture without its last row, which is above nothing, padded for a kernel that looks up and to both sides."""
    return F.pad(x[:, :, :-1], (FIRST_REACH, FIRST_REACH, FIRST_REACH, 0))


def left_of(x: Tensor) -> Tensor:
    """The picture without its last column, padded for a kernel that looks left."""
    return F.pad(x[:, :, :, :-1], (FIRST_REACH, 0, 0, 0))


class Block(nn.Module):
    """A gated residual block of one stream, which reads others besides."""

    def __init__(self, width: int, stream: int, others: int, dropout: float) -> None:
        super().__init__()
        self.padding = PADDINGS[stream]
        self.inner = NormalisedConv2d(2 * width, width, KERNELS[stream])
        self.others = nn.ModuleList(NormalisedConv2d(2 * width, width, (1, 1)) for _ in range(others))
        self.dropout = nn.Dropout(dropout)
        self.outer = NormalisedConv2d(2 * width, 2 * width, KERNELS[stream], scale=0.1)

    def hidden(self, own: Features, *others: Features) -> Tensor:
        """What `outer` reads, (B, 2 * width, H, W) with padding."""
        y = self.inner(own.active)
        for conv, other in zip(self.others, others, strict=True):
            y = y + other.inside(conv(other.active))
        active: Tensor = self.dropout(concatenated_elu(y, self.padding))
        return active

    def forward(self, bias: Tensor | None, own: Features, *others: Features) -> Features:
        y = self.outer(self.hidden(own, *others))
        return Features.of(gated(own.x, y if bias is None else y + bias), self.padding)

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
        """biases: of all layers, (B, layers, 2, 2 * width).  features: both streams, and both short-cuts where there are."""
        first, second = (None, None) if biases is None else biases[:, self.index, :, :, None, None].unbind(1)
        above, before, *shortcuts = features
        above = self.above(first, above, *shortcuts[:1])
        return above, self.before(second, before, above, *shortcuts[1:])

    def spread(self, above: Tensor, before: Tensor, *shortcuts: Tensor) -> tuple[Tensor, Tensor]:
        above = self.above.spread(above, *shortcuts[:1])
        return above, self.before.spread(before, above, *shortcuts[1:])


class Shrink(nn.Module):
    """To half the resolution: convolutions of stride 2, whose last row and column is the one that they stand at."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.above, self.before = (NormalisedConv2d(2 * width, width, kernel, stride=2) for kernel in KERNELS)

    def forward(self, above: Features, before: Features) -> tuple[Features, Features]:
        return Features.of(self.above(above.active), PADDINGS[0]), Features.of(self.before(before.active), PADDINGS[1])

    def spread(self, above: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        return self.above.spread(padded(above, PADDINGS[0])), self.before.spread(padded(before, PADDINGS[1]))


class Grow(nn.Module):
    """To twice the resolution: transposed convolutions of stride 2, cut to the size (rows, columns) that is wanted."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.above, self.before = (NormalisedConv2d(2 * width, width, kernel, stride=2, up=True) for kernel in KERNELS)

    def forward(self, size: tuple[int, int], above: Features, before: Features) -> tuple[Features, Features]:
        rows, columns = size
        a = self.above(above.inside(above.active))[:, :, :rows, 1 : 1 + columns]
        b = self.before(before.inside(before.active))[:, :, :rows, :columns]
        return Features.of(a, PADDINGS[0]), Features.of(b, PADDINGS[1])

    def spread(self, size: tuple[int, int], above: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        rows, columns = size
        a, b = self.above.spread(above), self.before.spread(before)
        return a[:, :, :rows, 1 : 1 + columns], b[:, :, :rows, :columns]


class Level(nn.Module):
    """What happens in one resolution, on the way down and on the way up."""

    def __init__(self, size: tuple[int, int], width: int, count: int, last: bool, index: int, dropout: float) -> None:
        super().__init__()
        self.size = size
        up = count if last else count + 1
        self.down = nn.ModuleList(Layer(width, index + i, False, dropout) for i in range(count))
        self.up = nn.ModuleList(Layer(width, index + count + i, True, dropout) for i in range(up))
        self.shrink = None if last else Shrink(width)
        self.grow = None if last else Grow(width)


class PixelCNNPlusPlus(AutoregressiveModel):
    """Two streams in several resolutions, with short-cuts between the way down and the way up."""

    likelihood: DiscretizedLogisticMixture

    def __init__(self, config: Config) -> None:
        super().__init__()
        if not config.blocks or min(config.blocks) < 1:
            raise ValueError(f"blocks is {config.blocks}; each resolution needs at least one")
        self.settings = config
        self.config = {
            **asdict(config),
            "shape": list(config.shape),
            "blocks": list(config.blocks),
            "class_names": list(config.class_names),
        }
        self.spec = DataSpec(tuple(config.shape), config.levels)
        self.likelihood = DiscretizedLogisticMixture(config.levels, self.spec.channels, config.mixtures)
        rows, columns = config.shape[1:]
        self.register_buffer("order", orders.raster(rows, columns), persistent=False)
        width, inputs = config.width, self.spec.channels + 1
        self.first_above = NormalisedConv2d(inputs, width, (FIRST_REACH, 2 * FIRST_REACH + 1))
        self.first_before = NormalisedConv2d(inputs, width, (1, FIRST_REACH))
        self.levels = nn.ModuleList()
        layers = 0
        for count in config.blocks:
            last = len(self.levels) == len(config.blocks) - 1
            self.levels.append(Level((rows, columns), width, count, last, layers, config.dropout))
            layers += 2 * count if last else 2 * count + 1
            rows, columns = (rows + 1) // 2, (columns + 1) // 2
        self.out = NormalisedConv2d(2 * width, self.likelihood.parameters, (1, 1), scale=0.1)
        with torch.no_grad():
            self.out.bias.copy_(self.likelihood.beginning())
        if config.classes:
            names = tuple(config.class_names) or tuple(str(i) for i in range(config.classes))
            self.conditioning = Classes(config.classes, names)
            # of every class, layer and stream what is added before the gate; nothing at first, so that labels are learnt last
            self.class_bias = nn.Parameter(torch.zeros(config.classes, layers, 2, 2 * width))

    def biases(self, condition: Tensor | None, batch: int) -> Tensor | None:
        """(B, layers, 2, 2 * width), zero for rows without a label; None for a model without classes."""
        if self.conditioning is None:
            self.no_condition(condition)
            return None
        labels = self.labels(condition, batch)
        known = (labels >= 0).to(self.dtype)
        return self.class_bias[labels.clamp_min(0)] * known[:, None, None, None]

    @torch.no_grad()
    def initialise(self, x: Tensor, condition: Tensor | None = None) -> None:
        """Choose lengths and biases of the weights from these pictures."""
        layers = [layer for layer in self.modules() if isinstance(layer, NormalisedConv2d)]
        for layer in layers:
            layer.initialising = True
        self.conditionals(x, condition)
        for layer in layers:
            layer.initialising = False

    def conditionals(self, x: Tensor, condition: Tensor | None = None, order: Tensor | None = None) -> Tensor:
        self.fixed_order(order)
        biases = self.biases(condition, len(x))
        x = self.scaled(x)
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)  # (B, channels + 1, H, W)

        def step(part: nn.Module, *given: Any) -> tuple[Features, Features]:
            return part(biases, *given) if isinstance(part, Layer) else part(*given)

        above = Features.of(self.first_above(rows_above(x)), PADDINGS[0])
        before = Features.of(self.first_before(left_of(x)), PADDINGS[1])
        _, before = self.through(step, above, before)
        y = before.inside(self.out(before.active))  # (B, P, H, W)
        return y.flatten(2).transpose(1, 2)  # (B, N, P)

    def through(self, step: Callable[..., tuple[T, T]], above: T, before: T, depth: int = 0) -> tuple[T, T]:
        """Both streams from the first layers to the last: down from this resolution, and up to it again.

        step: called with every part of the network and what it is given, returns both streams.
        """
        level = self.levels[depth]
        assert isinstance(level, Level)
        passed = [(above, before)]
        for layer in level.down:
            passed.append(step(layer, *passed[-1]))
        if level.shrink is None:
            above, before = passed.pop()
        else:
            coarse = self.through(step, *step(level.shrink, *passed[-1]), depth + 1)
            above, before = step(level.grow, level.size, *coarse)
        for layer in level.up:
            above, before = step(layer, above, before, *passed.pop())
        return above, before

    def stepper(self, batch: int, condition: Tensor | None = None, order: Tensor | None = None) -> Stepper:
        raise NotImplementedError

    def dependencies(self) -> Tensor:
        """Follows every site through the network: its strides make the reach another one for every site."""
        sites = len(self.order)
        one = torch.eye(sites).view(sites, 1, *self.spec.space)  # a picture for every site, in which it is marked
        above, before = self.first_above.spread(rows_above(one)), self.first_before.spread(left_of(one))
        _, before = self.through(lambda part, *given: part.spread(*given), above, before)
        return before.flatten(1).T > 0


def build(**overrides: object) -> PixelCNNPlusPlus:
    return PixelCNNPlusPlus(Config(**overrides))  # type: ignore[arg-type]
