"""Gives a run, or a checkpoint of the person's own, another name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.engine.checkpoints import places
from studio.engine.runtime.errors import StudioError
from studio.gui.library.entries import Entry
from studio.gui.widgets import theme
from studio.gui.widgets.controls import described, without_icons


class Renaming(QObject):
    """renamed(Path, Path): a checkpoint lies elsewhere now. failed(str): it cannot be renamed, in
    one sentence.

    in_use: says why a checkpoint cannot be renamed now, "" where it can.
    """

    renamed = Signal(object, object)
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.in_use: Callable[[Path], str] = lambda path: ""

    def ask(self, entry: Entry) -> None:
        """Open the question, and return at once."""
        if not entry.renamable:
            self.failed.emit(why_not(entry))
        elif why := self.in_use(entry.path):
            self.failed.emit(why)
        else:
            dialog = NameDialog(self._parent, entry.title, lambda name: self._rename(entry, name))
            dialog.open()

    def _rename(self, entry: Entry, name: str) -> None:
        if name.strip() != entry.title:
            self.renamed.emit(entry.path, places.rename(entry.path, name))


def why_not(entry: Entry) -> str:
    """Why a checkpoint that cannot be renamed stays what it is called."""
    if entry.origin == "shipped":
        return f'"{entry.title}" comes with the studio and cannot be renamed.'
    return f'"{entry.title}" is called by its file, which lies outside the library.'


class NameDialog(QDialog):
    """A line for a name; what is wrong with it is said under it. `do` takes the name, and raises a
    StudioError where it cannot be."""

    def __init__(self, parent: QWidget, name: str, do: Callable[[str], object]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Rename")
        self._do = do
        self.name = described(QLineEdit(name), "Name", "New name")
        self.name.setMinimumWidth(320)
        self.name.selectAll()
        self.complaint = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        colours = self.complaint.palette()
        colours.setColor(self.complaint.foregroundRole(), theme.colour("error"))
        self.complaint.setPalette(colours)
        self.complaint.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        rename = buttons.addButton("Rename", QDialogButtonBox.ButtonRole.AcceptRole)
        rename.setToolTip("Use this name (Enter)")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Keep the name (Escape)")
        without_icons(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.name, self.complaint, buttons):
            column.addWidget(widget)
        rename.setDefault(True)

    def accept(self) -> None:
        try:
            self._do(self.name.text())
        except StudioError as error:
            self.complaint.setText(str(error))
            self.complaint.show()
            self.complaint.setMinimumHeight(self.complaint.heightForWidth(self.complaint.width()))
            self.adjustSize()
            self.name.setFocus()
            self.name.selectAll()
        else:
            super().accept()
