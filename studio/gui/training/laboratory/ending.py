"""What the dialogs of the laboratory end with: a line that says what comes of it, or what is wrong,
and beside Cancel a button that takes it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QPushButton

from studio.gui.widgets import theme
from studio.gui.widgets.controls import without_icons
from studio.gui.widgets.translation import tr


class Outcome(QLabel):
    """Keeps room for so many lines, so that nothing moves."""

    def __init__(self, lines: int) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.setMinimumHeight(lines * self.fontMetrics().lineSpacing())
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def say(self, sentence: str, wrong: bool = False) -> None:
        """wrong: that something is, which is seen by its colour."""
        palette = QApplication.palette(self)
        if wrong:
            palette.setColor(palette.ColorRole.WindowText, theme.colour("error"))
        self.setPalette(palette)
        self.setText(sentence)


def ending(dialog: QDialog, take: QPushButton, cancel_tip: str) -> QDialogButtonBox:
    """Cancel, and the button that takes it, in the order of the system: they close the dialog."""
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    buttons.addButton(take, QDialogButtonBox.ButtonRole.AcceptRole)
    without_icons(buttons)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip(tr(cancel_tip))
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons
