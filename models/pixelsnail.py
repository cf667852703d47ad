"""PixelSNAIL (Chen et al. 2018, "PixelSNAIL: An Improved Autoregressive Generative Model"), in raster and in zigzag order.

The idea (section 2): convolutions know well what is near and attention reaches all that is far, so let them take turns. A few
gated residual blocks of causal convolutions (figure 2a) gather what surrounds a pixel; then an attention block (figure 2b)
looks it up among all earlier pixels: a query made of the features at a pixel is compared with the keys of what came before,
made of the features and the pixel there, and the values are averaged by how well their keys fit (section 2.2).

The key and the value of a pixel hold the pixel itself, so a query may look at those before its own only. They are moved on
by one in the order, behind a start key and value, which are learnt: no query is left without anything to look at.

In zigzag order (the authors' code has it, too) both the rows above and the columns to the left are known in part, whichever
half a pixel lies in. Convolutions that follow an order are in `models.layers.ordered`; attention goes by rank.

Differences from the paper: a residual block has one causal convolution, and a 1x1 convolution makes the gate; the
queries, keys and values are one layer each, not a residual block, and learn where a pixel lies from the features alone, which
have it from the first layer; no dropout and no weight normalisation, as training is short.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import likelihoods, orders
from models.interface import AutoregressiveModel, DataSpec
from models.layers.ordered import WAYS, OrderedConv2d, TapConv2d, ways
from models.layers.sequence import SequenceStepper
from models.recipe import Recipe

RECIPE = Recipe(epochs=3)
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
    """The neighbourhood without the pixel itself, and where it lies: (B, H, W, width)."""

    background: Tensor

    def __init__(self, channels: int, width: int, order: str, space: tuple[int, int]) -> None:
        super().__init__()
        rows, columns = (torch.linspace(-0.5, 0.5, size) for size in space)
        ones = torch.ones(space)  # a blank pixel and "outside" differ in them
        background = torch.stack([ones, rows[:, None] * ones, columns * ones], 2)
        self.register_buffer("background", background, persistent=False)
        self.look = OrderedConv2d(channels + 3, width, order, space, FIRST_REACH, itself=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: scaled levels, (B, H, W, channels)."""
        y: Tensor = self.look(torch.cat([x, self.background.expand(len(x), -1, -1, -1)], 3))
        return y


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

    def stepper(self, batch: int, condition: Tensor | None = None, order: Tensor | None = None) -> PixelSNAILStepper:
        self.no_condition(condition)
        self.fixed_order(order)
        return PixelSNAILStepper(self, batch)

    def dependencies(self) -> Tensor:
        """Everything earlier: attention leaves nothing out."""
        return torch.ones(len(self.order), len(self.order), dtype=torch.bool).tril(-1)


class PixelSNAILStepper(SequenceStepper):
    """Every block remembers by rank what later sites look at, so a site costs a few small products a block, and one look back
    for each attention block. Going back forgets nothing: what came later is not looked at, and overwritten in time."""

    model: PixelSNAIL

    def __init__(self, model: PixelSNAIL, batch: int) -> None:
        settings, channels, first = model.settings, model.spec.channels, model.first
        space = model.spec.space
        way = ways(settings.order, *space).flatten()[orders.NAMES[settings.order](*space)].tolist()
        blank = torch.zeros(1, *space, channels, device=model.device, dtype=model.dtype)
        self._here = model.by_rank(first(blank)).detach()[0].unbind(0)  # of each site what does not depend on the pixels
        rank = model.rank.view(space)
        self._near = first.look.neighbours(rank)[model.order].unbind(0)
        looks = [
            cast(Tensor, tap.weight).detach().unflatten(1, (-1, channels + 3))[..., :channels].flatten(1).T.contiguous()
            for tap in first.look.ways
        ]
        self._look = [looks[w] for w in way]
        self.steps = [
            ResidualStep(block, model, way) if isinstance(block, Residual) else AttentionStep(cast(Attention, block), model)
            for block in model.blocks
        ]
        self._looks_back = [step for step in self.steps if isinstance(step, AttentionStep)]
        self._out = model.out.bias.detach(), model.out.weight.detach().T.contiguous()
        super().__init__(model, batch)

    def _allocate(self) -> None:
        self._pixels = torch.cat([self.x, torch.zeros_like(self.x[:, :1])], 1)  # with a place for what is outside
        self.x = self._pixels[:, :-1]
        for step in self.steps:
            step.allocate(self.batch)
        self._last = [torch.zeros_like(self._here[0]).repeat(self.batch, 1)] * len(self.order)
        self._slots = [step.slots for step in self.steps] + [self._last]

    def _step(self) -> Tensor:
        t = self.position
        seen = self._pixels.index_select(1, self._near[t]).flatten(1)
        torch.addmm(self._here[t], seen, self._look[t], out=self._slots[0][t])
        for step, above in zip(self.steps, self._slots[1:], strict=True):
            step(t, above[t])
        return torch.addmm(self._out[0], F.elu(self._last[t]), self._out[1])

    def commit(self, values: Tensor) -> None:
        super().commit(values)
        for step in self._looks_back:
            step.append(self.position - 1, self.x[:, self.position - 1])

    def _fill(self, count: int) -> None:
        if count == 0:
            return
        x = self.x.index_select(1, self.model.rank).unflatten(1, self.model.spec.space)
        h = self.model.first(x)
        for block, step in zip(self.model.blocks, self.steps, strict=True):
            step.fill(h, x)
            h = self.model.through(cast(Residual | Attention, block), h, x)

    def _forget(self, count: int) -> None:
        """Nothing to do."""

    def _memory(self) -> list[tuple[Tensor, int]]:
        return [(memory, 0) for step in self.steps for memory in step.memory()]


