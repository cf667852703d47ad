"""`Racing`: a `Race` in a thread of its own, to be watched."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights.ways import WayMoment, outcome
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.jobs import Stoppable

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.insights.race import Race

_SHOWN_RATE = 20.0  # times a second, at most


@dataclass(frozen=True, eq=False)
class RaceMoment:
    """ways: all of them, the naive one first. playing: whether more is drawn. outcome: what it
    comes to, in sentences, "" before the end."""

    ways: tuple[WayMoment, ...]
    playing: bool
    outcome: str = ""


class Racing(Actor[RaceMoment]):
    """What cannot be raced ends up in `failures`, as one sentence. Cancelling stops it."""

    def __init__(
        self, model: Model, options: SamplingOptions, after: Sequence[Stoppable] = ()
    ) -> None:
        """The thread starts at once, and shows the beginning. after: see `Actor`."""
        super().__init__("race", after)
        self._model, self._options = model, options
        self._race: Race | None = None
        self._playing, self._dirty = False, True
        self._due = -math.inf  # when there may be something to see again
        self.start()

    # Commands, from any thread.

    def play(self) -> None:
        """Go on; from the beginning, where all are at their end."""
        self._post("play", self._play)

    def pause(self) -> None:
        self._post("pause", self._pause)

    def restart(self) -> None:
        """Back to the beginning; it goes on if it did."""
        self._post("restart", self._restart)

    # The thread.

    def _ready(self) -> Race:
        if self._race is None:
            from studio.engine.insights.race import Race

            self._race = Race(self._model, self._options)
        return self._race

    def _play(self) -> None:
        if (race := self._ready()).finished:
            race.restart()
        self._playing = self._dirty = True

    def _pause(self) -> None:
        self._playing, self._dirty = False, True

    _cancelled = _pause

    def _restart(self) -> None:
        self._ready().restart()
        self._dirty = True

    def _patience(self, now: float) -> float | None:
        if self._playing:
            return 0.0
        return self._due - now if self._dirty else None

    def _advance(self) -> None:
        if not self._playing:
            return
        race = self._ready()
        race.turn(self._interrupt.is_set)
        self._dirty = True
        self._playing = not race.finished

    def _show(self) -> None:
        now = time.monotonic()
        if not self._dirty or now < self._due:
            return
        self._dirty = False
        race = self._ready()
        ways = race.moments
        self.mailbox.put(RaceMoment(ways, self._playing, outcome(ways) if race.finished else ""))
        self._due = time.monotonic() + 1 / _SHOWN_RATE

    def _failed(self, refused: bool) -> None:
        """Nothing of it is left to be shown, nor tried again at once."""
        self._playing = self._dirty = False
        self._race = None

    def _let_go(self) -> None:
        self._race = None
        del self._model
