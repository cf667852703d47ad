"""The dock in which a person draws symbols of their own, has a model learn them, and then lets it
draw them: from left to right what is drawn, what is kept, and what is learnt of it.

Files are for threads; the training itself is that of the training dock.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.engine.data.drawings import Drawings, Picture
from studio.engine.runtime.errors import StudioError
from studio.gui.picture.tools import LARGEST_BRUSH
from studio.gui.symbols.buttons import big, button
from studio.gui.symbols.drawing_area import BRUSH, DrawingArea
from studio.gui.symbols.kept import KeptRows
from studio.gui.symbols.learning import Learning
from studio.gui.symbols.workbook import Workbook, new_set
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.controls import described, icon_button, offer
from studio.gui.widgets.number_boxes import WholeBox
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.runtime.jobs import Job

_HOW = "Draw, press Enter, draw the next: ten to thirty. Then Teach."
_BLANK = "Draw something first, then press Enter."


class SymbolsPane(QWidget):
    """Signals: message(sentence) that is good to know; done(sentence); failed(sentence).

    learning: the part that asks for a training, and for what was taught to be drawn.
    """

    message = Signal(str)
    done = Signal(str)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.area = DrawingArea()
        self.book = Workbook(self.area.space, self)
        self.keep = big(
            button("Keep (Enter)", "Keep this drawing, and clear the area for the next")
        )
        self.undo = button("Undo", "Take the last stroke back, or the last change of what is kept")
        self.redo = button("Redo", "Do again what was taken back last")
        self.clear = button("Clear", "Clear the drawing area")
        self.brush = WholeBox(minimum=1, maximum=LARGEST_BRUSH, value=BRUSH)
        described(self.brush, "Width of the stroke", "Width of the brush in pixels")
        self.rows = KeptRows()
        self.another = button("Another symbol", "Draw something else besides, with its own name")
        self.delete = button("Delete", "Delete the chosen drawings (Del)")
        self.open = icon_button("open", "Open drawings", "Open a set of drawings")
        self.save = icon_button(
            "save", "Save drawings", "Save these drawings as one file, to share or to go on later"
        )
        self.new = button("New", "Begin a new set; Undo brings this one back")
        self.learning = Learning(self.book.drawings)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 8)
        row.setSpacing(12)
        row.addLayout(self._drawing(), 3)
        row.addLayout(self._kept(), 3)
        row.addWidget(self.learning, 2)
        self._connect()
        self._refresh()

    def _drawing(self) -> QHBoxLayout:
        beside = QVBoxLayout()
        self.keep.setMinimumHeight(2 * self.keep.sizeHint().height())
        beside.addWidget(self.keep)
        back_and_on = QHBoxLayout()
        back_and_on.addWidget(self.undo)
        back_and_on.addWidget(self.redo)
        beside.addLayout(back_and_on)
        beside.addWidget(self.clear)
        line = QFormLayout()
        line.addRow(tr("Brush"), self.brush)
        beside.addLayout(line)
        beside.addWidget(QLabel(tr(_HOW), wordWrap=True))
        beside.addStretch(1)
        both = QHBoxLayout()
        both.addWidget(self.area, 1)
        both.addLayout(beside)
        return both

    def _kept(self) -> QVBoxLayout:
        line = QHBoxLayout()
        line.addWidget(self.another)
        line.addWidget(self.delete)
        line.addStretch(1)
        for one in (self.open, self.save, self.new):
            line.addWidget(one)
        column = QVBoxLayout()
        column.addWidget(self.rows, 1)
        column.addLayout(line)
        return column

    def _connect(self) -> None:
        book, area, rows, learning = self.book, self.area, self.rows, self.learning
        book.changed.connect(self._refresh)
        area.changed.connect(self._offer)
        area.finished.connect(self.keep_drawing)
        area.drawn.connect(book.forget_undone)
        area.undo_wanted.connect(self.undo_last)
        area.redo_wanted.connect(self.redo_last)
        self.keep.clicked.connect(self.keep_drawing)
        self.undo.clicked.connect(self.undo_last)
        self.redo.clicked.connect(self.redo_last)
        self.clear.clicked.connect(area.clear)
        self.brush.valueChanged.connect(area.set_brush)
        rows.chosen.connect(self._choose)
        rows.renamed.connect(lambda row, text: self._edit(lambda: book.rename(row, text)))
        rows.name_removed.connect(book.remove_name)
        rows.removed.connect(book.remove)
        rows.undo_wanted.connect(self.undo_last)
        rows.redo_wanted.connect(self.redo_last)
        rows.selected.connect(self._offer)
        rows.entered.connect(area.setFocus)
        self.another.clicked.connect(self._add_name)
        self.delete.clicked.connect(rows.remove_selected)
        self.open.clicked.connect(self._ask_to_open)
        self.save.clicked.connect(self._ask_to_save)
        self.new.clicked.connect(lambda: self._start_over(book.drawings.space))
        learning.space_wanted.connect(self._want_space)
        learning.done.connect(self.done)
        learning.failed.connect(self.failed)

    # ---- what the window asks of it --------------------------------------------------------------

    @property
    def kept(self) -> tuple[Drawings, Picture] | None:
        """What a crash must not cost: the set, and what is being drawn. None for nothing."""
        blank = self.area.blank and self.book.empty
        return None if blank else (self.book.drawings, self.area.sketch)

    def take_up(self, drawings: Drawings, sketch: Picture | None) -> None:
        """What was kept."""
        self.book.take_up(drawings)
        self.area.begin(drawings.space, sketch)

    def open_file(self, path: Path) -> None:
        """The set of drawings in a file, in the place of this one."""

        def read() -> Drawings:
            from studio.engine.data.drawing_files import read_drawings

            return read_drawings(path)

        self.learning.works.do(read, self._open)

    def close_down(self) -> list[Job[Any]]:
        """Take no more news; what may still run."""
        return self.learning.close_down()

    # ---- drawing ---------------------------------------------------------------------------------

    def keep_drawing(self) -> None:
        """What is in the area becomes an example, and the area is cleared."""
        if self.area.blank:
            self.message.emit(tr(_BLANK))
            return
        if self._edit(lambda: self.book.keep(self.area.sketch)):
            self.area.begin(self.book.drawings.space)
            self.rows.show_row(self.book.row)
        self.area.setFocus()

    def undo_last(self) -> None:
        """The last stroke, or else the last change of what is kept: a drawing that was kept is in
        the area again."""
        if self.area.undo():
            return
        sketch = self.book.undo(self.area.painting)
        if sketch is not None or self.area.space != self.book.drawings.space:
            self.area.begin(self.book.drawings.space, sketch)

    def redo_last(self) -> None:
        """What was taken back last, be it a change of what is kept or a stroke. A change comes
        first: it was taken back when no stroke was left."""
        if not self.book.can_redo:
            self.area.redo()
        elif (painting := self.book.redo()) is not None:
            self.area.take(painting)

    def _choose(self, row: int) -> None:
        self.book.choose(row)
        self.area.setFocus()

    def _add_name(self) -> None:
        if self._edit(self.book.add_name):
            name = self.rows.rows[self.book.row].name
            self.rows.show_row(self.book.row)
            name.setFocus()
            name.selectAll()

    def _start_over(self, space: tuple[int, int]) -> None:
        self.book.start_over(space, self._unkept)
        self.area.begin(space)
        self.area.setFocus()

    def _want_space(self, space: tuple[int, int]) -> None:
        """A model of pictures of this size is wanted: it is for another set than one of others."""
        if space == self.book.drawings.space:
            return
        if self.kept is None and self.book.can_undo:
            self._start_over(space)
        elif self.kept is None:
            self.take_up(new_set(space), None)
        else:
            self.message.emit(tr("These drawings have another size: press New first."))
            self.learning.match()

    @property
    def _unkept(self) -> Picture | None:
        """What is being drawn, None for nothing."""
        return None if self.area.blank else self.area.sketch

    def _edit(self, do: Callable[[], object]) -> bool:
        """Whether that could be done; where not, it is said why."""
        try:
            do()
        except StudioError as error:
            self.failed.emit(str(error))
            return False
        return True

    def _refresh(self) -> None:
        """What is kept is another."""
        self.rows.show_drawings(self.book.drawings, self.book.row)
        self.learning.show_drawings(self.book.drawings)
        self._offer()

    def _offer(self) -> None:
        """What can be done now."""
        blank = self.area.blank
        offer(self.keep, not blank, "Draw something first")
        offer(self.clear, not blank, "Nothing is drawn")
        can_undo = self.area.painting.can_undo or self.book.can_undo
        offer(self.undo, can_undo, "Nothing to undo")
        can_redo = self.area.painting.can_redo or self.book.can_redo
        offer(self.redo, can_redo, "Nothing to redo")
        offer(self.delete, self.rows.any_selected, "Choose drawings first")
        offer(self.save, self.book.drawings.count > 0, "Keep a drawing first")
        offer(self.new, self.kept is not None, "This set is new")

    # ---- files -----------------------------------------------------------------------------------

    def _ask_to_open(self) -> None:
        if (path := file_dialogs.ask_open_drawings(self)) is not None:
            self.open_file(path)

    def _open(self, drawings: Drawings) -> None:
        self.book.open(drawings, self._unkept)
        self.area.begin(drawings.space)
        self.area.setFocus()
        if not self.learning.match():
            said = tr("No model that is installed draws {width} × {height} pixels.")
            height, width = drawings.space
            self.message.emit(said.format(width=width, height=height))

    def _ask_to_save(self) -> None:
        drawings = self.book.drawings
        path = file_dialogs.ask_save_drawings(self, "-".join(drawings.used.names))
        if path is None:
            return

        def write() -> None:
            from studio.engine.data.drawing_files import save_drawings

            save_drawings(drawings, path)

        self.learning.works.do(write, lambda _: self.done.emit(f"Saved as {path}."))
