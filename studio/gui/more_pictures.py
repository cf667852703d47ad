"""`MorePictures`: whether there is memory for as many pictures at once, and attempts at each, as
the options and the painting ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.jobs import Job

# of `SamplingOptions`: what the number of pictures in memory depends on
_COSTLY = ("count", "particles", "condition", "guidance", "method", "decode")

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.editing.evidence import Evidence
    from studio.gui.session import Session


class MorePictures:
    """Looks in a job, and gives a session what it asked for where that fits; where it does not, it
    offers to draw it anyway."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._model: Model | None = None
        self._fitting = 0  # pictures of this model at once that fit, or that are drawn anyway
        self._turn = 0  # of what is asked for; only the last one counts
        self.waiting: SamplingOptions | None = None  # what was asked for and is looked into

    def surely_fit(self, wanted: SamplingOptions) -> bool:
        """Whether nobody has to look: no more are drawn at once than is known to fit."""
        from studio.engine.generation.room import is_small, surely_small  # needs torch

        model = self._session.model
        if model is None or surely_small(model, wanted):
            return True
        if model is not self._model:
            self._model, self._fitting = model, 0
        rows = self._rows(wanted)
        return is_small(model, rows) or rows <= self._fitting

    def forget(self) -> None:
        """What is looked into is not wanted any more."""
        self._turn += 1
        self.waiting = None

    def why_not_one(self, model: Model) -> str:
        """Why not even one picture of a model fits, in a sentence; "" where it does. Of a large one
        it takes seconds to say."""
        return _why_not(model, SamplingOptions(), None)

    def look_for_room(self, wanted: SamplingOptions, otherwise: SamplingOptions) -> None:
        """Draw so many where there is memory for them, or where the person says so; else what takes
        less."""
        session, model, evidence = self._session, self._session.model, self._session.evidence
        if model is None:
            return
        self.forget()
        turn, rows = self._turn, self._rows(wanted)
        self.waiting = wanted

        def look(job: Job[Any]) -> str:
            return _why_not(model, wanted, evidence)

        def draw() -> None:
            if session.model is model:
                self._fitting = max(self._fitting, rows)
                session.draw_with(as_costly_as(wanted, session.options))

        def hear(why_not: str) -> None:
            if turn != self._turn or session.model is not model:
                return
            self.forget()
            if not why_not:
                draw()
                return
            session.draw_with(as_costly_as(otherwise, session.options))
            session.options_changed.emit()  # what was chosen is not what is drawn
            session.offered.emit(why_not, "Draw anyway", draw)

        session.work("Checking the memory…", look, hear)

    def look_again(self) -> None:
        """Something else is given, and what is drawn may take more: look, and draw fewer where it
        does not fit."""
        options = self._session.options
        if self.waiting is None and not self.surely_fit(options):
            self.look_for_room(options, fewest(options))

    def _rows(self, options: SamplingOptions) -> int:
        from models.interface import AutoregressiveModel
        from studio.engine.generation.room import rows_of

        model = self._session.model
        if not isinstance(model, AutoregressiveModel):
            return 0
        return rows_of(model, options, self._session.evidence)


def is_costly(names: Iterable[str]) -> bool:
    """Whether one of these options changes how many pictures are in memory."""
    return not set(_COSTLY).isdisjoint(names)


def as_costly_as(costly: SamplingOptions, options: SamplingOptions) -> SamplingOptions:
    """Options, but with as many pictures in memory as others ask for."""
    return replace(options, **{name: getattr(costly, name) for name in _COSTLY})


def fewest(options: SamplingOptions) -> SamplingOptions:
    """The same of one picture."""
    return replace(options, count=1, particles=0)


def _why_not(model: Model, options: SamplingOptions, evidence: Evidence | None) -> str:
    from studio.engine.generation.room import SHARE, check_room
    from studio.engine.runtime.memory import TooLargeError

    try:
        check_room(model, options, evidence, share=SHARE)
    except TooLargeError as error:
        return str(error)
    return ""
