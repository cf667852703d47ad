"""What the cards of the start page do: a digit is drawn, a character is
invented, the person's digit is finished, a voice is heard."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.demonstrations import FINISHER, FIRST, INVENTOR, VOICE
from studio.engine.checkpoints.cards import shipped
from studio.engine.generation.sampling_options import QUICK_STEPS, SamplingOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from studio.gui.shell.main_window import MainWindow

_SPEED = 120.0  # pixels a second: a digit in about six seconds
_FINISHING_SPEED = 300.0  # so that one sees it come about, and need not wait
_SYMBOLS = 16  # drawn at once
_HINT = (
    "Paint the first strokes of a digit with the mouse. When you pause, or press Play,"
    " the model finishes it in four ways."
)
_HINT_OF_A_CHARACTER = (
    "Paint the left half of a character with the mouse, true or made up. When you pause, or press"
    " Play, the model makes up the rest in four ways."
)
_USUAL = SamplingOptions()
# Whatever was set before, for another model or another purpose; the seed is the person's.
_AS_SHIPPED: dict[str, Any] = {
    field.name: getattr(_USUAL, field.name) for field in fields(_USUAL) if field.name != "seed"
}


class Demonstrations:
    """Each does what it says whatever the window was left in: it loads the shipped model that it is
    about, and sets back what would change what is seen."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._session = window, window.session
        self._drawing = window.drawing_page

    def watch(self) -> None:
        """Draw a digit, slowly enough to watch."""

        def begin() -> None:
            self._begin_drawing(count=1)
            self._drawing.transport.choose_speed(_SPEED)
            self._drawing.drawing.play()

        self._with(FIRST, begin)

    def finish(self) -> None:
        """An empty picture to paint on, and a model that sees all of the painting."""
        self._with(FINISHER, lambda: self._begin_painting(_HINT, steps=QUICK_STEPS))

    def invent(self) -> None:
        """The same with a model of characters."""
        self._with(INVENTOR, lambda: self._begin_painting(_HINT_OF_A_CHARACTER))

    def draw_symbols(self, checkpoint: Path) -> None:
        """What a model was taught in the dock of own symbols: many of the first of them."""

        def begin() -> None:
            self._begin_drawing(count=_SYMBOLS, condition=0)
            self._drawing.transport.choose_speed(_FINISHING_SPEED)
            self._drawing.drawing.play()

        self._session.load(checkpoint, then=begin)

    def hear(self) -> None:
        """The shipped voice, speaking at once."""

        def begin() -> None:
            self._window.show_stage()
            self._session.change(**_AS_SHIPPED)
            self._window.sound_page.playback.play_from(0)

        self._with(VOICE, begin)

    def _begin_painting(self, hint: str, **options: int) -> None:
        self._begin_drawing(count=4, **options)
        self._drawing.transport.choose_speed(_FINISHING_SPEED)
        self._drawing.tools.take_brush()
        self._drawing.stage.hint = hint

    def _begin_drawing(self, **options: int) -> None:
        self._window.show_stage()
        self._session.change(**_AS_SHIPPED | options)
        stage, drawing = self._drawing.stage, self._drawing.drawing
        stage.set_overlay("none")
        stage.choose(None)
        drawing.clear()

    def _with(self, name: str, do: Callable[[], None]) -> None:
        """Do it with the shipped model of that name, loaded where it is not in use."""
        session, found = self._session, shipped()
        if session.model is None and name == FIRST:
            session.when_loaded(lambda: self._with(name, do))  # it may well be on its way
        elif session.checkpoint is not None and session.checkpoint == found.get(name):
            do()
        elif name == FIRST:  # or what is shipped instead
            session.begin(then=do)
        else:
            session.load(name, then=do)
