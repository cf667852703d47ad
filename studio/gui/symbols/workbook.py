"""`Workbook`: the set of drawings that is being made, which name is drawn now, and the way back and
on again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from studio.engine.data.drawings import Drawings, Picture
from studio.engine.editing.painting import Painting

FIRST_NAME = "symbol"  # with a number, until the person gives a better one
_STEPS = 200  # of the way back


@dataclass(frozen=True, eq=False)
class _Step:
    """What there was before a change. sketch: what was in the drawing area and is no longer, None
    where that stayed as it was."""

    drawings: Drawings
    row: int
    sketch: Picture | None = None


@dataclass(frozen=True, eq=False)
class _Undone:
    """What there was before a change was taken back. area: what was in the drawing area."""

    drawings: Drawings
    row: int
    sketch: Picture | None
    area: Painting | None


class Workbook(QObject):
    """Every edit goes through here, and can be undone and done again.

    drawings: there is always a name. row: of the name that is drawn now.
    Signal: changed(), the set or the name. StudioError, one sentence, from what cannot be done.
    """

    changed = Signal()

    def __init__(self, space: tuple[int, int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drawings, self.row = new_set(space), 0
        self._steps: list[_Step] = []
        self._undone: list[_Undone] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._steps)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn and only the first name is there."""
        return not self.drawings.count and self.drawings.names == new_set((1, 1)).names

    def choose(self, row: int) -> None:
        """Which name is drawn now."""
        if row != self.row:
            self.row = row
            self.changed.emit()

    def keep(self, sketch: Picture) -> None:
        """One more drawing of that name."""
        self._take(self.drawings.with_picture(self.row, sketch), self.row, sketch)

    def add_name(self) -> None:
        """Another name, which is drawn from now on."""
        more = self.drawings.with_name(self.drawings.free_name(FIRST_NAME))
        self._take(more, len(more.names) - 1)

    def rename(self, row: int, text: str) -> None:
        if text.strip() != self.drawings.names[row]:
            self._take(self.drawings.renamed(row, text), self.row)

    def remove_name(self, row: int) -> None:
        """A name with all its drawings."""
        fewer = self.drawings.without_name(row)
        if not fewer.names:
            fewer = new_set(self.drawings.space)
        self._take(fewer, min(self.row - (row < self.row), len(fewer.names) - 1))

    def remove(self, row: int, numbers: Sequence[int]) -> None:
        """Some drawings of a name."""
        if numbers:
            self._take(self.drawings.without_pictures(row, numbers), self.row)

    def open(self, drawings: Drawings, sketch: Picture | None) -> None:
        """Another set in the place of this one, and of what is being drawn."""
        self._take(drawings, 0, sketch)

    def start_over(self, space: tuple[int, int], sketch: Picture | None = None) -> None:
        """An empty set, for pictures of so many (rows, columns)."""
        self._take(new_set(space), 0, sketch)

    def take_up(self, drawings: Drawings) -> None:
        """A set as it was left; there is no way back from it."""
        self._steps.clear()
        self._undone.clear()
        self.drawings, self.row = drawings, 0
        self.changed.emit()

    def undo(self, area: Painting | None = None) -> Picture | None:
        """Take the last change back; what was drawn before it, where that is no longer there.

        area: what is in the drawing area now, for `redo` to give back."""
        if not self._steps:
            return None
        step = self._steps.pop()
        self._undone.append(_Undone(self.drawings, self.row, step.sketch, area))
        self.drawings, self.row = step.drawings, step.row
        self.changed.emit()
        return step.sketch

    def redo(self) -> Painting | None:
        """Do again what was undone last; what was in the drawing area then."""
        if not self._undone:
            return None
        again = self._undone.pop()
        self._steps.append(_Step(self.drawings, self.row, again.sketch))
        self.drawings, self.row = again.drawings, again.row
        self.changed.emit()
        return again.area

    def forget_undone(self) -> None:
        """Something else is done now: what was undone is not done again."""
        self._undone.clear()

    def _take(self, drawings: Drawings, row: int, sketch: Picture | None = None) -> None:
        self._steps.append(_Step(self.drawings, self.row, sketch))
        del self._steps[:-_STEPS]
        self._undone.clear()
        self.drawings, self.row = drawings, row
        self.changed.emit()


def new_set(space: tuple[int, int]) -> Drawings:
    """What one begins with: a name, and nothing drawn."""
    return Drawings(space).with_name(f"{FIRST_NAME} 1")
