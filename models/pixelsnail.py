"""PixelSNAIL (Chen et al. 2018, "PixelSNAIL: An Improved Autoregressive Generative Model"), in raster and in zigzag order.

The idea (section 2): convolutions know well what is near and attention reaches all that is far, so let them take turns. A few
gated residual blocks of causal convolutions (figure 2a) gather what surrounds a pixel; then an attention block (figure 2b)
looks it up among all earlier pixels: a query made of the features at a pixel is compared with the keys of what came before,
made of the features and the pixel there, and the values are averaged by how well their keys fit (section 2.2).

The key and the value of a pixel hold the pixel itself, so a query may look at those before its own only. They are moved on
by one in the order, behind a start key and value, which are learnt: no query is left without anything to look at.

In zigzag order (the authors' code has it, too) both the rows above and the columns to the left are known in part, whichever
half a pixel lies in. Convolutions that follow an order are in `models.layers.ordered`; attention goes by rank.

Differences from the paper: a residual block has one causal convolution, and a 1x1 convolution makes the gate; a table of rows
and one of columns say where a pixel lies, instead of two channels that rise evenly; the queries, keys and values are one layer
each, not a residual block; no dropout and no weight normalisation, as training is short.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import likelihoods, orders
from models.interface import AutoregressiveModel, DataSpec
from models.layers.ordered import WAYS, OrderedConv2d
from models.recipe import Recipe

RECIPE = Recipe(epochs=2)
FIRST_REACH = 3  # the first layer sees as far as a 7x7 kernel
STRIP = 196  # queries that look back together


@dataclass(frozen=True)
class Config:
    """shape, levels: the data.  width: channels.  attentions: how many attention blocks.  residuals: blocks of convolutions
    before each of them.  key: numbers in a query or key.  order: "raster" or "zigzag"."""

    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = 64
    attentions: int = 2
    residuals: int = 4
    key: int = 16
    order: str = "raster"


class FirstLayer(nn.Module):
    """The neighbourhood without the pixel itself, and where the pixel lies: (B, H, W, width)."""

    def __init__(self, channels: int, width: int, order: str, space: tuple[int, int]) -> None:
        super().__init__()
        self.look = OrderedConv2d(channels + 1, width, order, space, FIRST_REACH, itself=False)
        self.rows = nn.Parameter(0.1 * torch.randn(space[0], 1, width))
        self.columns = nn.Parameter(0.1 * torch.randn(space[1], width))

    def forward(self, x: Tensor) -> Tensor:
        """x: scaled levels, (B, H, W, channels)."""
        y: Tensor = self.look(F.pad(x, (0, 1), value=1.0))  # ones, so that a blank pixel and "outside" differ
        return y + (self.rows + self.columns).to(y.dtype)


class Gate(nn.Module):
    """Adds what a block has found, times how much of it is let through: the end of figures 2a and 2b."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.signal = nn.Linear(width, width)
        self.door = nn.Linear(width, width)  # apart from the signal, as halves of one layer are slow to take apart

    def forward(self, h: Tensor, found: Tensor) -> Tensor:
        found = F.elu(found)
        return h + self.signal(found) * self.door(found).sigmoid()


class Residual(nn.Module):
    """A causal convolution behind a gate (figure 2a)."""

    def __init__(self, width: int, order: str, space: tuple[int, int]) -> None:
        super().__init__()
        self.look = OrderedConv2d(width, width, order, space, reach=1, itself=True)
        self.gate = Gate(width)

    def forward(self, h: Tensor) -> Tensor:
        """h (B, H, W, width)."""
        y: Tensor = self.gate(h, self.look(F.elu(h)))
        return y


