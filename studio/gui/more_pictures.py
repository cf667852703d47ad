"""`MorePictures`: whether there is memory for more pictures at once, or for more attempts at each,
before they are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.engine.runtime.jobs import Job

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.generation.sampling_options import SamplingOptions
    from studio.gui.session import Session


class MorePictures:
    """Looks in a job, and gives a session so many pictures, or attempts at each, where they fit;
    where they do not, it offers to draw them anyway."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def surely_fit(self, wanted: SamplingOptions, present: SamplingOptions | None = None) -> bool:
        """Whether nobody has to look; what takes no more than is there does not have to be."""
        from studio.engine.generation.room import is_small  # torch is there once a model is

        model, rows = self._session.model, _rows(wanted)
        if model is None or (present is not None and rows <= _rows(present)):
            return True
        return is_small(model, rows)

    def why_not_one(self, model: Model) -> str:
        """Why not even one picture of a model fits, in a sentence; "" where it does. Of a large one
        it takes seconds to say."""
        return _why_not(model, 1, 0)

    def look_for_room(self, wanted: SamplingOptions) -> None:
        """Draw so many where there is memory for them, or where the person says so."""
        session, count, particles = self._session, wanted.count, wanted.particles
        if (model := session.model) is None:
            return

        def look(job: Job[Any]) -> str:
            return _why_not(model, count, particles)

        def draw() -> None:
            if session.model is model:
                session.draw_with(replace(session.options, count=count, particles=particles))

        def hear(why_not: str) -> None:
            if not why_not:
                draw()
            elif session.model is model:
                session.options_changed.emit()  # what was chosen is not what is drawn
                session.offered.emit(why_not, "Draw anyway", draw)

        session.work("Checking the memory…", look, hear)


def _why_not(model: Model, count: int, particles: int) -> str:
    from studio.engine.generation.room import check_room
    from studio.engine.runtime.memory import TooLargeError

    try:
        check_room(model, count, particles)
    except TooLargeError as error:
        return str(error)
    return ""


def _rows(options: SamplingOptions) -> int:
    """Pictures that are drawn at once, with all attempts at each that were asked for."""
    return options.count * max(1, options.particles)
