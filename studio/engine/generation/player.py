"""`Player`: a generation in a thread of its own, played like a film:
play, pause, step, seek, at any speed.

It is an `Actor` that looks for commands between any two sites, so a command takes effect within the
time that one site takes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from studio.engine import kinds
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.changes import Change
from studio.engine.generation.next_site import Supposed
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.generation.snapshot import Snapshot
from studio.engine.generation.stretches import Stretches
from studio.engine.runtime.actor import DISPLAY_RATE, Actor
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Stoppable
from studio.engine.runtime.pace import Pace

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.generation.decoding import Decoding

# between two looks at the clock at full speed: two of them last a little longer than a snapshot
_CHUNK_SECONDS = 0.009
_LONGEST = 0.1  # seconds without a look, where a step draws more than its sites
_FEW = 4  # pictures at once, up to which compiled steps were faster than a stepper: measured
_QUIET = 0.3  # seconds without another wish, after which steps are captured


def _copy(evidence: Evidence | None) -> Evidence | None:
    """The window goes on painting on its own."""
    return None if evidence is None else Evidence(evidence.values.copy(), evidence.known.copy())


class Film(Protocol):
    """What is played: a generation, or whatever else comes about site by site; see `Generation`
    for what each of these does."""

    @property
    def start(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def recorded(self) -> int: ...
    @property
    def evidence(self) -> Evidence | None: ...
    @property
    def values(self) -> NDArray[np.uint8]: ...
    def step(self, n: int = 1, interrupted: Callable[[], bool] = ...) -> int: ...
    def rewind(self, position: int) -> None: ...
    def restart(self) -> None: ...
    def given_ahead(self) -> int: ...
    def edit(self, evidence: Evidence | None, position: int | None = ...) -> None: ...
    def set_options(self, options: SamplingOptions) -> None: ...
    def set_changes(self, changes: tuple[Change, ...], earlier: Stretches | None = ...) -> None: ...
    def snapshot(
        self,
        unseen: NDArray[np.bool_] | None,
        playing: bool,
        sites_per_second: float,
        chosen: int | None = ...,
        supposed: Supposed | None = ...,
        hurried: bool = ...,
    ) -> Snapshot: ...


@runtime_checkable
class Captures(Protocol):
    """A film whose steps can be captured, see `Generation`."""

    def prepared(self) -> bool: ...
    def prepare(self, interrupted: Callable[[], bool] = ...) -> bool: ...


class Player(Actor[Snapshot]):
    """Plays one model; cancelling stops the run, and what is drawn stays.

    Where steps are to be captured and that takes seconds, it does so while nothing else is to be
    done, and for few pictures.
    """

    latest_only = frozenset(["seek", "speed", "options", "evidence", "choose", "suppose"])

    def __init__(
        self,
        model: Model,
        options: SamplingOptions | None = None,
        evidence: Evidence | None = None,
        after: Sequence[Stoppable] = (),
    ) -> None:
        """The thread starts at once, or when those before it have ended (see `Actor`), and shows
        the beginning. What does not fit the model ends up in `failures`."""
        super().__init__("player", after)
        self._model = model
        self._options, self._evidence = options or SamplingOptions(), _copy(evidence)
        self._changes: tuple[Change, ...] = ()
        self._generation: Film | None = None
        self._playing = False
        self._goal: int | None = None  # a position to run to at full speed
        self._pace = Pace()
        self._woke = 0.0  # when sites of a paced run were last looked after
        self._behind = False  # whether more is due than was done
        self._chunk = 1  # sites that take about _CHUNK_SECONDS
        self._dirty = True
        self._shown = -math.inf
        self._last: Snapshot | None = None
        self._unseen: NDArray[np.bool_] | None = None
        self._chosen: int | None = None
        self._alone = False  # whether nobody sees the other pictures
        self._decoding: Decoding | None = None
        self._supposed: tuple[int, Supposed] | None = None  # levels, and where
        self._unprepared = -math.inf  # when what may have to be captured was last another
        self._preparing = False  # whether something may be left to capture
        self.start()

    # Commands, from any thread.

    def play(self) -> None:
        """Run at the chosen speed; from the beginning, where it stands at the end."""
        self._post("play", self._play)

    def pause(self) -> None:
        self._post("pause", self._pause)

    def step(self, n: int = 1) -> None:
        """Pause, and go n drawn sites on, or back where n is negative;
        given sites are passed on the way."""
        self._post("step", lambda: self._step(n))

    def finish(self) -> None:
        """Run to the end at full speed."""
        self._post("finish", lambda: self._run_to(self._ready().length))

    def restart(self) -> None:
        """Back to the evidence; playing goes on if it did."""
        self._post("restart", self._restart)

    def seek(self, position: int) -> None:
        """Pause, and show another position of the record."""
        self._post("seek", lambda: self._seek(position))

    def set_speed(self, sites_per_second: float | None) -> None:
        """None: unlimited."""
        self._post("speed", lambda: self._pace.set_speed(sites_per_second, time.monotonic()))

    def set_options(self, options: SamplingOptions) -> None:
        """See `Generation.set_options`; StudioErrors end up in `failures`,
        and the old options stay."""
        self._post("options", lambda: self._set_options(options))

    def set_evidence(self, evidence: Evidence | None, position: int | None = None) -> None:
        """Other evidence: goes back to the first site that it changes. position: to be shown then;
        see `Generation.edit`."""
        own = _copy(evidence)
        self._post("evidence", lambda: self._set_evidence(own, position))

    def set_changes(self, changes: tuple[Change, ...], earlier: Stretches | None = None) -> None:
        """Other values changed by hand; see `Generation.set_changes`."""
        self._post("changes", lambda: self._set_changes(changes, earlier))

    def run_to(self, position: int | None) -> None:
        """At full speed, back or on, and stop there; None for the end."""
        self._post("run to", lambda: self._go_to(position))

    def choose(self, picture: int | None, alone: bool = False) -> None:
        """Of which picture the distribution, the entropies and the cost are shown; alone: nobody
        sees the others meanwhile."""
        self._post("choose", lambda: self._choose(picture, alone))

    def suppose(self, levels: Supposed | None, position: int) -> None:
        """Show what the other channels of the next site would be after these levels, for as long as
        it stands at that position; None for what will come."""
        self._post("suppose", lambda: self._suppose(levels, position))

    # The thread.

    def _let_go(self) -> None:
        del self._model, self._generation, self._last, self._decoding

    def _patience(self, now: float) -> float | None:
        waits = []
        if self._goal is not None or (self._playing and self._pace.speed is None):
            return 0.0
        if self._playing:
            waits.append(
                0.0
                if self._behind
                else max(self._pace.wait(now), self._woke + 1 / DISPLAY_RATE - now)
            )
        if self._dirty:
            waits.append(self._shown + 1 / DISPLAY_RATE - now)
        if self._preparing and not self._playing:
            waits.append(self._unprepared + _QUIET - now)
        return min(waits, default=None)

    def _failed(self, refused: bool) -> None:
        if refused and self._generation is not None:
            return
        # Whatever is half done goes, with its memory; the next command begins anew.
        self._stop()
        self._generation = None
        self._dirty = self._preparing = False
        if self._last is not None:
            self._last = replace(self._last, playing=False, hurried=False)
            self.mailbox.put(self._last)

    def _ready(self) -> Film:
        if self._generation is None:
            film = kinds.of(self._model).part("film")
            self._generation = film(self._model, self._options, self._evidence)
            self._generation.set_changes(self._changes)
            self._prepare_again()
            self._note_unseen()
            self._dirty = True
        return self._generation

    def _note_unseen(self) -> None:
        from models.interface import AutoregressiveModel
        from studio.engine.generation.method_choice import unseen

        self._unseen, model = None, self._model
        given = None if self._generation is None else self._generation.evidence
        if given is not None and isinstance(model, AutoregressiveModel):
            options = self._options
            found = unseen(model, given.known, options.method, options.parallel)
            self._unseen = found if found.any() else None

    # Commands, in the thread.

    def _play(self) -> None:
        generation = self._ready()
        if generation.position == generation.length:
            generation.restart()
        self._goal = None
        self._playing = self._dirty = True
        self._pace.start(time.monotonic())

    def _pause(self) -> None:
        self._stop()
        self._dirty = True

    _cancelled = _pause

    def _stop(self) -> None:
        self._playing, self._goal = False, None

    def _step(self, n: int) -> None:
        generation = self._ready()
        begin = generation.position
        if self._goal is not None and self._goal < generation.length:
            begin = self._goal  # several steps in a row add up
        self._stop()
        self._dirty = True
        if n > 0:
            self._run_to(begin + n)
            return
        for _ in range(-n):
            generation.rewind(generation.position - 1)
            while generation.given_ahead() and generation.position > generation.start:
                generation.rewind(generation.position - 1)

    def _run_to(self, position: int) -> None:
        generation = self._ready()
        self._playing = False
        self._goal = min(position, generation.length)
        self._pace.start(time.monotonic(), paced=False)

    def _restart(self) -> None:
        self._goal = None
        self._ready().restart()
        self._pace.start(time.monotonic())
        self._dirty = True

    def _seek(self, position: int) -> None:
        self._stop()
        self._ready().rewind(position)
        self._dirty = True

    def _set_options(self, options: SamplingOptions) -> None:
        check_options(options, self._model)
        if self._generation is not None:
            self._generation.set_options(options)
        self._options = options
        self._changed()

    def _set_evidence(self, evidence: Evidence | None, position: int | None) -> None:
        if evidence is not None:
            evidence = checked_evidence(evidence.values, evidence.known, self._model)
        if self._generation is not None:
            self._generation.edit(evidence, position)
        self._evidence = evidence
        self._changed()

    def _set_changes(self, changes: tuple[Change, ...], earlier: Stretches | None) -> None:
        self._ready().set_changes(changes, earlier)
        self._changes = changes
        self._dirty = True

    def _go_to(self, position: int | None) -> None:
        generation = self._ready()
        goal = generation.length if position is None else position
        if goal <= generation.position:
            self._seek(goal)
        else:
            self._run_to(goal)

    def _choose(self, picture: int | None, alone: bool) -> None:
        self._chosen, self._alone = picture, alone
        self._dirty = True

    def _suppose(self, levels: Supposed | None, position: int) -> None:
        self._supposed = None if levels is None else (position, levels)
        self._dirty = True

    def _changed(self) -> None:
        self._ready()
        self._prepare_again()
        self._note_unseen()
        self._dirty = True

    # Running.

    def _advance(self) -> None:
        """What is due now, for about `_CHUNK_SECONDS` and as long as no command comes."""
        if self._goal is None and not self._playing:
            self._prepare()
            return
        generation, pace, now = self._ready(), self._pace, time.monotonic()
        paced = self._goal is None and pace.speed is not None
        goal = generation.length if self._goal is None else self._goal
        wanted = (
            min(goal - generation.position, pace.due(now)) if paced else goal - generation.position
        )
        again = generation.recorded - generation.position
        # at full speed, what is on record is there at once
        limit = self._chunk if paced or again == 0 else again
        self._behind = wanted > limit
        # what takes longer than its sites is gone on with at the next look
        until = now + _LONGEST

        def left() -> bool:
            return self._interrupted() or time.monotonic() > until

        done = generation.step(min(wanted, limit), left)
        besides = 0
        if done and (paced or generation.position >= goal) and not self._interrupted():
            besides = generation.step(generation.given_ahead(), self._interrupted)
        took = time.monotonic() - now
        if again == 0 and done == limit:
            self._chunk = max(1, min(int(limit * _CHUNK_SECONDS / max(took, 1e-6)), 2 * limit))
        if done:
            pace.did(done, now + took, besides)
        if done or wanted:
            self._dirty = True
        self._woke = now
        if generation.position >= goal:
            self._stop()
            self._dirty = True

    def _prepare_again(self) -> None:
        film, self._unprepared = self._generation, time.monotonic()
        few = self._options.count <= _FEW
        self._preparing = few and isinstance(film, Captures) and not film.prepared()

    def _prepare(self) -> None:
        """Some of what there is to capture, once nothing else has been wanted for a while."""
        now = time.monotonic()
        if self._preparing and now >= self._unprepared + _QUIET:
            film, until = self._ready(), now + _LONGEST

            def over() -> bool:
                return self._interrupted() or time.monotonic() > until

            assert isinstance(film, Captures)
            try:
                self._preparing = film.prepare(over)
            except StudioError:  # that they cannot be: without, the same is drawn
                self._preparing = False

    def _show(self) -> None:
        if not self._dirty or time.monotonic() < self._shown + 1 / DISPLAY_RATE:
            return
        playing = self._playing or self._goal is not None
        hurried = self._goal is not None or (self._playing and self._pace.speed is None)
        film, supposed = self._ready(), None
        if self._supposed is not None and self._supposed[0] == film.position:
            supposed = self._supposed[1]
        snapshot = film.snapshot(
            self._unseen, playing, self._pace.measured, self._chosen, supposed, hurried
        )
        self._last = self._with_pictures(snapshot)
        self._dirty = self._last.waiting
        self.mailbox.put(self._last)
        self._shown = time.monotonic()

    def _with_pictures(self, snapshot: Snapshot) -> Snapshot:
        """What its codes stand for, where the model has codes."""
        if self._decoding is None:
            from studio.engine.generation.decoding import Decoding

            self._decoding = Decoding(self._model)
        only = snapshot.chosen if self._alone else None
        return self._decoding.beside(snapshot, only, at_once=False)
