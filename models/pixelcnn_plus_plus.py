"""PixelCNN++ (Salimans, Karpathy, Chen & Kingma 2017). A family is one file, if a long one.

The idea: a PixelCNN that predicts a pixel as a whole by a few numbers, the parameters of a mixture
of logistic distributions (sections 2.1 and 2.2, `DiscretizedLogisticMixture`), and that looks at
the picture in several resolutions (2.3). One stream of features knows the rows above, a second one
everything before; both go down to half the resolution and half of that, and up again, where
short-cuts bring back the details of the way down (2.4, figure 2). The rest are residual blocks with
gates,

    x + a . sigmoid(b),   (a, b) = W_2 * celu(W_1 * celu(x) + V * celu(others)),
    celu(x) = (elu(x), elu(-x)),

dropout inside them (2.5), and normalised weights (`models.layers.normalised`).
A class enters as a bias of (a, b).

Differences from the paper: the first layers see as far as a 7x7 kernel, and are given a level as
waves of several lengths besides the number, so that they can tell neighbouring levels apart (of the
strokes of MNIST, most are 253 throughout, or 254, and so on); the convolutions between two
resolutions read celu too; what a block reads besides its own stream has a normalised convolution
for each source; a picture of any size will do, padded below and to the right where a resolution
does not divide it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeVar

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.anatomy import Figure
from models.interface import AutoregressiveModel, Classes, ModelConfig
from models.layers.normalised import NormalisedConv2d
from models.layers.precision import full_precision
from models.layers.raster import LeftwardStep, RasterStepper, UpwardStep, as_matrix
from models.layers.stacks import FIRST_REACH
from models.layers.stream_cache import Node, Resolution
from models.layers.streams import PADDINGS, Features, Grow, Layer, Shrink
from models.likelihoods import DiscretizedLogisticMixture
from models.moving_figures import Scale, Scales, Way
from models.recipe import Recipe
from models.settings import setting
from models.variants import Publication, Variant

T = TypeVar("T", Features, Tensor)


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 256
    width: int = setting(32, "Channels of each stream", range=(1, 4096))
    blocks: tuple[int, ...] = setting(
        (2, 1, 1),
        "Blocks on the way down at each resolution, the finest first, each half the one before; the"
        " way up has one more at all but the coarsest",
        range=(1, 64),
        length=(1, 8),
    )
    mixtures: int = setting(10, "Logistic components of a mixture", range=(1, 1024))
    dropout: float = setting(
        0.0, "Share of a block's inner features left out in training", range=(0, 0.99)
    )
    classes: int = setting(0, "Classes that it can be conditioned on; 0 for none", range=(0, 65536))
    class_names: tuple[str, ...] = setting(
        (), "Names of the classes; empty: their numbers", length=(0, 65536)
    )


class Level(nn.Module):
    """What happens in one resolution, on the way down and on the way up."""

    def __init__(self, width: int, count: int, last: bool, index: int, dropout: float) -> None:
        super().__init__()
        up = count if last else count + 1
        self.down = nn.ModuleList(Layer(width, index + i, False, dropout) for i in range(count))
        self.up = nn.ModuleList(Layer(width, index + count + i, True, dropout) for i in range(up))
        self.shrink = None if last else Shrink(width)
        self.grow = None if last else Grow(width)


def rows_above(x: Tensor) -> Tensor:
    """The picture without its last row, which is above nothing, padded for a kernel that looks up
    and to both sides."""
    return F.pad(x[:, :, :-1], (FIRST_REACH, FIRST_REACH, FIRST_REACH, 0))


def left_of(x: Tensor) -> Tensor:
    """The picture without its last column, padded for a kernel that looks left."""
    return F.pad(x[:, :, :, :-1], (FIRST_REACH, 0, 0, 0))


class PixelCNNPlusPlus(AutoregressiveModel):
    """Two streams in several resolutions, with short-cuts between the way down and the way up."""

    OUTER_PARTS = ("first_above", "first_before", "out", "class_bias")
    CONDITION_PARTS = ("class_bias",)
    config: Config
    likelihood: DiscretizedLogisticMixture

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.likelihood = DiscretizedLogisticMixture(
            config.levels, self.spec.channels, config.mixtures
        )
        self.periods = [4**i for i in range(1, 4) if 4**i < config.levels]  # in levels
        width, inputs = config.width, self.inputs + 1
        self.first_above = NormalisedConv2d(inputs, width, (FIRST_REACH, 2 * FIRST_REACH + 1))
        self.first_before = NormalisedConv2d(inputs, width, (1, FIRST_REACH))
        self.levels = nn.ModuleList()
        layers = 0
        for count in config.blocks:
            last = len(self.levels) == len(config.blocks) - 1
            self.levels.append(Level(width, count, last, layers, config.dropout))
            layers += 2 * count if last else 2 * count + 1
        self.out = NormalisedConv2d(2 * width, self.likelihood.parameters, (1, 1), scale=0.1)
        with torch.no_grad():
            self.out.bias.copy_(self.likelihood.beginning())
        if config.classes:
            self.conditioning = Classes(config.classes, config.class_names)
            # of every class, layer and stream what is added before the gate; nothing at first, so
            # that labels are learnt last
            self.class_bias = nn.Parameter(torch.zeros(config.classes, layers, 2, 2 * width))

    def biases(self, labels: Tensor | None) -> Tensor | None:
        """(B, layers, 2, 2 * width), zero for rows without a label;
        None for a model without classes."""
        if labels is None:
            return None
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

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        biases = self.biases(condition)
        x = self.encoded(x)
        x = torch.cat([x, torch.ones_like(x[:, :1])], 1)  # (B, inputs + 1, H, W)
        _, before = self.through(partial(self.computed, biases), *self.first(x))
        with full_precision(x.device):  # in bfloat16, means half a level apart would be the same
            y = before.inside(self.out(before.active.to(self.dtype)))  # (B, P, H, W)
        return y.flatten(2).transpose(1, 2)  # (B, N, P)

    @property
    def inputs(self) -> int:
        """Numbers that a pixel is encoded by."""
        return self.spec.channels * (1 + 2 * len(self.periods))

    def encoded(self, x: Tensor) -> Tensor:
        """Levels (B, channels, ...) scaled, and as waves that repeat after `periods`: (B, inputs,
        ...)."""
        x = self.scaled(x)
        waves = [x]
        for period in self.periods:
            angle = x * (2 * math.pi * (self.spec.levels - 1) / period)
            waves += [angle.cos(), angle.sin()]
        return torch.stack(waves, 2).flatten(1, 2)

    def first(self, x: Tensor) -> tuple[Features, Features]:
        """What both streams begin with: x (B, inputs + 1, H, W),
        encoded, with the channel of ones."""
        above, before = self.first_above(rows_above(x)), self.first_before(left_of(x))
        return Features.of(above, PADDINGS[0]), Features.of(before, PADDINGS[1])

    @staticmethod
    def computed(biases: Tensor | None, part: nn.Module, *given: Any) -> tuple[Features, Features]:
        """Both streams, as a part of the network makes them of what it is given."""
        made: tuple[Features, Features] = (
            part(biases, *given) if isinstance(part, Layer) else part(*given)
        )
        return made

    def through(
        self, step: Callable[..., tuple[T, T]], above: T, before: T, depth: int = 0
    ) -> tuple[T, T]:
        """Both streams from the first layers to the last:
        down from this resolution, and up to it again.

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
            above, before = step(level.grow, passed[-1][0].shape[2:], *coarse)
        for layer in level.up:
            above, before = step(layer, above, before, *passed.pop())
        return above, before

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        """The gates of the first blocks stand for those of all the others, which `scales` has."""
        first = self.levels[0]
        assert isinstance(first, Level)
        yield from (self.first_above, self.first_before, self.scales(), first.down[0], self.out)

    def scales(self) -> Scales:
        """The mirror of `through`: what the parts make, and what they make it of."""
        (height, width), channels = self.spec.space, self.config.width
        grids, ways = [Scale(height, width, channels, "first layers")], []

        def put(depth: int, says: str, begin: int, kind: Literal["on", "down", "up"]) -> int:
            size = -(-height // 2**depth), -(-width // 2**depth)
            grids.append(Scale(*size, channels, says))
            ways.append(Way(begin, len(grids) - 1, kind))
            return len(grids) - 1

        def through(depth: int, now: int) -> int:
            level, passed = self.levels[depth], [now]
            assert isinstance(level, Level)
            for _ in level.down:
                passed.append(put(depth, "block on the way down", passed[-1], "on"))
            if level.shrink is None:
                now = passed.pop()
            else:
                coarse = put(depth + 1, "half the rows and columns", passed[-1], "down")
                coarse = through(depth + 1, coarse)
                now = put(depth, "twice the rows and columns", coarse, "up")
            for _ in level.up:
                now = put(depth, "block on the way up", now, "on")
                ways.append(Way(passed.pop(), now, "short-cut"))
            return now

        through(0, 0)
        return Scales((height, width), tuple(grids), tuple(ways), streams=2, cached=True)

    def _stepper(
        self, batch: int, condition: Tensor | None, order: LongTensor
    ) -> PixelCNNPlusPlusStepper:
        biases = self.biases(condition)
        return PixelCNNPlusPlusStepper(self, batch, FIRST_REACH, biases, self.inputs)

    def dependencies(self) -> Tensor:
        """Follows every site through the network: its strides
        make the reach another one for every site."""
        sites = len(self.order)
        # a picture for every site, in which it is marked
        one = torch.eye(sites).view(sites, 1, *self.spec.space)
        above, before = (
            self.first_above.spread(rows_above(one)),
            self.first_before.spread(left_of(one)),
        )
        _, before = self.through(lambda part, *given: part.spread(*given), above, before)
        return before.flatten(1).T > 0


class PixelCNNPlusPlusStepper(RasterStepper):
    """The mirror of `PixelCNNPlusPlus._conditionals`;
    its condition is what `biases` makes of the class."""

    model: PixelCNNPlusPlus

    def _make(self) -> None:
        super()._make()
        model = self.model
        self._above = UpwardStep(self.grid, model.first_above.weight(), model.first_above.bias)
        self._before = LeftwardStep(self.line, model.first_before.weight(), model.first_before.bias)
        self._begin = Node(self.memory, model.config.width)
        self._finest = Resolution([*model.levels], self.memory, self._begin)
        self._out = model.out.bias.detach(), as_matrix(model.out.weight())
        levels = torch.arange(model.spec.levels, device=model.device)[:, None]
        self._codes = model.encoded(levels)  # (levels, numbers that a channel becomes)

    def _encoded(self, x: Tensor) -> Tensor:
        return self.model.encoded(x)

    def _encode(self, values: Tensor, out: Tensor) -> None:
        out.copy_(F.embedding(values, self._codes).flatten(1))

    def _open(self, row: int) -> None:
        x = self._above.row(row)
        self._begin.put_row(row, x)
        self._finest.open(row, x, self.condition)

    def _pixel(self, row: int, column: int) -> Tensor:
        self._before(column, None, self._before.bias, out=self._begin.x)
        self._begin.activate(column)
        self._finest.pixel(row, column)
        bias, weight = self._out
        return torch.addmm(bias, self._finest.end.line.slots[column], weight)

    def _close(self, row: int) -> None:
        self._begin.close(row)
        self._finest.close(row)

    def _prime(self, x: Tensor, rows: int) -> None:
        whole = 2 ** (len(self.model.levels) - 1)  # rows that make one of the coarsest resolution

        def step(part: nn.Module, *given: Any) -> tuple[Features, Features]:
            made = self.model.computed(self.condition, part, *given)
            self._finest.parts[part].fill(*made)
            return made

        above, before = self.model.first(x[:, :, : -(-rows // whole) * whole])
        self._begin.fill(above.active, before.active)
        self.model.through(step, above, before)


# 1,720 pictures are few: without dropout and mirrored pictures the network learns them by heart
_EMOJI_RECIPE = Recipe(
    data="emoji",
    preparation="rgb-256",
    epochs=50,
    batch=16,
    muon_rate=1.5e-2,
    flip=True,
    conditional=True,
    label_dropout=0.1,
    config={"blocks": (1, 2, 2), "dropout": 0.3},
)

# Twice as many pictures, and the skin tones besides: room for a wider network, which needs more
# dropout. The best checkpoint by validation is the one to keep.
_TWO_STYLES_RECIPE = Recipe(
    data="emoji-two-styles",
    preparation="rgb-256",
    minutes=240,
    batch=16,
    muon_rate=1.5e-2,
    flip=True,
    shift=1,
    zoom=0.05,
    conditional=True,
    label_dropout=0.1,
    config={"width": 48, "blocks": (1, 2, 2), "dropout": 0.4},
)

_PAPER = Publication(
    "Salimans, Karpathy, Chen & Kingma",
    2017,
    "PixelCNN++: Improving the PixelCNN with"
    " Discretized Logistic Mixture Likelihood and Other Modifications",
    "https://arxiv.org/abs/1701.05517",
)

VARIANTS = [
    Variant(
        "pixelcnn-plus-plus",
        PixelCNNPlusPlus,
        Config(),
        Recipe(preparation="levels-256", epochs=3.5, batch=16, muon_rate=1.5e-2),
        "Mixtures of logistics for whole pixels, seen in three resolutions with short-cuts between"
        " them",
        others=(_EMOJI_RECIPE, _TWO_STYLES_RECIPE),
        does=(
            "It predicts a whole pixel by a few numbers, a mixture of logistic distributions,"
            " and looks at the picture in three resolutions."
        ),
        look_for=(
            "Look at the distribution of the next pixel: a smooth curve over all values,"
            " where others learn each value by itself."
        ),
        published=_PAPER,
    )
]
