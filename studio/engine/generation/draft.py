"""`Draft`: what a generation draws from and what there is of it, whatever draws it: the order, the
noise, what is given and set by hand, and the record of every site.

The ways to draw (`by_site`, `at_once`, `by_graph`) read it and put into it what they drew.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel
from models.likelihoods import Likelihood
from models.orders import observed_first
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.changes import Change, InEffect
from studio.engine.generation.drawn_rows import VALUES, DrawnRows
from studio.engine.generation.guidance import guidance_of, likelihood_of, scored
from studio.engine.generation.method_choice import chosen_method
from studio.engine.generation.noise import noise_for
from studio.engine.generation.parallel_decoding import Pass
from studio.engine.generation.passes import Passes
from studio.engine.generation.population import attempts
from studio.engine.generation.records import Record, after_last
from studio.engine.generation.refinement import given_in, leading
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions, order_of
from studio.engine.generation.stretches import Sampling, Stretches, cut_off, sampling_at
from studio.engine.generation.sweeps import Sweeps


class Draft:
    """options, evidence, changes, earlier: see `Generation`.
    method, why: of completion, and in one sentence why this one.
    guidance, likelihood: how far a class pushes, and by what the stepper's parameters are read.
    order: raster indices, int64 (N,); rank: the same on the model's device.
    known_at, values_at: what is given, bool (N,) and levels (C, N), by raster index.
    known, given: the same in the order of generation, and int64 (N, C).
    start: the run of given sites that the order begins with.
    last_given: how many sites are there when the last given one is, `start` at least.
    by_hand: the changes in effect.
    passes: which sites are drawn from one pass, of models that predict all unknown ones.
    noise: (rows, draws) of each site, by raster index.
    drawn: the record; sites: how many of the order it has.
    sweeps: what refines the pictures after the last site, where the method does.
    unkept: whether something was drawn that was not kept (see `Records`).
    revision: another number whenever what is there is another.
    """

    def __init__(
        self, model: AutoregressiveModel, options: SamplingOptions, evidence: Evidence | None
    ) -> None:
        self.model, self.options, self.evidence = model, options, evidence
        self.length = len(model.order)
        self.changes: tuple[Change, ...] = ()
        self.revision = 0
        self.begin()

    @torch.inference_mode()
    def begin(self) -> None:
        """From nothing: order, noise and an empty record."""
        model, options = self.model, self.options
        device = model.device
        self.guidance = guidance_of(model, options)
        self.likelihood: Likelihood = likelihood_of(model, self.guidance)
        self.choose_method()
        self.order = self.ordering()
        self.rank = torch.from_numpy(self.order).to(device)
        self.take_evidence()
        self.passes = Passes(model, options, self.start, self.length)
        attempts_made = None
        if self.method.begin is not None and self.needs_attempts():
            particles = options.particles or attempts(options.count)
            noise, attempts_made = self.method.begin(
                options.count, particles, self.length, model.likelihood.draws, options.seed, device
            )
        else:
            noise = noise_for(model, options.count, options.seed)
        self.noise = noise.to(device).transpose(0, 1).contiguous().unbind(0)
        self.drawn = DrawnRows(self.length, len(noise), model.spec.channels, attempts_made, device)
        self.sweeps: Sweeps | None = None
        self.sites = 0
        self.earlier: Stretches = ()
        self.unkept = False
        self.revision += 1

    @property
    def recorded(self) -> int:
        """The furthest position that there is; of pictures that are refined, the end is there after
        the last sweep."""
        return self.sites - int(self.sweeps is not None and not self.sweeps.finished)

    # What it is drawn from.

    def choose_method(self) -> None:
        known = evidence_of(self.model, self.evidence)[0].reshape(self.model.spec.space)
        options = self.options
        self.method, self.why = chosen_method(self.model, known, options.method, options.parallel)

    def ordering(self) -> NDArray[np.int64]:
        """The order to draw in, before it changes as it goes."""
        order, evidence = order_of(self.options, self.model), self.evidence
        if evidence is not None and (self.method.given_first or self.options.order == CERTAIN):
            return observed_first(torch.from_numpy(evidence.known), torch.from_numpy(order)).numpy()
        return order

    def needs_attempts(self) -> bool:
        """Whether evidence comes later in the order than a site that has to be drawn, and the
        method makes attempts that compete at it."""
        if self.method.begin is None or self.evidence is None:
            return False
        known = self.evidence.known.ravel()[self.ordering()].tolist()
        return False in known and True in known[known.index(False) :]

    def take_evidence(self) -> None:
        """The evidence in the order of generation."""
        device = self.model.device
        self.known_at, self.values_at = evidence_of(self.model, self.evidence)
        self.known: list[bool] = self.known_at[self.order].tolist()
        self.start = self.known.index(False) if False in self.known else self.length
        self.last_given = max(self.start, after_last(self.known_at[self.order]))
        self.given = torch.from_numpy(self.values_at[:, self.order].T.astype(np.int64)).to(device)
        self._free = ~torch.tensor(self.known, device=device)[:, None]
        self._leading_nats: float | None = None  # found when somebody asks
        self.take_changes()

    def take_changes(self) -> None:
        """Those that are in effect."""
        count, device = self.options.count, self.model.device
        self.by_hand = InEffect(self.changes, count, self.known_at, device)

    def held(self) -> tuple[Tensor, Tensor]:
        """What is given and what was set by hand, in every picture: where, bool (N, count), and the
        levels, uint8 (N, count, C), in the order of generation."""
        count, device = self.options.count, self.model.device
        held = torch.from_numpy(self.known_at).to(device)[:, None].repeat(1, count)
        values = torch.from_numpy(self.values_at.T).to(device)[:, None].repeat(1, count, 1)
        self.by_hand.put(held, values)
        return held[self.rank], values[self.rank]

    def sampling_from(self, position: int) -> tuple[Sampling, int | None]:
        """How a site is sampled, and up to which position others are, too; None for the end."""
        return sampling_at(self.earlier, self.options.sampling, position)

    def given_besides(self, rows: int) -> tuple[Tensor | None, Tensor | None]:
        """Condition and order, as models take them."""
        model, condition = self.model, None
        if model.takes_painting and self.evidence is not None:
            values = torch.from_numpy(self.evidence.values).to(model.device)
            known = torch.from_numpy(self.evidence.known).to(model.device)
            condition = model.painted(
                values.expand(rows, *values.shape), known.expand(rows, *known.shape)
            )
        elif self.options.condition is not None:
            condition = torch.full((rows,), self.options.condition, device=model.device)
        return condition, self.rank if model.any_order else None

    def leading(self) -> float:
        """log p of what the order begins with and is given, nats."""
        if self._leading_nats is None:
            condition, _ = self.given_besides(1)
            pictures = torch.from_numpy(self.values_at).to(self.model.device)[None]
            given = given_in(self.model, torch.from_numpy(self.known_at), self.rank)
            pictures = pictures.unflatten(2, self.model.spec.space)
            self._leading_nats = float(leading(self.model, pictures, condition, given)[0])
        return self._leading_nats

    # What there is of it.

    def alone(self, position: int) -> bool:
        """Whether the shown attempt at each picture goes on alone: no evidence is left for which
        others could compete."""
        return self.drawn.attempts is not None and position >= self.last_given

    def rows_at(self, position: int) -> int:
        """How many rows are drawn there."""
        return self.options.count if self.alone(position) else self.drawn.count

    def pictures(self, position: int) -> Tensor:
        """All rows as they were when `position` sites were there, uint8 (rows, C, H, W); only those
        shown, where these go on alone."""
        rows = self.drawn.shown_rows(position) if self.alone(position) else None
        values = self.drawn.values(rows, position)
        pictures = values.new_zeros(values.shape[1], values.shape[2], self.length)
        pictures[:, :, self.rank[:position]] = values.permute(1, 2, 0)
        return pictures.unflatten(2, self.model.spec.space)

    def settled(self) -> Tensor:
        """What every row has come to, uint8 (sites, rows, C)."""
        return self.drawn.parts[VALUES][: self.sites]

    def put(self, begin: int, values: Tensor, params: Tensor) -> None:
        """Score and record what was drawn from site `begin` on: values (sites, rows, C), parameters
        (sites, rows, P)."""
        end = begin + len(values)
        free = self._free[begin:end]
        nats, entropies = scored(self.likelihood, params, values)
        self.drawn.put(
            begin,
            values,
            torch.where(free, nats, 0.0),
            torch.where(free, entropies, torch.nan),
        )
        self.sites = end
        self.unkept = True
        self.revision += 1

    @torch.inference_mode()
    def forget(self, position: int) -> bool:
        """Cut the record off after `position` sites, though never before the run of evidence that
        it begins with; whether attempts stand otherwise now than they did there."""
        attempts_made = self.drawn.attempts
        self.sites = min(self.sites, position)
        if self.sites < self.length:
            self.sweeps = None
        mixed = attempts_made is not None and attempts_made.forget(self.sites)
        if self.sites < self.start:
            none = torch.zeros(self.start, 1, device=self.model.device)
            self.drawn.put(0, self.given[: self.start, None], none, torch.nan + none)
            self.sites = self.start
        self.revision += 1
        return mixed

    # After the last site.

    def begin_sweeps(self) -> None:
        """Where the method refines what it drew and there is need."""
        attempts_made, options = self.drawn.attempts, self.options
        wanted = self.method.refined and options.sweeps > 0 and attempts_made is not None
        if not wanted or self.sweeps is not None:
            return
        values = self.drawn.values(self.drawn.shown_rows(self.length), self.length)
        pictures = torch.empty_like(values)
        pictures[self.rank] = values  # by raster index
        condition, _ = self.given_besides(options.count)
        self.sweeps = Sweeps(
            self.model,
            options,
            pictures.permute(1, 2, 0),
            torch.from_numpy(self.known_at),
            self.drawn.count // options.count,
            condition,
            self.rank,
        )

    def sweep(self, interrupted: Callable[[], bool]) -> None:
        """Go on refining, where that has begun, to the end or until it is interrupted."""
        sweeps = self.sweeps
        if sweeps is None or sweeps.finished:
            return
        done = sweeps.done
        sweeps.advance(interrupted)
        self.unkept = True
        self.revision += int(sweeps.done > done)

    def leave_sweeps(self) -> None:
        """Back to the pictures as they were before they were refined, for another number of
        sweeps."""
        self.sweeps = None
        self.revision += 1
        if self.sites == self.length:
            self.begin_sweeps()

    # What was on record before.

    def on_record(self, made: Sequence[Pass]) -> Record:
        """What is on record now; not a copy. made: the passes in which it was drawn."""
        return Record(
            self.options,
            self.order,
            self.known_at,
            self.values_at,
            tuple(part[: self.sites] for part in self.drawn.parts),
            self.drawn.attempts,
            self.sweeps if self.sweeps is not None and self.sweeps.finished else None,
            self.by_hand.changes,
            self.earlier,
            tuple(made),
        )

    def take(self, record: Record, recorded: int, as_it_was: bool) -> None:
        """Go on with an earlier record, which holds up to a position. as_it_was: also with how
        parts of it were sampled otherwise."""
        for own, kept in zip(self.drawn.parts, record.rows, strict=True):
            own[:recorded] = kept[:recorded]
        self.sites, self.order = recorded, record.order
        if as_it_was:
            self.earlier = cut_off(record.earlier, recorded)
        self.rank = torch.from_numpy(record.order).to(self.model.device)
        self.drawn.attempts = copy.deepcopy(record.attempts)
        if self.drawn.attempts is not None:
            self.drawn.attempts.forget(recorded)
        if recorded == self.length:
            self.sweeps = record.sweeps if record.options == self.options else None
            self.begin_sweeps()
        self.revision += 1


def evidence_of(
    model: AutoregressiveModel, evidence: Evidence | None
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """What is known, bool (N,), and its values, levels (C, N), by raster index."""
    channels, sites = model.spec.channels, len(model.order)
    if evidence is None:
        return np.zeros(sites, bool), np.zeros((channels, sites), np.uint8)
    return evidence.known.ravel(), evidence.values.reshape(channels, -1)
