"""What stands in a view until there is something to see in it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget


def placeholder(view: QWidget, text: str) -> QLabel:
    """A text in the middle of a view; whoever has something to show hides it."""
    label = QLabel(text, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    QVBoxLayout(view).addWidget(label)
    return label
