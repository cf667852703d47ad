"""The button that plays and pauses, the same under every stage."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from studio.gui.widgets.controls import ALSO_CALLED
from studio.gui.widgets.icons import icon


class PlayButton(QToolButton):
    """Says what it does now, in a word beside its icon; its width is for either word."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setAutoRaise(True)
        self.setProperty(ALSO_CALLED, ["Play", "Pause"])
        self.setToolTip(tip)
        self.setIconSize(self.iconSize() * 1.3)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.show_playing(True)
        self.setFixedWidth(self.sizeHint().width())
        self.show_playing(False)

    def show_playing(self, playing: bool) -> None:
        """Whether a click pauses now, or plays."""
        self.setIcon(icon("pause" if playing else "play"))
        self.setText("Pause" if playing else "Play")
        self.setAccessibleName(self.text())
