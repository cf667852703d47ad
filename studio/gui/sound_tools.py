"""The tools above the stage of sound: what the model goes on from, and what becomes of what it made."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QProgressBar, QToolBar, QWidget

from studio.engine.sound_player import SoundSnapshot
from studio.gui.controls import action, offer

_LEVELS = 100


class SoundTools(QToolBar):
    """Signals of what the person wants: kept() and forgotten() for the beginning; opened(); tried() for a recording that was
    held out; recorded(on); saved()."""

    kept = Signal()
    forgotten = Signal()
    opened = Signal()
    tried = Signal()
    recorded = Signal(bool)
    saved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sound tools", parent)
        self.setObjectName("sound-tools")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        tip = "Keep the selected stretch as the beginning, or else all up to the playhead, and let the model go on from it"
        self.keep = action(self, "Keep as the beginning", self.kept.emit, "K", "up", tip)
        self.forget = action(self, "Forget the beginning", self.forgotten.emit, "Ctrl+Backspace", "clear", "Begin in silence")
        self.addSeparator()
        tip = "Take the beginning from a recording (WAV, FLAC, OGG), or drop one on the window"
        self.open = action(self, "Open a recording…", self.opened.emit, None, "open", tip)
        tip = "Take one of the recordings that were held out, which the model has not learnt from"
        self.example = action(self, "Open a held-out recording", self.tried.emit, "T", "dice", tip)
        self.record = action(self, "Record", None, "R", "record", "Record a beginning with the microphone; again to end")
        self.record.setCheckable(True)
        self.record.toggled.connect(self.recorded)
        self.level = QProgressBar(maximum=_LEVELS, textVisible=False)
        self.level.setAccessibleName("Level of the microphone")
        self.level.setFixedSize(90, 12)
        self._level_shown = self.addWidget(self.level)
        self.addSeparator()
        tip = "Save the take that is heard as WAV or FLAC"
        self.save = action(self, "Save the sound…", self.saved.emit, None, "save", tip)
        texts = {
            self.keep: "Keep",
            self.forget: "Forget",
            self.open: "Open",
            self.example: "Held out",
            self.save: "Save",
        }
        for each, text in texts.items():
            each.setIconText(text)
        self.show_recording(False)
        self.show_snapshot(None)

    def show_snapshot(self, snapshot: SoundSnapshot | None) -> None:
        """What there is; None while there is no model for sound."""
        self.setEnabled(snapshot is not None)
        there = snapshot is not None and snapshot.position > 0
        offer(self.keep, there, "There is no sound yet that could be kept")
        offer(self.save, there, "There is no sound yet: press play")
        offer(self.forget, snapshot is not None and snapshot.start > 0, "It begins in silence")

    def show_told(self, told: bool) -> None:
        """Whether a spectrogram says all that is heard: then nothing is gone on from."""
        self.keep.setVisible(not told)
        self.forget.setVisible(not told)

    def show_recording(self, recording: bool) -> None:
        """Whether the microphone is heard."""
        self.record.setChecked(recording)
        self.level.setValue(0)
        self._level_shown.setVisible(recording)

    def show_level(self, level: float) -> None:
        """The largest amplitude of late, 0..1."""
        self.level.setValue(round(_LEVELS * level))
