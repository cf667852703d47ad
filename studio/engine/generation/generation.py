"""`Generation`: pictures drawn site by site, with a record of every step,
so that going back and on again is free.

The noise is drawn up front (see `noise`), one uniform for each picture, site and draw, and belongs
to the site: whatever is rewound, edited or ordered otherwise, a site is drawn with the same noise.
Nothing in the loop waits for the device; what was drawn is scored a chunk at a time, and goes to
the host when somebody looks.

Here stands what can be asked of it and done with it. The rest has files of its own: what there is
(`draft`), the ways to draw (`by_site`, `at_once`, `by_graph`), what is shown (`shown`, `upcoming`,
`snapshots`), and what was on record before (`records`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Model
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.at_once import AtOnce
from studio.engine.generation.by_graph import ByGraph
from studio.engine.generation.by_site import BySite
from studio.engine.generation.changes import Change, checked_changes, first_changed
from studio.engine.generation.draft import Draft, evidence_of
from studio.engine.generation.methods import Method
from studio.engine.generation.next_site import NextSite, Supposed
from studio.engine.generation.records import Records, first_apart
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.generation.shown import Shown
from studio.engine.generation.snapshot import Snapshot
from studio.engine.generation.snapshots import snapshot_of
from studio.engine.generation.stretches import (
    Stretches,
    but_sampling,
    changed_at,
    checked_stretches,
    cut_off,
    first_resampled,
)
from studio.engine.generation.upcoming import Upcoming
from studio.engine.runtime.errors import StudioError


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

    StudioError, one sentence, where options or evidence do not fit the model.
    """

    position: int

    def __init__(
        self,
        model: AutoregressiveModel,
        options: SamplingOptions | None = None,
        evidence: Evidence | None = None,
        noise: Tensor | None = None,
    ) -> None:
        """noise: of these options, where it is at hand, see `noise_for`; None to draw it."""
        options = options or SamplingOptions()
        check_options(options, model)
        self._draft = Draft(model, options, _own(evidence, model), noise)
        self._shown = Shown(self._draft)
        self._upcoming = Upcoming(self._draft, self._shown)
        self._by_graph = ByGraph(self._draft)
        self._records = Records()
        self._stand_at_beginning()

    # What can be asked.

    @property
    def model(self) -> AutoregressiveModel:
        return self._draft.model

    @property
    def options(self) -> SamplingOptions:
        return self._draft.options

    @property
    def evidence(self) -> Evidence | None:
        return self._draft.evidence

    @property
    def changes(self) -> tuple[Change, ...]:
        """Values set by hand, see `set_changes`."""
        return self._draft.changes

    @property
    def earlier(self) -> Stretches:
        """What comes first and is sampled otherwise, see `set_changes`."""
        return self._draft.earlier

    @property
    def length(self) -> int:
        """N."""
        return self._draft.length

    @property
    def order(self) -> NDArray[np.int64]:
        """Raster indices (N,); where the most certain site comes next, it is settled up to
        `recorded` only."""
        return self._draft.order

    @property
    def start(self) -> int:
        """The run of given sites that the order begins with, taken at once."""
        return self._draft.start

    @property
    def recorded(self) -> int:
        """The furthest position computed; going there and back costs nothing. Of a method that
        refines what it drew, the end is there after its last sweep."""
        return self._draft.recorded

    @property
    def method(self) -> Method:
        """Of completion, by which evidence is taken account of; see `methods`."""
        return self._draft.method

    @property
    def why(self) -> str:
        """In one sentence, why this method; "" where it was asked for."""
        return self._draft.why

    @property
    def values(self) -> NDArray[np.uint8]:
        """The pictures so far, levels (count, C, H, W); 0 where nothing is yet."""
        return self._shown.values(self.position)

    @property
    def nats(self) -> NDArray[np.float32]:
        """-log p of what was drawn at each site, float32 (count, N), entry i for site order[i]; 0
        where it was given or is not there yet. Always by the model itself, whatever the
        temperature."""
        return self._shown.nats(self.position)

    @property
    def entropies(self) -> NDArray[np.float32]:
        """How unsure the model was at each site, nats, float32 (count, N), entry i for site
        order[i]; NaN where it was given or is not there yet."""
        return self._shown.entropies(self.position)

    def next_probabilities(self, row: int = 0) -> NDArray[np.float32] | None:
        """Of every level at the site that comes next in picture `row`, (C, K); None at the end.

        As it will be drawn: at the temperature and within the top-k and top-p of the options.
        """
        found = self.upcoming(row)
        return None if found is None else found.sampled

    def upcoming(
        self, row: int = 0, supposed: Supposed | None = None, hurried: bool = False
    ) -> NextSite | None:
        """The site that comes next in picture `row`, looked into; None at the end. See
        `looked_at`."""
        if self.position == self.length:
            return None
        by_site = self._by_site if self._way is self._by_site else None
        return self._upcoming.site(self.position, row, by_site, supposed, hurried)

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
        made = self._at_once.made if self.options.parallel else ()
        return snapshot_of(
            self, self._draft, made, unseen, playing, sites_per_second, chosen, supposed, hurried
        )

    @property
    def passes(self) -> int | None:
        """How many of all sites at once there were up to here; None where they were drawn one by
        one."""
        return self._at_once.passes(self.position) if self.options.parallel else None

    def guessed(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
        """The pictures with guesses where they are not settled, and where they are: see
        `Snapshot`."""
        if not self.options.parallel:
            return self.values, None
        return self._at_once.guessed(self.values, self.position)

    def effective(self) -> list[float] | None:
        """Effective sample size of the particles of each picture; None where there are none."""
        found = self._draft.drawn.attempts
        return None if found is None else found.effective(self.position).tolist()

    def given_ahead(self) -> int:
        """How many of the sites that come next are given: no choice is left there."""
        ahead = self._draft.known[self.position :]
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
        self._draft.earlier = ()
        self._forget(self.start)

    def edit(self, evidence: Evidence | None, position: int | None = None) -> None:
        """Other evidence: goes back to the first site of the order that it changes, and no further;
        to the beginning, for a model that sees all of it.

        What had been drawn with this evidence before is on record again. position: to be shown
        then, as far as it is.
        """
        evidence = _own(evidence, self.model)
        self._keep()
        self._draft.evidence = evidence
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
        draft, sampling = self._draft, self.options.sampling
        changes = checked_changes(changes, self.model.spec)
        earlier = draft.earlier if earlier is None else checked_stretches(earlier, sampling)
        self._keep()
        before, drawn_so = draft.by_hand.changes, (draft.earlier, sampling)
        draft.changes, draft.earlier = changes, earlier
        draft.take_changes()
        self._at_once.hold()
        first = first_changed(before, draft.by_hand.changes, draft.order)
        first = min(first, first_resampled(drawn_so, (earlier, sampling), draft.length))
        if first < draft.length:
            self._forget(first)
            self._bring_back()

    def prepared(self) -> bool:
        """Whether nothing is left to do in `prepare`."""
        return self._by_graph.prepared

    def prepare(self, interrupted: Callable[[], bool] = _never) -> bool:
        """Where what is drawn next is to be drawn by captured steps, and capturing takes seconds:
        go on to capture them, until it is interrupted; whether more is left to capture. Without
        that it is drawn site by site.

        UncapturableError, one sentence, where the model's step cannot be captured.
        """
        return self._by_graph.prepare(interrupted)

    def set_options(self, options: SamplingOptions) -> None:
        """Other temperature, top-k or top-p: from the current position on; another way to decode:
        what is there stays; anything else: from the evidence on."""
        check_options(options, self.model)
        draft, before = self._draft, self.options
        if before == options:
            return
        self._keep()
        draft.options = options
        method = draft.method
        draft.choose_method()
        if replace(before, sweeps=options.sweeps) == options:
            draft.leave_sweeps()
            self.position = min(self.position, self.recorded)
        elif method is not draft.method or but_sampling(before) != but_sampling(options):
            self._begin()
        elif before.sampling == options.sampling:
            self.rewind(self.position)
        else:
            at = 0 if self.position == self.start else self.position
            draft.earlier = changed_at(draft.earlier, before.sampling, at, options.sampling)
            self._forget(self.position)
            self._bring_back()

    # How it is done.

    def _begin(self) -> None:
        """From nothing."""
        self._draft.begin()
        self._stand_at_beginning()

    @torch.inference_mode()
    def _stand_at_beginning(self) -> None:
        self._by_site = BySite(self._draft)
        self._at_once = AtOnce(self._draft)
        self.position = 0
        self._forget(0)

    def _forget(self, position: int) -> None:
        """Cut the record off after `position` sites."""
        with torch.inference_mode():
            mixed = self._draft.forget(position)
            self._at_once.forget()
            self._by_site.forget(mixed)
        self._by_graph.forget()
        self.position = max(self.start, min(self.position, self.recorded))

    def _follow_evidence(self) -> None:
        draft = self._draft
        known, values = evidence_of(self.model, draft.evidence)
        changed = (known != draft.known_at) | (values != draft.values_at).any(0)
        if not changed.any():
            return
        method, attempted = draft.method, draft.drawn.attempts is not None
        apart = first_apart(changed[draft.order], draft.known_at, known, draft.order, attempted)
        draft.choose_method()
        if (
            np.array_equal(draft.ordering(), draft.order)
            and method is draft.method
            and not self.model.takes_painting
            and draft.needs_attempts() == attempted
        ):
            draft.take_evidence()
            self._at_once.hold()
            self._forget(apart)
            draft.earlier = cut_off(draft.earlier, draft.sites)
        else:
            self._begin()

    def _keep(self) -> None:
        """Remember what was drawn since the last time."""
        if self._draft.unkept:
            self._records.keep(self._draft.on_record(self._at_once.made))
            self._draft.unkept = False

    @torch.inference_mode()
    def _bring_back(self, as_it_was: bool = False) -> None:
        """Take up what had been drawn with this evidence before, where that goes further.

        as_it_was: whatever part of it was sampled otherwise.
        """
        draft = self._draft
        now = draft.on_record(self._at_once.made)
        recorded, record = self._records.best(now, self.model.takes_painting, as_it_was)
        if recorded > draft.sites:
            draft.take(record, recorded, as_it_was)
            self._at_once.take(record.passes)
            self._by_site.let_go()
            self._by_graph.forget()

    @torch.inference_mode()
    def _draw(self, last: int, interrupted: Callable[[], bool]) -> None:
        """Compute sites up to position `last`, or until it is interrupted, and show them; after the
        last one of all the sweeps, where there are any."""
        draft = self._draft
        if draft.sites < (goal := min(last, draft.length)):
            way = self._way
            if way is not self._by_site:
                self._by_site.let_go()  # it knows nothing of what others draw
            way.draw(last, interrupted)
            if draft.sites < goal and way is not self._way:  # not all of it is captured
                self._way.draw(last, interrupted)
            if draft.sites == draft.length:
                draft.begin_sweeps()
        draft.sweep(interrupted)
        # captured steps draw whole rows, of which no more is shown than was asked for
        self.position = self.recorded if self.options.parallel else min(last, self.recorded)

    @property
    def _way(self) -> BySite | AtOnce | ByGraph:
        """What draws now."""
        if self.options.parallel:
            return self._at_once
        return self._by_graph if self._by_graph.applies else self._by_site

    def _stop_at(self, position: int) -> int:
        """Where one stands who goes there."""
        return self._at_once.stop_at(position, self.position) if self.options.parallel else position


def _own(evidence: Evidence | None, model: AutoregressiveModel) -> Evidence | None:
    """Evidence that fits the model and gives something."""
    if evidence is None:
        return None
    evidence = checked_evidence(evidence.values, evidence.known, model)
    return evidence if evidence.known.any() else None
