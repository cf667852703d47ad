"""Pictures drawn one site after the other, by the model's stepper: the way that every model and
every method of completion has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import torch
from torch import Tensor

from models.interface import Stepper
from studio.engine.generation.draft import Draft
from studio.engine.generation.guidance import stepper_of
from studio.engine.generation.passes import all_at_once
from studio.engine.runtime.threads import one_thread

CHUNK = 64  # sites scored together


class BySite:
    """Draws a draft. Nothing in its loop waits for the device."""

    def __init__(self, draft: Draft) -> None:
        model, rows = draft.model, draft.drawn.count
        self._draft = draft
        self._params = torch.zeros(
            CHUNK, rows, draft.likelihood.parameters, device=model.device, dtype=model.dtype
        )
        self._slots = self._params.unbind(0)
        self._stepper: Stepper | None = None  # made when the first site is asked for

    def let_go(self) -> None:
        """Of the stepper: it knows nothing of what is there now."""
        self._stepper = None

    def forget(self, mixed: bool) -> None:
        """The draft was cut off. mixed: whether attempts stand otherwise now."""
        draft, stepper = self._draft, self._stepper
        if stepper is None:
            return
        if draft.sites == draft.start or stepper.batch != draft.rows_at(draft.sites):
            self.let_go()
        elif mixed:
            stepper.prime(draft.pictures(draft.sites), draft.sites)

    def conditional(self, picture: int, row: int) -> Tensor:
        """The parameters (P,) of the site at which the record ends, in a picture, whose attempt
        that is shown is a row."""
        alone = self._draft.alone(self._draft.sites)
        return self._standing().conditional()[picture if alone else row]

    def draw(self, last: int, interrupted: Callable[[], bool]) -> None:
        """Up to position `last`, or until it is interrupted."""
        draft = self._draft
        stepper, sample = self._standing(), draft.likelihood.sample
        # a whole pass a site is large work: by as many threads as the caller has, which are one in
        # the window
        with nullcontext() if draft.model.predicts_all else one_thread():
            while draft.sites < last:
                begin, end = draft.sites, min(draft.sites + CHUNK, last)
                rows = draft.drawn.shown_rows(begin) if draft.alone(begin) else None
                if begin < draft.last_given:
                    end = min(end, draft.last_given)
                sampling, until = draft.sampling_from(begin)
                end = min(end, until or end)
                if draft.model.predicts_all:
                    end = min(end, self._open(stepper, begin))
                chunk: list[Tensor] = []
                for given, site, slot in zip(
                    draft.known[begin:end],
                    draft.order[begin:end].tolist(),
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
                    noise = draft.noise[site]
                    values = sample(params, noise if rows is None else noise[rows], *sampling)
                    values = draft.by_hand.applied(site, values)
                    stepper.commit(values)
                    chunk.append(values)
                if chunk:
                    values = torch.stack(chunk)
                    draft.put(begin, values, self._params[: len(chunk), : values.shape[1]])

    def _open(self, stepper: Stepper, begin: int) -> int:
        """Begin a pass of a model that predicts all unknown sites; up to where its sites come."""
        draft = self._draft
        reach, rank = draft.passes.open(all_at_once(stepper), draft.likelihood, begin, draft.rank)
        if rank is not draft.rank:
            # the host has to know which sites are drawn: once a pass
            draft.rank, draft.order = rank, rank.cpu().numpy()
        return reach

    def _take_given(self, stepper: Stepper, site: int) -> Tensor:
        """Commit what is given at the `site`-th site of the order, (rows, C); attempts are weighed
        by it."""
        draft = self._draft
        attempts_made = draft.drawn.attempts
        values = draft.given[site].expand(stepper.batch, -1)
        if attempts_made is not None:
            attempts_made.weigh(site, draft.likelihood.log_prob(stepper.conditional(), values))
        stepper.commit(values)
        if attempts_made is None or draft.known[site + 1 : site + 2] != [False]:
            return values
        # the last of a run of given sites
        if site + 1 == draft.last_given:
            chosen = attempts_made.chosen(site + 1)
            attempts_made.settle(site + 1, chosen)
            stepper.select(chosen)
        else:
            parents = attempts_made.resample(site + 1)
            if parents is not None:
                stepper.select(parents)
        return values

    # The stepper.

    def _standing(self) -> Stepper:
        """It, standing where the record ends."""
        draft = self._draft
        at = draft.sites
        rows = draft.rows_at(at)
        if self._stepper is None and (at == 0 or at > draft.start):
            self._stepper = self._new(rows)
            if at:
                self._prime(self._stepper, at)
        elif self._stepper is None:
            # The rows are all the same as yet: one will do for what is given.
            self._stepper = self._new(1)
            self._stepper.prime(draft.pictures(at)[:1], at)
            self._stepper.select(torch.zeros(rows, dtype=torch.long, device=draft.model.device))
        elif self._stepper.position > at:
            self._prime(self._stepper, at)
        return self._stepper

    def _new(self, rows: int) -> Stepper:
        draft = self._draft
        return stepper_of(draft.model, rows, *draft.given_besides(rows), draft.guidance)

    def _prime(self, stepper: Stepper, at: int) -> None:
        """Stand where `at` sites are there."""
        draft = self._draft
        begin, end = draft.passes.of(at)
        if begin < at < end:
            draft.passes.stand(stepper, draft.pictures(at), at)
        elif stepper.position > at:
            stepper.rewind(at)
        else:
            stepper.prime(draft.pictures(at), at)
