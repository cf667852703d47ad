"""`Playback`: what is heard of what a model makes, from where, and how the playhead goes along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.engine.audio.listening import Listening, SoundSnapshot
from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.runtime.errors import StudioError
from studio.gui.audio.sound_output import SoundOutput
from studio.gui.session import POLL_MILLISECONDS, Session
from studio.gui.sound.sound_transport import LOUDEST, SoundTransport
from studio.gui.sound.timeline import Timeline

if TYPE_CHECKING:
    from models.interface import AudioModel
    from studio.engine.audio.compiled_network import CompiledNetwork

_SETTLED = 250  # ms without another change of the selection: then it is looped
_SLOW = "This computer generates sound more slowly than it plays"


class Playback(QObject):
    """The player makes sound, the output plays it: this says to both what the person wants. It does
    nothing while the model in use makes no sound.

    Signals: slow(sentence): it is heard with pauses, unless all is made first; failed(sentence).
    """

    slow = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        session: Session,
        timeline: Timeline,
        output: SoundOutput,
        transport: SoundTransport,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._timeline = session, timeline
        self._output, self._transport = output, transport
        self._listening: Listening | None = None
        self._devices_known = self._known_slow = self._play_once_made = False
        # asked before a new sound is made; True where it does the rest, which it is given, later
        self.first: Callable[[Callable[[], object]], bool] = lambda then: False
        self._clock = QTimer(self, interval=POLL_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._follow)
        self._settling = QTimer(self, interval=_SETTLED, singleShot=True)
        self._settling.timeout.connect(self.loop_again)
        timeline.sought.connect(self.play_from)
        timeline.take_changed.connect(self._choose_take)
        timeline.selection_changed.connect(self._selection_changed)
        output.changed.connect(self._show_playing)
        output.ended.connect(self._ended)
        output.failed.connect(self._output_failed)
        output.devices_changed.connect(self._show_devices)
        transport.toggled.connect(self.toggle)
        transport.restarted.connect(self.restart)
        transport.made.connect(self._make_new)
        transport.stopped.connect(self.stop_making)
        transport.devices_wanted.connect(self._show_devices)
        transport.looped.connect(lambda on: self.loop_again())
        transport.seconds_chosen.connect(self.choose_seconds)
        transport.volume_chosen.connect(self._choose_volume)
        transport.device_chosen.connect(output.choose)
        transport.show_devices([], output.chosen)
        transport.volume.setValue(round(LOUDEST * output.volume))

    @property
    def player(self) -> SoundPlayer | None:
        """That of the session, where the model in use makes sound."""
        player = self._session.player
        return player if isinstance(player, SoundPlayer) else None

    @property
    def latest(self) -> SoundSnapshot | None:
        """What it showed last."""
        latest = self._session.latest
        return latest if isinstance(latest, SoundSnapshot) else None

    def tell(self, command: Callable[[SoundPlayer], object]) -> None:
        """Have something done by the player."""
        if (player := self.player) is not None:
            command(player)
            self._session.look()

    def compile(self, model: AudioModel) -> None:
        """Let the compiled engine go on as soon as it is there, where there can be one."""
        from studio.engine.audio import compiled_network

        player, comes = self.player, compiled_network.compilable(model)
        if player is None or not comes:
            return
        player.expect_engine(True)

        def make() -> CompiledNetwork:
            try:
                return compiled_network.CompiledNetwork(model)
            except BaseException:
                player.expect_engine(False)
                raise

        def use(engine: CompiledNetwork) -> None:
            if player is self.player:
                self.tell(lambda player: player.use(engine))

        what = "Getting ready…" if compiled_network.ready() else compiled_network.WAITING
        self._session.work(what, lambda job: make(), use)

    # ---- what can be asked for -------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether something is heard just now, or about to be."""
        return self._output.playing and not self._output.paused

    def toggle(self) -> None:
        """Play or pause."""
        (self._output.pause if self.playing else self.play)()

    def play(self) -> None:
        """Go on where it was paused, unless another stretch is to be looped; else from the
        playhead, or from the beginning, with new noise unless the seed is locked, where the
        playhead is at the end."""
        heard = self._listening
        if self._output.paused and heard is not None and heard.loop == self._loop:
            self._timeline.follow(True)
            self._output.resume()
            return
        latest = self.latest
        ended = latest is not None and self._timeline.playhead >= latest.length
        if ended and not self._session.seed_locked:
            self._session.roll()
        if not self._first(lambda: self.play_from(0)):
            self.play_from(0 if ended else self._timeline.playhead)

    def play_from(self, sample: int) -> None:
        """Let it be heard from there on, in a loop where a stretch is to be looped; who begins to
        listen goes along again."""
        self._play_once_made = False
        if (player := self.player) is None:
            return
        self._session.look()
        listening = self._listening = player.play(sample, self._loop)
        self._timeline.set_playhead(listening.begin)
        if not self.playing:
            self._timeline.follow(True)
        self._output.play(listening.ring)
        if self._output.playing and not self._devices_known:
            self._show_devices()

    def restart(self) -> None:
        """Back to the beginning of what is made, and go along from there;
        playing goes on if it did."""
        was_playing = self.playing
        self._output.stop()
        self._timeline.set_playhead(0)
        self._timeline.follow(True)
        if was_playing:
            self.play_from(0)

    def _make_new(self) -> None:
        if not self._first(self.make):
            self.make()

    def _first(self, then: Callable[[], object]) -> bool:
        return self.player is not None and self.first(then)

    def make(self) -> None:
        """Make all of it as fast as it goes."""
        self.tell(lambda player: player.make())

    def stop_making(self) -> None:
        """What is made stays, and no more is."""
        self._play_once_made = False
        self.tell(lambda player: player.stop())

    def make_first(self) -> None:
        """Make all of it, and let it be heard from the beginning when it is there."""
        self._output.stop()
        self._play_once_made = True
        self.make()

    def stop(self) -> None:
        """Fall silent, and let the player rest."""
        self._settling.stop()
        self._play_once_made = False
        self._output.stop()
        self.tell(lambda player: player.stop())

    def forget(self) -> None:
        """Another model is in use: what was heard is no more."""
        self._output.stop()
        self._listening = None
        self._known_slow = self._play_once_made = False

    def _choose_take(self, take: int) -> None:
        self.tell(lambda player: player.choose_take(take))
        if self.playing:
            self.play_from(self._timeline.playhead)

    def _selection_changed(self) -> None:
        self._transport.show_selection(self._timeline.selection is not None)
        self._settling.start()

    @property
    def _loop(self) -> tuple[int, int] | None:
        """The stretch that is wanted again and again."""
        return self._timeline.selection if self._transport.loop.isChecked() else None

    def loop_again(self) -> None:
        """The stretch to loop is another one, or there is none any more."""
        if self.playing and self._listening is not None and self._loop != self._listening.loop:
            self.play_from(self._timeline.playhead)

    def _choose_volume(self, volume: float) -> None:
        self._output.volume = volume

    def choose_seconds(self, seconds: float) -> None:
        """How much is wanted."""
        self.tell(lambda player: player.set_length(round(seconds * player.rate)))

    # ---- what comes of it ------------------------------------------------------------------------

    def show_made(self, snapshot: SoundSnapshot, kept: int, anew: bool) -> None:
        """There is more sound, or, where that is anew, another one behind sample `kept`."""
        if self._play_once_made and snapshot.position == snapshot.length:
            self.play_from(0)
        if anew and not snapshot.playing:  # what was heard is no more
            if self.playing:
                self.play_from(min(self._timeline.playhead, kept))
            else:
                self._output.stop()
                self._timeline.set_playhead(min(self._timeline.playhead, kept))

    def show_speed(self, snapshot: SoundSnapshot) -> None:
        """How fast it is made, and where the playhead is."""
        if snapshot.pauses and not self._known_slow and self._output.position > 0:
            self._known_slow = True
            self.slow.emit(
                f"{_SLOW} ({snapshot.speed:.1f} × real time): it is heard in stretches, with pauses"
                " between them."
            )
        self._transport.show_waiting(snapshot.waiting, snapshot.starts_in)
        self._show_position()

    def _show_position(self) -> None:
        if (latest := self.latest) is not None:
            self._transport.show_position(
                self._timeline.playhead / latest.rate, latest.length / latest.rate
            )

    def _show_playing(self) -> None:
        self._transport.show_playing(self.playing)
        if self.playing:
            self._clock.start()
        else:
            self._follow()
            self._clock.stop()

    def _follow(self) -> None:
        """The playhead goes along with what is heard."""
        if self._listening is not None and self._output.playing:
            self._timeline.set_playhead(self._listening.place(self._output.position))
            self._transport.show_dropouts(self._output.underruns)
            self._show_position()

    def _ended(self) -> None:
        if self._listening is not None:
            self._timeline.set_playhead(self._listening.place(self._output.position))

    def _output_failed(self, sentence: str) -> None:
        """What cannot be heard can be seen, and saved."""
        self.make()
        self.failed.emit(sentence)

    def _show_devices(self) -> None:
        try:
            self._transport.show_devices(self._output.devices(), self._output.chosen)
            self._devices_known = True
        except StudioError as error:
            self.failed.emit(str(error))
