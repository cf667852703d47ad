"""Parallel decoding: with the noise frozen, all sites are drawn at once, again and again, until
nothing changes.

With its noise fixed, a picture is the only solution of x = F(x), where F draws every site from its
conditional given x. To draw site by site solves this from the first site to the last; here it is
solved by fixed-point iteration (Wiggers and Hoogeboom 2020, "Predictive sampling with forecasting
autoregressive models"; Song et al. 2021, "Accelerating feedforward computation via parallel
nonlinear equation solving", Jacobi iteration), which begins with level 0 everywhere.

A site depends on earlier ones alone. So after a pass everything up to the first site that it
changed is settled, that site included: at least one more in each pass, and all of them when a pass
changes nothing. What is settled was computed by a full pass over right predecessors: the values are
those of the naive loop, which makes a full pass for every site, bit for bit. The cached stepper
agrees with both to 1e-4, and draws another level only where the noise falls into that gap.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.likelihoods import Likelihood
from studio.engine.generation.stretches import Sampling

MOST_BYTES = 64 << 20  # that the passes on record take; beyond that every other one is dropped
_AT_ONCE = 4096  # sites, of as many pictures as have them, between two looks for commands
_SAMPLED = 2048  # sites that are sampled together: tables of their levels take memory

Stretch = tuple[int, int, Sampling]  # positions from, to, and how these are sampled


@dataclass(frozen=True, eq=False)
class Pass:
    """number: from 1.
    front: how many sites of the order are settled after it in every picture.
    fronts: the same for each picture, LongTensor (rows,).
    guesses: what it drew from `front` on, uint8 (N - front, rows, C).
    """

    number: int
    front: int
    fronts: Tensor
    guesses: Tensor

    @property
    def size(self) -> int:
        """In bytes."""
        return self.guesses.nbytes + self.fronts.nbytes


class ParallelDecoding:
    """Makes passes, and remembers them. All that it is given and has is in the order of generation.

    begin: how many sites were there before the first pass on record.
    passes: those on record, ascending.
    """

    def __init__(
        self,
        conditionals: Callable[[Tensor, slice], Tensor],
        likelihood: Likelihood,
        order: Tensor,
        noise: Tensor,
        space: tuple[int, ...],
    ) -> None:
        """conditionals: of pictures (R, C, *space), which of all the rows these are -> (R, N, P).
        order: raster indices (N,).
        noise: (N, rows, draws).
        """
        self._conditionals, self._likelihood = conditionals, likelihood
        self._order, self._noise, self._space = order, noise, space
        self.begin = 0
        self.passes: list[Pass] = []
        self._parts: list[tuple[Tensor, Tensor, Tensor]] = []  # of a pass that was interrupted,
        self._parts_of = 0  # and how many sites were there before it
        shape = (*noise.shape[:2], likelihood.channels)
        values = torch.zeros(shape, dtype=torch.uint8, device=noise.device)
        self.hold(np.zeros(len(values), bool), values.bool().any(2), values)

    def hold(self, known: NDArray[np.bool_], held: Tensor, values: Tensor) -> None:
        """Other values that are given or set by hand; before that, nothing is.

        known: what is given, bool (N,).
        held: where a row keeps a value, bool (N, rows), what is given included.
        values: these, uint8 (N, rows, C).
        """
        free = [position for position in range(len(known)) if not known[position]]
        after = [*free, len(known)]
        ahead = [after[bisect.bisect_left(free, position)] for position in range(len(known) + 1)]
        self._next_free = torch.tensor(ahead, device=held.device)
        self._held, self._values = held, values
        self._parts.clear()

    def run(
        self, settled: Tensor, sampling: Sequence[Stretch], interrupted: Callable[[], bool]
    ) -> tuple[Tensor, Tensor] | None:
        """One pass.

        settled: what is there already, uint8 (front, rows, C).
        interrupted: asked before every few pictures; the pass is then gone on with the next time.
        Returns what it settled, uint8 (sites, rows, C), and its parameters, (sites, rows, P); None
        where it was interrupted.
        """
        front, rows = len(settled), self._noise.shape[1]
        if not self._parts or self._parts_of != front:
            self._parts, self._parts_of = [], front
        before = self._guess(settled)
        each = max(1, _AT_ONCE // len(self._order))
        for first in range(len(self._parts) * each, rows, each):
            if interrupted():
                return None
            part = slice(first, min(first + each, rows))
            self._parts.append(self._drawn(before[:, part], part, front, sampling))
        parts, self._parts = self._parts, []
        values = torch.cat([part[0] for part in parts], 1)
        fronts = torch.cat([part[2] for part in parts])
        new = min(len(part[1]) for part in parts)  # sites that are settled in all of them
        if not self.passes:
            self.begin = front
        number = self.passes[-1].number + 1 if self.passes else 1
        self.passes.append(Pass(number, front + new, fronts, values[new:].clone()))
        if sum(each.size for each in self.passes) > MOST_BYTES:
            self.passes = self.passes[::-2][::-1]
        return values[:new], torch.cat([part[1][:new] for part in parts], 1)

    def _guess(self, settled: Tensor) -> Tensor:
        """What the next pass begins with, uint8 (N, rows, C)."""
        guess = torch.zeros_like(self._values)
        if self.passes:
            guess[self.passes[-1].front :] = self.passes[-1].guesses
        guess[: len(settled)] = settled
        return self._values.where(self._held[..., None], guess)

    def _drawn(
        self, before: Tensor, rows: slice, front: int, sampling: Sequence[Stretch]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """What a pass makes of some rows from `front` on, uint8 (N - front, R, C); the parameters
        of what it settled in all of these, (sites, R, P); and where their fronts are now, (R,)."""
        pictures = torch.empty_like(before).permute(1, 2, 0)
        pictures[:, :, self._order] = before.permute(1, 2, 0)
        params = self._conditionals(pictures.unflatten(2, self._space), rows).transpose(0, 1)
        drawn = [
            self._likelihood.sample(params[begin:end], self._noise[begin:end, rows], *how)
            for begin, end, how in _pieces(sampling, front, len(self._order), before.shape[1])
        ]
        before = before[front:]
        values = torch.cat(drawn).to(torch.uint8)
        values = self._values[front:, rows].where(self._held[front:, rows, None], values)
        if self.passes:  # settled is settled, even on a device that adds up otherwise every time
            position = torch.arange(front, len(self._order), device=values.device)[:, None]
            settled = position < self.passes[-1].fronts[rows]
            values = before.where(settled[..., None], values)
        changed = (values != before).any(2)  # (N - front, R)
        first = changed.byte().argmax(0) + 1
        fronts = first.where(changed.any(0), len(changed)) + front
        fronts = self._next_free[fronts]
        return values, params[front : int(fronts.min())], fronts

    # What is on record.

    def shown(self, position: int) -> Pass | None:
        """The last pass after which no more than so many sites were settled in all pictures."""
        after = bisect.bisect_right(self.passes, position, key=lambda each: each.front)
        return self.passes[after - 1] if after else None

    def stop_at(self, position: int, now: int) -> int:
        """Where one stands who wants to go from `now` to a position: within what was drawn in
        passes after one of them, and elsewhere anywhere."""
        if not self.passes or not self.begin < position < self.passes[-1].front:
            return position
        stops = [self.begin, *(each.front for each in self.passes)]
        if position > now:
            return stops[bisect.bisect_left(stops, position)]
        return stops[bisect.bisect_right(stops, position) - 1]

    def forget(self, position: int) -> None:
        """Everything that depends on sites from a position on."""
        self.take(tuple(each for each in self.passes if each.front <= position), position)

    def take(self, passes: tuple[Pass, ...], position: int) -> None:
        """Passes that were on record once; what they settled holds up to a position."""
        self.passes = [replace(each, fronts=each.fronts.clamp(max=position)) for each in passes]
        self._parts.clear()


def _pieces(
    sampling: Sequence[Stretch], front: int, sites: int, rows: int
) -> Iterator[tuple[int, int, Sampling]]:
    """What is sampled together of `rows` pictures from `front` on."""
    most = max(1, _SAMPLED // rows)
    for begin, end, how in sampling:
        begin, end = max(begin, front), min(end, sites)
        for first in range(begin, end, most):
            yield first, min(first + most, end), how
