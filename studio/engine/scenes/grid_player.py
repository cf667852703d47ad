"""`GridPlayer`: a grid in one thread of its own, which the scenes take turns in.

One thread, however many scenes: they would only wait for each other, and the window with them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.engine.runtime.jobs import Stoppable
from studio.engine.runtime.pace import Pace
from studio.engine.runtime.played_actor import PlayedActor
from studio.engine.scenes.grid import CellMoment, Grid, Loaded
from studio.engine.scenes.scene import ModelReference, Scene

_TURN_SECONDS = 0.008  # without a look at the clock, or a command
_ROUND_SECONDS = 0.03  # in which all cells go on once, at full speed


@dataclass(frozen=True, eq=False)
class GridMoment:
    """cells: of all scenes, in their order. playing: whether more is drawn. race: whether each goes
    as fast as it can."""

    cells: tuple[CellMoment, ...]
    playing: bool
    race: bool

    @property
    def finished(self) -> bool:
        return all(cell.finished for cell in self.cells)


class GridPlayer(PlayedActor[GridMoment, Grid]):
    """Plays a grid: in step with each other, so many sites a second or as fast as the slowest
    allows; or as a race, in which each has the same time."""

    latest_only = frozenset(["speed"])
    looking = 0.2

    def __init__(
        self,
        scenes: Sequence[Scene],
        models: Mapping[ModelReference, Loaded],
        speed: float | None = None,
        race: bool = False,
        after: Sequence[Stoppable] = (),
    ) -> None:
        """The thread starts at once, and shows the beginning. after: see `Actor`."""
        super().__init__("grid", after)
        self._scenes, self._models = tuple(scenes), dict(models)
        self._race = race
        self._pace = Pace()
        self._pace.set_speed(speed, time.monotonic())
        self._chunk = 1  # sites that take about _ROUND_SECONDS, in all cells together
        self._round = 0.0  # when this round began
        self.start()

    # Commands, from any thread.

    def set_speed(self, sites_per_second: float | None, race: bool) -> None:
        """None: unlimited. race: each as fast as it can, whatever the speed."""
        self._post("speed", lambda: self._set_speed(sites_per_second, race))

    # The thread.

    def _make(self) -> Grid:
        from studio.engine.generation.room import SHARE  # torch is there once it is made

        return Grid(self._scenes, self._models, SHARE)

    def _began(self) -> None:
        self._pace.start(time.monotonic())

    def _set_speed(self, speed: float | None, race: bool) -> None:
        self._pace.set_speed(speed, time.monotonic())
        self._race, self._dirty = race, True

    def _patience(self, now: float) -> float | None:
        waits = [self._due - now] if self._dirty else []
        if self._playing:
            hurries = self._race or self._pace.speed is None or self._ready().behind
            waits.append(0.0 if hurries else self._pace.wait(now))
        return min(waits, default=None)

    def _advance(self) -> None:
        """A turn of one cell."""
        if not self._playing:
            return
        grid, until = self._ready(), time.monotonic() + _TURN_SECONDS

        def over() -> bool:
            return self._interrupted() or time.monotonic() > until

        if self._race:
            self._dirty |= grid.race(over)
        elif grid.behind:
            self._dirty |= grid.keep_up(over)
        else:
            self._next_round(grid, time.monotonic())
        if grid.finished:
            self._playing, self._dirty = False, True

    def _next_round(self, grid: Grid, now: float) -> None:
        if self._pace.speed is None:
            if (took := now - self._round) < 1:
                fitting = int(self._chunk * _ROUND_SECONDS / max(took, 1e-6))
                self._chunk = max(1, min(fitting, 2 * self._chunk))
            self._round = now
            grid.advance(self._chunk)
        elif (due := self._pace.due(now)) > 0:
            grid.advance(due)
            self._pace.did(due, now)

    def _moment(self, film: Grid) -> GridMoment | None:
        cells = list[CellMoment]()
        for cell in film.cells:
            if self._closed:  # the next one would take its time, and memory
                return None
            cells.append(cell.moment())
        return GridMoment(tuple(cells), self._playing, self._race)

    def _let_go(self) -> None:
        super()._let_go()
        del self._models
