"""The button that plays and pauses, the same under every stage."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from studio.gui.widgets.controls import ALSO_CALLED
from studio.gui.widgets.icons import icon
from studio.gui.widgets.translation import tr


class PlayButton(QToolButton):
    """Says what it does now, in a word beside its icon; its width is for either word."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setObjectName("Play")  # what it is called by in the settings, in any language
        self.setAutoRaise(True)
        self.setProperty(ALSO_CALLED, ["Play", "Pause"])
        self.setToolTip(tr(tip))
        self.setIconSize(self.iconSize() * 1.3)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        widths = []
        for playing in (True, False):
            self.show_playing(playing)
            widths.append(self.sizeHint().width())
        self.setFixedWidth(max(widths))

    def show_playing(self, playing: bool) -> None:
        """Whether a click pauses now, or plays."""
        self.setIcon(icon("pause" if playing else "play"))
        self.setText(tr("Pause" if playing else "Play"))
        self.setAccessibleName(self.text())
