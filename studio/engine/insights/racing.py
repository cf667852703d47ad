"""`Racing`: a `Race` in a thread of its own, to be watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights.ways import WayMoment, outcome
from studio.engine.runtime.jobs import Stoppable
from studio.engine.runtime.played_actor import PlayedActor

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.insights.race import Race


@dataclass(frozen=True, eq=False)
class RaceMoment:
    """ways: all of them, the naive one first. playing: whether more is drawn. outcome: what it
    comes to, in sentences, "" before the end."""

    ways: tuple[WayMoment, ...]
    playing: bool
    outcome: str = ""


class Racing(PlayedActor[RaceMoment, "Race"]):
    """What cannot be raced ends up in `failures`, as one sentence."""

    def __init__(
        self, model: Model, options: SamplingOptions, after: Sequence[Stoppable] = ()
    ) -> None:
        """The thread starts at once, and shows the beginning. after: see `Actor`."""
        super().__init__("race", after)
        self._model, self._options = model, options
        self.start()

    # The thread.

    def _make(self) -> Race:
        from studio.engine.insights.race import Race

        return Race(self._model, self._options)

    def _patience(self, now: float) -> float | None:
        if self._playing:
            return 0.0
        return self._due - now if self._dirty else None

    def _advance(self) -> None:
        if not self._playing:
            return
        race = self._ready()
        race.turn(self._interrupted)
        self._dirty = True
        self._playing = not race.finished

    def _moment(self, film: Race) -> RaceMoment:
        ways = film.moments
        return RaceMoment(ways, self._playing, outcome(ways) if film.finished else "")

    def _let_go(self) -> None:
        super()._let_go()
        del self._model
