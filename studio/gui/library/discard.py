"""Moves a checkpoint of the person's own to the trash, after asking."""

from __future__ import annotations

from PySide6.QtCore import QFile, QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.engine.runtime.texts import shortened
from studio.gui.library.entries import Entry
from studio.gui.widgets.controls import without_icons


class Discarding(QObject):
    """discarded(): something went to the trash. failed(str): it could not, in one sentence."""

    discarded = Signal()
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent

    def ask(self, entry: Entry) -> None:
        """Open the question, and return at once; what comes with the studio is never deleted."""
        if entry.origin == "shipped":
            self.failed.emit(f'"{entry.title}" comes with the studio and cannot be deleted.')
            return
        question = QMessageBox(self._parent)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Warning)
        question.setWindowTitle("Delete?")
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(f'Move "{shortened(entry.title)}" to the trash?')
        question.setInformativeText(
            f"The whole run {entry.path.parent.name} goes, with its curves and samples."
            if entry.origin == "run"
            else f"It is the file {entry.path.name}."
        )
        delete = question.addButton("Move to trash", QMessageBox.ButtonRole.DestructiveRole)
        delete.setToolTip("It can be restored from the system's trash")
        cancel = question.addButton(QMessageBox.StandardButton.Cancel)
        cancel.setToolTip("Keep it")
        without_icons(question)
        question.setDefaultButton(cancel)
        delete.clicked.connect(lambda: self._discard(entry))
        question.open()

    def _discard(self, entry: Entry) -> None:
        path = entry.path.parent if entry.origin == "run" else entry.path
        if QFile.moveToTrash(str(path)) or not path.exists():
            self.discarded.emit()
        else:
            self.failed.emit(f'"{path}" could not be moved to the trash.')
