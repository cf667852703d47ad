"""Says that something failed in a way that nobody foresaw, with the text to copy into a report."""

from __future__ import annotations

import platform

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio import __version__
from studio.engine.runtime.log_file import LogFile
from studio.engine.runtime.texts import shortened
from studio.gui.widgets.controls import without_icons

_LONGEST = 600  # characters of the sentence; the details have it whole


class FailureDialog(QDialog):
    """One sentence, and the details (a traceback) under it. `open()` shows it and returns at once;
    it goes when closed."""

    def __init__(self, parent: QWidget | None, message: str, details: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Something went wrong")
        self.message = QLabel(shortened(message, _LONGEST))
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self.message.font()
        font.setBold(True)
        self.message.setFont(font)
        note = QLabel(
            "What you were working on is still there. If it happens again, these details help to"
            " find out why:"
        )
        note.setWordWrap(True)
        versions = (
            f"Autoregressive Studio {__version__}, Python {platform.python_version()}, PySide6"
            f" {pyside_version}, "
        )
        self.details = QPlainTextEdit(
            f"{message}\n\n{versions}{platform.platform()}\n\n{details.rstrip()}\n"
        )
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setAccessibleName("Details of the failure")
        self.details.setToolTip("What failed, and where")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        without_icons(buttons)
        self.close_button = buttons.button(QDialogButtonBox.StandardButton.Close)
        self.close_button.setToolTip("Close this and go on working (Escape)")
        self.close_button.setAccessibleName("Close")
        self.copy_button = QPushButton("Copy details")
        self.copy_button.setToolTip("Copy all of this text to the clipboard")
        self.copy_button.setAccessibleName("Copy details")
        self.copy_button.clicked.connect(self.copy)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addWidget(self.message)
        column.addWidget(note)
        column.addWidget(self.details, 1)
        self.place = _place_of(LogFile.current)
        column.addWidget(self.place)
        column.addWidget(buttons)
        self.resize(QSize(720, 420))

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QGuiApplication.clipboard().setText(self.details.toPlainText())


def _place_of(log: LogFile | None) -> QLabel:
    """Where all of this is kept, to be read and copied."""
    label = QLabel("" if log is None else f"They are also in the log: {log.path}")
    label.setVisible(log is not None)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setToolTip("The file with everything that went wrong")
    label.setAccessibleName("Place of the log")
    return label
