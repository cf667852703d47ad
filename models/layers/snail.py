"""The two blocks of PixelSNAIL, each followed by its cached twin (Chen et al. 2018, figure 2).

A twin has `slots`, one of each rank, where the features (B, width) that go into the block are
written before it is called.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import anatomy
from models.layers.attending import look_back
from models.layers.cached import Memory
from models.layers.ordered import OrderedConv2d, OrderedConv2dStep
from models.moving_figures import AttentionTriangle


class Gate(nn.Module):
    """Adds what a block has found to its features, as much of it as a gate lets through."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.signal = nn.Linear(width, width)
        # apart from the signal: halves of one product are slow to take apart
        self.gate = nn.Linear(width, width)

    def forward(self, h: Tensor, found: Tensor) -> Tensor:
        """Both (..., width)."""
        found = F.elu(found)
        return h + self.signal(found) * self.gate(found).sigmoid()

    def anatomy(self) -> Iterator[anatomy.Figure]:
        before = ("ELU of what the block found",)
        yield anatomy.Gate("", self.signal.out_features, before, after=("residual connection",))


class GateStep:
    def __init__(self, gate: Gate) -> None:
        self._bias = torch.cat([gate.signal.bias, gate.gate.bias]).detach()
        self._weight = torch.cat([gate.signal.weight, gate.gate.weight]).detach().T.contiguous()

    def __call__(self, h: Tensor, found: Tensor, out: Tensor) -> None:
        torch.add(h, F.glu(torch.addmm(self._bias, F.elu_(found), self._weight), 1), out=out)


class Residual(nn.Module):
    """A causal convolution behind a gate (figure 2a)."""

    def __init__(self, width: int, order: str, space: tuple[int, int]) -> None:
        super().__init__()
        self.look = OrderedConv2d(width, width, order, space, reach=1, itself=True)
        self.gate = Gate(width)

    def forward(self, h: Tensor) -> Tensor:
        """(B, H, W, width) -> (B, H, W, width)."""
        y: Tensor = self.gate(h, self.look(F.elu(h)))
        return y


class ResidualStep:
    """Remembers the features that went into it, by rank,
    and zeros for what is outside: (B, N + 1, width)."""

    def __init__(self, block: Residual, memory: Memory) -> None:
        self._look, self._gate = OrderedConv2dStep(block.look), GateStep(block.gate)
        self._features = memory.kept(memory.sites + 1, block.gate.signal.in_features)
        self.slots = self._features.unbind(1)[:-1]

    def __call__(self, t: int, out: Tensor) -> None:
        """Writes what comes out at the site of rank t, (B, width)."""
        window = F.elu_(self._look.window(self._features, t))
        self._gate(self.slots[t], self._look.product(window, t), out)

    def fill(self, h: Tensor, x: Tensor) -> None:
        """Remember the sites of whole pictures: h (B, N, width), x (B, N, channels), by rank."""
        self._features[:, :-1] = h


class Attention(nn.Module):
    """A look at all earlier sites, behind a gate (figure 2b). Everything is by rank."""

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
        keys, values = self.known(h, x)
        features = F.elu(h)
        seen = look_back(self.queries(features), keys[:, :-1], values[:, :-1])
        y: Tensor = self.gate(h, self.own(features) + seen)
        return y

    def anatomy(self) -> Iterator[anatomy.Figure | nn.Module]:
        yield from (self.queries, self.keys, self.values)
        key, value = self.queries.out_features, self.values.out_features
        yield AttentionTriangle(1, key, value, "keys")
        yield from (self.own, self.gate)

    def known(self, h: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys (B, 1 + N, key) and values (B, 1 + N, width) of the start and of every site."""
        known = torch.cat([F.elu(h), x.to(h.dtype)], 2)
        return _behind(self.start_key, self.keys(known)), _behind(
            self.start_value, self.values(known)
        )


def _behind(start: Tensor, rest: Tensor) -> Tensor:
    """start (C,), rest (B, N, C) -> (B, 1 + N, C)."""
    return torch.cat([start.to(rest.dtype).expand(rest.shape[0], 1, -1), rest], 1)


class AttentionStep:
    """Remembers the keys, (B, key, 1 + N), and values,
    (B, 1 + N, width), of the start and of every site.

    A site's key and value take in its pixel, so they are appended when that is committed.
    """

    def __init__(self, block: Attention, memory: Memory) -> None:
        self._block, self._gate = block, GateStep(block.gate)
        key, width = block.queries.out_features, block.own.in_features
        scale = 1 / math.sqrt(key)
        known = torch.cat(
            [block.keys.weight, block.values.weight]
        ).detach()  # (key + width, width + channels)
        # one product makes what the features add to key and value, the query, and what the site
        # itself brings along
        weights = [known[:, :width], block.queries.weight * scale, block.own.weight]
        biases = [block.keys.bias, block.values.bias, block.queries.bias * scale, block.own.bias]
        self._weight, self._bias = (
            torch.cat(weights).detach().T.contiguous(),
            torch.cat(biases).detach(),
        )
        self._pixel = known[:, width:].T.contiguous()
        sites, kept, scratch = memory.sites, memory.kept, memory.scratch
        self._keys, self._values = kept(key, 1 + sites), kept(1 + sites, width)
        self._keys[:, :, 0], self._values[:, 0] = block.start_key, block.start_value
        self._past = [(self._keys[:, :, : t + 1], self._values[:, : t + 1]) for t in range(sites)]
        self._places = list(zip(self._keys.unbind(2)[1:], self._values.unbind(1)[1:], strict=True))
        self._parts = kept(len(self._bias))
        self._known, query, own = self._parts.split([key + width, key, width], 1)
        self._query, self._own = query.unsqueeze(1), own.unsqueeze(1)
        self._next = scratch(key + width)
        self._next_pair = self._next.split([key, width], 1)
        self.slots = (scratch(width),) * sites

    def __call__(self, t: int, out: Tensor) -> None:
        """Writes what comes out at the site of rank t, (B, width)."""
        h, (keys, values) = self.slots[t], self._past[t]
        torch.addmm(self._bias, F.elu(h), self._weight, out=self._parts)
        weights = torch.bmm(self._query, keys).softmax(2)  # (B, 1, t + 1)
        self._gate(h, torch.baddbmm(self._own, weights, values).squeeze(1), out)

    def append(self, t: int, x: Tensor) -> None:
        """Remember the site of rank t, which was the last one called for, now that its pixel x (B,
        channels) is known."""
        torch.addmm(self._known, x, self._pixel, out=self._next)
        for place, part in zip(self._places[t], self._next_pair, strict=True):
            place.copy_(part)

    def fill(self, h: Tensor, x: Tensor) -> None:
        """Remember the sites of whole pictures: h (B, N, width), x (B, N, channels), by rank."""
        keys, values = self._block.known(h, x)
        self._keys.copy_(keys.mT)
        self._values.copy_(values)
