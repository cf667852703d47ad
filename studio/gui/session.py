"""`Session`: the model in use, its player, the painting and the options,
for all widgets that show or change them.

The player is the one that the table of kinds has for the model; what can be asked of it is for the
widgets of its kind. Nothing here computes: loading is a job, and what a model makes is its
player's. Both are asked for news by one timer, at display rate and only while there can be any.
torch is first imported in a job, once the window is there.

It is one file, although a long one: models, options and painting change together, and the player
hears of each in the order in which they do.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.demonstrations import FIRST
from studio.engine import kinds
from studio.engine.checkpoints import cards
from studio.engine.checkpoints.fingerprints import fingerprint
from studio.engine.checkpoints.places import name_of
from studio.engine.editing.evidence import Evidence
from studio.engine.editing.painting import History, Painting
from studio.engine.generation.changes import Change
from studio.engine.generation.live import LivePlayer, TakesEvidence
from studio.engine.generation.methods import AUTO, methods
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions, refusal_to_decode
from studio.engine.generation.snapshot import Snapshot
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Closable, Job, State, Stoppable, stop_all
from studio.gui.asked import Asked
from studio.gui.computing import Computing, Looked
from studio.gui.expectations import Expectations
from studio.gui.more_pictures import MorePictures, as_costly_as, fewest, is_costly
from studio.gui.scenes import Scenes

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model
    from studio.engine.kinds import Kind

POLL_MILLISECONDS = 16  # display rate
FULL_SPEED_MILLISECONDS = 32
READING_SECONDS = 0.12
_USUAL = SamplingOptions()


class Session(QObject):
    """kind: of the model in use.
    player: of that kind.
    latest: what it showed last.
    expectations: what the model expects of the picture, for those who show it.
    insight: what the model answered to the insight that the stage shows.
    at_site: what it answered about the site under the pointer.
    scenes: what is shown now, to be kept, and brought back.

    Signals: model_changed() when another model is in use, and model_settled() when all have heard
    of it; renamed() when it is called something else; painting_changed(); options_changed();
    snapshot(Moment), what its player shows, at the rate that was asked for; reading(Moment) for
    numbers: the same, but while it hurries a few times a second only; busy(str) with what is being
    done, "" when it is over; failed(sentence, traceback or "").
    """

    model_changed = Signal()
    model_settled = Signal()
    renamed = Signal()
    snapshot = Signal(object)
    reading = Signal(object)
    painting_changed = Signal()
    options_changed = Signal()
    busy = Signal(str)
    failed = Signal(str, str)
    offered = Signal(str, str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model: Model | None = None
        self.kind: Kind | None = None
        self.checkpoint: Path | None = None
        self.player: LivePlayer | None = None
        self.painting: Painting | None = None
        self.options = SamplingOptions()
        self._sampling: dict[str, tuple[float, int, float]] = {}  # of other kinds, by their name
        self._more = MorePictures(self)
        self.seed_locked = True
        self.latest: Any = None
        self._read = 0.0  # when there was the last reading
        self._jobs: dict[Job[Any], Callable[[Any], object]] = {}
        # the last model that is read, and its turn
        self._loading: tuple[Job[Any] | None, int] = None, 0
        # turns: how many models were asked for, and which of them is in use
        self._asked = self._taken = 0
        # what is to be done when the model of a turn is in use
        self._then: tuple[int, Callable[[], object]] | None = None
        self._ending: list[Closable] = []
        self._timer = QTimer(
            self, interval=FULL_SPEED_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer
        )
        self._timer.timeout.connect(self._poll)
        self.expectations = Expectations(self)
        self.insight = Asked(self)
        self.at_site = Asked(self)
        self.scenes = Scenes(self)
        self.computing = Computing(self)

    # ---- models ----------------------------------------------------------------------------------

    def begin(
        self, checkpoint: Path | str | None = None, then: Callable[[], object] | None = None
    ) -> None:
        """Import torch and load a first model, in a job: the one named, or the shipped one that
        draws best; then do that."""
        self._load(
            "Getting ready…", lambda job: _first_model(checkpoint, self.computing.device), then
        )

    def load(
        self,
        checkpoint: Path | str,
        then: Callable[[], object] | None = None,
        turn: int | None = None,
    ) -> None:
        """Put the model of a checkpoint in the place of the present one, when it has been read, and
        then do that, unless another was asked for meanwhile. turn: since when it is wanted."""
        self._load(
            f"Loading {name_of(checkpoint)}…",
            lambda job: _loaded(checkpoint, self.computing.device),
            then,
            turn,
        )

    def take_turn(self) -> int:
        """A model is wanted from now on that has to be looked for first; `load` is told the turn,
        unless by then another is wanted (`wanted`)."""
        self._asked += 1
        return self._asked

    def wanted(self, turn: int) -> bool:
        """Whether no other model was asked for since."""
        return turn == self._asked

    def when_loaded(self, then: Callable[[], object]) -> None:
        """Do that as soon as the model that was asked for last is in use; where none is on its way,
        with a first one."""
        job, turn = self._loading
        if job in self._jobs:
            self._then = turn, then
        else:
            self.begin(then=then)

    def _load(
        self,
        what: str,
        do: Callable[[Job[Any]], tuple[Model, Path]],
        then: Callable[[], object] | None = None,
        turn: int | None = None,
    ) -> None:
        turn = self.take_turn() if turn is None else turn
        self._then = None if then is None else (turn, then)

        def load(job: Job[Any]) -> tuple[tuple[Model, Path], Looked, str]:
            found = do(job)
            return found, self.computing.looked_up(*found), self._more.why_not_one(found[0])

        def hear(answer: tuple[tuple[Model, Path], Looked, str]) -> None:
            found, looked, why_not = answer
            if not why_not:
                take(found, looked)
            elif turn > self._taken:
                self.offered.emit(why_not, "Draw anyway", lambda: take(found, looked))

        def take(found: tuple[Model, Path], looked: Looked) -> None:
            # the model asked for last is the one to show, whichever is read first
            if turn > self._taken:
                self._taken = turn
                self._take(found, looked)
                if self._then is not None and self._then[0] == turn:
                    (_, then), self._then = self._then, None
                    then()

        self._loading = self.work(what, load, hear), turn

    def work(
        self, what: str, do: Callable[[Job[Any]], Any], then: Callable[[Any], object]
    ) -> Job[Any]:
        """Run `do` in a thread; `then` gets its result in the window's thread.
        A failure goes to `failed`."""
        job: Job[Any] = Job(do, name=what)
        self._jobs[job] = then
        job.start()
        self.busy.emit(what)
        self._timer.start()
        return job

    def _take(self, found: tuple[Model, Path], looked: Looked) -> None:
        self._end_player()
        model, self.checkpoint = found
        kind = kinds.of(model)
        if self.kind is not None and self.kind.name != kind.name:
            self._take_sampling(self.kind.name, kind.name)
        self.model, self.kind, self.latest = model, kind, None
        self.options = _usable(self.computing.take(looked, self.options, model), model, kind)
        fresh = self._fit_painting(model)
        self._more.forget()
        if not self._more.surely_fit(many := self.options):
            self.options = fewest(many)
            self._more.look_for_room(many, self.options)
        self.player = self.new_player(self.options, self.evidence)
        self.model_changed.emit()
        self.model_settled.emit()
        if fresh:
            self.painting_changed.emit()
        self._timer.start()

    def _take_sampling(self, before: str, now: str) -> None:
        """Each kind of model has a temperature, top-k and top-p of its own: what makes a picture
        typical makes a voice silent."""
        self._sampling[before] = self.options.sampling
        temperature, top_k, top_p = self._sampling.get(now, SamplingOptions().sampling)
        self.options = replace(self.options, temperature=temperature, top_k=top_k, top_p=top_p)

    def _fit_painting(self, model: Model) -> bool:
        """An empty painting, where the present one is of another size or of other levels; whether
        the model has pictures at all. Otherwise what is painted stays, for the next that has."""
        if len(model.spec.space) != 2:
            return False
        seen = model.pictures
        height, width = seen.space
        fresh = Painting(seen.channels, height, width, seen.levels)
        old = self.painting
        if old is None or (old.values.shape, old.levels) != (fresh.values.shape, fresh.levels):
            self.painting = fresh
        return True

    @property
    def asked(self) -> bool:
        """Whether any model was asked for as yet."""
        return self._asked > 0

    @property
    def generates(self) -> bool:
        """Whether the model makes something of its own, which can be played;
        before there is one, it will."""
        return self.kind is None or self.kind.generates

    @property
    def title(self) -> str:
        """What the model is called: by its checkpoint, of a run by the run's folder."""
        if self.checkpoint is None:
            return "" if self.model is None else self.model.name
        return name_of(self.checkpoint)

    def moved(self, old: Path, new: Path) -> None:
        """A checkpoint lies elsewhere now; it may be that of the model in use."""
        if self.checkpoint == old:
            self.checkpoint = new
            self.renamed.emit()

    @property
    def polling(self) -> bool:
        """Whether there may be news: something runs, or has not been heard of yet."""
        return self._timer.isActive()

    # ---- playing ---------------------------------------------------------------------------------

    def cancel(self) -> None:
        if self.player is not None:
            self.player.cancel()
            self.look()

    def look(self) -> None:
        """Look for news: something was asked of the player."""
        self._timer.start()

    def look_every(self, milliseconds: int) -> None:
        """How often there may be a snapshot."""
        self._timer.setInterval(milliseconds)

    def change(self, **options: Any) -> None:
        """Other options; the fields of `SamplingOptions`. More pictures, or attempts at each, come
        when it is known that there is memory for them."""
        present, asked = self.options, self.options
        if (costly := is_costly(options)) and self._more.waiting is not None:
            asked = as_costly_as(self._more.waiting, present)
        changed = replace(asked, **options)
        if "chosen_takes" not in options and (changed.seed, changed.condition) != (
            present.seed,
            present.condition,
        ):
            changed = replace(changed, chosen_takes=())  # they were the best of another sound
        if "first" not in options and changed.seed != present.seed:
            changed = replace(changed, first=0)  # it was chosen among those of another seed
        if costly and self._more.surely_fit(changed):
            self._more.draw(changed)
        elif costly:
            self._more.look_for_room(changed, present)
            self.draw_with(as_costly_as(present, changed))
        else:
            self.draw_with(changed)

    def draw_with(self, changed: SamplingOptions) -> None:
        """Other options, whatever memory they take."""
        if changed != self.options:
            self.options = changed
            if self.player is not None:
                self.player.set_options(changed)
                self.look()
            self.options_changed.emit()

    def take_options(self, options: SamplingOptions) -> None:
        """All of them anew, but for what the model in use cannot do."""
        if self.model is not None and self.kind is not None:
            usable = _usable(options, self.model, self.kind)
            self.change(**{field.name: getattr(usable, field.name) for field in fields(usable)})

    def lock_seed(self, locked: bool) -> None:
        """Whether every run uses the same seed."""
        if locked != self.seed_locked:
            self.seed_locked = locked
            self.options_changed.emit()

    def roll(self) -> None:
        """Another seed."""
        self.change(seed=random.randrange(1_000_000))

    # ---- painting --------------------------------------------------------------------------------

    def give_painting(self, position: int | None) -> None:
        """Let the player have what is painted now, whatever memory the attempts at it take.

        position: how far it is to be shown drawn, None for as far as it goes.
        """
        if isinstance(self.player, TakesEvidence):
            self.player.set_evidence(self.evidence, position)
            self.look()

    def edit(self, action: Callable[[Painting], object]) -> None:
        """Change the painting; the player gets what came of it,
        and goes on from the first site that differs."""
        self._edit(action, lambda painting: None)

    def clear(self) -> None:
        """An empty painting, and nothing drawn; one step of its history."""
        empty = self.painting is not None and self.painting.empty
        self._edit(Painting.mark if empty else Painting.clear, lambda painting: 0)

    def start_over(self) -> None:
        """The painting as it is, and nothing drawn; one step of its history."""
        self._edit(Painting.mark, lambda painting: 0)

    def change_by_hand(self, changes: tuple[Change, ...]) -> None:
        """Other values of the drawing set by hand; one step of the painting's history."""
        self._edit(Painting.mark, lambda painting: None)
        self.scenes.change(changes)

    def undo(self) -> None:
        """The painting before the last change, and what was drawn with it."""
        self._edit(Painting.undo, self._as_it_was)

    def redo(self) -> None:
        """The same, forwards."""
        self._edit(Painting.redo, self._as_it_was)

    def take_up(self, history: History) -> None:
        """What was painted once, with its way back; nothing where it is for pictures of another
        size or of other levels than the model in use draws."""
        painting, (values, known, _) = self.painting, history.now
        if painting is None and self.model is not None and len(self.model.spec.space) == 1:
            # for the next model that draws
            channels, height, width = values.shape
            painting = self.painting = Painting(channels, height, width, history.levels)
        if painting is None or painting.levels != history.levels:
            return
        if painting.values.shape != values.shape:
            return
        same = np.array_equal(painting.values, values) and np.array_equal(painting.known, known)
        painting.take_up(history)
        if not same and isinstance(self.player, TakesEvidence):
            self._more.give_painting(None)
        self.painting_changed.emit()

    def _edit(
        self, action: Callable[[Painting], object], position: Callable[[Painting], int | None]
    ) -> None:
        """position: of the changed painting, how far it is to be shown drawn."""
        painting = self.painting
        if painting is None:
            return
        drawn = self.latest.position if isinstance(self.latest, Snapshot) else 0
        changes = self.scenes.changes
        painting.beside = (drawn, self.options.seed, *((changes,) if changes else ()))
        before = painting.revision
        action(painting)
        if painting.revision != before:
            if isinstance(self.player, TakesEvidence):
                self._more.give_painting(position(painting))
            self.painting_changed.emit()

    def _as_it_was(self, painting: Painting) -> int | None:
        """How far it was drawn, with the noise and the changes by hand of that time."""
        if not isinstance(painting.beside, tuple):
            return None
        drawn, seed, *changes = painting.beside
        self.change(seed=seed)
        self.scenes.change(changes[0] if changes else ())
        return int(drawn)

    @property
    def evidence(self) -> Evidence | None:
        """What is painted, a copy; None for nothing."""
        if self.painting is None or self.painting.empty:
            return None
        return Evidence(self.painting.values.copy(), self.painting.known.copy())

    # ---- news ------------------------------------------------------------------------------------

    def _poll(self) -> None:
        ended = [(job, self._jobs.pop(job)) for job in [*self._jobs] if job.state.over]
        self._ending = [player for player in self._ending if not player.join(0)]
        player = self.player
        # Asked first: what a player showed before it came to rest is then in its mailbox.
        if not self._jobs and not self._ending and (player is None or player.join(0)):
            self._timer.stop()  # before anybody hears the news, who may well want something again
        for job, then in ended:
            self.busy.emit(next(iter(self._jobs)).name if self._jobs else "")
            if job.state is State.FINISHED:
                then(job.result)
            elif job.state is State.FAILED:
                self.failed.emit(job.message, "" if job.refused else job.error)
        if player is None or player is not self.player:
            return
        if (failure := player.failures.take()) is not None:
            self.failed.emit(*failure)
        if (news := player.mailbox.take()) is None:
            return
        self.latest = news = self.expectations.beside(news)
        self.snapshot.emit(news)
        now = time.monotonic()
        if not news.hurried or now > self._read + READING_SECONDS:
            self._read = now
            self.reading.emit(news)

    # ---- the end ---------------------------------------------------------------------------------

    @property
    def ending(self) -> tuple[Closable, ...]:
        """Players that were let go and have not ended. Each may hold gigabytes, and a step of
        theirs may take seconds: another one begins after them."""
        return tuple(self._ending)

    def new_player(self, options: SamplingOptions, evidence: Evidence | None) -> Any:
        """A player of the model in use."""
        assert self.kind is not None
        return self.kind.part("player")(self.model, options, evidence, self.ending)

    def let_go(self, player: Closable) -> None:
        """Close a player; its thread is waited for where that matters."""
        player.close()
        self._ending.append(player)
        self._timer.start()

    def _end_player(self) -> None:
        if self.player is not None:
            self.let_go(self.player)
            self.player = None

    def shut_down(self, timeout: float = 2.0) -> bool:
        """Cancel everything and wait, `timeout` seconds at most; whether all threads have ended."""
        self._end_player()
        self._timer.stop()
        asked = [*self.expectations.end(), *self.insight.end(), *self.at_site.end()]
        running: list[Stoppable] = [*self._jobs, *self._ending, *asked]
        left = stop_all(running, timeout)
        self._jobs.clear()
        self._ending.clear()
        return not left


