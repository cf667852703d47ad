"""Masks on what is on the stage: what a mask hides becomes unknown, for the model to draw."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from studio.engine.editing.evidence import Evidence
from studio.engine.editing.masks import Masked, read_mask, save_mask, shaped
from studio.engine.runtime.texts import shortened
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.stage import Stage
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.controls import action

_SHAPES = {
    "top": "Give the top half",
    "bottom": "Give the bottom half",
    "left": "Give the left half",
    "right": "Give the right half",
    "box": "Hide a box in the middle",
    "random": "Hide half of the pixels at random",
}
_NOTHING = "There is no picture to mask yet: paint one, draw one or open one first."
_NOTHING_UNDER = "Nothing is under the mask yet: draw the picture first, then invert."


class Masking(QObject):
    """Signals: message(sentence), done(sentence), and masked() when a mask was put on.

    Masks one after the other are put on the same picture: one that was chosen on the stage; else
    the one under the last mask, until the painting is changed otherwise; else what is on the stage.
    actions: what the menu has, None for a line between.
    """

    message = Signal(str)
    done = Signal(str)
    masked = Signal()

    def __init__(self, drawing: Drawing, stage: Stage, page: QWidget) -> None:
        super().__init__(page)
        self._drawing, self._session, self._stage, self._page = (
            drawing,
            drawing.session,
            stage,
            page,
        )
        self._masked = Masked()
        self.actions: list[QAction | None] = [
            self._action(text, functools.partial(self._put_shape, name))
            for name, text in _SHAPES.items()
        ]
        self.invert = self._action("Invert the mask", self._invert)
        self.load = self._action("Load a mask…", self._ask_to_load)
        self.save = self._action("Save the mask…", self._ask_to_save)
        self.actions += [None, self.invert, None, self.load, self.save]

    def _action(self, text: str, do: Callable[[], object]) -> QAction:
        return action(self._page, text, do)

    # ---- what is done ----------------------------------------------------------------------------

    def _put_shape(self, name: str) -> None:
        """The random one is that of the seed."""
        if (painting := self._session.painting) is not None:
            self._put(shaped(name, painting.space, self._session.options.seed))

    def _invert(self) -> None:
        whole, painting = self._whole(), self._session.painting
        if whole is None or painting is None:
            return
        if not (whole.known & ~painting.known).any():
            self.message.emit(_NOTHING_UNDER if whole.known.any() else _NOTHING)
            return
        self._put_on(whole, ~painting.known)

    def _put(self, mask: NDArray[np.bool_]) -> None:
        whole = self._whole()
        if whole is None or not whole.known.any():
            self.message.emit(_NOTHING)
        else:
            self._put_on(whole, mask)

    def _put_on(self, whole: Evidence, mask: NDArray[np.bool_]) -> None:
        left = self._masked.put(whole, mask)
        self._session.edit(lambda painting: painting.replace(left.values, left.known))
        self.masked.emit()

    def _whole(self) -> Evidence | None:
        """The picture that a mask is put on."""
        seen, painting = self._drawing.seen(), self._session.painting
        if seen is None or painting is None or self._stage.choice.picture is not None:
            return seen
        return self._masked.under(Evidence(painting.values, painting.known), seen)

    # ---- files -----------------------------------------------------------------------------------

    def _ask_to_load(self) -> None:
        if (path := file_dialogs.ask_open_picture(self._page, "Load a mask")) is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Put on the mask in a picture file: white is given, black is hidden."""
        if (painting := self._session.painting) is None:
            self.message.emit(_NOTHING)
            return
        space = painting.space

        def take(found: tuple[NDArray[np.bool_], tuple[int, int]]) -> None:
            mask, size = found
            now = self._session.painting
            if now is None or now.space != space:
                return
            self._put(mask)
            if size != space:
                name = shortened(path.name, 60)
                self.message.emit(
                    f"{name} was resized from {_in_words(size)} to {_in_words(space)}."
                )

        self._session.work(f"Reading {path.name}…", lambda job: read_mask(path, space), take)

    def _ask_to_save(self) -> None:
        painting = self._session.painting
        if painting is None or painting.empty:
            self.message.emit("Nothing is given, so there is no mask to save: paint something.")
            return
        known = painting.known.copy()
        if (path := file_dialogs.ask_save_mask(self._page)) is not None:
            self._session.work(
                f"Saving {path.name}…",
                lambda job: save_mask(path, known),
                lambda _: self.done.emit(f"Saved as {path}."),
            )


def _in_words(size: tuple[int, int]) -> str:
    height, width = size
    return f"{width} × {height} pixels"
