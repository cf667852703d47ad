"""`Generation`: pictures drawn site by site, with a record of every step,
so that going back and on again is free.

The noise is drawn up front (`noise_for`), one uniform for each picture, site and draw, and belongs
to the site: whatever is rewound, edited or ordered otherwise, a site is drawn with the same noise.
Nothing in the loop waits for the device; what was drawn is scored a chunk at a time, and goes to
the host when somebody looks.

It is one file, although a long one: all that it does reads or writes the one record.
"""

from __future__ import annotations

import bisect
import copy
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
from models.stepping import MaskStepper
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.guidance import Guided, GuidedStepper, is_guided
from studio.engine.generation.method_choice import chosen_method
from studio.engine.generation.methods import Attempts
from studio.engine.generation.population import attempts
from studio.engine.generation.records import Record, Records
from studio.engine.generation.sampling_options import (
    CERTAIN,
    SamplingOptions,
    check_options,
    order_of,
)
from studio.engine.generation.snapshot import Snapshot
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.threads import one_thread

_CHUNK = 64  # sites scored together
GROWTH = 2.0  # sites that are there after a share s of the passes, as a share: s to this power


def noise_for(model: AutoregressiveModel, count: int, seed: int) -> Tensor:
    """The noise of `count` pictures: float32 (count, N, draws) in [0, 1) on the host, by raster
    index of the site.

    It depends on the seed alone, and row i is the same for every count.
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, len(model.order), model.likelihood.draws, generator=generator)


AllAtOnce = MaskStepper | GuidedStepper  # steppers of models that predict all unknown sites


def all_at_once(stepper: Stepper) -> AllAtOnce:
    """The same, as the stepper of a model that predicts all unknown sites."""
    assert isinstance(stepper, AllAtOnce)
    return stepper


def schedule(sites: int, steps: int, growth: float = GROWTH) -> list[int]:
    """How many of `sites` sites are there when each of `steps` passes begins, ascending, and all of
    them at the end: few in the first passes, which know little, more in later ones; the larger
    `growth` is, the more uneven."""
    steps = min(steps, sites)
    spread = [round(sites * (step / steps) ** growth) for step in range(steps + 1)]
    for step in range(1, steps):  # a site each at least
        most = sites - (steps - step)
        spread[step] = min(max(spread[step], spread[step - 1] + 1), most)
    return spread


def as_autoregressive(model: Model) -> AutoregressiveModel:
    """The model, where it can generate; StudioError, one sentence, why it cannot."""
    if not isinstance(model, AutoregressiveModel):
        raise StudioError(model.why)
    return model


def _never() -> bool:
    return False


class Generation:
    """Draws `options.count` pictures, beginning with what `evidence` gives.

    position: how many sites of the order are shown; evidence is shown besides.
    start: the run of given sites that the order begins with, taken at once.
    recorded: the furthest position computed; going there and back costs nothing.
    length: N.
    order: raster indices, int64 (N,); where the most certain site comes next, it is settled up to
    `recorded` only.
    method: of completion, by which evidence is taken account of; see `methods`.
    why: in one sentence, why this one; "" where it was asked for.

    StudioError, one sentence, where options or evidence do not fit the model.
    """

    position: int
    start: int
    recorded: int

    def __init__(
        self,
        model: AutoregressiveModel,
        options: SamplingOptions | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self.model = model
        self.length = len(model.order)
        options = options or SamplingOptions()
        check_options(options, model)
        self.options = options
        self.evidence = self._own(evidence)
        self._records = Records()
        self._begin()

    # What can be asked.

    @property
    def values(self) -> NDArray[np.uint8]:
        """The pictures so far, levels (count, C, H, W); 0 where nothing is yet."""
        channels, sites = self.model.spec.channels, self.order[: self.position]
        pictures = np.zeros((self.options.count, channels, self.length), np.uint8)
        if self.evidence is not None:
            pictures[:] = self.evidence.values.reshape(channels, -1)
        pictures[:, :, sites] = self._shown(self._values).transpose(1, 2, 0)
        return pictures.reshape(*pictures.shape[:2], *self.model.spec.space)

    @property
    def nats(self) -> NDArray[np.float32]:
        """-log p of what was drawn at each site, float32 (count, N), entry i for site order[i]; 0
        where it was given or is not there yet. Always by the model itself, whatever the
        temperature."""
        nats = np.zeros((self.options.count, self.length), np.float32)
        nats[:, : self.position] = self._shown(self._nats).T
        return nats

    @property
    def entropies(self) -> NDArray[np.float32]:
        """How unsure the model was at each site, nats, float32 (count, N), entry i for site
        order[i]; NaN where it was given or is not there yet."""
        entropies = np.full((self.options.count, self.length), np.nan, np.float32)
        entropies[:, : self.position] = self._shown(self._entropies).T
        return entropies

    @torch.inference_mode()
    def next_probabilities(self, row: int = 0) -> NDArray[np.float32] | None:
        """Of every level at the site that comes next in picture `row`, (C, K); None at the end.

        As it will be drawn: at the temperature and within the top-k and top-p of the options.
        """
        if self.position == self.length:
            return None
        if self.position == self.recorded:
            shown = (
                row if self._attempts is None else int(self._attempts.chosen(self.position)[row])
            )
            params = self._settled().conditional()[shown]
        else:
            params = self._params_at_position(row)
        probabilities = self._likelihood.probabilities(params, *self.options.sampling)
        return probabilities.float().cpu().numpy()

    def snapshot(
        self,
        unseen: NDArray[np.bool_] | None,
        playing: bool,
        sites_per_second: float,
        chosen: int | None = None,
    ) -> Snapshot:
        """What there is to see now; waits for the device.

        chosen: the picture of which more is told; None for the first, and the mean of the nats.
        """
        position, spec = self.position, self.model.spec
        known = None if self.evidence is None else self.evidence.known
        drawn = position if known is None else int((~known.ravel()[self.order[:position]]).sum())
        if chosen is not None and chosen >= self.options.count:
            chosen = None
        shown = chosen or 0
        each = self.nats.sum(1)
        nats = float(each.mean() if chosen is None else each[chosen])
        at_end = position == self.length
        return Snapshot(
            position=position,
            length=self.length,
            start=self.start,
            recorded=self.recorded,
            playing=playing,
            count=self.options.count,
            values=self.values,
            known=known,
            unseen=unseen,
            order=self.order,
            next_site=None if at_end else divmod(int(self.order[position]), spec.space[1]),
            probabilities=self.next_probabilities(shown),
            entropies=self.entropies[shown],
            nats_so_far=nats,
            bits_per_dim=nats / (drawn * spec.channels * math.log(2)) if drawn else None,
            sites_per_second=sites_per_second,
            options=self.options,
            chosen=chosen,
        )

    def given_ahead(self) -> int:
        """How many of the sites that come next are given: no choice is left there."""
        ahead = self._known[self.position :]
        return ahead.index(False) if False in ahead else len(ahead)

    # What can be done.

    def step(self, n: int = 1, interrupted: Callable[[], bool] = _never) -> int:
        """Go on by n sites, as far as there are any; returns how many.

        Recorded ones are only shown again.
        interrupted: asked before each new site; True ends the step early.
        """
        n = max(0, min(n, self.length - self.position))
        again = min(n, self.recorded - self.position)
        self.position += again
        return again + (self._draw(n - again, interrupted) if n > again else 0)

    def rewind(self, position: int) -> None:
        """Show `position` sites: any from `start` to `recorded`,
        to which it is held. What was recorded stays."""
        self.position = max(self.start, min(position, self.recorded))

    def restart(self) -> None:
        """Back to the evidence, and forget the record;
        drawn again, everything comes out the same."""
        self._keep()
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
        self._bring_back()
        if position is not None:
            self.rewind(position)

    def _follow_evidence(self) -> None:
        known, values = self._evidence_of(self.evidence)
        # by rank
        changed = ((known != self._known_at) | (values != self._values_at).any(0))[self.order]
        if not changed.any():
            return
        method = self.method
        self._choose_method()
        ordered_alike = np.array_equal(self._ordering(self.evidence), self.order)
        if (
            ordered_alike
            and method is self.method
            and not self.model.takes_painting
            and self._needs_attempts() == (self._attempts is not None)
        ):
            self._take_evidence()
            self._forget(int(changed.argmax()))
        else:
            self._begin()

    def set_options(self, options: SamplingOptions) -> None:
        """Other temperature, top-k or top-p: from the current position on; anything else: from the
        evidence on."""
        check_options(options, self.model)
        if self.options == options:
            return
        self._keep()
        before, self.options = self.options, options

        def lasting(s: SamplingOptions) -> SamplingOptions:
            return replace(s, temperature=1.0, top_k=0, top_p=1.0)

        if lasting(before) != lasting(options):
            self._begin()
        else:
            self._forget(self.position)

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
        self.method, self.why = chosen_method(self.model, known, self.options.method)

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
        self._guided = is_guided(model, options)
        self._likelihood: Likelihood = (
            Guided(model.likelihood, options.guidance) if self._guided else model.likelihood
        )
        self._choose_method()
        self.order = self._ordering(self.evidence)
        self._rank = torch.from_numpy(self.order).to(device)
        self._take_evidence()
        self._passes = self._boundaries()
        self._attempts: Attempts | None = None
        if self.method.begin is not None and self._needs_attempts():
            particles = options.particles or attempts(options.count)
            noise, self._attempts = self.method.begin(
                options.count, particles, self.length, model.likelihood.draws, options.seed, device
            )
        else:
            noise = noise_for(model, options.count, options.seed)
        rows = len(noise)
        self._noise = noise.to(device).transpose(0, 1).contiguous().unbind(0)  # by raster index
        self._values = torch.zeros(self.length, rows, channels, dtype=torch.uint8, device=device)
        self._nats = torch.zeros(self.length, rows, device=device)
        self._entropies = torch.zeros(self.length, rows, device=device)
        self._params = torch.zeros(
            _CHUNK, rows, self._likelihood.parameters, device=device, dtype=model.dtype
        )
        self._slots = self._params.unbind(0)
        self._stepper: Stepper | None = None  # made when the first site is asked for
        self.recorded = self.position = 0
        self._unkept = False  # whether something was drawn that `_records` do not have
        self._looked: tuple[object, Tensor] | None = None
        self._forget(0)

    def _take_evidence(self) -> None:
        """The evidence in the order of generation."""
        self._known_at, self._values_at = self._evidence_of(self.evidence)
        self._known: list[bool] = self._known_at[self.order].tolist()
        self.start = self._known.index(False) if False in self._known else self.length
        self._given = torch.from_numpy(self._values_at[:, self.order].T.astype(np.int64)).to(
            self.model.device
        )
        self._drawn = torch.tensor([not known for known in self._known], device=self.model.device)[
            :, None
        ]

    @torch.inference_mode()
    def _forget(self, position: int) -> None:
        """Cut the record off after `position` sites, though never
        before the run of evidence that it begins with."""
        self.recorded = min(self.recorded, position)
        mixed = self._attempts is not None and self._attempts.forget(self.recorded)
        if self.recorded < self.start:
            self._values[: self.start] = self._given[: self.start, None].to(torch.uint8)
            self._nats[: self.start] = 0
            self._entropies[: self.start] = torch.nan
            self.recorded = self.start
            self._stepper = None
        elif self.recorded == self.start:
            self._stepper = None
        elif mixed and self._stepper is not None:
            self._stepper.prime(self._pictures(self.recorded), self.recorded)
        self.position = max(self.start, min(self.position, self.recorded))
        self._looked = None

    def _on_record(self) -> Record:
        """What is on record now; not a copy."""
        rows = (self._values, self._nats, self._entropies)
        return Record(
            self.options,
            self.order,
            self._known_at,
            self._values_at,
            tuple(part[: self.recorded] for part in rows),
            self._attempts,
        )

    def _keep(self) -> None:
        """Remember what was drawn since the last time."""
        if self._unkept:
            self._records.keep(self._on_record())
            self._unkept = False

    @torch.inference_mode()
    def _bring_back(self) -> None:
        """Take up what had been drawn with this evidence before, where that goes further."""
        now = self._on_record()
        recorded, record = self._records.best(now, self.model.takes_painting)
        if recorded <= self.recorded:
            return
        for own, kept in zip((self._values, self._nats, self._entropies), record.rows, strict=True):
            own[:recorded] = kept[:recorded]
        self.recorded, self.order = recorded, record.order
        self._rank = torch.from_numpy(record.order).to(self.model.device)
        self._attempts = copy.deepcopy(record.attempts)
        if self._attempts is not None:
            self._attempts.forget(recorded)
        self._stepper = self._looked = None

    def _settled(self) -> Stepper:
        """The stepper, standing where the record ends."""
        at, rows = self.recorded, self._values.shape[1]
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
        condition, order = self._given_besides(rows)
        if self._guided:
            assert condition is not None
            return GuidedStepper(self.model, rows, condition, order)
        return self.model.stepper(rows, condition, order)

    def _prime(self, stepper: Stepper, at: int) -> None:
        """Stand where `at` sites are there. Sites that are drawn from one pass are drawn from the
        same one again, which has not seen those of them that are there."""
        begin, end = self._pass_of(at)
        if begin < at < end:
            stepper.prime(self._pictures(begin), begin)
            predicting = all_at_once(stepper)
            predicting.hold(end)
            predicting.predicted()
            for values in self._values[begin:at]:
                stepper.commit(values.long())
        elif stepper.position > at:
            stepper.rewind(at)
        else:
            stepper.prime(self._pictures(at), at)

    def _boundaries(self) -> list[int]:
        """Where passes begin of a model that predicts all unknown sites, ascending, and the end;
        empty where each site has its own."""
        steps, left = self.options.steps, self.length - self.start
        if not self.model.predicts_all or not 0 < steps < left:
            return []
        return [self.start + at for at in schedule(left, steps)]

    def _pass_of(self, site: int) -> tuple[int, int]:
        """Between which positions the pass that draws the `site`-th site draws."""
        if not self._passes:
            return site, site + 1
        after = bisect.bisect_right(self._passes, site)
        if after in (0, len(self._passes)):
            return site, site + 1
        return self._passes[after - 1], self._passes[after]

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
        """All rows as they were when `position` sites were there, uint8 (rows, C, H, W)."""
        values = self._values[:position]
        if self._attempts is not None:
            index = self._attempts.lineage(
                torch.arange(values.shape[1], device=values.device), position
            )
            values = values.gather(1, index[..., None].expand(-1, -1, values.shape[2]))
        pictures = values.new_zeros(values.shape[1], values.shape[2], self.length)
        pictures[:, :, self._rank[:position]] = values.permute(1, 2, 0)
        return pictures.unflatten(2, self.model.spec.space)

    @torch.inference_mode()
    def _draw(self, n: int, interrupted: Callable[[], bool]) -> int:
        """Compute n more sites; returns how many before it was interrupted."""
        stepper, sample, sampling = (
            self._settled(),
            self._likelihood.sample,
            self.options.sampling,
        )
        last = self.recorded + n
        with one_thread():
            while self.recorded < last:
                begin, end = self.recorded, min(self.recorded + _CHUNK, last)
                if self.model.predicts_all:
                    end = min(end, self._open_pass(all_at_once(stepper), begin))
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
                    slot.copy_(params)
                    values = sample(params, self._noise[site], *sampling)
                    stepper.commit(values)
                    chunk.append(values)
                self._record(begin, chunk)
        done = self.recorded - self.position
        self.position = self.recorded
        return done

    def _open_pass(self, stepper: AllAtOnce, site: int) -> int:
        """Before the `site`-th site is drawn: where its pass begins, say how far it reaches, and
        which sites come in it. Returns the position up to which the order is settled."""
        begin, end = self._pass_of(site)
        certain = self.options.order == CERTAIN
        if begin == site and self._passes:
            stepper.hold(end)
        if begin == site and certain:
            # the host has to know which sites are drawn: once a pass
            entropies = self._likelihood.entropy(stepper.predicted()).mean(0)  # (N,)
            left = self._rank[site:]
            left = left[entropies[left].argsort(stable=True)]
            self._rank = torch.cat([self._rank[:site], left])
            self.order = self._rank.cpu().numpy()
            stepper.follow(self._rank)
        return end if self._passes or certain else self.length

    def _take_given(self, stepper: Stepper, site: int) -> Tensor:
        """Commit what is given at the `site`-th site of the order,
        (rows, C); attempts are weighed by it."""
        attempts = self._attempts
        values = self._given[site].expand(self._values.shape[1], -1)
        if attempts is not None:
            attempts.weigh(site, self._likelihood.log_prob(stepper.conditional(), values))
        stepper.commit(values)
        # the last of a run of given sites
        if attempts is not None and False in self._known[site + 1 : site + 2]:
            parents = attempts.resample(site + 1)
            if parents is not None:
                stepper.select(parents)
        return values

    def _record(self, begin: int, chunk: list[Tensor]) -> None:
        """Score what was drawn from site `begin` on."""
        if not chunk:
            return
        end = begin + len(chunk)
        values, params, drawn = (
            torch.stack(chunk),
            self._params[: len(chunk)],
            self._drawn[begin:end],
        )
        likelihood = self._likelihood
        self._values[begin:end] = values
        entropies = likelihood.entropy(params)
        if isinstance(likelihood, Guided):
            params, likelihood = likelihood.of_model(params), likelihood.plain
        self._nats[begin:end] = torch.where(drawn, -likelihood.log_prob(params, values), 0.0)
        self._entropies[begin:end] = torch.where(drawn, entropies, torch.nan)
        self.recorded = end
        self._unkept = True
        self._looked = None

    @torch.inference_mode()
    def _shown(self, record: Tensor) -> NDArray:
        """What a record (N, rows, ...) says of the shown pictures:
        (position, count, ...), on the host."""
        record = record[: self.position]
        if self._attempts is not None:
            index = self._attempts.lineage(self._attempts.chosen(self.position), self.position)
            index = index.view(*index.shape, *[1] * (record.ndim - 2)).expand(
                -1, -1, *record.shape[2:]
            )
            record = record.gather(1, index)
        return record.cpu().numpy()

    def _params_at_position(self, row: int) -> Tensor:
        """(P,) of the site that comes next in a picture, where more is on record."""
        if not self.model.predicts_all:
            return self._looked_back(row)[self.position]
        stepper = self._new_stepper(1)  # a pass, where a look back would be one for each site
        at, self.position = self.position, self._pass_of(self.position)[0]
        stepper.prime(torch.from_numpy(self.values[row : row + 1]), self.position)
        params, self.position = all_at_once(stepper).predicted()[0], at
        return params[int(self.order[at])]

    def _looked_back(self, row: int) -> Tensor:
        """All conditionals of one picture in one pass, (N, P), kept for the next look back."""
        key = (row, self.position if self._attempts is not None else None)
        if self._looked is None or self._looked[0] != key:
            at, self.position = (
                self.position,
                self.position if key[1] is not None else self.recorded,
            )
            picture = torch.from_numpy(self.values[row : row + 1]).to(self.model.device)
            self.position = at
            condition, order = self._given_besides(1)
            found = self.model.conditionals(picture, condition, order)
            if self._guided:
                without = self.model.conditionals(picture, None, order)
                found = torch.cat([found, without], -1)
            self._looked = key, found[0]
        return self._looked[1]
