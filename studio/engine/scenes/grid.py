"""`Grid`: several scenes drawn side by side, in step with each other or each as fast as it goes.

A cell is what its scene is when it is drawn alone, bit for bit: cells share the noise, because it
depends on the seed alone, and nothing else. A scene that does not fit its model is one sentence in
its cell, and the others go on. What there is to see of all is a row of `CellMoment`.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.site_words import of_sites
from studio.engine.generation.snapshot import Snapshot
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.drawing import film_of
from studio.engine.scenes.references import find
from studio.engine.scenes.scene import ModelReference, Scene

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.runtime.jobs import CancelToken

Decode = Callable[[NDArray[np.uint8], NDArray[np.bool_]], NDArray[np.uint8]]

_MOST_MARKS = 2000  # of a drawing; every other one goes where there are more
_TURN_SECONDS = 0.02  # of a cell, in a race


def _never() -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Loaded:
    """The model that a scene names. model: None where there is none. sentence: what is wrong, or
    different; "" where nothing is."""

    model: Model | None
    sentence: str = ""


def load_models(
    scenes: Iterable[Scene],
    device: Any,
    besides: Iterable[Path] = (),
    at_hand: Mapping[ModelReference, Model] | None = None,
    token: CancelToken | None = None,
) -> dict[ModelReference, Loaded]:
    """The models of some scenes, each once. Reads files: not for the window's thread.

    besides: checkpoints that may be meant, beside those that the studio knows.
    at_hand: models that are there already.
    token: asked before each; Cancelled where they are no longer wanted.
    """
    from studio.engine import checkpoints

    there, besides = dict(at_hand or {}), list(besides)
    found: dict[ModelReference, Loaded] = {}
    for reference in dict.fromkeys(scene.model for scene in scenes):
        if token is not None:
            token.raise_if_cancelled()
        if reference in there:
            found[reference] = Loaded(there[reference])
            continue
        place = find(reference, besides)
        try:
            model = None if place.checkpoint is None else checkpoints.load(place.checkpoint, device)
            found[reference] = Loaded(model, place.sentence)
        except StudioError as error:
            found[reference] = Loaded(None, str(error))
    return found


@dataclass(frozen=True)
class Mark:
    """What a drawing had come to, cost and taken: sites, bits (the mean over its pictures), seconds
    of its model's own work."""

    position: int
    bits: float
    seconds: float


@dataclass(frozen=True, eq=False)
class CellMoment:
    """snapshot: of the pictures, None where there are none.
    sentence: why there are none, or what is different from what was meant; "" for nothing.
    levels: of the pictures.
    seconds: of the model's own work so far, without that of the other cells.
    sites: drawn in them, of each picture.
    marks: how it came about; grows while it is drawn.
    decode: codes (count, 1, h, w) and which of them are there, (h, w), as the pictures that they
    stand for; None where the values are these. It asks the model: not for the window's thread.
    """

    snapshot: Snapshot | None
    sentence: str = ""
    levels: int = 2
    seconds: float = 0.0
    sites: int = 0
    marks: Sequence[Mark] = ()
    decode: Decode | None = None

    @property
    def coded(self) -> bool:
        """Whether its values are codes."""
        return self.snapshot is not None and self.snapshot.coded

    @property
    def bits(self) -> float | None:
        """-log2 p of what was drawn, the mean over the pictures; None where nothing is."""
        if self.snapshot is None or self.snapshot.bits_per_dim is None:
            return None
        return self.snapshot.nats_so_far / math.log(2)

    @property
    def sites_per_second(self) -> float:
        """Sites of each picture in a second of the model's own work."""
        return self.sites / self.seconds if self.seconds > 0 else 0.0

    @property
    def finished(self) -> bool:
        """Whether nothing is left to be drawn."""
        return self.snapshot is None or self.snapshot.position == self.snapshot.length


class Cell:
    """One scene while it is drawn."""

    def __init__(self, scene: Scene, loaded: Loaded) -> None:
        self._film, self._levels, self._sentence = None, 2, loaded.sentence
        self._seconds, self._first, self._marks = 0.0, 0, list[Mark]()
        self._moment: CellMoment | None = None
        self._unseen = None
        if loaded.model is None:
            return
        try:
            self._film = film_of(scene, loaded.model)
        except StudioError as error:
            self._sentence = str(error)
            return
        from studio.engine.generation.decoding import Decoding

        self._levels, self._first = loaded.model.pictures.levels, self._film.position
        self._decoding = Decoding(loaded.model)
        self._decode = _decode_of(loaded.model)
        self._unseen = _unseen(self._film, loaded.model)

    @property
    def length(self) -> int:
        return 0 if self._film is None else self._film.length

    @property
    def position(self) -> int:
        return 0 if self._film is None else self._film.position

    @property
    def finished(self) -> bool:
        return self.position >= self.length

    def step(self, count: int, interrupted: Callable[[], bool] = _never) -> int:
        """As `Generation.step`; what fails with a sentence ends this cell alone."""
        if self._film is None or self.finished:
            return 0
        self._moment, began = None, time.perf_counter()
        try:
            return int(self._film.step(count, interrupted))
        except StudioError as error:
            self._film, self._sentence = None, str(error)
            return 0
        finally:
            self._seconds += time.perf_counter() - began

    def restart(self) -> None:
        """Back to the evidence; drawn again, everything comes out the same."""
        if self._film is not None:
            self._film.restart()
            self._seconds, self._first, self._marks = 0.0, self._film.position, []
            self._moment = None

    def moment(self) -> CellMoment:
        """What there is to see; waits for the device where something is new."""
        if self._moment is None:
            self._moment = self._looked_at()
        return self._moment

    def _looked_at(self) -> CellMoment:
        if self._film is None:
            return CellMoment(None, self._sentence)
        snapshot = self._film.snapshot(self._unseen, not self.finished, 0.0)
        snapshot = self._decoding.beside(snapshot)
        moment = CellMoment(
            snapshot,
            self._sentence,
            self._levels,
            self._seconds,
            self.position - self._first,
            self._marks,
            self._decode,
        )
        self._marks.append(Mark(self.position, moment.bits or 0.0, self._seconds))
        if len(self._marks) > _MOST_MARKS:
            del self._marks[1:-1:2]
        return moment


