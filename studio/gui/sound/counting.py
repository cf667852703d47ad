"""`Counting`: as long as it is switched on and the page is seen, the waveform shows which of the
samples before the playhead count for the one there, in the take that is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractButton

from studio.engine.insights.asking import Reply
from studio.engine.insights.sound_field import NAME, begin, question, sound_field
from studio.gui.session import Session
from studio.gui.sound.playback import Playback
from studio.gui.sound.sound_legend import SoundLegend
from studio.gui.sound.spectrogram_editor import SpectrogramEditor
from studio.gui.sound.waveform_view import WaveformView

if TYPE_CHECKING:
    from models.interface import AudioModel

_PAUSE_MILLISECONDS = 50  # between two questions, however fast the playhead moves


class Counting(QObject):
    """button: what switches it on."""

    def __init__(
        self,
        session: Session,
        playback: Playback,
        waveform: WaveformView,
        editor: SpectrogramEditor,
        legend: SoundLegend,
        button: QAbstractButton,
    ) -> None:
        super().__init__(waveform)
        self._session, self._playback, self._editor = session, playback, editor
        self._waveform, self._legend, self._button = waveform, legend, button
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._soon.timeout.connect(self._ask)
        button.toggled.connect(self._switch)
        timeline = waveform.timeline
        for changed in (
            timeline.playhead_moved,
            timeline.grown,
            timeline.take_changed,
            session.options_changed,
            editor.changed,
        ):
            changed.connect(self._wait)
        waveform.installEventFilter(self)
        session.insight.answered.connect(self._take)
        session.insight.gone.connect(lambda: self._show(None))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._wait()
        return False

    def _wait(self) -> None:
        if self._button.isChecked() and not self._soon.isActive():
            self._soon.start()

    def _switch(self, on: bool) -> None:
        if on:
            self._ask()
        else:
            self._soon.stop()
            self._session.insight.forget()
            self._show(None)

    def _ask(self) -> None:
        player, latest = self._playback.player, self._playback.latest
        if player is None or latest is None or not self._waveform.isVisible():
            return
        timeline, model = self._waveform.timeline, cast("AudioModel", self._session.model)
        position = min(timeline.playhead or timeline.length, timeline.length)
        first = begin(model, position)
        codes = player.codes(first, position)
        if timeline.take >= len(codes):
            return
        frames, hop = self._editor.frames, getattr(model.conditioning, "hop", 0)
        if frames is not None and hop:
            frames = frames[first // hop :]
        asked = question(codes[timeline.take], model.spec.levels, self._session.options)
        insight = sound_field(first, player.rate, frames if hop else None)
        self._session.insight.ask(insight, asked, latest.making or latest.playing)

    def _take(self, reply: Reply) -> None:
        if reply.insight.name == NAME and self._button.isChecked():
            self._show(reply)

    def _show(self, reply: Reply | None) -> None:
        answer = None if reply is None else reply.answer
        there = answer is not None and bool(answer.maps)
        if answer is not None and there:
            self._waveform.show_counts(int(answer.arrays["first"]), answer.maps[0].values)
        else:
            self._waveform.show_counts(0, None)
        self._legend.show_counts(None if answer is None else answer.sentence, there)