def _usable(options: SamplingOptions, model: Model, kind: Kind) -> SamplingOptions:
    """The same, but for what the model cannot do."""
    classes = getattr(model.conditioning, "count", 0)
    if options.condition is not None and options.condition >= classes:
        options = replace(options, condition=None)
    if not classes:
        options = replace(options, guidance=_USUAL.guidance)
    if not model.any_order:
        options = replace(options, order=None)
    if not getattr(model, "predicts_all", False):
        order = None if options.order == CERTAIN else options.order
        options = replace(options, steps=_USUAL.steps, order=order)
    if model.autoregressive:
        options = _with_its_methods(options, cast("AutoregressiveModel", model))
    if options.decode != _USUAL.decode and refusal_to_decode(options, model):
        options = replace(options, decode=_USUAL.decode)
    return replace(options, count=min(options.count, kind.most_at_once or options.count))


def _with_its_methods(options: SamplingOptions, model: AutoregressiveModel) -> SamplingOptions:
    """The same, but for methods of completion that the model refuses, and what only these take."""
    possible = [method for method in methods().values() if not method.refusal(model)]
    if options.method not in [AUTO, *(method.name for method in possible)]:
        options = replace(options, method=AUTO)
    if not any(method.begin for method in possible):
        options = replace(options, particles=_USUAL.particles)
    if not any(method.refined for method in possible):
        options = replace(options, sweeps=_USUAL.sweeps)
    return options


def _loaded(checkpoint: Path | str, device: str) -> tuple[Model, Path]:
    """device: by name; where it is not there any more, the best there is."""
    from studio.engine import checkpoints
    from studio.engine.runtime import devices

    path = checkpoints.resolve(checkpoint)
    where = devices.pick(device if device in devices.listed() else "auto")
    model = checkpoints.load(path, where)
    fingerprint(path)  # which scenes ask for later, in the window's thread
    return model, path


def _first_model(checkpoint: Path | str | None, device: str) -> tuple[Model, Path]:
    if checkpoint is not None:
        return _loaded(checkpoint, device)
    shipped = cards.shipped()
    if not shipped:
        raise StudioError("No checkpoint is installed: train a model, or open a checkpoint.")
    return _loaded(FIRST if FIRST in shipped else next(iter(shipped)), device)
