"""`MorePictures`: whether there is memory for more pictures at once, before they are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.engine.runtime.jobs import Job

if TYPE_CHECKING:
    from studio.gui.session import Session


class MorePictures:
    """Looks in a job, and gives a session so many pictures where they fit; where they do not, it
    offers to draw them anyway."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def surely_fit(self, count: int) -> bool:
        """Whether nobody has to look."""
        from studio.engine.generation.room import is_small  # torch is there once a model is

        return self._session.model is None or is_small(self._session.model, count)

    def look_for_room(self, count: int) -> None:
        """Draw so many where there is memory for them, or where the person says so."""
        session = self._session
        if (model := session.model) is None:
            return

        def look(job: Job[Any]) -> str:
            from studio.engine.generation.room import check_room
            from studio.engine.runtime.memory import TooLargeError

            try:
                check_room(model, count)
            except TooLargeError as error:
                return str(error)
            return ""

        def draw() -> None:
            if session.model is model:
                session.draw_with(replace(session.options, count=count))

        def hear(why_not: str) -> None:
            if not why_not:
                draw()
            elif session.model is model:
                session.options_changed.emit()  # what was chosen is not what is drawn
                session.offered.emit(why_not, "Draw anyway", draw)

        session.work("Checking the memory…", look, hear)