class Attention(nn.Module):
    """A look at all that came earlier, behind a gate (figure 2b). Everything is by rank in the order."""

    def __init__(self, width: int, channels: int, key: int) -> None:
        super().__init__()
        self.queries = nn.Linear(width, key)
        self.keys = nn.Linear(width + channels, key)
        self.values = nn.Linear(width + channels, width)
        self.start_key = nn.Parameter(torch.randn(key))
        self.start_value = nn.Parameter(torch.randn(width))
        self.own = nn.Linear(width, width)
        self.gate = Gate(width)

    def forward(self, h: Tensor, x: Tensor) -> Tensor:
        """h (B, N, width), x: scaled levels (B, N, channels) -> (B, N, width)."""
        features = F.elu(h)
        keys, values = self.remembered(h, x)
        seen = look_back(self.queries(features), keys[:, :-1], values[:, :-1])
        y: Tensor = self.gate(h, self.own(features) + seen)
        return y

    def remembered(self, h: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """The start's and all pixels' keys (B, 1 + N, key) and values (B, 1 + N, width)."""
        known = torch.cat([F.elu(h), x.to(h.dtype)], 2)
        return _behind(self.start_key, self.keys(known)), _behind(self.start_value, self.values(known))


def _behind(start: Tensor, rest: Tensor) -> Tensor:
    """start (C,), rest (B, N, C) -> (B, 1 + N, C)."""
    return torch.cat([start.to(rest.dtype).expand(len(rest), 1, -1), rest], 1)


def look_back(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Causal attention, query i at keys up to i: queries and keys (B, N, K), values (B, N, V) -> (B, N, V).

    By hand, since the kernels behind `scaled_dot_product_attention` want keys as wide as the values: on a processor this is
    three times as fast as they are then. A strip of queries leaves out the keys that come after all of them.
    """
    found = []
    for begin in range(0, queries.shape[1], STRIP):
        strip = queries[:, begin : begin + STRIP] / math.sqrt(queries.shape[2])
        end = begin + strip.shape[1]
        hidden = strip.new_full((strip.shape[1], end), -math.inf).triu(begin + 1)
        weights = torch.baddbmm(hidden, strip, keys[:, :end].mT).softmax(2)
        found.append(weights @ values[:, :end])
    return torch.cat(found, 1)


class PixelSNAIL(AutoregressiveModel):
    """Residual blocks of causal convolutions and attention blocks that take turns."""

    rank: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        if config.order not in WAYS:
            raise ValueError(f"order is {config.order!r}; it can be {', '.join(WAYS)}")
        self.settings = config
        self.config = {**asdict(config), "shape": list(config.shape)}
        self.spec = DataSpec(tuple(config.shape), config.levels)
        self.likelihood = likelihoods.for_levels(config.levels, self.spec.channels)
        width, order, space = config.width, config.order, config.shape[1:]
        self.register_buffer("order", orders.NAMES[order](*space), persistent=False)
        self.register_buffer("rank", self.order.argsort(), persistent=False)
        self.first = FirstLayer(self.spec.channels, width, order, space)
        self.blocks = nn.ModuleList()
        for _ in range(config.attentions):
            self.blocks.extend(Residual(width, order, space) for _ in range(config.residuals))
            self.blocks.append(Attention(width, self.spec.channels, config.key))
        self.out = nn.Linear(width, self.likelihood.parameters)

    def conditionals(self, x: Tensor, condition: Tensor | None = None, order: Tensor | None = None) -> Tensor:
        self.no_condition(condition)
        self.fixed_order(order)
        x = self.scaled(x).permute(0, 2, 3, 1)  # (B, H, W, channels)
        h = self.first(x)
        for block in self.blocks:
            h = self.through(cast(Residual | Attention, block), h, x)
        return self.by_rank(self.out(F.elu(h)))  # (B, N, P)

    def through(self, block: Residual | Attention, h: Tensor, x: Tensor) -> Tensor:
        """One block, for pictures: h (B, H, W, width), x (B, H, W, channels) -> (B, H, W, width)."""
        if isinstance(block, Residual):
            return block(h)
        return block(self.by_rank(h), self.by_rank(x)).index_select(1, self.rank).view_as(h)

    def by_rank(self, h: Tensor) -> Tensor:
        """(B, H, W, C) -> (B, N, C), in the order of generation."""
        return h.flatten(1, 2).index_select(1, self.order)

    def stepper(self, batch: int, condition: Tensor | None = None, order: Tensor | None = None):
        self.no_condition(condition)
        self.fixed_order(order)
        raise NotImplementedError

    def dependencies(self) -> Tensor:
        """Everything earlier: attention leaves nothing out."""
        return torch.ones(len(self.order), len(self.order), dtype=torch.bool).tril(-1)


def build(**overrides: object) -> PixelSNAIL:
    return PixelSNAIL(Config(**overrides))  # type: ignore[arg-type]


def build_zigzag(**overrides: object) -> PixelSNAIL:
    return PixelSNAIL(Config(**{"order": "zigzag", **overrides}))  # type: ignore[arg-type]
