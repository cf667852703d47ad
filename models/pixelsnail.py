"""PixelSNAIL (Chen et al. 2018, "PixelSNAIL: An Improved Autoregressive Generative Model"), in
raster and in zigzag order.

The idea (section 2, figures 1 and 2): a convolution sees well what is near, and attention reaches
all that is far, so they take turns. A few residual blocks of gated causal convolutions gather what
surrounds a pixel. Then an attention block compares a query, made of these features, with the keys
of all earlier pixels, made of the features and the pixel there, and adds up their values by how
well the keys fit. The blocks themselves are in `models.layers.snail`.

The key and the value of a pixel know the pixel, so a query may look at those before its own only.
They are moved on by one in the order, behind a start key and value that are learnt: no query is
left with nothing to look at, where a softmax would look at the future.

In zigzag order, along anti-diagonals to and fro, a pixel knows what is above it and what is to its
left about equally far. The convolutions follow the order (`models.layers.ordered`), and attention
goes by rank in it.

Differences from the paper: a residual block has one causal convolution, and 1x1 convolutions make
its gate; queries, keys and values are one layer each, not a residual block; the place of a pixel,
two channels, goes into the first layer only, and the features pass it on; no dropout and no weight
normalisation, as training is short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models import orders
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import Pointwise
from models.layers.ordered import WAYS, OrderedConv2d, OrderedConv2dStep
from models.layers.sequence import SequenceStepper
from models.layers.snail import Attention, AttentionStep, Residual, ResidualStep
from models.recipe import Recipe
from models.settings import brief, setting
from models.variants import Publication, Variant, dynamically

FIRST_REACH = 3  # the first layer sees as far as a 7x7 kernel
_MOST_BLOCKS = 1024  # of all that a config may ask for


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(64, "Channels", range=(1, 4096))
    attentions: int = setting(2, "Attention blocks", range=(1, 64))
    residuals: int = setting(4, "Blocks of convolutions before each of them", range=(0, 64))
    key: int = setting(16, "Numbers in a query or key", range=(1, 4096))
    order: str = setting("raster", "Order in which it draws, raster or zigzag")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.order not in WAYS:
            raise ValueError(f"order is {brief(self.order)!r}; it can be {', '.join(WAYS)}")
        if (blocks := self.attentions * (1 + self.residuals)) > _MOST_BLOCKS:
            raise ValueError(
                f"attentions and residuals make {blocks} blocks, but {_MOST_BLOCKS} are the most"
            )


def background(height: int, width: int) -> Tensor:
    """What every picture gets besides its pixels, (height, width, 3): ones, so that a blank pixel
    and "outside" differ, and the row and the column, from -0.5 to 0.5."""
    rows, columns = torch.linspace(-0.5, 0.5, height), torch.linspace(-0.5, 0.5, width)
    ones = torch.ones(height, width)
    return torch.stack([ones, rows[:, None] * ones, columns * ones], 2)


class PixelSNAIL(AutoregressiveModel):
    """Residual blocks of causal convolutions and attention blocks that take turns."""

    config: Config
    FORMER_WEIGHTS: ClassVar[Mapping[str, str]] = {"door": "gate"}
    rank: Tensor  # rank[i] = place in the order of the site with raster index i
    background: Tensor

    def __init__(self, config: Config) -> None:
        width, order, space = config.width, config.order, config.shape[1:]
        super().__init__(config, orders.NAMES[order](*space))
        self.register_buffer("rank", self.order.argsort(), persistent=False)
        self.register_buffer("background", background(*space), persistent=False)
        self.first = OrderedConv2d(
            self.spec.channels + 3, width, order, space, FIRST_REACH, itself=False
        )
        self.blocks = nn.ModuleList()
        for _ in range(config.attentions):
            self.blocks.extend(Residual(width, order, space) for _ in range(config.residuals))
            self.blocks.append(Attention(width, self.spec.channels, config.key))
        self.out = nn.Linear(width, self.likelihood.parameters)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.by_rank(self.scaled(x).permute(0, 2, 3, 1))  # (B, N, channels)
        h = self.first_features(x)
        for block in self.blocks:
            h = self.through(block, h, x)
        return self.by_rank(self.out(F.elu(h)))  # (B, N, P)

    def first_features(self, x: Tensor) -> Tensor:
        """x: scaled levels by rank, (B, N, channels) -> (B, H, W, width)."""
        pixels = self.in_place(x)
        background = self.background.expand(x.shape[0], -1, -1, -1)
        h: Tensor = self.first(torch.cat([pixels, background], 3))
        return h

    def through(self, block: nn.Module, h: Tensor, x: Tensor) -> Tensor:
        """One block: h (B, H, W, width), x by rank (B, N, channels) -> (B, H, W, width)."""
        if isinstance(block, Attention):
            return self.in_place(block(self.by_rank(h), x))
        y: Tensor = block(h)
        return y

    def by_rank(self, h: Tensor) -> Tensor:
        """(B, H, W, C) -> (B, N, C), in the order of generation."""
        return h.flatten(1, 2).index_select(1, self.order)

    def in_place(self, h: Tensor) -> Tensor:
        """(B, N, C), in the order of generation -> (B, H, W, C)."""
        return h.index_select(1, self.rank).unflatten(1, self.spec.space)

    def _stepper(
        self, batch: int, condition: Tensor | None, order: LongTensor
    ) -> PixelSNAILStepper:
        return PixelSNAILStepper(self, batch)


class PixelSNAILStepper(SequenceStepper):
    """The mirror of `PixelSNAIL._conditionals`. Every block remembers by rank what later sites look
    at; going back forgets nothing, as nobody looks at what comes later, and it is overwritten in
    time."""

    model: PixelSNAIL

    def _make(self) -> None:
        model, channels, sites = self.model, self.model.spec.channels, len(self.order)
        # what the first layer looks at, and zeros for what is outside
        self._pixels = self.memory.kept(sites + 1, channels + 3)
        self._pixels[:, :-1, channels:] = model.by_rank(model.background[None])
        self.x = self._pixels[:, :-1, :channels]
        self._first, self._out = OrderedConv2dStep(model.first), Pointwise(model.out)
        self._blocks = [
            AttentionStep(block, self.memory)
            if isinstance(block, Attention)
            else ResidualStep(cast(Residual, block), self.memory)
            for block in model.blocks
        ]
        self._attentions = [block for block in self._blocks if isinstance(block, AttentionStep)]
        self._last = self.memory.scratch(model.config.width)
        # where each block writes
        self._above = [*(block.slots for block in self._blocks[1:]), (self._last,) * sites]

    def _step(self) -> Tensor:
        t = self.position
        self._blocks[0].slots[t].copy_(self._first.product(self._first.window(self._pixels, t), t))
        for block, above in zip(self._blocks, self._above, strict=True):
            block(t, above[t])
        return self._out(F.elu(self._last))

    def _take(self, values: Tensor) -> None:
        super()._take(values)
        for attention in self._attentions:
            attention.append(self.position, self.x[:, self.position])

    def _recall(self, count: int) -> None:
        h = self.model.first_features(self.x)
        for block, step in zip(self.model.blocks, self._blocks, strict=True):
            step.fill(self.model.by_rank(h), self.x)
            h = self.model.through(block, h, self.x)

    def _forget(self, count: int) -> None:
        """Nothing to do."""


_PAPER = Publication(
    "Chen, Mishra, Rohaninejad & Abbeel",
    2018,
    "PixelSNAIL: An Improved Autoregressive Generative Model",
    "https://arxiv.org/abs/1712.09763",
)

VARIANTS = [
    Variant(
        "pixelsnail",
        PixelSNAIL,
        Config(),
        Recipe(epochs=3),
        "Gated causal convolutions, and attention to all earlier pixels",
        dynamic=dynamically(78.61),
        does=(
            "Convolutions gather what is near, and attention looks up what is far among all"
            " earlier pixels."
        ),
        look_for=(
            "Watch loops being closed, as in an 8: their end lies far from where they began."
        ),
        published=_PAPER,
    ),
    Variant(
        "pixelsnail-zigzag",
        PixelSNAIL,
        Config(order="zigzag"),
        Recipe(epochs=2),
        "The same, along anti-diagonals to and fro",
        does="The same network draws along anti-diagonals, to and fro.",
        look_for=(
            "Watch the cursor: what is above and what is to the left are about equally far back."
        ),
        published=_PAPER,
    ),
]
