"""`Generation`: pictures drawn site by site, with a record of every step,
so that going back and on again is free.

The noise is drawn up front (see `noise`), one uniform for each picture, site and draw, and belongs
to the site: whatever is rewound, edited or ordered otherwise, a site is drawn with the same noise.
Nothing in the loop waits for the device; what was drawn is scored a chunk at a time, and goes to
the host when somebody looks.

It is one file, although a long one: all that it does reads or writes the one record. What can be
told by itself is: the record (`drawn_rows`), what was on record before (`records`), values changed
by hand (`changes`), passes of models that predict all at once (`passes`), passes that draw all at
once (`parallel_decoding`), and the sweeps of methods that refine (`sweeps`).
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Model, Stepper
from models.likelihoods import Likelihood
from models.orders import observed_first
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.changes import Change, InEffect, checked_changes, first_changed
from studio.engine.generation.drawn_rows import ENTROPIES, NATS, VALUES, DrawnRows
from studio.engine.generation.guidance import (
    conditionals_of,
    guidance_of,
    likelihood_of,
    scored,
    stepper_of,
)
from studio.engine.generation.method_choice import chosen_method
from studio.engine.generation.next_site import NextSite, Supposed, Why, looked_at
from studio.engine.generation.noise import noise_for
from studio.engine.generation.parallel_decoding import ParallelDecoding, Pass
from studio.engine.generation.passes import Passes, all_at_once
from studio.engine.generation.population import attempts
from studio.engine.generation.records import Record, Records, after_last, first_apart
from studio.engine.generation.refinement import given_in, leading
from studio.engine.generation.sampling_options import (
    CERTAIN,
    SamplingOptions,
    check_options,
    order_of,
)
from studio.engine.generation.snapshot import Particles, Snapshot
from studio.engine.generation.stretches import (
    Stretches,
    but_sampling,
    changed_at,
    checked_stretches,
    cut_off,
    first_resampled,
    sampling_at,
)
from studio.engine.generation.sweeps import Sweeps
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.threads import one_thread

_CHUNK = 64  # sites scored together
# the noise at hand is not what chose, or not yet
_OF_OTHER_NOISE = (Why.REFINED, Why.ATTEMPTS, Why.CERTAIN)


def as_autoregressive(model: Model) -> AutoregressiveModel:
    """The model, where it can generate; StudioError, one sentence, why it cannot."""
    if not isinstance(model, AutoregressiveModel):
        raise StudioError(model.why)
    return model


def _never() -> bool:
    return False


class Generation:
    """Draws `options.count` pictures, beginning with what `evidence` gives.

    position: how many sites of the order are shown; evidence is shown besides. Where all are drawn
    at once, how many are settled after the pass that is shown: each settles one more at least.
    start: the run of given sites that the order begins with, taken at once.
    recorded: the furthest position computed; going there and back costs nothing. Of a method that
    refines what it drew, the end is there after its last sweep.
    length: N.
    order: raster indices, int64 (N,); where the most certain site comes next, it is settled up to
    `recorded` only.
    method: of completion, by which evidence is taken account of; see `methods`.
    why: in one sentence, why this one; "" where it was asked for.
    changes, earlier: values set by hand, and what was sampled otherwise; see `set_changes`.

    StudioError, one sentence, where options or evidence do not fit the model.
    """

    position: int
    start: int
    _leading_nats: float | None  # found when somebody asks

    def __init__(
        self,
        model: AutoregressiveModel,
        options: SamplingOptions | None = None,
        evidence: Evidence | None = None,
        noise: Tensor | None = None,
    ) -> None:
        """noise: of these options, where it is at hand, see `noise_for`; None to draw it."""
        self.model = model
        self._at_hand = noise
        self.length = len(model.order)
        options = options or SamplingOptions()
        check_options(options, model)
        self.options = options
        self.evidence = self._own(evidence)
        self.changes: tuple[Change, ...] = ()
        self.earlier: Stretches = ()
        self._records = Records()
        self._begin()

    # What can be asked.

    @property
    def recorded(self) -> int:
        return self._sites - int(self._sweeps is not None and not self._sweeps.finished)

    @property
    def values(self) -> NDArray[np.uint8]:
        """The pictures so far, levels (count, C, H, W); 0 where nothing is yet."""
        channels, sites = self.model.spec.channels, self.order[: self.position]
        pictures = np.zeros((self.options.count, channels, self.length), np.uint8)
        if self.evidence is not None:
            pictures[:] = self.evidence.values.reshape(channels, -1)
        pictures[:, :, sites] = self._shown(VALUES).transpose(1, 2, 0)
        return pictures.reshape(*pictures.shape[:2], *self.model.spec.space)

    @property
    def nats(self) -> NDArray[np.float32]:
        """-log p of what was drawn at each site, float32 (count, N), entry i for site order[i]; 0
        where it was given or is not there yet. Always by the model itself, whatever the
        temperature."""
        nats = np.zeros((self.options.count, self.length), np.float32)
        nats[:, : self.position] = self._shown(NATS).T
        return nats

    @property
    def entropies(self) -> NDArray[np.float32]:
        """How unsure the model was at each site, nats, float32 (count, N), entry i for site
        order[i]; NaN where it was given or is not there yet."""
        entropies = np.full((self.options.count, self.length), np.nan, np.float32)
        entropies[:, : self.position] = self._shown(ENTROPIES).T
        return entropies

    def next_probabilities(self, row: int = 0) -> NDArray[np.float32] | None:
        """Of every level at the site that comes next in picture `row`, (C, K); None at the end.

        As it will be drawn: at the temperature and within the top-k and top-p of the options.
        """
        found = self.upcoming(row)
        return None if found is None else found.sampled

    @torch.inference_mode()
    def upcoming(
        self, row: int = 0, supposed: Supposed | None = None, hurried: bool = False
    ) -> NextSite | None:
        """The site that comes next in picture `row`, looked into; None at the end. See
        `looked_at`."""
        position = self.position
        if position == self.length:
            return None
        rows = None if self._drawn.attempts is None else self._drawn.shown_rows(position)
        drawn_row = row if rows is None else int(rows[row])
        if position == self._sites and not self.options.parallel:
            alone = self._alone(position)
            params = self._settled().conditional()[row if alone else drawn_row]
        else:
            params = self._params_at_position(row)
        site = int(self.order[position])
        why, fixed = self._why_at(position, site, row)
        return looked_at(
            self._likelihood,
            params,
            position,
            sampling_at(self.earlier, self.options.sampling, position)[0],
            None if why in _OF_OTHER_NOISE else self._noise[site][drawn_row],
            fixed,
            why,
            supposed,
            hurried,
        )

    def _why_at(self, position: int, site: int, row: int) -> tuple[Why, tuple[int, ...] | None]:
        """Why a site gets its values in a picture, and which, where these are on record, given or
        set by hand."""
        by_hand = self._by_hand.at(row, site)
        if by_hand is not None:
            return Why.BY_HAND, by_hand
        if self._known_at[site]:
            return Why.GIVEN, tuple(self._values_at[:, site].tolist())
        fixed = None
        if position < self.recorded:
            fixed = tuple(self._shown(VALUES, position + 1)[position, row].tolist())
        if self._refined(row):
            return Why.REFINED, fixed
        if self._drawn.attempts is not None and not self._alone(position):
            return Why.ATTEMPTS, fixed
        if fixed is None and self._passes.certain and self._passes.of(position)[0] == position:
            return Why.CERTAIN, None
        return Why.NOISE, fixed

    def snapshot(
        self,
        unseen: NDArray[np.bool_] | None,
        playing: bool,
        sites_per_second: float,
        chosen: int | None = None,
        supposed: Supposed | None = None,
        hurried: bool = False,
    ) -> Snapshot:
        """What there is to see now; waits for the device.

        chosen: the picture of which more is told; None for the first, and the mean of the nats.
        supposed: levels that are supposed of the next site, see `NextSite`.
        hurried: whether there will be more at once, and so no time for what takes longer.
        """
        position, spec = self.position, self.model.spec
        known = None if self.evidence is None else self.evidence.known
        drawn = position if known is None else int((~known.ravel()[self.order[:position]]).sum())
        if chosen is not None and chosen >= self.options.count:
            chosen = None
        shown = chosen or 0
        found = self.nats
        each = found.sum(1)
        nats = float(each.mean() if chosen is None else each[chosen])
        entropies = self.entropies[shown]
        at_end = position == self.length
        values, settled = self.guessed()
        made = self._parallel.passes if self.options.parallel and self._parallel else []
        upcoming = self.upcoming(shown, supposed, hurried)
        return Snapshot(
            position=position,
            length=self.length,
            start=self.start,
            recorded=self.recorded,
            playing=playing,
            count=self.options.count,
            values=values,
            known=known,
            unseen=unseen,
            order=self.order,
            next_site=None if at_end else divmod(int(self.order[position]), spec.space[1]),
            probabilities=None if upcoming is None else upcoming.sampled,
            entropies=entropies,
            nats_so_far=nats,
            bits_per_dim=nats / (drawn * spec.channels * math.log(2)) if drawn else None,
            sites_per_second=sites_per_second,
            options=self.options,
            chosen=chosen,
            method=self.method.name,
            why=self.why,
            particles=self._particles(shown),
            changes=self.changes,
            earlier=self.earlier,
            nats=np.where(np.isnan(entropies), np.nan, found[shown]),
            passes=self.passes,
            passes_in_all=next((one.number for one in made if one.front == self.length), None),
            pass_ends=tuple(one.front for one in made),
            settled=settled,
            upcoming=upcoming,
            hurried=hurried,
        )

    @property
    def _pass(self) -> Pass | None:
        """The one that is shown, where all sites are drawn at once."""
        if not self.options.parallel or self._parallel is None:
            return None
        return self._parallel.shown(self.position)

    @property
    def passes(self) -> int | None:
        """How many of all sites at once there were up to here; None where they were drawn one by
        one."""
        if (shown := self._pass) is not None:
            return shown.number
        return 0 if self.options.parallel and self.position == self.start else None

    def guessed(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
        """The pictures with guesses where they are not settled, and where they are: see
        `Snapshot`."""
        values, shown = self.values, self._pass
        if shown is None:
            return values, None
        flat, left = values.reshape(*values.shape[:2], -1), self.order[self.position :]
        open_ = left[~self._known_at[left]]
        guesses = np.zeros((self.length, *shown.guesses.shape[1:]), np.uint8)
        guesses[self.order[shown.front :]] = shown.guesses.cpu().numpy()  # by raster index
        flat[:, :, open_] = guesses[open_].transpose(1, 2, 0)
        fronts = np.maximum(shown.fronts.cpu().numpy(), self.position)
        settled = np.zeros((len(fronts), self.length), bool)
        settled[:, self.order] = np.arange(self.length) < fronts[:, None]
        settled |= self._known_at
        return values, settled.reshape(-1, *self.model.spec.space)

    def effective(self) -> list[float] | None:
        """Effective sample size of the particles of each picture; None where there are none."""
        found = self._drawn.attempts
        return None if found is None else found.effective(self.position).tolist()

    @torch.inference_mode()
    def _particles(self, shown: int) -> Particles | None:
        """Of the picture that is shown."""
        attempts, options = self._drawn.attempts, self.options
        if attempts is None:
            return None
        evidence = None
        if options.sampling == (1.0, 0, 1.0) and not self._guidance and not self.model.predicts_all:
            nats = float(attempts.log_evidence(self.position)[shown]) + self._leading()
            evidence = nats / math.log(2)
        return Particles(
            count=self._drawn.count // options.count,
            effective=float(attempts.effective(self.position)[shown]),
            log2_evidence=evidence,
            sweeps=0 if self._sweeps is None else self._sweeps.done,
        )

    def _leading(self) -> float:
        """log p of what the order begins with and is given, nats."""
        if self._leading_nats is None:
            condition, _ = self._given_besides(1)
            pictures = torch.from_numpy(self._values_at).to(self.model.device)[None]
            given = given_in(self.model, torch.from_numpy(self._known_at), self._rank)
            pictures = pictures.unflatten(2, self.model.spec.space)
            self._leading_nats = float(leading(self.model, pictures, condition, given)[0])
        return self._leading_nats

    def given_ahead(self) -> int:
        """How many of the sites that come next are given: no choice is left there."""
        ahead = self._known[self.position :]
        return ahead.index(False) if False in ahead else len(ahead)

    # What can be done.

    def step(self, n: int = 1, interrupted: Callable[[], bool] = _never) -> int:
        """Go on by n sites, as far as there are any; returns how many, more than n where a pass
        settled more.

        Recorded ones are only shown again.
        interrupted: asked before each new site; True ends the step early.
        """
        before = self.position
        goal = min(before + max(0, n), self.length)
        self.position = self._stop_at(min(goal, self.recorded))
        if goal > self.position:
            self._draw(goal, interrupted)
        return self.position - before

    def rewind(self, position: int) -> None:
        """Show `position` sites: any from `start` to `recorded`, to which it is held; of sites that
        were drawn in passes, the next stop in that direction. What was recorded stays."""
        self.position = self._stop_at(max(self.start, min(position, self.recorded)))

    def restart(self) -> None:
        """Back to the evidence, and forget the record;
        drawn again, everything comes out the same."""
        self._keep()
        self.earlier = ()
        self._forget(self.start)

    def edit(self, evidence: Evidence | None, position: int | None = None) -> None:
        """Other evidence: goes back to the first site of the order that it changes, and no further;
        to the beginning, for a model that sees all of it.

        What had been drawn with this evidence before is on record again. position: to be shown
        then, as far as it is.
        """
        evidence = self._own(evidence)
        self._keep()
        self.evidence = evidence
        self._follow_evidence()
        self._bring_back(as_it_was=True)
        if position is not None:
            self.rewind(position)

    def set_changes(self, changes: tuple[Change, ...], earlier: Stretches | None = None) -> None:
        """Other values changed by hand: goes back to the first site of the order whose change
        differs, and no further; see `studio.engine.generation.changes`. The same for what comes
        first and is sampled otherwise, see `Stretch`; None for what there is.

        Changes are kept whatever else becomes other. A picture with changes stays as it was drawn
        where others are refined afterwards: a sweep would draw its values again. In the order of
        the most certain site, which all pictures share, a change may move what comes later.
        StudioError, one sentence, where one does not fit the model.
        """
        changes = checked_changes(changes, self.model.spec)
        sampling = self.options.sampling
        earlier = self.earlier if earlier is None else checked_stretches(earlier, sampling)
        self._keep()
        before, drawn_so = self._by_hand.changes, (self.earlier, sampling)
        self.changes, self.earlier = changes, earlier
        self._take_changes()
        first = first_changed(before, self._by_hand.changes, self.order)
        first = min(first, first_resampled(drawn_so, (earlier, sampling), self.length))
        if first < self.length:
            self._forget(first)
            self._bring_back()

    def _take_changes(self) -> None:
        self._by_hand = InEffect(
            self.changes, self.options.count, self._known_at, self.model.device
        )
        if self._parallel is not None:
            self._hold(self._parallel)

    def _follow_evidence(self) -> None:
        known, values = self._evidence_of(self.evidence)
        changed = (known != self._known_at) | (values != self._values_at).any(0)
        if not changed.any():
            return
        method, attempted = self.method, self._drawn.attempts is not None
        apart = first_apart(changed[self.order], self._known_at, known, self.order, attempted)
        self._choose_method()
        ordered_alike = np.array_equal(self._ordering(self.evidence), self.order)
        if (
            ordered_alike
            and method is self.method
            and not self.model.takes_painting
            and self._needs_attempts() == attempted
        ):
            self._take_evidence()
            self._forget(apart)
            self.earlier = cut_off(self.earlier, self._sites)
        else:
            self._begin()

    def set_options(self, options: SamplingOptions) -> None:
        """Other temperature, top-k or top-p: from the current position on; another way to decode:
        what is there stays; anything else: from the evidence on."""
        check_options(options, self.model)
        if self.options == options:
            return
        self._keep()
        before, self.options = self.options, options
        method = self.method
        self._choose_method()
        if replace(before, sweeps=options.sweeps) == options:
            self._leave_sweeps()
        elif method is not self.method or but_sampling(before) != but_sampling(options):
            self._begin()
        elif before.sampling == options.sampling:
            self.rewind(self.position)
        else:
            at = 0 if self.position == self.start else self.position
            self.earlier = changed_at(self.earlier, before.sampling, at, options.sampling)
            self._forget(self.position)
            self._bring_back()

    # How it is done.

    def _own(self, evidence: Evidence | None) -> Evidence | None:
        if evidence is None:
            return None
        evidence = checked_evidence(evidence.values, evidence.known, self.model)
        return evidence if evidence.known.any() else None

    def _evidence_of(
        self, evidence: Evidence | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
        """known (N,) and values (C, N), by raster index."""
        if evidence is None:
            return np.zeros(self.length, bool), np.zeros(
                (self.model.spec.channels, self.length), np.uint8
            )
        return evidence.known.ravel(), evidence.values.reshape(self.model.spec.channels, -1)

    def _ordering(self, evidence: Evidence | None) -> NDArray[np.int64]:
        order = order_of(self.options, self.model)
        if evidence is not None and (self.method.given_first or self.options.order == CERTAIN):
            return observed_first(torch.from_numpy(evidence.known), torch.from_numpy(order)).numpy()
        return order

    def _choose_method(self) -> None:
        known = self._evidence_of(self.evidence)[0].reshape(self.model.spec.space)
        options = self.options
        self.method, self.why = chosen_method(self.model, known, options.method, options.parallel)

    def _needs_attempts(self) -> bool:
        """Whether evidence comes later in the order than a site that has to be drawn, and the
        method makes attempts that compete at it."""
        if self.method.begin is None or self.evidence is None:
            return False
        known = self.evidence.known.ravel()[self._ordering(self.evidence)].tolist()
        return False in known and True in known[known.index(False) :]

    @torch.inference_mode()
    def _begin(self) -> None:
        """From nothing: order, noise, an empty record and a stepper at its beginning."""
        model, options = self.model, self.options
        device, channels = model.device, model.spec.channels
        self._guidance = guidance_of(model, options)
        self._likelihood: Likelihood = likelihood_of(model, self._guidance)
        self._choose_method()
        self.order = self._ordering(self.evidence)
        self._parallel: ParallelDecoding | None = None  # made when the first pass is asked for
        self._rank = torch.from_numpy(self.order).to(device)
        self._take_evidence()
        self._passes = Passes(model, options, self.start, self.length)
        attempts_made = None
        if self.method.begin is not None and self._needs_attempts():
            particles = options.particles or attempts(options.count)
            noise, attempts_made = self.method.begin(
                options.count, particles, self.length, model.likelihood.draws, options.seed, device
            )
        else:
            noise = (
                noise_for(model, options.count, options.seed, options.first)
                if self._at_hand is None
                else self._at_hand
            )
        self._at_hand = None  # other options have other noise
        rows = len(noise)
        self._noise = noise.to(device).transpose(0, 1).contiguous().unbind(0)  # by raster index
        self._drawn = DrawnRows(self.length, rows, channels, attempts_made, device)
        self._params = torch.zeros(
            _CHUNK, rows, self._likelihood.parameters, device=device, dtype=model.dtype
        )
        self._slots = self._params.unbind(0)
        self._stepper: Stepper | None = None  # made when the first site is asked for
        self._sweeps: Sweeps | None = None  # begun after the last site, where the method has any
        self._sites = self.position = 0  # sites on record
        self.earlier = ()
        self._unkept = False  # whether something was drawn that `_records` do not have
        self._looked: tuple[object, Tensor] | None = None
        self._forget(0)

    def _take_evidence(self) -> None:
        """The evidence in the order of generation."""
        self._known_at, self._values_at = self._evidence_of(self.evidence)
        self._known: list[bool] = self._known_at[self.order].tolist()
        self.start = self._known.index(False) if False in self._known else self.length
        self._last_given = max(self.start, after_last(self._known_at[self.order]))
        self._given = torch.from_numpy(self._values_at[:, self.order].T.astype(np.int64)).to(
            self.model.device
        )
        self._free = ~torch.tensor(self._known, device=self.model.device)[:, None]
        self._leading_nats = None
        self._take_changes()

    @torch.inference_mode()
    def _forget(self, position: int) -> None:
        """Cut the record off after `position` sites, though never
        before the run of evidence that it begins with."""
        attempts_made = self._drawn.attempts
        self._sites = min(self._sites, position)
        if self._sites < self.length:
            self._sweeps = None
        if self._parallel is not None:
            self._parallel.forget(self._sites)
        mixed = attempts_made is not None and attempts_made.forget(self._sites)
        if self._sites < self.start:
            none = torch.zeros(self.start, 1, device=self.model.device)
            self._drawn.put(0, self._given[: self.start, None], none, torch.nan + none)
            self._sites = self.start
            self._stepper = None
        elif self._sites == self.start or (
            self._stepper is not None and self._stepper.batch != self._rows_at(self._sites)
        ):
            self._stepper = None
        elif mixed and self._stepper is not None:
            self._stepper.prime(self._pictures(self._sites), self._sites)
        self.position = max(self.start, min(self.position, self.recorded))
        self._looked = None

    def _leave_sweeps(self) -> None:
        """Back to the pictures as they were before they were refined, for another number of
        sweeps."""
        self._sweeps = self._looked = None
        if self._sites == self.length:
            self._begin_sweeps()
        self.position = min(self.position, self.recorded)

    def _on_record(self) -> Record:
        """What is on record now; not a copy."""
        return Record(
            self.options,
            self.order,
            self._known_at,
            self._values_at,
            tuple(part[: self._sites] for part in self._drawn.parts),
            self._drawn.attempts,
            self._sweeps if self._sweeps is not None and self._sweeps.finished else None,
            self._by_hand.changes,
            self.earlier,
            () if self._parallel is None else tuple(self._parallel.passes),
        )

    def _keep(self) -> None:
        """Remember what was drawn since the last time."""
        if self._unkept:
            self._records.keep(self._on_record())
            self._unkept = False

    @torch.inference_mode()
    def _bring_back(self, as_it_was: bool = False) -> None:
        """Take up what had been drawn with this evidence before, where that goes further.

        as_it_was: whatever part of it was sampled otherwise.
        """
        now = self._on_record()
        recorded, record = self._records.best(now, self.model.takes_painting, as_it_was)
        if recorded <= self._sites:
            return
        for own, kept in zip(self._drawn.parts, record.rows, strict=True):
            own[:recorded] = kept[:recorded]
        self._sites, self.order = recorded, record.order
        if as_it_was:
            self.earlier = cut_off(record.earlier, recorded)
        self._rank = torch.from_numpy(record.order).to(self.model.device)
        self._drawn.attempts = copy.deepcopy(record.attempts)
        if self._drawn.attempts is not None:
            self._drawn.attempts.forget(recorded)
        if self._parallel is not None:
            self._parallel.take(record.passes, recorded)
        self._stepper = self._looked = None
        if recorded == self.length:
            self._sweeps = record.sweeps if record.options == self.options else None
            self._begin_sweeps()

    def _alone(self, position: int) -> bool:
        """Whether the shown attempt at each picture goes on alone: no evidence is left for which
        others could compete."""
        return self._drawn.attempts is not None and position >= self._last_given

    def _rows_at(self, position: int) -> int:
        """How many rows a stepper has there."""
        return self.options.count if self._alone(position) else self._drawn.count

    def _settled(self) -> Stepper:
        """The stepper, standing where the record ends."""
        at = self._sites
        rows = self._rows_at(at)
        if self._stepper is None and (at == 0 or at > self.start):
            self._stepper = self._new_stepper(rows)
            if at:
                self._prime(self._stepper, at)
        elif self._stepper is None:
            # The rows are all the same as yet: one will do for what is given.
            self._stepper = self._new_stepper(1)
            self._stepper.prime(self._pictures(at)[:1], at)
            self._stepper.select(torch.zeros(rows, dtype=torch.long, device=self.model.device))
        elif self._stepper.position > at:
            self._prime(self._stepper, at)
        return self._stepper

    def _new_stepper(self, rows: int) -> Stepper:
        return stepper_of(self.model, rows, *self._given_besides(rows), self._guidance)

    def _prime(self, stepper: Stepper, at: int) -> None:
        """Stand where `at` sites are there."""
        begin, end = self._passes.of(at)
        if begin < at < end:
            self._passes.stand(stepper, self._pictures(at), at)
        elif stepper.position > at:
            stepper.rewind(at)
        else:
            stepper.prime(self._pictures(at), at)

    def _given_besides(self, rows: int) -> tuple[Tensor | None, Tensor | None]:
        """Condition and order, as models take them."""
        condition = None
        if self.model.takes_painting and self.evidence is not None:
            values = torch.from_numpy(self.evidence.values).to(self.model.device)
            known = torch.from_numpy(self.evidence.known).to(self.model.device)
            condition = self.model.painted(
                values.expand(rows, *values.shape), known.expand(rows, *known.shape)
            )
        elif self.options.condition is not None:
            condition = torch.full((rows,), self.options.condition, device=self.model.device)
        return condition, self._rank if self.model.any_order else None

    def _pictures(self, position: int) -> Tensor:
        """All rows as they were when `position` sites were there, uint8 (rows, C, H, W); only those
        shown, where these go on alone."""
        rows = self._drawn.shown_rows(position) if self._alone(position) else None
        values = self._drawn.values(rows, position)
        pictures = values.new_zeros(values.shape[1], values.shape[2], self.length)
        pictures[:, :, self._rank[:position]] = values.permute(1, 2, 0)
        return pictures.unflatten(2, self.model.spec.space)

    @torch.inference_mode()
    def _draw(self, last: int, interrupted: Callable[[], bool]) -> None:
        """Compute sites up to position `last`, or until it is interrupted, and show them; after the
        last one of all the sweeps, where there are any."""
        if self._sites < min(last, self.length):
            draw = self._draw_in_passes if self.options.parallel else self._draw_sites
            draw(last, interrupted)
        if self._sweeps is not None and not self._sweeps.finished:
            done = self._sweeps.done
            self._sweeps.advance(interrupted)
            self._unkept = True
            if self._sweeps.done > done:
                self._looked = None
        self.position = self.recorded

    def _draw_sites(self, last: int, interrupted: Callable[[], bool]) -> None:
        stepper, sample = self._settled(), self._likelihood.sample
        with one_thread():
            while self._sites < last:
                begin, end = self._sites, min(self._sites + _CHUNK, last)
                rows = self._drawn.shown_rows(begin) if self._alone(begin) else None
                if begin < self._last_given:
                    end = min(end, self._last_given)
                sampling, until = sampling_at(self.earlier, self.options.sampling, begin)
                end = min(end, until or end)
                if self.model.predicts_all:
                    reach, rank = self._passes.open(
                        all_at_once(stepper), self._likelihood, begin, self._rank
                    )
                    end = min(end, reach)
                    if rank is not self._rank:
                        # the host has to know which sites are drawn: once a pass
                        self._rank, self.order = rank, rank.cpu().numpy()
                chunk: list[Tensor] = []
                for given, site, slot in zip(
                    self._known[begin:end],
                    self.order[begin:end].tolist(),
                    self._slots[: end - begin],
                    strict=True,
                ):
                    if interrupted():
                        last = begin
                        break
                    if given:
                        chunk.append(self._take_given(stepper, begin + len(chunk)))
                        continue
                    params = stepper.conditional()
                    slot[: len(params)].copy_(params)
                    noise = self._noise[site]
                    values = sample(params, noise if rows is None else noise[rows], *sampling)
                    values = self._by_hand.applied(site, values)
                    stepper.commit(values)
                    chunk.append(values)
                self._record(begin, chunk)
        if self._sites == self.length:
            self._begin_sweeps()

    def _draw_in_passes(self, last: int, interrupted: Callable[[], bool]) -> None:
        """All sites at once, until so many are settled."""
        if self._parallel is None:
            self._parallel = self._new_parallel()
        ends = [*(stretch.end for stretch in self.earlier), self.length]
        sampling = [
            (begin, end, sampling_at(self.earlier, self.options.sampling, begin)[0])
            for begin, end in itertools.pairwise([0, *ends])
        ]
        self._stepper = None  # it knows nothing of what is drawn here
        with one_thread():
            while self._sites < last:
                there = self._drawn.parts[VALUES][: self._sites]
                found = self._parallel.run(there, sampling, interrupted)
                if found is None:
                    break
                for values, params in zip(*(part.split(_CHUNK) for part in found), strict=True):
                    self._put(self._sites, values.long(), params)

    def _new_parallel(self) -> ParallelDecoding:
        condition, order = self._given_besides(self.options.count)

        def conditionals(pictures: Tensor, rows: slice) -> Tensor:
            given = None if condition is None else condition[rows]
            return conditionals_of(self.model, pictures, given, order, self._guidance)

        noise = torch.stack(self._noise)[self._rank]
        found = ParallelDecoding(
            conditionals, self._likelihood, self._rank, noise, self.model.spec.space
        )
        self._hold(found)
        return found

    def _hold(self, parallel: ParallelDecoding) -> None:
        """What is given and what was set by hand, in every picture."""
        count, device = self.options.count, self.model.device
        held = torch.from_numpy(self._known_at).to(device)[:, None].repeat(1, count)
        values = torch.from_numpy(self._values_at.T).to(device)[:, None].repeat(1, count, 1)
        self._by_hand.put(held, values)
        parallel.hold(self._known_at[self.order], held[self._rank], values[self._rank])

    def _stop_at(self, position: int) -> int:
        """Where one stands who goes there."""
        if self._parallel is None or not self.options.parallel:
            return position
        return self._parallel.stop_at(position, self.position)

    def _begin_sweeps(self) -> None:
        """After the last site, where the method refines what it drew and there is need."""
        attempts_made, options = self._drawn.attempts, self.options
        wanted = self.method.refined and options.sweeps > 0 and attempts_made is not None
        if not wanted or self._sweeps is not None:
            return
        values = self._drawn.values(self._drawn.shown_rows(self.length), self.length)
        pictures = torch.empty_like(values)
        pictures[self._rank] = values  # by raster index
        condition, _ = self._given_besides(options.count)
        self._sweeps = Sweeps(
            self.model,
            options,
            pictures.permute(1, 2, 0),
            torch.from_numpy(self._known_at),
            self._drawn.count // options.count,
            condition,
            self._rank,
        )

    def _take_given(self, stepper: Stepper, site: int) -> Tensor:
        """Commit what is given at the `site`-th site of the order,
        (rows, C); attempts are weighed by it."""
        attempts_made = self._drawn.attempts
        values = self._given[site].expand(stepper.batch, -1)
        if attempts_made is not None:
            attempts_made.weigh(site, self._likelihood.log_prob(stepper.conditional(), values))
        stepper.commit(values)
        if attempts_made is None or self._known[site + 1 : site + 2] != [False]:
            return values
        # the last of a run of given sites
        if site + 1 == self._last_given:
            chosen = attempts_made.chosen(site + 1)
            attempts_made.settle(site + 1, chosen)
            stepper.select(chosen)
        else:
            parents = attempts_made.resample(site + 1)
            if parents is not None:
                stepper.select(parents)
        return values

    def _record(self, begin: int, chunk: list[Tensor]) -> None:
        """Score what was drawn from site `begin` on."""
        if not chunk:
            return
        values = torch.stack(chunk)
        self._put(begin, values, self._params[: len(chunk), : values.shape[1]])

    def _put(self, begin: int, values: Tensor, params: Tensor) -> None:
        """The same of values (sites, rows, C) and parameters (sites, rows, P)."""
        end = begin + len(values)
        free = self._free[begin:end]
        nats, entropies = scored(self._likelihood, params, values)
        self._drawn.put(
            begin,
            values,
            torch.where(free, nats, 0.0),
            torch.where(free, entropies, torch.nan),
        )
        self._sites = end
        self._unkept = True
        self._looked = None

    def _refined(self, row: int) -> bool:
        """Whether a picture is shown as a sweep drew it again."""
        refined = self._sweeps is not None and self._sweeps.parts is not None
        return refined and row not in self._by_hand.pictures

    @torch.inference_mode()
    def _shown(self, part: int, position: int | None = None) -> NDArray:
        """What the record says of the shown pictures up to a position, None for the present one:
        (position, count, ...), on the host."""
        position = self.position if position is None else position
        if self._sweeps is not None and self._sweeps.parts is not None:
            shown = self._sweeps.parts[part][:position]
            if changed := self._by_hand.pictures:
                shown = shown.clone()
                shown[:, changed] = self._drawn.shown(part, position)[:, changed]
        else:
            shown = self._drawn.shown(part, position)
        return shown.cpu().numpy()

    def _params_at_position(self, row: int) -> Tensor:
        """(P,) of the site that comes next in a picture, where more is on record."""
        if not self.model.predicts_all:
            return self._looked_back(row)[self.position]
        stepper = self._new_stepper(1)  # a pass, where a look back would be one for each site
        at, self.position = self.position, self._passes.of(self.position)[0]
        stepper.prime(torch.from_numpy(self.values[row : row + 1]), self.position)
        params, self.position = all_at_once(stepper).predicted()[0], at
        return params[int(self.order[at])]

    def _looked_back(self, row: int) -> Tensor:
        """All conditionals of one picture in one pass, (N, P), kept for the next look back."""
        several = self._drawn.attempts is not None
        key = (row, self.position if several else None)
        if self._looked is None or self._looked[0] != key:
            at, self.position = self.position, self.position if several else self.recorded
            picture = torch.from_numpy(self.values[row : row + 1]).to(self.model.device)
            self.position = at
            condition, order = self._given_besides(1)
            found = conditionals_of(self.model, picture, condition, order, self._guidance)
            self._looked = key, found[0]
        return self._looked[1]
