"""`MorePictures`: whether there is memory for as many pictures at once, and attempts at each, as
the options and the painting ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import ReferenceType, ref

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
    offers to draw it anyway. What is painted comes to the player when the attempts at it fit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._model: ReferenceType[Model] | None = None  # of which it is known how many fit;
        self._fitting = 0  # pictures of it at once that fit, or that are drawn anyway
        self._turn = 0  # of what is asked for; only the last one counts
        self._looking: Job[str] | None = None  # one at a time
        self.waiting: SamplingOptions | None = None  # what was asked for and is looked into
        self._otherwise = SamplingOptions()  # what is drawn where that does not fit
        # how far it is to be shown drawn, where the player is still to be given what is painted
        self._painted: tuple[int | None] | None = None

    def surely_fit(self, wanted: SamplingOptions) -> bool:
        """Whether nobody has to look: no more are drawn at once than is known to fit."""
        from studio.engine.generation.room import is_small, surely_small  # needs torch

        model = self._session.model
        if model is None or surely_small(model, wanted):
            return True
        if self._model is None or self._model() is not model:
            self._model, self._fitting = ref(model), 0
        rows = self._rows(wanted)
        return is_small(model, rows) or rows <= self._fitting

    def forget(self) -> None:
        """What is looked into is not wanted any more."""
        self._turn += 1
        self.waiting = self._painted = None

    def why_not_one(self, model: Model) -> str:
        """Why not even one picture of a model fits, in a sentence; "" where it does. Of a large one
        it takes seconds to say."""
        return _why_not(model, SamplingOptions(), None)

    def look_for_room(self, wanted: SamplingOptions, otherwise: SamplingOptions) -> None:
        """Draw so many where there is memory for them, or where the person says so; else what takes
        less."""
        if self._session.model is None:
            return
        self._turn += 1
        # what fits with what the player was given before may not with what it is still to be given
        self._otherwise = otherwise if self._painted is None else fewest(otherwise)
        self.waiting = wanted
        if self._looking is None or self._looking.state.over:
            self._look()

    def draw(self, options: SamplingOptions) -> None:
        """These options, which surely fit, with what is painted; what was looked into is not wanted
        any more."""
        painted = self._painted
        self.forget()
        self._session.draw_with(options)
        if painted is not None:
            self._session.give_painting(*painted)

    def give_painting(self, position: int | None) -> None:
        """Let the player have what is painted now. Where the attempts at it may not fit, that is
        looked into first, and where they do not, one picture is drawn.

        position: how far it is to be shown drawn, None for as far as it goes.
        """
        options = self._session.options
        if self._painted is not None and position is None:
            (position,) = self._painted
        if not self.surely_fit(options):
            self._painted = (position,)
            self.look_for_room(self.waiting or options, fewest(options))
            return
        self._painted = None
        self._session.give_painting(position)
        if self.waiting is not None:  # more, which was looked into with what was painted before
            self.look_for_room(self.waiting, options)

    def _look(self) -> None:
        session, model, evidence = self._session, self._session.model, self._session.evidence
        if (wanted := self.waiting) is None or model is None:
            return
        turn, rows = self._turn, self._rows(wanted)

        def look(job: Job[str]) -> str:
            return _why_not(model, wanted, evidence)

        def draw() -> None:
            if session.model is not model:
                return
            costly = as_costly_as(wanted, session.options)
            if self._rows(costly) > rows:  # more is painted since it was offered
                self.look_for_room(costly, fewest(costly))
                return
            self._fitting = max(self._fitting, rows)
            self.draw(costly)

        def hear(why_not: str) -> None:
            if turn != self._turn or session.model is not model:
                if self._looking is looking:
                    self._look()
                return
            if not why_not:
                draw()
                return
            self.draw(as_costly_as(self._otherwise, session.options))
            session.options_changed.emit()  # what was chosen is not what is drawn
            session.offered.emit(why_not, "Draw anyway", draw)

        looking = self._looking = session.work("Checking the memory…", look, hear)

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
    except Exception as error:  # of a model of the person's own, say: it may be drawn anyway
        return f"How much memory this takes cannot be worked out: {error}"
    return ""
