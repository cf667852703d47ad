"""Back to how the studio was when it was new: what it has remembered is forgotten, what was made
stays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

_KEPT = "training/"  # which runs can go on: they are never forgotten


def ask_to_reset(window: QWidget, reset: Callable[[], object]) -> QMessageBox:
    """Ask first; returns at once."""
    question = QMessageBox(window)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.setIcon(QMessageBox.Icon.Question)
    question.setWindowTitle("Reset everything?")
    question.setText("Reset everything that the studio has remembered?")
    question.setInformativeText(
        "Layout, settings, recent files and saved sessions are forgotten. Checkpoints, runs and"
        " files that you saved stay. Some settings change at the next start."
    )
    yes = question.addButton("Reset", QMessageBox.ButtonRole.AcceptRole)
    yes.setToolTip("Forget layout, settings, recent files and saved sessions")
    no = question.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    no.setToolTip("Leave everything as it is (Escape)")
    question.setDefaultButton(no)
    question.setEscapeButton(no)
    yes.clicked.connect(reset)
    question.open()
    return question


def forget_settings() -> None:
    """All that is in them, but for trainings that can go on."""
    settings = QSettings()
    kept = {key: settings.value(key) for key in settings.allKeys() if key.startswith(_KEPT)}
    settings.clear()
    for key, value in kept.items():
        settings.setValue(key, value)
    settings.sync()
