"""What the three cards of the start page do: a digit is drawn,
the person's digit is finished, a voice is heard."""

from __future__ import annotations

from collections.abc import Callable

from studio.demonstrations import FINISHER, VOICE
from studio.engine.editing.painting import Painting
from studio.engine.generation.player import Player
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.session import Session
from studio.gui.sound.sound_page import SoundPage

_SPEED = 120.0  # pixels a second: a digit in about six seconds


class Demonstrations:
    """Each loads the model that it needs, where the one in use is not of that kind.

    show_stage: brings the page of the model in use to the front.
    say: shows a sentence.
    """

    def __init__(
        self,
        session: Session,
        drawing: DrawingPage,
        sound: SoundPage,
        show_stage: Callable[[], object],
        say: Callable[[str], object],
    ) -> None:
        self._session, self._drawing, self._sound = session, drawing, sound
        self._show_stage, self._say = show_stage, say

    def watch(self) -> None:
        """Draw a digit, slowly enough to watch."""

        def begin() -> None:
            self._begin_drawing(count=1)
            self._drawing.transport.choose_speed(_SPEED)
            self._drawing.restart()
            self._drawing.drawing.play()

        self._when_it_draws(begin)

    def finish(self) -> None:
        """An empty picture to paint on, and a model that sees all of the painting: the one in use,
        or the shipped one."""

        def begin() -> None:
            self._begin_drawing(count=4)
            self._drawing.restart()
            self._say(
                "Paint some strokes of a digit, wherever you like, then press play: the model makes"
                " a digit of them."
            )

        model = self._session.model
        if model is not None and model.sees_all_given:
            begin()
        else:
            self._session.load(FINISHER, then=begin)

    def hear(self) -> None:
        """The shipped voice, speaking at once."""

        def begin() -> None:
            self._show_stage()
            # whatever was set for pictures
            self._session.change(count=1, temperature=1.0, top_k=0, top_p=1.0)
            self._sound.playback.play_from(0)

        self._session.load(VOICE, then=begin)

    def _begin_drawing(self, count: int) -> None:
        self._show_stage()
        self._session.change(count=count)
        self._session.edit(Painting.clear)

    def _when_it_draws(self, do: Callable[[], None]) -> None:
        """Do it now, or as soon as there is a model that can draw: the usual one comes in the place
        of one that cannot."""
        session = self._session
        if session.model is None:
            session.when_loaded(lambda: self._when_it_draws(do))
        elif isinstance(session.player, Player) and session.generates:
            do()
        else:
            session.begin(then=do)
