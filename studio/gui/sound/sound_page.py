"""The stage of sound: what the model makes is heard, and seen to grow as waveform and spectrogram,
take above take.

The player makes sound, the output plays it; the page says to both what the person wants, and shows
where they are. QtMultimedia is imported when something is first to be heard or recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from studio.engine.audio.sound_player import Listening, SoundSnapshot
from studio.engine.editing.beginnings import Beginnings
from studio.engine.runtime.errors import StudioError
from studio.gui.audio.sound_output import SoundOutput
from studio.gui.session import POLL_MILLISECONDS, Session
from studio.gui.sound.recorder import Recorder
from studio.gui.sound.sound_legend import SoundLegend
from studio.gui.sound.sound_tools import SoundTools
from studio.gui.sound.sound_transport import LOUDEST, SoundTransport
from studio.gui.sound.spectrogram_editor import SpectrogramEditor
from studio.gui.sound.spectrogram_view import SpectrogramView
from studio.gui.sound.time_ruler import TimeRuler
from studio.gui.sound.timeline import MARGIN, Timeline
from studio.gui.sound.waveform_view import WaveformView

if TYPE_CHECKING:
    from models.wavenet_audio import WaveNet

_SETTLED = 250  # ms without another change of the selection: then it is looped
_AT_ONCE = 2**19  # samples of all takes that are shown at once: some hundredths of a second
_TOLD_SIZES = [100, 120, 320]  # pixels, in proportion: what is painted needs most room
_SEEN_SECONDS = 60.0  # at first, of a sound that is longer
_SLOW = "This machine makes the sound more slowly than it is heard"


class SoundPage(QWidget):
    """Signals: message(sentence) that is good to know; slow(sentence): it is heard with pauses,
    unless all is made first; failed(sentence); open_wanted() and save_wanted() of files;
    example_wanted() of a recording that was held out.

    told: whether the model is a vocoder, for which a spectrogram is painted.
    """

    message = Signal(str)
    slow = Signal(str)
    failed = Signal(str)
    open_wanted = Signal()
    example_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._version = self._length = -1  # of the sound that is shown, and how long it is to be
        self.told = False
        self._listening: Listening | None = None
        self._beginnings = Beginnings()
        self._devices_known = self._known_slow = self._play_once_made = False
        self.timeline = Timeline(self)
        self.editor = SpectrogramEditor(self.timeline)
        self.ruler = TimeRuler(self.timeline)
        self.waveform, self.spectrogram = (
            WaveformView(self.timeline),
            SpectrogramView(self.timeline),
        )
        self.tools, self.transport, self.legend = (
            SoundTools(),
            SoundTransport(),
            SoundLegend(self.timeline),
        )
        self.output, self.recorder = SoundOutput(self), Recorder(session, self.tools, self)
        views = self._views = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        views.addWidget(self.waveform)
        views.addWidget(self.spectrogram)
        views.addWidget(self.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in (
            (self.tools, 0),
            (views, 1),
            (self.ruler, 0),
            (self.legend, 0),
            (self.transport, 0),
        ):
            column.addWidget(widget, stretch)
        self._clock = QTimer(self, interval=POLL_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._follow)
        self._catching_up = QTimer(self, interval=0, singleShot=True)
        self._catching_up.timeout.connect(self._catch_up)
        self._settling = QTimer(self, interval=_SETTLED, singleShot=True)
        self._settling.timeout.connect(self._loop_again)
        self._connect()
        self.transport.show_devices([], self.output.chosen)
        self.transport.volume.setValue(round(LOUDEST * self.output.volume))

    def _connect(self) -> None:
        session, timeline, output, transport, tools = (
            self._session,
            self.timeline,
            self.output,
            self.transport,
            self.tools,
        )
        session.model_changed.connect(self._model_changed)
        session.sound.connect(self._show)
        session.sound_reading.connect(self._show_reading)
        for view in (self.waveform, self.spectrogram, self.editor.canvas):
            view.pointed.connect(self.legend.readout.setText)
        timeline.sought.connect(self.play_from)
        timeline.take_changed.connect(self._choose_take)
        timeline.selection_changed.connect(self._selection_changed)
        output.changed.connect(self._show_playing)
        output.ended.connect(self._ended)
        output.failed.connect(self._output_failed)
        output.moved.connect(self.message)
        output.devices_changed.connect(self._show_devices)
        transport.toggled.connect(self.toggle)
        transport.restarted.connect(self.restart)
        transport.made.connect(self.make)
        transport.stopped.connect(self.stop_making)
        transport.devices_wanted.connect(self._show_devices)
        transport.looped.connect(lambda on: self._loop_again())
        transport.followed.connect(timeline.follow)
        transport.all_wanted.connect(timeline.show_all)
        timeline.following_changed.connect(transport.follow.setChecked)
        transport.seconds_chosen.connect(self._choose_seconds)
        transport.volume_chosen.connect(self._choose_volume)
        transport.device_chosen.connect(output.choose)
        tools.kept.connect(self.keep)
        tools.forgotten.connect(self.forget)
        tools.undone.connect(self._beginnings.undo)
        tools.redone.connect(self._beginnings.redo)
        for way in (tools.undone, tools.redone):
            way.connect(self._take_up)
        tools.opened.connect(self.open_wanted)
        tools.tried.connect(self.example_wanted)
        tools.saved.connect(self.save_wanted)
        self.editor.changed.connect(self._tell)
        self.editor.failed.connect(self.failed)
        self.recorder.began.connect(output.stop)
        self.recorder.message.connect(self.message)
        self.recorder.failed.connect(self.failed)

    # ---- playing ---------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether something is heard just now, or about to be."""
        return self.output.playing and not self.output.paused

    def toggle(self) -> None:
        """Play or pause."""
        (self.output.pause if self.playing else self.play)()

    def play(self) -> None:
        """Go on where it was paused, unless another stretch is to be looped; else from the
        playhead, or from the beginning, with new noise unless the seed is locked, where the
        playhead is at the end."""
        if (
            self.output.paused
            and self._listening is not None
            and self._listening.loop == self._loop
        ):
            self.timeline.follow(True)
            self.output.resume()
            return
        latest = self._session.latest_sound
        if latest is not None and self.timeline.playhead >= latest.length:
            if not self._session.seed_locked:
                self._session.roll()
            self.play_from(0)
        else:
            self.play_from(self.timeline.playhead)

    def play_from(self, sample: int) -> None:
        """Let it be heard from there on, in a loop where a stretch is to be looped; who begins to
        listen goes along again."""
        self._play_once_made = False
        listening = self._session.listen(sample, self._loop)
        if listening is None:
            return
        self._listening = listening
        self.timeline.set_playhead(listening.begin)
        if not self.playing:
            self.timeline.follow(True)
        self.output.play(listening.ring)
        if self.output.playing and not self._devices_known:
            self._show_devices()

    def restart(self) -> None:
        """Back to the beginning of what is made, and go along from there; playing goes on if it
        did."""
        was_playing = self.playing
        self.output.stop()
        self.timeline.set_playhead(0)
        self.timeline.follow(True)
        if was_playing:
            self.play_from(0)

    def make(self) -> None:
        """Make all of it as fast as it goes."""
        self._session.tell_sound(lambda player: player.make())

    def stop_making(self) -> None:
        """What is made stays, and no more is."""
        self._play_once_made = False
        self._session.tell_sound(lambda player: player.stop())

    def make_or_stop(self) -> None:
        """Make all of it; while that is done without its being heard, stop."""
        self.transport.make.click()

    def make_first(self) -> None:
        """Make all of it, and let it be heard from the beginning when it is there."""
        self.output.stop()
        self._play_once_made = True
        self.make()

    def stop(self) -> None:
        """Fall silent, and let the player rest."""
        self._settling.stop()
        self._play_once_made = False
        self.output.stop()
        self.recorder.end()
        self._session.tell_sound(lambda player: player.stop())

    def _choose_take(self, take: int) -> None:
        self._session.tell_sound(lambda player: player.choose_take(take))
        if self.playing:
            self.play_from(self.timeline.playhead)

    def _selection_changed(self) -> None:
        self.transport.show_selection(self.timeline.selection is not None)
        self._settling.start()

    @property
    def _loop(self) -> tuple[int, int] | None:
        """The stretch that is wanted again and again."""
        return self.timeline.selection if self.transport.loop.isChecked() else None

    def _loop_again(self) -> None:
        """The stretch to loop is another one, or there is none any more."""
        if self.playing and self._listening is not None and self._loop != self._listening.loop:
            self.play_from(self.timeline.playhead)

    def _choose_volume(self, volume: float) -> None:
        self.output.volume = volume

    def _choose_seconds(self, seconds: float) -> None:
        self._session.tell_sound(lambda player: player.set_length(round(seconds * player.rate)))

    # ---- the beginning ---------------------------------------------------------------------------

    def keep(self) -> None:
        """The selected stretch of the take that is heard becomes the beginning, or else all of it
        up to the playhead."""
        player, timeline = self._session.sound_player, self.timeline
        if player is None:
            return
        start, stop = timeline.selection or (0, timeline.playhead or timeline.length)
        self.set_beginning(player.codes(start, stop)[timeline.take])

    def forget(self) -> None:
        """Begin in silence."""
        self.set_beginning(None)

    def set_beginning(self, codes: NDArray[np.uint8] | None) -> None:
        """Codes (n,) that the model goes on from, None for silence; can be undone."""
        if (player := self._session.sound_player) is not None:
            self._beginnings.put(codes, player.rate)
            self._take_up()

    def _take_up(self) -> None:
        """Let the model go on from the present beginning."""
        self.tools.show_way_back(self._beginnings.can_undo, self._beginnings.can_redo)
        if (player := self._session.sound_player) is None:
            return
        codes = self._beginnings.codes(player.rate)
        self.output.stop()
        self.timeline.unselect()
        self.timeline.set_playhead(0)
        self._session.tell_sound(lambda player: player.set_beginning(codes))

    def _tell(self, kept: int) -> None:
        """What is painted, of which the first frames are as they were, is what the vocoder is
        told."""
        frames = self.editor.frames
        self._session.tell_sound(lambda player: player.set_spectrogram(frames, kept))

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def edits(self) -> list[QAction]:
        """What can be done to what the model is given, for a menu."""
        tools = self.editor.tools
        if self.told:
            return [
                tools.undo,
                tools.redo,
                tools.clear_all,
                tools.copy,
                tools.paste,
                tools.silence,
                tools.insert,
                tools.cut,
            ]
        return [self.tools.undo, self.tools.redo, self.tools.keep, self.tools.forget]

    def _model_changed(self) -> None:
        self.recorder.end()
        self.output.stop()
        self.timeline.choose_take(0)
        model = self._session.model
        self.told = self._session.sounds and hasattr(getattr(model, "conditioning", None), "mels")
        self.editor.setVisible(self.told)
        if self.told:
            self._views.setSizes(_TOLD_SIZES)
        self.ruler.setVisible(not self.told)  # the editor has one
        self.tools.show_told(self.told)
        self._version = self._length = -1
        self._listening = None
        self._known_slow = self._play_once_made = False
        self.transport.show_snapshot(None)
        self.tools.show_snapshot(None)
        player = self._session.sound_player
        if player is not None:
            self.timeline.begin(self._session.options.count, player.rate)
            self._choose_seconds(self.transport.seconds.value())
        if self.told:
            from studio.engine.scoring.sound_scoring import told_spec

            self.editor.show_model(told_spec(cast("WaveNet", model)))
            self._tell(0)
        elif player is not None and self._beginnings.codes(player.rate) is not None:
            self._take_up()  # the beginning outlives the model that it was given to

    def _show(self, snapshot: SoundSnapshot) -> None:
        """Take over what has been made since, or is there instead of what was."""
        timeline, player = self.timeline, self._session.sound_player
        assert player is not None
        kept = timeline.length
        if snapshot.takes != timeline.sound.takes:
            kept = 0
            timeline.begin(snapshot.takes, snapshot.rate)
        elif snapshot.version != self._version:
            unchanged = player.unchanged_since(self._version)
            kept = timeline.length if unchanged is None else min(timeline.length, unchanged)
            timeline.cut(kept)
        self._catch_up()
        timeline.set_beginning(snapshot.start)
        if (
            snapshot.length != self._length
        ):  # all of it is to be seen, or as much of it as is not too fine
            self._length = snapshot.length
            if not snapshot.told:
                timeline.show(
                    0, max(1, min(snapshot.length, round(_SEEN_SECONDS * snapshot.rate))) * MARGIN
                )
        if self._play_once_made and snapshot.position == snapshot.length:
            self.play_from(0)
        anew, self._version = (
            snapshot.version != self._version and self._version >= 0,
            snapshot.version,
        )
        if anew and not snapshot.playing:  # what was heard is no more
            if self.playing:
                self.play_from(min(timeline.playhead, kept))
            else:
                self.output.stop()
                timeline.set_playhead(min(timeline.playhead, kept))

    def _catch_up(self) -> None:
        """Show what is there and not yet shown: a part of it, and the rest when the window has had
        time to live."""
        timeline, player, latest = (
            self.timeline,
            self._session.sound_player,
            self._session.latest_sound,
        )
        if player is None or latest is None:
            return
        takes = timeline.sound.takes
        fresh = player.samples(
            timeline.length, min(latest.position, timeline.length + _AT_ONCE // takes)
        )
        if (
            len(fresh) == takes and fresh.shape[1]
        ):  # else the next snapshot says how many takes there are by now
            timeline.append(fresh)
            if timeline.length < latest.position:
                self._catching_up.start()

    def _show_reading(self, snapshot: SoundSnapshot) -> None:
        self.transport.show_snapshot(snapshot)
        self.tools.show_snapshot(snapshot)
        slow = snapshot.playing and snapshot.compiled and not snapshot.keeps_up
        if slow and not self._known_slow and self.output.position > 0:
            self._known_slow = True
            self.slow.emit(
                f"{_SLOW} ({snapshot.speed:.1f} × real time): it is heard in stretches, with pauses"
                " between them."
            )
        self._show_position()

    def _show_position(self) -> None:
        latest = self._session.latest_sound
        if latest is not None:
            self.transport.show_position(
                self.timeline.playhead / latest.rate, latest.length / latest.rate
            )

    def _show_playing(self) -> None:
        self.transport.show_playing(self.playing)
        if self.playing:
            self._clock.start()
        else:
            self._follow()
            self._clock.stop()

    def _follow(self) -> None:
        """The playhead goes along with what is heard."""
        if self._listening is not None and self.output.playing:
            self.timeline.set_playhead(self._listening.place(self.output.position))
            self.transport.show_dropouts(self.output.underruns)
            self._show_position()

    def _ended(self) -> None:
        if self._listening is not None:
            self.timeline.set_playhead(self._listening.place(self.output.position))

    def _output_failed(self, sentence: str) -> None:
        """What cannot be heard can be seen, and saved."""
        self.make()
        self.failed.emit(sentence)

    def _show_devices(self) -> None:
        try:
            self.transport.show_devices(self.output.devices(), self.output.chosen)
            self._devices_known = True
        except StudioError as error:
            self.failed.emit(str(error))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # another page is shown
            self.stop()
