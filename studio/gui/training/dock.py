"""The training dock: first the form, then the training while it runs; when it is over both,
where there is room.

torch is imported, and with it everything that the form offers, in a job when the dock is first
seen. One timer asks the jobs for news, and runs only while there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State
from studio.engine.runtime.texts import shortened
from studio.gui import kinds
from studio.gui.training.choices import Choices, Request, look_around
from studio.gui.training.form import TrainingForm
from studio.gui.training.later import Later, unknown
from studio.gui.training.outcome import called, outcome
from studio.gui.widgets.controls import described
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.training.training_job import TrainingJob
    from studio.gui.training.live import TrainingLive

POLL_MILLISECONDS = 200
_ROOM = 1000  # pixels that form and curves need side by side
NOTHING_YET = (
    "Nothing is being trained.\n\nChoose a model and press Start: its curve"
    " and samples appear here."
)


class TrainingDock(QWidget):
    """Signals: checkpoint_chosen(Path) to open in the stage; message(str); failed(sentence,
    traceback or ""); started() and ended() of a training; progressed(training or None, Progress or
    None) for whoever shows in short how it stands."""

    checkpoint_chosen = Signal(object)
    message = Signal(str)
    failed = Signal(str, str)
    started = Signal()
    ended = Signal()
    progressed = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.training: TrainingJob | None = None
        self.live: TrainingLive | None = None  # made when it is first needed: it imports pyqtgraph
        self._looking: Job[Choices] | None = None
        # what is to be done with the form when it is ready
        self._then: list[Callable[[], object]] = []
        self._look_due = self._closed = False
        self._request = Request("", {}, "auto", None)  # what was asked for last
        self._folded = False  # whether the form is out of sight, although no training runs
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

        self.form = TrainingForm()
        self.start = described(
            QPushButton("Start"), "Start", "Train a new model with these settings"
        )
        self.start.clicked.connect(self._start_new)
        self.later = Later(self.form, self)
        self.later.message.connect(self.message)
        self.queue = described(
            QPushButton("Queue"),
            "Queue",
            "Train this after all that waits in the queue of the laboratory",
        )
        self.queue.clicked.connect(self.later.put_into_queue)
        self.sweep = described(
            QPushButton("Sweep…"), "Sweep", "Train it several times, with other settings each time"
        )
        self.sweep.clicked.connect(lambda: self.later.ask_for_sweep(self.form.request()))
        self.resume = described(
            QPushButton("Resume"), "Resume", "Resume a training that was stopped"
        )
        self.runs = QMenu(self.resume)
        self.runs.triggered.connect(lambda action: self._begin_again(action.data()))
        self.resume.setMenu(self.runs)
        buttons = QHBoxLayout()
        for button in (self.start, self.queue, self.sweep, self.resume):
            buttons.addWidget(button, 1)
        ready = QWidget()
        column = QVBoxLayout(ready)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form, 1)
        column.addLayout(buttons)
        self.waiting = QLabel(
            "Getting ready…", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True
        )
        self.left = QStackedWidget()
        self.left.addWidget(self.waiting)
        self.left.addWidget(ready)
        self.right = QStackedWidget()
        self.right.addWidget(
            QLabel(NOTHING_YET, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        )
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.left)
        halves.addWidget(self.right)
        halves.setStretchFactor(1, 1)
        halves.setSizes([440, 960])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 8)
        layout.addWidget(halves)
        self._show_buttons()

    # ---- what the window asks for ----------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a training runs, or is still about to stop."""
        return self.training is not None

    def jobs(self) -> list[Job[Any]]:
        """What a closing window must stop and wait for."""
        jobs = (self._looking, self.training, *self.later.jobs())
        return [job for job in jobs if job is not None]

    def start_form(self, name: str | None = None) -> None:
        """Show the form, for the model of that name."""
        if self.running:
            self.message.emit(
                "A training is already running. Stop it or let it finish before you start another."
            )
            return
        self._unfold()
        self._when_ready(lambda: self.form.choose(name or ""))

    def train(self, request: Request) -> None:
        """Train what is asked for elsewhere in the window; who asked hears of it by `progressed`,
        also where it cannot begin."""
        if self.running:
            self.start_form()  # which says so
            return

        def begin() -> None:
            self._start(request)
            if not self.running:
                self.failed.emit(self.form.complaint.text(), "")
                self.progressed.emit(None, None)

        self._when_ready(begin)

    def learn_from(self, path: Path, what: str) -> None:
        """Put data into the form: "pictures" or "recordings"."""
        if self.running:
            return  # `start_form` has said so

        def choose() -> None:
            self.form.learn_from(path, what)
            self.message.emit(
                f'Press Start to train {self.form.model.currentText()} on "{path.name}".'
            )

        self._when_ready(choose)

    def duplicate(self, asked: Request, name: str) -> None:
        """The form with what a run was asked for, to be changed."""
        self.start_form()
        if not self.running:
            self._when_ready(lambda: self._fill(asked, name))

    def _fill(self, asked: Request, name: str) -> None:
        if self.form.fill(asked.model, asked.changes):
            said = tr('These are the settings of "{name}": change some, and press Start.')
            self.message.emit(said.format(name=shortened(name, 60)))
        else:
            self.message.emit(unknown(name))

    def ask_for_sweep(self, asked: Request, name: str) -> None:
        """Ask for a sweep of what the run of that name was asked for."""
        self._when_ready(lambda: self.later.ask_for_sweep(asked, name))

    def moved(self, old: Path, new: Path) -> None:
        """A run lies in another folder now."""
        if self.live is not None:
            self.live.moved(old, new)
        if self.form.choices is not None:
            self._look_around()

    def go_on(self, folder: Path) -> None:
        """Resume the run in a folder."""
        if not self.running:
            self._when_ready(lambda: self._begin_again(str(folder)))

    def _when_ready(self, do: Callable[[], object]) -> None:
        """Do that once all that the form offers is there."""
        if self.form.choices is None:
            self._then.append(do)
            self._look_around()
        else:
            do()

    def stop(self) -> None:
        """Ask the training to stop; what was trained is kept."""
        if self.training is not None and self.live is not None:
            self.training.cancel()
            self.live.stop.setEnabled(False)
            self.live.say("Stopping… the model is kept.")

    def close_down(self) -> None:
        """Take no more news: the window closes."""
        self._closed = True
        self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.form.choices is None and not self._closed:
            self._look_due = True
            # the first look comes with its first beat, when the window has been painted
            self._timer.start()

    # ---- getting ready ---------------------------------------------------------------------------

    def _look_around(self) -> None:
        self._look_due = False
        if self._looking is None and not self._closed:
            self._looking = Job(_what_there_is, name="looking for models that can be trained")
            self._looking.start()
            self._timer.start()

    def _offer(self, choices: Choices) -> None:
        self.form.offer(choices)
        waiting, self._then = self._then, []
        for do in waiting:
            do()
        self.left.setCurrentIndex(1)
        self.runs.clear()
        for run in choices.runs:
            self.runs.addAction(run.title).setData(str(run.folder))
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.start.setEnabled(not self.running)
        self.resume.setEnabled(not self.running and not self.runs.isEmpty())
        self.left.setVisible(not self.running and not self._folded)
        if self.live is not None:
            self.live.settings.setVisible(not self.running and self._folded)

    def _unfold(self) -> None:
        self._folded = False
        self._show_buttons()

    # ---- a training ------------------------------------------------------------------------------

    def _start_new(self) -> None:
        self._start()

    def _start(self, request: Request | None = None, anyway: bool = False) -> None:
        """Train what was asked for, or else what the form asks for."""
        from studio.engine.training.recipe_values import read_changes
        from studio.engine.training.training_job import TrainingJob

        def made() -> TrainingJob:
            self._request = asked = request or self.form.request()
            recipe, config = read_changes(asked.model, dict(asked.changes))
            return TrainingJob(
                asked.model,
                recipe=recipe,
                config=config,
                folder=asked.folder,
                device=asked.device,
                anyway=anyway,
            )

        self._begin(made)

    def _begin_again(self, folder: str) -> None:
        from studio.engine.training.training_job import TrainingJob

        self._begin(lambda: TrainingJob(resume=folder, device=self.form.device.currentText()))

    def _begin(self, made: Callable[[], TrainingJob]) -> None:
        try:
            self.training = made()
        except StudioError as error:
            self.form.complain(str(error))
            return
        self.form.complain("")
        live = self.shown_live()
        live.begin(self.training.run, kinds.listed(self.training.model_name).watch)
        live.say(f"Preparing {called(self.training)}…")
        self.form.folder.clear()  # the next one has a name of its own
        self._show_buttons()
        live.stop.setFocus()
        self.training.start()
        self._timer.start()
        self.started.emit()
        self.progressed.emit(self.training, None)
        self.message.emit(
            f"Training {called(self.training)}; it is kept in {self.training.run.folder}."
        )

    def shown_live(self) -> TrainingLive:
        """What is seen of a training, made when it is first needed."""
        if self.live is None:
            from studio.gui.training.live import TrainingLive

            self.live = TrainingLive()
            self.live.stop_wanted.connect(self.stop)
            self.live.open_wanted.connect(self._open)
            self.live.settings_wanted.connect(self._unfold)
            self.right.addWidget(self.live)
            self.right.setCurrentWidget(self.live)
        return self.live

    def _open(self) -> None:
        if self.live is not None and self.live.run is not None:
            self.checkpoint_chosen.emit(self.live.run.latest)

    # ---- news ------------------------------------------------------------------------------------

    def _poll(self) -> None:
        if self._look_due:
            self._look_around()
        if (looking := self._looking) is not None and looking.state.over and looking.join(0):
            self._looking = None
            if looking.result is not None:
                self._offer(looking.result)
            else:
                self.waiting.setText(f"Training is not possible here: {looking.message}")
                self.failed.emit(looking.message, looking.error)
        if (training := self.training) is not None and self.live is not None:
            # asked first: its last news are then in the mailbox
            over = training.state.over and training.join(0)
            progress = training.mailbox.take()
            while training.notes:
                self.message.emit(training.notes.popleft())
            if progress is not None:
                self.live.show_progress(progress)
                self.progressed.emit(training, progress)
                if not training.token.cancelled:
                    scoring = "" if progress.share < 1 else ": scoring it on all test data"
                    self.live.say(f"Training {called(training)} on {training.device}{scoring}")
            if over:
                self.live.curves.refresh()
                self._end(training, self.live)
        if not self.jobs():
            self._timer.stop()

    def _end(self, training: TrainingJob, live: TrainingLive) -> None:
        self.training = None
        said = outcome(training)
        live.end(said)
        # the form says what was wrong with it
        self._folded = training.state is not State.FAILED and self.width() < _ROOM
        self._show_buttons()
        if training.state is State.FAILED:
            self.form.complain(training.message)
            if training.too_large and self._wanted_anyway(training.message):
                self._start(self._request, anyway=True)
                return
            self.failed.emit(training.message, "" if training.refused else training.error)
        else:
            self.message.emit(said)
        self._look_around()  # what can be resumed is different now
        self.progressed.emit(None, None)
        self.ended.emit()

    def _wanted_anyway(self, estimate: str) -> bool:
        """Ask whether to train what is estimated to be too much."""
        answer = QMessageBox.question(self, "Very large", f"{estimate}\n\nTrain it anyway?")
        return answer == QMessageBox.StandardButton.Yes


def _what_there_is(job: Job[Choices]) -> Choices:
    # What starting a training needs: it takes a second to import, for which the window should not
    # stand still then.
    import studio.engine.training.training_job
    import studio.gui.training.live  # noqa: F401

    return look_around()