class GateStep:
    """A gate for one site; its two layers are one product."""

    def __init__(self, gate: Gate) -> None:
        self.bias = torch.cat([gate.signal.bias, gate.door.bias]).detach()
        self.weight = torch.cat([gate.signal.weight, gate.door.weight]).detach().T.contiguous()

    def __call__(self, h: Tensor, found: Tensor, out: Tensor) -> None:
        both = torch.addmm(self.bias, F.elu_(found), self.weight)  # (B, 2 * width)
        torch.add(h, F.glu(both, 1), out=out)


class ResidualStep:
    """A residual block for one site. It remembers by rank the features that it was given, (B, N + 1, width), the last of them
    zeros, for "outside"."""

    def __init__(self, block: Residual, model: PixelSNAIL, way: list[int]) -> None:
        self.model = model
        self.gate = GateStep(block.gate)
        self.near = block.look.neighbours(model.rank.view(model.spec.space))[model.order].unbind(0)
        looks = [(tap.bias.detach(), tap.weight.detach().T.contiguous()) for tap in cast("list[TapConv2d]", block.look.ways)]
        self.look = [looks[w] for w in way]

    def allocate(self, batch: int) -> None:
        zeros = partial(torch.zeros, device=self.model.device, dtype=self.model.dtype)
        sites, width = len(self.model.order), self.model.settings.width
        self.features = zeros(batch, sites + 1, width)
        self.slots = list(self.features.unbind(1))
        self.window = zeros(batch, len(self.near[0]), width)
        self.seen = self.window.flatten(1)

    def __call__(self, t: int, out: Tensor) -> None:
        torch.index_select(self.features, 1, self.near[t], out=self.window)
        bias, weight = self.look[t]
        self.gate(self.slots[t], torch.addmm(bias, F.elu_(self.seen), weight), out)

    def fill(self, h: Tensor, x: Tensor) -> None:
        self.features[:, :-1] = self.model.by_rank(h)

    def memory(self) -> list[Tensor]:
        return [self.features]


class AttentionStep:
    """An attention block for one site. It remembers the keys, (B, key, 1 + N), and values, (B, 1 + N, width), of the start and
    of each site; what the pixel adds to those of its site is not there before it is committed, and they neither."""

    def __init__(self, block: Attention, model: PixelSNAIL) -> None:
        self.block, self.model = block, model
        self.gate = GateStep(block.gate)
        key, width = model.settings.key, model.settings.width
        scale = 1 / math.sqrt(key)
        known = torch.cat([block.keys.weight, block.values.weight])  # (key + width, width + channels)
        weights = [known[:, :width], block.queries.weight * scale, block.own.weight]
        biases = [block.keys.bias, block.values.bias, block.queries.bias * scale, block.own.bias]
        self.bias, self.weight = torch.cat(biases).detach(), torch.cat(weights).detach().T.contiguous()
        self.pixel = known[:, width:].detach().T.contiguous()
        self.sizes = key + width, key, width

    def allocate(self, batch: int) -> None:
        zeros = partial(torch.zeros, device=self.model.device, dtype=self.model.dtype)
        (known, key, width), sites = self.sizes, len(self.model.order)
        self.keys, self.values = zeros(batch, key, 1 + sites), zeros(batch, 1 + sites, width)
        self.keys[:, :, 0], self.values[:, 0] = self.block.start_key.detach(), self.block.start_value.detach()
        self.past = [(self.keys[:, :, : t + 1], self.values[:, : t + 1]) for t in range(sites)]
        self.places = list(zip(self.keys.unbind(2)[1:], self.values.unbind(1)[1:], strict=True))
        self.slots = [zeros(batch, width)] * sites
        self.parts = zeros(batch, known + key + width)
        self.known, query, own = self.parts.split(self.sizes, 1)
        self.query, self.own = query.unsqueeze(1), own.unsqueeze(1)

    def __call__(self, t: int, out: Tensor) -> None:
        h, (keys, values) = self.slots[t], self.past[t]
        torch.addmm(self.bias, F.elu(h), self.weight, out=self.parts)
        weights = torch.bmm(self.query, keys).softmax(2)  # (B, 1, t + 1)
        found = torch.baddbmm(self.own, weights, values)  # (B, 1, width)
        self.gate(h, found.squeeze(1), out)

    def append(self, t: int, x: Tensor) -> None:
        """Put the key and value of site t, whose pixel is x (B, channels), where later sites find them."""
        found = torch.addmm(self.known, x, self.pixel).split(self.sizes[1:], 1)
        for place, part in zip(self.places[t], found, strict=True):
            place.copy_(part)

    def fill(self, h: Tensor, x: Tensor) -> None:
        keys, values = self.block.remembered(self.model.by_rank(h), self.model.by_rank(x))
        self.keys.copy_(keys.mT)
        self.values.copy_(values)

    def memory(self) -> list[Tensor]:
        return [self.keys, self.values, self.parts]


def build(**overrides: object) -> PixelSNAIL:
    return PixelSNAIL(Config(**overrides))  # type: ignore[arg-type]


def build_zigzag(**overrides: object) -> PixelSNAIL:
    return PixelSNAIL(Config(**{"order": "zigzag", **overrides}))  # type: ignore[arg-type]
