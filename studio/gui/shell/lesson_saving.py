"""The dialog that makes what the window shows a step of a lesson."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.engine.scenes.lessons import Listed, own_folder
from studio.gui.widgets import file_dialogs, theme
from studio.gui.widgets.controls import ChoiceBox, described

_NEW, _NEW_ELSEWHERE, _ELSEWHERE = "A new lesson", "A new lesson in a folder…", "Another lesson…"


class StepDialog(QDialog):
    """known: lessons of the person's own. save: is given the dialog, and answers by `saved` or
    `complain`. latest: the lesson that is chosen at first.

    lesson: the Markdown of the one that the step goes to, None for a new one in `folder`.
    """

    def __init__(
        self,
        parent: QWidget,
        known: Sequence[Listed],
        save: Callable[[StepDialog], object],
        latest: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Save as lesson step")
        self._save = save
        self.gone = False  # whether it was closed
        self.folder = own_folder()  # of a new lesson
        self.lesson: Path | None = None  # None for a new one
        self.which = described(ChoiceBox(), "Lesson", "The lesson that the step is added to")
        self.which.addItem(_NEW, None)
        for one in known:
            if one.lesson is not None:
                self.which.addItem(shortened(one.lesson.title, 60), one.path)
        self.which.addItem(_NEW_ELSEWHERE)
        self.which.addItem(_ELSEWHERE)
        self.where = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.where.setForegroundRole(self.where.palette().ColorRole.PlaceholderText)
        self.new_title = described(QLineEdit(), "Title of the lesson", "What the lesson is called")
        self.step_title = described(QLineEdit(), "Title of the step", "What the step is called")
        for line in (self.new_title, self.step_title):
            line.setMaxLength(120)
        self.text = described(
            QPlainTextEdit(), "Text of the step", "What is read beside the scene, in Markdown"
        )
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(
            "What is to be seen here? **Bold**, *italics*, lists: Markdown."
        )
        self.complaint = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        colours = self.complaint.palette()
        colours.setColor(self.complaint.foregroundRole(), theme.colour("error"))
        self.complaint.setPalette(colours)
        self.complaint.hide()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save_button = self.buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.save_button.setToolTip("Add the step, with what the window shows now")
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Save nothing")
        self._put_together()
        if latest is not None and (place := self.which.findData(latest)) >= 0:
            self.which.setCurrentIndex(place)
        self._chosen = self.which.currentIndex()
        self.which.activated.connect(self._choose)
        self._show_where()

    def _put_together(self) -> None:
        self._form = QFormLayout()
        self._form.addRow("Lesson", self.which)
        self._form.addRow("", self.where)
        self._form.addRow("Its title", self.new_title)
        self._form.addRow("Step", self.step_title)
        self._form.addRow("Text", self.text)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(self._form)
        column.addWidget(self.complaint)
        column.addWidget(self.buttons)
        self.resize(500, 420)

    def _choose(self, index: int) -> None:
        """One of the list; or a place that the person names, where they do."""
        text = self.which.itemText(index)
        if text == _NEW_ELSEWHERE:
            found = file_dialogs.ask_folder(self, "Where the new lesson goes", "lesson")
            kept = found is not None
            self.folder = found or self.folder
        elif text == _ELSEWHERE:
            found = file_dialogs.ask_open_lesson(self)
            kept = found is not None
            if found is not None:
                index = self.which.findData(found)
                if index < 0:
                    self.which.insertItem(1, shortened(found.parent.name, 60), found)
                    index = 1
        else:
            kept, self.folder = True, own_folder()
        self._chosen = index if kept else self._chosen
        self.which.setCurrentIndex(self._chosen)
        self._show_where()

    def _show_where(self) -> None:
        self.lesson = self.which.currentData()
        new = self.lesson is None
        self._form.setRowVisible(self.new_title, new)
        self.where.setText(str(self.folder if self.lesson is None else self.lesson.parent))
        (self.new_title if new else self.step_title).setFocus()

    def accept(self) -> None:
        self.complaint.hide()
        self.save_button.setEnabled(False)
        self._save(self)

    def done(self, result: int) -> None:
        """Qt: it is closed, and deleted."""
        self.gone = True
        super().done(result)

    def saved(self) -> None:
        """The step is there."""
        if not self.gone:
            super().accept()

    def complain(self, sentence: str) -> bool:
        """What is wrong, so that the person can go on; whether it is still open to say so."""
        if self.gone:
            return False
        self.save_button.setEnabled(True)
        self.complaint.setText(sentence)
        self.complaint.show()
        return True
