"""Trainings in the window: their dock, what is asked of it from elsewhere, a training that can go
on, and who hears when one ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from studio.gui.shell.late import Late
from studio.gui.shell.leaving import Leaving
from studio.gui.training.choices import Request
from studio.gui.training.dock import TrainingDock
from studio.gui.training.laboratory.page import LaboratoryPage
from studio.gui.training.outcome import being_trained
from studio.gui.training.status import TrainingStatus
from studio.gui.widgets.message_bar import Question
from studio.gui.widgets.recent_files import CHECKPOINTS

if TYPE_CHECKING:
    from studio.engine.runtime.jobs import Job
    from studio.engine.training.training_job import TrainingJob
    from studio.gui.shell.main_window import MainWindow

TITLE = "Training"


class Trainings(QObject):
    """pane: what is in the dock. status: how a training stands, in the status bar. leaving: asks
    before the window is closed in the middle of one.

    Signals: progressed(training or None, Progress or None), and ended(), as the dock has them.
    """

    progressed = Signal(object, object)
    ended = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.pane = Late(self._make)
        self.status = TrainingStatus()
        self.status.clicked.connect(self.show)
        self.progressed.connect(self.status.show_training)
        self._question: Question | None = None  # whether one is to go on
        self.leaving = Leaving(window)
        self.leaving.offered.connect(self._offer_to_go_on)
        self.leaving.settled.connect(self._offer_no_more)

    def _make(self) -> TrainingDock:
        window, pane = self._window, TrainingDock()
        pane.checkpoint_chosen.connect(window.load)
        pane.message.connect(window.tell)
        pane.failed.connect(window.show_failure)
        pane.progressed.connect(self.progressed)
        pane.ended.connect(self._ended)
        pane.ended.connect(self.ended)
        pane.later.queue_wanted.connect(
            lambda requests: window.pages.of(LaboratoryPage).put_into_queue(requests)
        )
        self.leaving.follow(pane)
        window.put_into_dock(TITLE, pane, scrolls=True)
        return pane

    # ---- what is asked for -----------------------------------------------------------------------

    def show(self) -> None:
        """The dock."""
        self._window.show_dock(TITLE)

    def show_form(self) -> None:
        """The form, for the model in use."""
        model = self._window.session.model
        self.show()
        self.pane().start_form(None if model is None else model.name)

    def duplicate(self, asked: Request, name: str) -> None:
        """The form with what the run of that name was asked for."""
        self.show()
        self.pane().duplicate(asked, name)

    def ask_for_sweep(self, asked: Request, name: str) -> None:
        """Ask for a sweep of what the run of that name was asked for."""
        self.pane().ask_for_sweep(asked, name)

    def train(self, asked: Request) -> None:
        """Train what is asked for; who asked hears of it by `progressed`."""
        self.pane().train(asked)

    def stop(self) -> None:
        """Ask the training to stop; what was trained is kept."""
        self.pane().stop()

    def learn_from(self, path: Path, what: str) -> None:
        """The form, with data of the person's own: "pictures" or "recordings"."""
        self.show_form()
        self.pane().learn_from(path, what)

    # ---- going on --------------------------------------------------------------------------------

    def begin(self) -> None:
        """The window is there: what the last one ended in the middle of can go on."""
        self.leaving.offer_to_go_on(self._go_on)

    def _offer_to_go_on(self, text: str, what: str, do: Callable[[], object]) -> None:
        self._question = self._window.messages.ask(text, (what, do), self.leaving.decline)

    def _offer_no_more(self) -> None:
        if self._question is not None:
            self._window.messages.withdraw(self._question)

    def _go_on(self, run: Path) -> None:
        self.show()
        self.pane().go_on(run)

    # ---- news ------------------------------------------------------------------------------------

    def _ended(self) -> None:
        live, library = self.pane().live, self._window.library
        run = None if live is None else live.run
        if run is not None and run.latest.is_file():
            CHECKPOINTS.remember(run.latest)
            library.take_in(run.latest)  # it may lie in a folder that the person named
        library.refresh()

    @property
    def running(self) -> TrainingJob | None:
        """The training that runs, or is still about to stop."""
        pane = self.pane.there
        return None if pane is None else pane.training

    def in_use(self, checkpoint: Path) -> str:
        """A sentence, where a checkpoint is that of the training that runs; else ""."""
        return being_trained(self.running, checkpoint)

    def moved(self, old: Path, new: Path) -> None:
        """A run lies in another folder now."""
        self.leaving.moved(old, new)
        if self.pane.there is not None:
            self.pane.there.moved(old, new)

    # ---- the end ---------------------------------------------------------------------------------

    def jobs(self) -> list[Job[Any]]:
        """What a closing window must stop and wait for."""
        return [] if self.pane.there is None else self.pane.there.jobs()

    def close_down(self) -> None:
        """Take no more news: the window closes."""
        if self.pane.there is not None:
            self.pane.there.close_down()
