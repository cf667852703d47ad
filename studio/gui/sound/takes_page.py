"""The page on which takes of sound are compared: of several models or settings, of the same length
and equally loud, heard in turn or switched between at the same place."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.engine.checkpoints.places import name_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State
from studio.engine.scenes.plan import Plan, plan_of
from studio.engine.scenes.references import comparable
from studio.engine.scenes.scene import Scene
from studio.engine.scenes.takes import Take
from studio.gui.audio.sound_output import SoundOutput
from studio.gui.page import Page
from studio.gui.session import POLL_MILLISECONDS, Session
from studio.gui.sound.take_row import TakeRow
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.axis_picker import AxisPicker, Choices
from studio.gui.widgets.controls import ChoiceBox, action, described, icon_button, offer
from studio.gui.widgets.flow_layout import FlowLayout, together
from studio.gui.widgets.icons import icon
from studio.gui.widgets.play_button import PlayButton
from studio.gui.widgets.scrolling import scrolled

if TYPE_CHECKING:
    from models.interface import Model

_SECONDS = (2, 5, 10)
_NONE = "Nothing is made yet: press Make."
_HINT = "Two takes or more, of the same length and equally loud. Press Make to hear them."


class TakesPage(Page):
    """Compares what the stage of sound has, along one axis. Silent while it is not seen."""

    called = "Takes"

    steps = False

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.axis = AxisPicker("Compare", optional=False)
        self.seconds = described(ChoiceBox(), "Length", "How much of each is made")
        for seconds in _SECONDS:
            self.seconds.addItem(f"{seconds} s", seconds)
        self.make = QPushButton("Make")
        self.make.setToolTip("Make the takes, one after the other")
        self.play_button = PlayButton("Hear them in turn, or pause (Space)")
        self.restart_button = icon_button("restart", "Restart", "From the first one on (Home)")
        self.other = QPushButton("A/B")
        self.other.setToolTip("Go on with the next take at the same place (A)")
        self.save_button = QPushButton(icon("save"), "Save…")
        self.save_button.setToolTip("Save all takes one after the other, as one recording")
        for button in (self.make, self.other, self.save_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.words = QLabel(_HINT, textFormat=Qt.TextFormat.PlainText)
        self.output = SoundOutput(self)
        self.rows: list[TakeRow] = []
        self._plan: Plan | None = None
        self._models: list[Path] = []
        self._job: Job[Any] | None = None
        self._active, self._begin = 0, 0  # the take that is heard, and from which sample on
        self._clock = QTimer(self, interval=2 * POLL_MILLISECONDS)
        self._put_together()
        self._connect()

    def _put_together(self) -> None:
        above, below = FlowLayout(spacing=12), FlowLayout(spacing=16)
        for widget in (self.axis, together(QLabel("Length"), self.seconds), self.make):
            above.addWidget(widget)
        for widget in (
            together(self.restart_button, self.play_button, self.other),
            self.save_button,
            self.words,
        ):
            below.addWidget(widget)
        self._area = QWidget()
        self._list = QVBoxLayout(self._area)
        self._list.setContentsMargins(8, 0, 8, 0)
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        for layout in (above, below):
            layout.setContentsMargins(12, 0, 12, 0)
        column.addLayout(above)
        column.addWidget(scrolled(self._area), 1)
        column.addLayout(below)

    def _connect(self) -> None:
        self.make.clicked.connect(self._make_or_stop)
        self.play_button.clicked.connect(self.toggle)
        self.restart_button.clicked.connect(self.restart)
        self.other.clicked.connect(self.switch)
        self.save_button.clicked.connect(self.ask_to_save)
        self.switch_action = action(self, "A/B", self.switch, "A")
        self.output.changed.connect(self._show_playing)
        self.output.ended.connect(self._next)
        self.output.failed.connect(self.failed)
        self.output.moved.connect(self.message)
        self._clock.timeout.connect(self._follow)
        self._session.busy.connect(lambda what: self._see_after_job())
        self._show_playing()

    # ---- what is compared ------------------------------------------------------------------------

    def open(self) -> None:
        """Offer what can be compared with the model in use."""
        present, besides = self._session.checkpoint, self._session.scenes.besides()
        if present is not None:
            self._session.work(
                "Looking for models…", lambda job: comparable(present, besides), self._offer
            )

    def _offer(self, models: list[Path]) -> None:
        session, scene = self._session, self._session.scenes.now()
        if session.model is None or scene is None:
            return
        self._models = models
        names = getattr(session.model.conditioning, "names", ())
        self.axis.offer(_choices(session.model, scene, models), names)

    def _make_or_stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._done()
            return
        scene = self._session.scenes.now()
        try:
            axis = self.axis.axis()
            if scene is None or axis is None:
                return
            plan = plan_of(replace(scene, view={}), axis)
        except StudioError as error:
            self.message.emit(str(error))
            return
        self._make_takes(plan)

    def _make_takes(self, plan: Plan) -> None:
        session = self._session
        assert session.model is not None
        session.cancel()
        self.output.stop()
        seconds = float(self.seconds.currentData())
        there = {session.scenes.reference: session.model}
        device, besides = session.model.device, [*session.scenes.besides(), *self._models]

        def work(job: Job[Any]) -> list[Take]:
            from studio.engine.scenes.grid import load_models
            from studio.engine.scenes.takes import make_takes, matched

            models = load_models(plan.scenes, device, besides, there)

            def going_on(share: float) -> bool:
                job.token.raise_if_cancelled()
                return True

            return matched(make_takes(plan, models, seconds, going_on))

        def take(made: list[Take]) -> None:
            if job is self._job:
                self._done()
                self._take(plan, made)

        job = self._job = session.work("Making the takes…", work, take)
        self.make.setText("Stop")
        self.words.setText("Making the takes…")

    def _see_after_job(self) -> None:
        """One that has failed, or was cancelled by others, leaves the button as it was."""
        if self._job is not None and self._job.state in (State.FAILED, State.CANCELLED):
            self._done()

    def _done(self) -> None:
        self._job = None
        self.make.setText("Make")
        self.words.setText("" if self.rows else _HINT)

    def _take(self, plan: Plan, made: list[Take]) -> None:
        self._plan = plan
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [
            TakeRow(take, letter)
            for take, letter in zip(made, string.ascii_uppercase, strict=False)
        ]
        for index, row in enumerate(self.rows):
            row.chosen.connect(lambda share, index=index: self._hear(index, share))
            self._list.addWidget(row)
        self._active = self._begin = 0
        self.words.setText("Click a take to hear it from there; A goes on with the next one.")
        self._show_playing()

    # ---- what is heard ---------------------------------------------------------------------------

    @property
    def active(self) -> int:
        """The take that is heard, from 0."""
        return self._active

    @property
    def _heard(self) -> list[int]:
        return [index for index, row in enumerate(self.rows) if row.take.samples.size]

    def _hear(self, index: int, share: float = 0.0) -> None:
        from studio.engine.audio.sound_ring import SoundRing

        take = self.rows[index].take
        begin = min(round(share * len(take.samples)), len(take.samples) - 1)
        self._active, self._begin = index, begin
        self.output.play(SoundRing.holding(take.samples[begin:], take.rate))

    @property
    def _share(self) -> float:
        """How far the take that is heard is."""
        samples = len(self.rows[self._active].take.samples)
        return min(1.0, (self._begin + self.output.position) / max(1, samples))

    def switch(self) -> None:
        """Go on with the next take at the same place."""
        heard = self._heard
        if not heard:
            self.message.emit(_NONE)
            return
        later = [index for index in heard if index > self._active]
        index = (later or heard)[0]
        share = self._share if self.output.playing else 0.0
        self._hear(index, share if share < 1 else 0.0)

    def _next(self) -> None:
        """In turn: the one after it, up to the last."""
        later = [index for index in self._heard if index > self._active]
        if later:
            self._hear(later[0])

    def toggle(self) -> None:
        heard = self._heard
        if self.output.paused:
            self.output.resume()
        elif self.output.playing:
            self.output.pause()
        elif heard:
            self._hear(heard[0])
        else:
            self.message.emit(_NONE)

    def finish(self) -> None:
        """There is nothing to hurry: takes are made at full speed."""

    def restart(self) -> None:
        if heard := self._heard:
            self._hear(heard[0])

    def _show_playing(self) -> None:
        playing = self.output.playing
        self.play_button.show_playing(playing and not self.output.paused)
        (self._clock.start if playing else self._clock.stop)()
        there = bool(self._heard)
        for button in (self.play_button, self.restart_button, self.other, self.save_button):
            offer(button, there, _NONE)
        self._follow()

    def _follow(self) -> None:
        playing = self.output.playing
        for index, row in enumerate(self.rows):
            row.show_place(self._share if playing and index == self._active else None)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the window is not just minimised
            self.output.stop()
            if self._job is not None:
                self._job.cancel()
                self._done()

    # ---- what can be asked of any page -----------------------------------------------------------

    @property
    def edits(self) -> list[QAction]:
        return []

    def takes(self, suffix: str) -> bool:
        return False

    @property
    def why_not_save(self) -> str:
        return "" if self._heard else _NONE

    def ask_to_save(self) -> None:
        """All takes one after the other."""
        made, plan = [row.take for row in self.rows], self._plan
        if not self._heard or plan is None:
            self.message.emit(_NONE)
            return
        name = f"{plan.scenes[0].model.name}-takes"
        if (path := file_dialogs.ask_save_sound(self, name)) is None:
            return

        def write() -> None:
            from studio.engine.scenes.takes import save_in_turn

            save_in_turn(plan, made, path)

        self._session.work(
            f"Saving {path.name}…",
            lambda job: write(),
            lambda _: self._saved(path),
        )

    def _saved(self, path: Path) -> None:
        self.done.emit(f"Saved as {path}.")
        self.saved.emit(path)


def _choices(model: Model, scene: Scene, models: Sequence[Path]) -> dict[str, Choices]:
    """Of each field that means something to the model, by name."""
    seed, names = scene.options.seed, getattr(model.conditioning, "names", ())
    found = {
        "temperature": Choices(text="0.8, 1"),
        "seed": Choices(text=f"{seed}, {seed + 1}"),
        "model": Choices([(name_of(path), path) for path in models], models[:2]),
        "top-p": Choices(text="0.9, 1"),
        "top-k": Choices(text="16, 0"),
    }
    if names:
        listed = [(name, number) for number, name in enumerate(names)]
        found["class"] = Choices(listed, range(min(len(names), 2)))
    return found
