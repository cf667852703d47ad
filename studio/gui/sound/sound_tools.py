"""The tools above the stage of sound: what the model goes on from,
and what becomes of what it made."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QProgressBar, QToolButton, QWidget

from studio.engine.audio.listening import SoundSnapshot
from studio.gui.audio.sound_devices import SoundDevice
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.icons import icon
from studio.gui.widgets.translation import tr
from studio.gui.widgets.wrapping_bar import WrappingBar

_LEVELS = 100
_OPEN = "Open a recording (WAV, FLAC, MP3 …) for the model to continue, or drop one on the window"
_FILL = (
    "Let the model fill the selected gap so that it fits what comes before and what comes after;"
    " another seed fills it another way"
)
_OPEN_SPECTROGRAM = (
    "Take the spectrogram of a recording (WAV, FLAC, MP3 …), or one that was saved; any picture"
    " does"
)


class SoundTools(WrappingBar):
    """Signals of what the person wants: kept(), forgotten(), undone() and redone() for the
    beginning; filled() for the gap that is selected, and stopped() while that is done; opened();
    tried() for a recording that was held out; recorded(on);
    microphones_wanted() before they are seen, microphone_chosen(id, "" for the system's own);
    saved()."""

    kept = Signal()
    forgotten = Signal()
    undone = Signal()
    redone = Signal()
    filled = Signal()
    stopped = Signal()
    opened = Signal()
    tried = Signal()
    recorded = Signal(bool)
    microphones_wanted = Signal()
    microphone_chosen = Signal(str)
    saved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sound tools", parent)
        self.setObjectName("sound-tools")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        tip = (
            "Keep the selection, or everything up to the playhead, and let the"
            " model continue from there"
        )
        self.keep = action(self, "Continue from here", self.kept.emit, "K", "up", tip)
        self.forget = action(
            self,
            "Start from silence",
            self.forgotten.emit,
            "Ctrl+Backspace",
            "clear",
            "Start from silence",
        )
        self._filling = self._selected = False
        self.fill = action(self, "Fill this gap", self._fill_or_stop, "G", "gap", _FILL)
        self.undo = action(
            self,
            "Undo",
            self.undone.emit,
            QKeySequence.StandardKey.Undo,
            "undo",
            "Undo the last change of the beginning",
        )
        self.redo = action(
            self,
            "Redo",
            self.redone.emit,
            QKeySequence.StandardKey.Redo,
            "redo",
            "Redo the change of the beginning",
        )
        self.addSeparator()
        self.open = action(self, "Open a recording…", self.opened.emit, None, "open", _OPEN)
        tip = "Open a test recording, one the model was not trained on"
        self.example = action(self, "Open a test recording", self.tried.emit, "T", "dice", tip)
        self.record = action(
            self,
            "Record",
            None,
            "R",
            "record",
            "Record a beginning with the microphone; press again to stop",
        )
        self.record.setCheckable(True)
        self.record.toggled.connect(self.recorded)
        self.microphones = QMenu("Microphone", self)
        self.microphones.setToolTip("Microphone to record with")
        self.microphones.aboutToShow.connect(self.microphones_wanted)
        button = self.widgetForAction(self.record)
        assert isinstance(button, QToolButton)
        button.setMenu(self.microphones)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.level = QProgressBar(maximum=_LEVELS, textVisible=False)
        self.level.setAccessibleName("Level of the microphone")
        self.level.setFixedSize(90, 12)
        self._level_shown = self.addWidget(self.level)
        self.addSeparator()
        tip = "Save the take you hear as WAV or FLAC"
        self.save = action(self, "Save the sound…", self.saved.emit, None, "save", tip)
        texts = {
            self.keep: "Keep",
            self.forget: "Forget",
            self.fill: "Fill gap",
            self.undo: "Undo",
            self.redo: "Redo",
            self.open: "Open",
            self.example: "Test",
            self.save: "Save",
        }
        for each, text in texts.items():
            each.setIconText(text)
        filling = self.widgetForAction(self.fill)
        assert filling is not None
        filling.setMinimumWidth(filling.sizeHint().width())  # the others stay where they are
        self.show_recording(False)
        self.show_selection(False)
        self.show_way_back(undo=False, redo=False)
        self.show_snapshot(None)

    @property
    def edits(self) -> list[QAction]:
        """What a menu offers."""
        return [self.undo, self.redo, self.keep, self.forget, self.fill]

    def show_snapshot(self, snapshot: SoundSnapshot | None) -> None:
        """What there is; None while there is no model for sound."""
        self.setEnabled(snapshot is not None)
        there = snapshot is not None and snapshot.position > 0
        offer(self.keep, there, "There is no sound yet")
        offer(self.save, there, "There is no sound yet: press Play")
        offer(self.forget, snapshot is not None and snapshot.start > 0, "It starts from silence")

    def show_vocoder(self, vocoder: bool) -> None:
        """Whether a spectrogram says all that is heard: then
        nothing is gone on from, and pictures are opened too."""
        for each in (self.keep, self.forget, self.fill, self.undo, self.redo):
            each.setVisible(not vocoder)
        self.open.setText(
            tr("Open a recording or spectrogram…" if vocoder else "Open a recording…")
        )
        self.open.setIconText(tr("Open"))
        self.open.setToolTip(tr(_OPEN_SPECTROGRAM if vocoder else _OPEN))

    def show_selection(self, there: bool) -> None:
        """Whether a stretch is selected, which may be a gap."""
        self._selected = there
        self._offer_filling()

    def show_filling(self, filling: bool) -> None:
        """Whether a gap is being filled: then the button ends that."""
        self._filling = filling
        self.fill.setText(tr("Stop filling the gap" if filling else "Fill this gap"))
        self.fill.setIconText(tr("Stop" if filling else "Fill gap"))
        self.fill.setIcon(icon("stop" if filling else "gap"))
        self._offer_filling()

    def _offer_filling(self) -> None:
        offer(self.fill, self._filling or self._selected, "Select the gap first: drag over it")

    def _fill_or_stop(self) -> None:
        wanted = self.stopped if self._filling else self.filled
        wanted.emit()

    def show_way_back(self, undo: bool, redo: bool) -> None:
        """Whether there was another beginning before this one, and after it."""
        offer(self.undo, undo, "Nothing to undo")
        offer(self.redo, redo, "Nothing to redo")

    def show_recording(self, recording: bool) -> None:
        """Whether the microphone is heard."""
        self.record.setChecked(recording)
        self.level.setValue(0)
        self._level_shown.setVisible(recording)

    def show_microphones(self, devices: Sequence[SoundDevice], chosen: str) -> None:
        """What there is to record with, and the id of the one
        that was chosen, "" for the system's own."""
        self.microphones.clear()
        for name, number in [
            ("System default", ""),
            *((device.name, device.id) for device in devices),
        ]:
            one = self.microphones.addAction(
                name, functools.partial(self.microphone_chosen.emit, number)
            )
            one.setCheckable(True)
            one.setChecked(number == chosen)

    def show_level(self, level: float) -> None:
        """The largest amplitude of late, 0..1."""
        self.level.setValue(round(_LEVELS * level))
