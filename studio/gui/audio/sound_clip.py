"""`SoundClip`: a button that plays a sound file, such as what a model said after an epoch."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from studio.engine.runtime.errors import StudioError
from studio.gui.audio.sound_output import SoundOutput
from studio.gui.widgets.icons import icon

_LONGEST = 600.0  # seconds, which are read while the window waits


class SoundClip(QWidget):
    """`play` a file; the button ends it, and plays it again. It is heard where the stage of sound
    is, and falls silent when it is hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self.button = QPushButton()
        self.button.clicked.connect(self.toggle)
        self.problem = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.addWidget(self.button)
        row.addWidget(self.problem, 1)
        self.output = SoundOutput(self)
        self.output.changed.connect(self._show_playing)
        self.output.failed.connect(self.problem.setText)
        self._show_playing()

    def play(self, path: Path) -> None:
        """Play it from its beginning."""
        from studio.engine.audio.sound_ring import SoundRing
        from studio.engine.media.recordings import read_recording

        self._path = path
        self.problem.clear()
        try:
            recording = read_recording(path, longest=_LONGEST)
        except StudioError as error:
            self.problem.setText(str(error))
            return
        self.output.play(SoundRing.holding(recording.samples, recording.rate))

    def toggle(self) -> None:
        if self.output.playing:
            self.output.stop()
        elif self._path is not None:
            self.play(self._path)

    def _show_playing(self) -> None:
        playing = self.output.playing
        self.button.setText("Stop" if playing else "Play")
        self.button.setIcon(icon("stop" if playing else "play"))
        self.button.setToolTip("Stop (Space)" if playing else "Hear it again (Space)")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.output.stop()