class Grid:
    """cells: in the order of their scenes.

    StudioError, with the estimate, where all together take more than a share of the memory that is
    free; math.inf to try whatever it is."""

    def __init__(
        self,
        scenes: Sequence[Scene],
        models: Mapping[ModelReference, Loaded],
        share: float = 1.0,
    ) -> None:
        _check_room(scenes, models, share)
        self.cells = [Cell(scene, models[scene.model]) for scene in scenes]
        self._front = self._start  # the position to which all are to come
        self._turn = 0  # whose turn it is

    @property
    def finished(self) -> bool:
        return all(cell.finished for cell in self.cells)

    @property
    def behind(self) -> bool:
        """Whether a cell has not come as far as all are to."""
        return any(cell.position < min(self._front, cell.length) for cell in self.cells)

    @property
    def moments(self) -> tuple[CellMoment, ...]:
        return tuple(cell.moment() for cell in self.cells)

    @property
    def _start(self) -> int:
        return min((cell.position for cell in self.cells if not cell.finished), default=0)

    def advance(self, sites: int) -> None:
        """So many sites further all cells are to come."""
        self._front = max(self._front, self._start) + sites

    def keep_up(self, interrupted: Callable[[], bool] = _never) -> bool:
        """Let the next cell that is behind come as far as all are to, and no further; whether there
        was one."""
        return self._next(lambda cell: min(self._front, cell.length) - cell.position, interrupted)

    def race(self, interrupted: Callable[[], bool] = _never) -> bool:
        """Let the next cell go on as fast as it goes until it is interrupted, or at its end;
        whether there was one that is not."""
        found = self._next(lambda cell: cell.length - cell.position, interrupted)
        self._front = self._start
        return found

    def _next(self, ahead: Callable[[Cell], int], interrupted: Callable[[], bool]) -> bool:
        count = len(self.cells)
        for turn in range(self._turn, self._turn + count):
            cell = self.cells[turn % count]
            if (sites := ahead(cell)) > 0:
                self._turn = turn + 1
                cell.step(sites, interrupted)
                return True
        return False

    def restart(self) -> None:
        for cell in self.cells:
            cell.restart()
        self._front = self._start

    def draw(
        self, sites: int, then: Callable[[], object] = lambda: None, race: bool = False
    ) -> None:
        """All of it, in steps of so many sites; after each, `then`.

        race: in turns of the same time instead, in which the quick ones come further.
        """
        while not self.finished:
            if race:
                until = time.perf_counter() + _TURN_SECONDS
                self.race(lambda until=until: time.perf_counter() > until)  # type: ignore[misc]
            else:
                self.advance(sites)
                while self.keep_up():
                    pass
            then()


def _decode_of(model: Model) -> Decode | None:
    """See `CellMoment.decode`."""
    from models.interface import TwoStageModel
    from studio.engine.generation.decoding import pictures_of

    return functools.partial(pictures_of, model) if isinstance(model, TwoStageModel) else None


def _unseen(film: Any, model: Model) -> Any:
    """Evidence that a cell's method does not see, (H, W); None where there is none."""
    from models.interface import AutoregressiveModel
    from studio.engine.generation.method_choice import unseen

    if film.evidence is None or not isinstance(model, AutoregressiveModel):
        return None
    options = film.options
    found = unseen(model, film.evidence.known, options.method, options.parallel)
    return found if found.any() else None


def _check_room(
    scenes: Sequence[Scene], models: Mapping[ModelReference, Loaded], share: float
) -> None:
    from models.interface import AutoregressiveModel
    from studio.engine.generation.room import all_small, room, rows_of
    from studio.engine.runtime import memory

    drawings = [
        (model, rows_of(model, scene.options, scene.evidence))
        for scene in scenes
        if isinstance(model := models[scene.model].model, AutoregressiveModel) and model.spec.sites
    ]
    if not all_small(drawings):
        memory.require(
            sum(room(model, rows) for model, rows in drawings),
            f"Drawing these {len(scenes)} scenes together",
            str(drawings[0][0].device),
            "Choose fewer pictures of each, or fewer scenes.",
            share,
        )


def figures(
    bits: float | None, sites_per_second: float, seconds: float, coded: bool = False
) -> tuple[str, ...]:
    """What stands under a cell, in several wordings, the longest first; "" before anything is
    drawn. coded: whether a site is a code."""
    if bits is None or seconds <= 0:
        return ("",)
    speed = sites_per_second
    if speed >= 100:  # two digits can be read while they change
        speed = round(speed, 2 - len(str(int(speed))))
    return (
        of_sites(f"{bits:,.1f} bits · {speed:,.0f} pixels/s · {seconds:,.2f} s", coded),
        f"{bits:,.1f} bits · {speed:,.0f}/s · {seconds:,.2f} s",
        f"{bits:,.0f} bits · {seconds:,.2f} s",
        f"{bits:,.0f} bits",
    )
