"""The area in which one example after the other is drawn: the stage with a painting of its own,
in plain black and white."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from studio.engine.data.drawings import Picture
from studio.engine.editing.painting import Painting, Site
from studio.gui.picture.stage import Stage
from studio.gui.symbols.edit_keys import EditKeys

_SIDE = 28  # pixels, before a model is known
_LEAST = 224  # pixels of the screen: then a site is large enough to be met
BRUSH = 2  # pixels, at first
_WHITE, _BLACK = np.uint32(0xFFFFFFFF), np.uint32(0xFF000000)


class DrawingArea(Stage):
    """Signals: changed(), another stroke or one less; drawn(), by a stroke or by clearing all, and
    not by going back or on; finished(), Enter was pressed; undo_wanted(); redo_wanted().

    brush: its width in pixels.
    painting: of levels 0 and 1, known everywhere.
    """

    changed = Signal()
    drawn = Signal()
    finished = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(_LEAST, _LEAST)
        self.setAccessibleName("Drawing area")
        self.brush, self._last = BRUSH, (0, 0)
        self.set_brush(BRUSH)
        self.begin((_SIDE, _SIDE))
        EditKeys(self, self.undo_wanted.emit, self.redo_wanted.emit)
        self.pressed.connect(self._press)
        self.dragged.connect(self._drag)
        self.released.connect(self._release)

    def begin(self, space: tuple[int, int], sketch: Picture | None = None) -> None:
        """An empty picture of so many (rows, columns), or one that is begun, of 0 and 255; the way
        back begins here."""
        painting = Painting(1, *space, levels=2)
        painting.known[:] = True
        if sketch is not None:
            painting.values[0] = sketch > 0
        self.take(painting)

    def take(self, painting: Painting) -> None:
        """A painting as it was left, with its way back and on."""
        self.painting = painting
        self._show()

    @property
    def blank(self) -> bool:
        return not self.painting.values.any()

    @property
    def sketch(self) -> Picture:
        """What is drawn, 0 and 255 (H, W); a copy, which is never changed."""
        made = self.painting.values[0] * np.uint8(255)
        made.setflags(write=False)
        return made

    def clear(self) -> None:
        """Everything black; a step of the way back."""
        self.painting.replace(np.zeros_like(self.painting.values))
        self.drawn.emit()
        self._show()

    def undo(self) -> bool:
        """Take the last stroke back; whether there was one."""
        done = self.painting.undo()
        self._show()
        return done

    def redo(self) -> bool:
        """Draw again what was taken back last; whether there was something."""
        done = self.painting.redo()
        self._show()
        return done

    def set_brush(self, size: int) -> None:
        self.brush = size
        super().set_brush(size)

    # ---- strokes ---------------------------------------------------------------------------------

    def _press(self, row: int, column: int) -> None:
        self.painting.begin()
        self._line((row, column), (row, column))

    def _drag(self, row: int, column: int) -> None:
        if (row, column) != self._last:
            self._line(self._last, (row, column))

    def _line(self, start: Site, end: Site) -> None:
        self._last = end
        if self.painting.line(start, end, 0 if self.erasing else 1, self.brush):
            self.drawn.emit()
            self._show()

    def _release(self) -> None:
        self.painting.end()
        self.changed.emit()  # what was taken back before cannot be drawn again now

    def _show(self) -> None:
        self.over = np.where(self.painting.values > 0, _WHITE, _BLACK)
        self.show_painting(self.painting)
        self.changed.emit()

    # ---- keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finished.emit()
        else:
            super().keyPressEvent(event)
