"""`GridPlayer`: a grid in one thread of its own, which the scenes take turns in.

One thread, however many scenes: they would only wait for each other, and the window with them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.engine.runtime.actor import Actor
from studio.engine.runtime.pace import Pace
from studio.engine.scenes.grid import CellMoment, Grid, Loaded
from studio.engine.scenes.scene import ModelReference, Scene

_TURN_SECONDS = 0.008  # without a look at the clock, or a command
_ROUND_SECONDS = 0.03  # in which all cells go on once, at full speed
_SHOWN_RATE = 20.0  # times a second, at most
_LOOKING = 0.2  # share of the time that goes into what there is to see, at most


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


class GridPlayer(Actor[GridMoment]):
    """Plays a grid: in step with each other, so many sites a second or as fast as the slowest
    allows; or as a race, in which each has the same time. Cancelling stops it."""

    latest_only = frozenset(["speed"])

    def __init__(
        self,
        scenes: Sequence[Scene],
        models: Mapping[ModelReference, Loaded],
        speed: float | None = None,
        race: bool = False,
    ) -> None:
        """The thread starts at once, and shows the beginning."""
        super().__init__("grid")
        self._scenes, self._models = tuple(scenes), dict(models)
        self._grid: Grid | None = None
        self._playing, self._race = False, race
        self._pace = Pace()
        self._pace.set_speed(speed, time.monotonic())
        self._chunk = 1  # sites that take about _ROUND_SECONDS, in all cells together
        self._round = 0.0  # when this round began
        self._dirty = True
        self._due = -math.inf  # when there may be something to see again
        self.start()

    # Commands, from any thread.

    def play(self) -> None:
        """Go on; from the beginning, where all are at their end."""
        self._post("play", self._play)

    def pause(self) -> None:
        self._post("pause", self._pause)

    def restart(self) -> None:
        """Back to the evidence; playing goes on if it did."""
        self._post("restart", self._restart)

    def set_speed(self, sites_per_second: float | None, race: bool) -> None:
        """None: unlimited. race: each as fast as it can, whatever the speed."""
        self._post("speed", lambda: self._set_speed(sites_per_second, race))

    # The thread.

    def _ready(self) -> Grid:
        if self._grid is None:
            self._grid = Grid(self._scenes, self._models)
        return self._grid

    def _play(self) -> None:
        grid = self._ready()
        if grid.finished:
            grid.restart()
        self._playing = self._dirty = True
        self._pace.start(time.monotonic())

    def _pause(self) -> None:
        self._playing, self._dirty = False, True

    _cancelled = _pause

    def _restart(self) -> None:
        self._ready().restart()
        self._pace.start(time.monotonic())
        self._dirty = True

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
            return self._interrupt.is_set() or time.monotonic() > until

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

    def _show(self) -> None:
        now = time.monotonic()
        if not self._dirty or now < self._due:
            return
        self._dirty = False
        cells = self._ready().moments
        self.mailbox.put(GridMoment(cells, self._playing, self._race))
        done = time.monotonic()
        self._due = done + max(1 / _SHOWN_RATE, (done - now) * (1 / _LOOKING - 1))

    def _failed(self, refused: bool) -> None:
        """Nothing of it is left to be shown, nor tried again at once."""
        self._playing = self._dirty = False
        self._grid = None

    def _let_go(self) -> None:
        del self._grid, self._models
