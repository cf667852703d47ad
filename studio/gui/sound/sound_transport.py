"""The transport under the stage of sound: play, restart, make, loop; how much to make, where it is
heard, and how loud."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from studio.engine.audio.listening import SoundSnapshot
from studio.engine.audio.sound_player import WANTED_SECONDS
from studio.gui.audio.sound_devices import SoundDevice
from studio.gui.widgets.controls import ChoiceBox, Readout, icon_button, offer, slider
from studio.gui.widgets.flow_layout import FlowLayout, together
from studio.gui.widgets.icons import icon
from studio.gui.widgets.number_boxes import RealBox
from studio.gui.widgets.play_button import PlayButton

LOUDEST = 100
_LONGEST = 600.0  # seconds that can be wanted
_CHOICES = (1, 2, 4, 8, 16)  # of how many takes the best is found
_PLAY = "Play or pause (Space); after the end a new sound begins, unless the seed is locked"
_ALL_THERE = "Everything is generated: choose more seconds to go on"
_LENGTH_GIVEN = "The sound is as long as the spectrogram"
_MAKE = "Generate everything now, as fast as possible (End)"
_STOP = "Stop generating; what there is stays (End)"
_BEST = (
    "Try so many takes first and hear the one that is most probable to the model, unless it ran"
    " away into noise; 1: the first take"
)
_SOON = 60.0  # seconds: what is over earlier needs no time left
_NOTHING = "There is no sound yet"
_COUNTS = "Show on the waveform which samples before the playhead count for the one there (W)"
_SELECT = "Select a part of the sound first: drag over it, or hold Shift and press the arrow keys"


class SoundTransport(QWidget):
    """Signals of what the person wants: toggled(), restarted(), made(), stopped() while it is made
    without being heard, looped(on), followed(on) for the playhead, all_wanted() to be seen,
    seconds_chosen(seconds), best_chosen(takes) of which the best is wanted, volume_chosen(0..1),
    devices_wanted() before they are seen, device_chosen(id, "" for the system's own)."""

    toggled = Signal()
    restarted = Signal()
    made = Signal()
    stopped = Signal()
    looped = Signal(bool)
    followed = Signal(bool)
    all_wanted = Signal()
    seconds_chosen = Signal(float)
    best_chosen = Signal(int)
    volume_chosen = Signal(float)
    devices_wanted = Signal()
    device_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._playing = self._making = self._waiting = self._trying = False
        self.restart = icon_button("restart", "Restart", "Back to the beginning (Home)")
        self.play = PlayButton(_PLAY)
        self.make = icon_button("finish", "Generate all", _MAKE)
        self.loop = icon_button("loop", "Loop", "Play the selection in a loop (L)", checkable=True)
        self.loop.setShortcut("L")
        tip = "Scroll along with the playhead (F)"
        self.follow = icon_button("follow", "Follow the playhead", tip, checkable=True)
        self.follow.setShortcut("F")
        self.follow.setChecked(True)
        self.show_all = icon_button("show-all", "Show all", "Show the whole sound (Ctrl+0)")
        self.show_all.setShortcut("Ctrl+0")
        self.counts = icon_button("eye", "What counts", _COUNTS, checkable=True)
        self.counts.setShortcut("W")
        self.restart.clicked.connect(self.restarted)
        self.play.clicked.connect(self.toggled)
        self.make.clicked.connect(self._make_or_stop)
        self.loop.toggled.connect(self.looped)
        self.follow.toggled.connect(self.followed)
        self.show_all.clicked.connect(self.all_wanted)
        tip = "Position / length; while generating without playing, how much is generated"
        self.position = Readout("generated 000.0 / 000.0 s, 00 min left", tip)

        self.seconds = RealBox(
            minimum=0.5, maximum=_LONGEST, singleStep=1, decimals=1, value=WANTED_SECONDS
        )
        self.seconds.setSuffix(" s")
        self.seconds.setAccessibleName("Seconds to generate")
        self.seconds.setToolTip("How much sound to generate after the beginning")
        self.seconds.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.seconds.valueChanged.connect(self.seconds_chosen)
        self.best = ChoiceBox()
        for takes in _CHOICES:
            self.best.addItem(str(takes), takes)
        self.best.setAccessibleName("Best of how many takes")
        self.best.setToolTip(_BEST)
        self.best.activated.connect(lambda at: self.best_chosen.emit(self.best.itemData(at)))
        tip = (
            "Speed: samples of each take generated a second, and how many times"
            " faster than real time"
        )
        self.speed = Readout("000,000 samples/s, 00.0 × real time", tip)
        tip = "Interruptions since playing began: generation is too slow, or the computer is busy"
        self.dropouts = Readout("000 dropouts", tip)
        self.volume = slider("Volume", "Volume", LOUDEST, LOUDEST, 90)
        self.volume.valueChanged.connect(lambda value: self.volume_chosen.emit(value / LOUDEST))
        self.device = DeviceBox()
        self.device.opening.connect(self.devices_wanted)
        self.device.setAccessibleName("Sound device")
        self.device.setToolTip("Output device")
        self.device.setMinimumContentsLength(14)
        self.device.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.device.activated.connect(
            lambda index: self.device_chosen.emit(self.device.itemData(index))
        )
        self.show_devices([], "")

        buttons = self.restart, self.play, self.make, self.loop
        looking = self.follow, self.show_all, self.counts
        above, below = FlowLayout(spacing=8), FlowLayout(spacing=8)
        for widget in (together(*buttons, *looking), self.position, self.speed, self.dropouts):
            above.addWidget(widget)
        for text, control in (
            ("Make", self.seconds),
            ("Best of", self.best),
            ("Volume", self.volume),
        ):
            below.addWidget(together(QLabel(text), control))
        below.addWidget(self.device)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 8)
        layout.setSpacing(4)
        layout.addLayout(above)
        layout.addLayout(below)
        self.show_snapshot(None)
        self.show_selection(False)

    def show_snapshot(self, snapshot: SoundSnapshot | None) -> None:
        """How far the sound is made; None while there is no model for sound."""
        self.setEnabled(snapshot is not None)
        if snapshot is None:
            return
        speed = snapshot.samples_per_second
        self.speed.setText(
            f"{speed:,.0f} samples/s, {snapshot.speed:.1f} × real time" if speed else ""
        )
        self._show_making(snapshot.making and not snapshot.playing)
        if self._making:
            left = (snapshot.length - snapshot.position) / speed if speed else 0.0
            words = f", {max(1, round(left / 60))} min left" if left > _SOON else ""
            made, length = snapshot.position / snapshot.rate, snapshot.length / snapshot.rate
            self.position.setText(f"generated {made:.1f} / {length:.1f} s{words}")
        offer(self.make, snapshot.position < snapshot.length, _ALL_THERE)
        offer(self.show_all, snapshot.by_spectrogram or snapshot.position > 0, _NOTHING)
        offer(self.seconds, not snapshot.by_spectrogram, _LENGTH_GIVEN)

    def _make_or_stop(self) -> None:
        wanted = self.stopped if self._making else self.made
        wanted.emit()

    def _show_making(self, making: bool) -> None:
        """Whether it is made without being heard: then the button ends that."""
        if making != self._making:
            self._making = making
            self.make.setIcon(icon("stop" if making else "finish"))
            self.make.setAccessibleName("Stop" if making else "Generate all")
            self.make.setToolTip(_STOP if making else _MAKE)

    def show_playing(self, playing: bool) -> None:
        """Whether something is heard just now."""
        if playing != self._playing:
            self._playing = playing
            self.play.show_playing(playing)

    def show_trying(self, share: float | None) -> None:
        """How much is done of trying several takes, which Play ends; None when it is over."""
        self._trying = share is not None
        self.play.show_playing(self._trying or self._playing)
        self.position.setText("" if share is None else f"trying takes: {share:.0%}")

    def show_waiting(self, waiting: bool, seconds: float | None) -> None:
        """Whether sound waits until it can be heard without a break, and for how long."""
        self._waiting = waiting
        if waiting:
            self.position.setText(_waiting_for(seconds))

    def show_position(self, heard: float, length: float) -> None:
        """Seconds that are heard, of so many."""
        if self._making or self._waiting or self._trying:
            return
        self.position.setText(f"{heard:.1f} / {length:.1f} s")

    def show_dropouts(self, number: int) -> None:
        """How often what is played was interrupted."""
        self.dropouts.setText(f"{number} dropout{'' if number == 1 else 's'}" if number else "")

    def show_selection(self, there: bool) -> None:
        """Whether there is a stretch to loop."""
        offer(self.loop, there, _SELECT)
        if not there:
            self.loop.setChecked(False)

    def show_devices(self, devices: Sequence[SoundDevice], chosen: str) -> None:
        """What there is to play on, and the id of the one that was chosen: while it is not there,
        the system's is used."""
        with QSignalBlocker(self.device):
            self.device.clear()
            self.device.addItem("System default", "")
            for device in devices:
                self.device.addItem(device.name, device.id)
            if chosen and not devices:
                self.device.addItem("The device chosen before", chosen)
            self.device.setCurrentIndex(max(0, self.device.findData(chosen)))


def _waiting_for(seconds: float | None) -> str:
    if seconds is None:
        return "Getting ready…"
    if seconds > _SOON:
        return f"Starts in {round(seconds / 60)} min"
    return f"Starts in {max(1, round(seconds))} s"


class DeviceBox(ChoiceBox):
    """Asks for what there is to choose from before it opens: opening()."""

    opening = Signal()

    def showPopup(self) -> None:
        self.opening.emit()
        super().showPopup()
