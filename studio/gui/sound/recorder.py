"""`Recorder`: the record button of the stage of sound, and the microphone behind it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.runtime.errors import StudioError
from studio.gui.audio.microphone import Microphone
from studio.gui.session import Session
from studio.gui.sound.sound_tools import SoundTools

_LONGEST = 60.0  # seconds
_NO_VOICE_RATE = 8000  # at which what nobody goes on from is counted
_NOT_KEPT = "The recording was stopped and not kept, as a model for pictures cannot continue it."


class Recorder(QObject):
    """Signals: began(); recorded(samples, at the rate of the model) when something has been
    recorded; message(sentence); failed(sentence), with what was recorded until then."""

    began = Signal()
    recorded = Signal(object)
    message = Signal(str)
    failed = Signal(str)

    def __init__(self, session: Session, tools: SoundTools, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._tools = session, tools
        self._on = False
        self.microphone = Microphone(self)
        tools.recorded.connect(self.record)
        tools.microphones_wanted.connect(self._show_microphones)
        tools.microphone_chosen.connect(self.microphone.choose)
        self.microphone.level.connect(tools.show_level)
        self.microphone.full.connect(self.end)
        self.microphone.failed.connect(self._fail)

    def record(self, on: bool) -> None:
        """Begin, or end and hand over what was recorded."""
        if on == self._on:
            return
        self._on = on
        self._tools.show_recording(on)
        if on:
            self.began.emit()
            self.microphone.start(_LONGEST)
            return
        player = self._session.player
        voice = player if isinstance(player, SoundPlayer) else None
        samples = self.microphone.stop(_NO_VOICE_RATE if voice is None else voice.rate)
        if len(samples) and voice is None:
            self.message.emit(_NOT_KEPT)
        elif len(samples):
            self.recorded.emit(samples)

    def end(self) -> None:
        self.record(False)

    def _fail(self, sentence: str) -> None:
        self.end()
        self.failed.emit(sentence)

    def _show_microphones(self) -> None:
        try:
            self._tools.show_microphones(self.microphone.devices(), self.microphone.chosen)
        except StudioError as error:
            self.failed.emit(str(error))
