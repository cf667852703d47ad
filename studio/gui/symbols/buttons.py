"""The buttons of the dock of own symbols."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from studio.gui.widgets.controls import described
from studio.gui.widgets.translation import tr


def button(text: str, tip: str) -> QPushButton:
    return described(QPushButton(tr(text)), text, tip)


def big(made: QPushButton) -> QPushButton:
    """One that leads on: in bold."""
    font = made.font()
    font.setBold(True)
    made.setFont(font)
    return made
