"""What the brush of the painted spectrogram is like: its level, size, softness and strength."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from studio.engine.editing.spectrogram_painting import Brush
from studio.engine.media.mel import FLOOR
from studio.gui.widgets.controls import slider
from studio.gui.widgets.number_boxes import WholeBox
from studio.gui.widgets.wrapping_bar import WrappingBar

LARGEST_BRUSH = 20
_WIDTH = 70  # pixels of a slider


class BrushControls:
    """Puts its controls, each with its name before it, at the end of a bar."""

    def __init__(self, bar: WrappingBar) -> None:
        top = round(-FLOOR)
        self.level = slider(
            "Level",
            "How loud the brush paints, in dB below the loudest there can be",
            top,
            top - 10,
            _WIDTH,
        )
        self.level_name = QLabel()
        self.level_name.setMinimumWidth(bar.fontMetrics().horizontalAdvance(" −80 dB "))
        self.level.valueChanged.connect(
            lambda value: self.level_name.setText(f" {value - top} dB".replace("-", "−"))
        )
        self.level.valueChanged.emit(self.level.value())
        self.size_box = WholeBox(minimum=1, maximum=LARGEST_BRUSH, value=3)
        self.size_box.setAccessibleName("Brush size")
        self.size_box.setToolTip("How many cells wide the brush is ([ and ])")
        self.size_box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.softness = slider(
            "Softness", "How far the brush fades towards its edge", 100, 50, _WIDTH
        )
        self.strength = slider(
            "Strength", "How far one stroke goes towards what the brush wants", 100, 100, _WIDTH
        )
        for text, *controls in (
            ("Level", self.level, self.level_name),
            ("Size", self.size_box),
            ("Soft", self.softness),
            ("Strong", self.strength),
        ):
            for each in (QLabel(f" {text} "), *controls):
                bar.addWidget(each)

    def brush(self, kind: Literal["draw", "erase", "smooth"]) -> Brush:
        """The brush of that kind, as the controls have it."""
        return Brush(
            kind,
            self.size_box.value(),
            self.softness.value() / self.softness.maximum(),
            self.strength.value() / self.strength.maximum(),
            self.level.value() / self.level.maximum(),
        )
