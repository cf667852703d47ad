"""`Session`: the model in use, its player, the painting and the options, for all widgets that show
or change them.

A model is for pictures or for sound, and has a player of that kind. Nothing here computes: loading
is a job, and what a model makes is its player's. Both are asked for news by one timer, at display
rate and only while there can be any. torch is first imported in a job, once the window is there.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.engine.audio.sound_player import Listening, SoundPlayer, SoundSnapshot
from studio.engine.checkpoints import cards
from studio.engine.editing.evidence import Evidence
from studio.engine.editing.painting import Painting
from studio.engine.generation.player import Player, Snapshot
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State, Stoppable, stop_all

if TYPE_CHECKING:
    from models.interface import Model
    from models.wavenet_audio import WaveNet
    from studio.engine.audio.compiled_wavenet import CompiledWaveNet

POLL_MILLISECONDS = 16  # display rate
_OF_A_RUN = ("latest", "best")  # stems of checkpoints that are named by their folder
FULL_SPEED_MILLISECONDS = 32
READING_SECONDS = 0.12
FIRST_MODEL = "gated-pixelcnn"
MOST_TAKES = 4  # of a sound at once


class Session(QObject):
    """Signals: model_changed() when another model is in use; painting_changed();
    options_changed(); snapshot(Snapshot) for pictures, at display rate, or half of it while the
    model draws as fast as it can, for every frame takes time from it; reading(Snapshot) for
    numbers: the same, but then a few times a second only; sound(SoundSnapshot) and
    sound_reading(SoundSnapshot): the same of a model for sound; busy(str) with what is being done,
    "" when it is over; failed(sentence, traceback or "")."""

    model_changed = Signal()
    snapshot = Signal(object)
    reading = Signal(object)
    sound = Signal(object)
    sound_reading = Signal(object)
    painting_changed = Signal()
    options_changed = Signal()
    busy = Signal(str)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Model | None = None
        self.checkpoint: Path | None = None
        self.player: Player | None = None
        self.sound_player: SoundPlayer | None = None
        self.painting: Painting | None = None
        self.options = SamplingOptions()
        self.speed: float | None = None
        self.seed_locked = True
        self.latest: Snapshot | None = None
        self.latest_sound: SoundSnapshot | None = None
        self._read = 0.0  # when there was the last reading
        self._jobs: dict[Job[Any], Callable[[Any], object]] = {}
        self._asked = self._taken = (
            0  # turns: how many models were asked for, and which of them is in use
        )
        self._then: tuple[int, Callable[[], object]] | None = (
            None  # what is to be done when the model of a turn is in use
        )
        self._ending: list[Player | SoundPlayer] = []
        self._timer = QTimer(
            self, interval=FULL_SPEED_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer
        )
        self._timer.timeout.connect(self._poll)

    # ---- models ----------------------------------------------------------------------------------

    def begin(
        self, checkpoint: Path | str | None = None, then: Callable[[], object] | None = None
    ) -> None:
        """Import torch and load a first model, in a job: the one named, or the shipped one that
        draws best; then do that."""
        self._load("Getting ready…", lambda job: _first_model(checkpoint), then)

    def load(self, checkpoint: Path | str, then: Callable[[], object] | None = None) -> None:
        """Put the model of a checkpoint in the place of the present one, when it has been read, and
        then do that, unless another was asked for meanwhile."""
        self._load(f"Loading {Path(checkpoint).stem}…", lambda job: _loaded(checkpoint), then)

    def when_loaded(self, then: Callable[[], object]) -> None:
        """Do that as soon as the model that was asked for last is in use; where none is on its way,
        with a first one."""
        if self._jobs:
            self._then = self._asked, then
        else:
            self.begin(then=then)

    def _load(
        self,
        what: str,
        do: Callable[[Job[Any]], tuple[Model, Path]],
        then: Callable[[], object] | None = None,
    ) -> None:
        self._asked += 1
        turn = self._asked
        self._then = None if then is None else (turn, then)

        def take(found: tuple[Model, Path]) -> None:
            if (
                turn > self._taken
            ):  # the model asked for last is the one to show, whichever is read first
                self._taken = turn
                self._take(found)
                if self._then is not None and self._then[0] == turn:
                    (_, then), self._then = self._then, None
                    then()

        self.work(what, do, take)

    def work(
        self, what: str, do: Callable[[Job[Any]], Any], then: Callable[[Any], object]
    ) -> Job[Any]:
        """Run `do` in a thread; `then` gets its result in the window's thread. A failure goes to
        `failed`."""
        job: Job[Any] = Job(do, name=what)
        self._jobs[job] = then
        job.start()
        self.busy.emit(what)
        self._timer.start()
        return job

    def _take(self, found: tuple[Model, Path]) -> None:
        self._end_player()
        self.model, self.checkpoint = found
        classes = getattr(self.model.conditioning, "count", 0)
        if self.options.condition is not None and self.options.condition >= classes:
            self.options = replace(self.options, condition=None)
        if not self.model.any_order:
            self.options = replace(self.options, order=None)
        self.latest = self.latest_sound = None
        if self.sounds:
            self._take_sound(cast("WaveNet", self.model))
        else:
            self._take_pictures(self.model)
        self._timer.start()

    def _take_pictures(self, model: Model) -> None:
        spec = model.spec
        height, width = spec.space
        fresh = Painting(spec.channels, height, width, spec.levels)
        if self.painting is None or (self.painting.values.shape, self.painting.levels) != (
            fresh.values.shape,
            fresh.levels,
        ):
            self.painting = fresh
        self.player = Player(model, self.options, self._evidence())
        self.player.set_speed(self.speed)
        self.model_changed.emit()
        self.painting_changed.emit()

    def _take_sound(self, model: WaveNet) -> None:
        """What is painted stays, for the next model for pictures."""
        from studio.engine.audio import compiled_wavenet

        self.options = replace(self.options, count=min(self.options.count, MOST_TAKES))
        player = self.sound_player = SoundPlayer(model, self.options)
        self.model_changed.emit()

        def use(engine: CompiledWaveNet) -> None:
            if player is self.sound_player:
                self.tell_sound(lambda player: player.use(engine))

        what = "Getting ready…" if compiled_wavenet.ready() else compiled_wavenet.WAITING
        self.work(what, lambda job: compiled_wavenet.CompiledWaveNet(model), use)

    @property
    def title(self) -> str:
        """What the model is called: by its checkpoint, of a run by the run's folder."""
        if self.checkpoint is None:
            return "" if self.model is None else self.model.name
        return (
            self.checkpoint.parent.name
            if self.checkpoint.stem in _OF_A_RUN
            else self.checkpoint.stem
        )

    @property
    def sounds(self) -> bool:
        """Whether the model makes sound."""
        return self.model is not None and self.model.spec.sites is None

    @property
    def reconstructs(self) -> bool:
        """Whether the model gives back what is painted instead of drawing: nothing can be played
        then."""
        return self.model is not None and not self.model.autoregressive

    @property
    def polling(self) -> bool:
        """Whether there may be news: something runs, or has not been heard of yet."""
        return self._timer.isActive()

    # ---- playing ---------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        return self.latest is not None and self.latest.playing

    def _tell(self, command: Callable[[Player], object]) -> None:
        if self.player is not None:
            command(self.player)
            self._timer.start()

    def tell_sound(self, command: Callable[[SoundPlayer], object]) -> None:
        """Have something done by the player of sound, if the model makes any."""
        if self.sound_player is not None:
            command(self.sound_player)
            self._timer.start()

    def listen(self, begin: int, loop: tuple[int, int] | None) -> Listening | None:
        """See `SoundPlayer.play`; None where the model makes no sound."""
        if self.sound_player is None:
            return None
        self._timer.start()
        return self.sound_player.play(begin, loop)

    def play(self) -> None:
        """From the beginning, with new noise unless the seed is locked, where the pictures are
        whole."""
        at_end = self.latest is not None and self.latest.position == self.latest.length
        if at_end and not self.seed_locked:
            self.roll()
        self._tell(lambda player: player.play())

    def pause(self) -> None:
        self._tell(lambda player: player.pause())

    def toggle(self) -> None:
        (self.pause if self.playing else self.play)()

    def step(self, count: int) -> None:
        self._tell(lambda player: player.step(count))

    def finish(self) -> None:
        self._tell(lambda player: player.finish())

    def restart(self) -> None:
        if not self.seed_locked:
            self.roll()
        self._tell(lambda player: player.restart())

    def seek(self, position: int) -> None:
        self._tell(lambda player: player.seek(position))

    def cancel(self) -> None:
        self._tell(lambda player: player.cancel())

    def set_speed(self, speed: float | None) -> None:
        """Sites a second, None for as fast as it goes."""
        self.speed = speed
        self._timer.setInterval(FULL_SPEED_MILLISECONDS if speed is None else POLL_MILLISECONDS)
        self._tell(lambda player: player.set_speed(speed))

    def change(self, **options: Any) -> None:
        """Other options; the fields of `SamplingOptions`."""
        changed = replace(self.options, **options)
        if changed != self.options:
            self.options = changed
            self._tell(lambda player: player.set_options(changed))
            self.tell_sound(lambda player: player.set_options(changed))
            self.options_changed.emit()

    def roll(self) -> None:
        """Another seed."""
        self.change(seed=random.randrange(1_000_000))

    # ---- painting --------------------------------------------------------------------------------

    def edit(self, action: Callable[[Painting], object]) -> None:
        """Change the painting; the player gets what came of it, and goes on from the first site
        that differs."""
        if self.painting is None:
            return
        before = self.painting.revision
        action(self.painting)
        if self.painting.revision != before:
            evidence = self._evidence()
            self._tell(lambda player: player.set_evidence(evidence))
            self.painting_changed.emit()

    def keep_top(self, share: float = 0.5) -> None:
        """Make the upper part of picture 0, as far as it is drawn, evidence, and the rest
        unknown."""
        snapshot = self.latest
        if snapshot is None or self.painting is None:
            return
        rows, columns = self.painting.space
        drawn = np.zeros(rows * columns, bool)
        drawn[snapshot.order[: snapshot.position]] = True
        known = drawn.reshape(rows, columns)
        known[round(rows * share) :] = False
        self.edit(lambda painting: painting.replace(snapshot.values[0], known))

    def _evidence(self) -> Evidence | None:
        if self.painting is None or self.painting.empty:
            return None
        return Evidence(self.painting.values.copy(), self.painting.known.copy())

    # ---- news ------------------------------------------------------------------------------------

    def _poll(self) -> None:
        over = [job for job in self._jobs if job.state.over]
        ended = [(job, self._jobs.pop(job)) for job in over]
        self._ending = [player for player in self._ending if not player.join(0)]
        player = self.player or self.sound_player
        # Asked first: what a player showed before it came to rest is then in its mailbox.
        if not self._jobs and not self._ending and (player is None or player.join(0)):
            self._timer.stop()  # before anybody hears the news, who may well want something again
        for job, then in ended:
            self.busy.emit(next(iter(self._jobs)).name if self._jobs else "")
            if job.state is State.FINISHED:
                then(job.result)
            elif job.state is State.FAILED:
                self.failed.emit(job.message, "" if job.refused else job.error)
        if player is None or player not in (self.player, self.sound_player):
            return
        if (failure := player.failures.take()) is not None:
            self.failed.emit(*failure)
        if (news := player.mailbox.take()) is None:
            return
        now = time.monotonic()
        if isinstance(news, Snapshot):
            self.latest = news
            self.snapshot.emit(news)
            rested, reading = not news.playing or self.speed is not None, self.reading
        else:
            self.latest_sound = news
            self.sound.emit(news)
            rested, reading = not (news.making or news.playing), self.sound_reading
        if rested or now > self._read + READING_SECONDS:
            self._read = now
            reading.emit(news)

    # ---- the end ---------------------------------------------------------------------------------

    def _end_player(self) -> None:
        for player in (self.player, self.sound_player):
            if player is not None:
                player.close()
                self._ending.append(player)
        self.player = self.sound_player = None

    def shut_down(self, timeout: float = 2.0) -> bool:
        """Cancel everything and wait, `timeout` seconds at most; whether all threads have ended."""
        self._timer.stop()
        self._end_player()
        running: list[Stoppable] = [*self._jobs, *self._ending]
        left = stop_all(running, timeout)
        self._jobs.clear()
        self._ending.clear()
        return not left


def _loaded(checkpoint: Path | str) -> tuple[Model, Path]:
    from studio.engine import checkpoints
    from studio.engine.runtime import devices

    path = checkpoints.resolve(checkpoint)
    return checkpoints.load(path, devices.pick("auto")), path


def _first_model(checkpoint: Path | str | None) -> tuple[Model, Path]:

    if checkpoint is not None:
        return _loaded(checkpoint)
    shipped = cards.shipped()
    if not shipped:
        raise StudioError("No checkpoint is installed: train a model, or open a checkpoint.")
    return _loaded(FIRST_MODEL if FIRST_MODEL in shipped else next(iter(shipped)))
