"""The main window: library left, the page of the model in use in the middle, inspector right,
training and log at the bottom.

Here it is put together, opened and closed. What it says is told in `telling_window`; its parts,
most of which are made when they are first shown, in `window_parts`; the way from page to page in
`window_pages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QDialog, QDockWidget

from studio.demonstrations import VOICE
from studio.engine.checkpoints.cards import shipped
from studio.engine.runtime.jobs import stop_all
from studio.engine.scenes import autosave
from studio.engine.scenes.scene import Scene
from studio.gui.inspector.inspector import Inspector
from studio.gui.library.library import Library
from studio.gui.library.recent import recent
from studio.gui.session import Session
from studio.gui.shell import docks, keys
from studio.gui.shell.autosave import AutosaveWindow
from studio.gui.shell.checkpoint_files import CheckpointFiles
from studio.gui.shell.computing import ComputingStatus
from studio.gui.shell.demonstrations import Demonstrations
from studio.gui.shell.drops import Drops
from studio.gui.shell.lessons import DOCK as LESSON
from studio.gui.shell.lessons import Lessons
from studio.gui.shell.loading import Loading
from studio.gui.shell.logbook import Logbook
from studio.gui.shell.menus import make_menus
from studio.gui.shell.opening import Opener
from studio.gui.shell.presentation import Presentation
from studio.gui.shell.recalling import Recalling
from studio.gui.shell.resetting import ask_to_reset, forget_settings
from studio.gui.shell.results import Results
from studio.gui.shell.symbols import OwnSymbols
from studio.gui.shell.trainings import Trainings
from studio.gui.shell.window_pages import WindowPages
from studio.gui.shell.window_parts import INSIGHT, WindowParts
from studio.gui.widgets import motion, translation
from studio.gui.widgets.focus_frame import FocusFrame
from studio.gui.widgets.recent_files import CHECKPOINTS

CLOSING_SECONDS = 3.0  # how long the window waits for its threads before it lets go of them
KEEPING_SECONDS = 20.0  # the same for a training, which keeps what it has learnt meanwhile


class MainWindow(WindowParts):
    """`checkpoint`: what to open first, None for the usual model."""

    def __init__(self, checkpoint: Path | str | None = None) -> None:
        super().__init__()
        self.setDockNestingEnabled(True)
        self._checkpoint = checkpoint
        self._begun = self._fitted = False
        self.session = Session(self)
        self.logbook = Logbook(self)
        self.pages = WindowPages(self)
        self.library = Library()
        self.inspector = Inspector(self.session, self.drawing_page.stage)
        self.trainings = Trainings(self)
        self.results = Results(self)
        self.symbols = OwnSymbols(self)
        self.computing = ComputingStatus(self.session)
        self.put_together()
        self.checkpoint_files = CheckpointFiles(self.session, self)
        self.loading = Loading(self)
        self.demonstrations = Demonstrations(self)
        self.presentation = Presentation(self, self.pages.currentWidget, self._of_a_lesson)
        self.autosave = AutosaveWindow(self)
        self.lessons = Lessons(self)
        self.recalling = Recalling(
            self, self.session, self.messages, self.show_stage, self.pages.compare_plan
        )
        self.opener = Opener(
            self.pages.for_files,
            self.load,
            self.trainings.learn_from,
            self.lessons.open,
            self.recalling.open_file,
            self.pages.watch_run,
            self.symbols.open_file,
        )
        self.presentation.take_turns(self.lessons.turn)
        self._connect()
        make_menus(self)
        motion.follow_window(self)
        FocusFrame(self)
        self.drops = Drops(self, self.opener.of, self.recalling.open_text, self.tell)
        translation.translate(self)
        keys.apply(self)
        self._first_layout = docks.first_layout(self, self.docks)
        docks.restore_layout(self, self.docks)

    def _connect(self) -> None:
        session, page, pages = self.session, self.drawing_page, self.pages
        session.model_settled.connect(self._model_changed)
        session.renamed.connect(self.show_title)
        session.failed.connect(self.show_failure)
        session.busy.connect(self.show_busy)
        session.offered.connect(self.offer)
        session.scenes.take_part("page", pages.name_now, pages.show_named)
        session.scenes.besides = lambda: [*CHECKPOINTS.paths, *recent()]
        session.scenes.told.connect(self.tell)
        pages.currentChanged.connect(lambda _: self.messages.settle_soon())
        pages.currentChanged.connect(lambda _: session.scenes.changed.emit())
        pages.connect_with_window(page)
        page.stage.hovered.connect(self.place.setText)
        page.stage.hint_changed.connect(self.messages.settle_soon)
        page.insight.more_wanted.connect(lambda: self.show_dock(INSIGHT))
        page.branching.compare_wanted.connect(pages.compare_scenes)
        self.inspector.distribution.taken.connect(page.branching.take_next)
        self.inspector.distribution.supposed.connect(page.drawing.suppose)
        self.inspector.anatomy.clicked.connect(pages.show_anatomy)
        self.inspector.head.speed_wanted.connect(pages.show_race)
        self.library.train_requested.connect(self.show_training)
        self.autosave.offered.connect(
            lambda text, what, do, no: self.messages.ask(text, (what, do), no)
        )
        self.autosave.told.connect(self.tell)
        self.autosave.failed.connect(self.complain)
        start = self.start_page
        start.watch_requested.connect(self.demonstrations.watch)
        start.invent_requested.connect(self.demonstrations.invent)
        start.finish_requested.connect(self.demonstrations.finish)
        start.hear_requested.connect(self.demonstrations.hear)
        start.train_requested.connect(self.show_training)
        start.open_requested.connect(self.loading.ask_to_open)
        start.lessons_requested.connect(self.lessons.show_list)

    # ---- the model -------------------------------------------------------------------------------

    def load(self, checkpoint: Path | str) -> None:
        """Load a checkpoint and show the stage."""
        self.loading.load(checkpoint)

    def _model_changed(self) -> None:
        self.logbook.add_memory(self.pages.kept())
        if self.session.checkpoint is not None:
            self.library.set_current(self.session.checkpoint)
            self.show_title()
        self.pages.follow_model()

    # ---- what can be asked of it -----------------------------------------------------------------

    def show_stage(self) -> None:
        """The page for what the model makes."""
        self.pages.show_stage()

    def show_laboratory(self) -> None:
        """Several trainings compared, and what is still to be trained."""
        self.pages.show_laboratory()

    def show_training(self) -> None:
        """The form, for the model in use."""
        self.trainings.show_form()

    def compare(self) -> None:
        """Several scenes beside each other, beginning with what is on the stage."""
        self.pages.compare()

    def compare_scenes(self, scenes: Sequence[Scene]) -> None:
        """These, 2 to 16 of them, such as branches."""
        self.pages.compare_scenes(scenes)

    def finish(self) -> None:
        """Make all at once of what is seen."""
        self.pages.finish()

    def open_file(self, path: Path) -> None:
        """A file of any kind, or a folder: something for the model in use,
        for one of another kind, another model, or data to train on."""
        opening = self.opener.of(path)
        if opening.do is None:
            self.messages.show_message(opening.words, "error")
        else:
            opening.do()

    @property
    def session_actions(self) -> list[QAction]:
        """What can be done about what is open being kept."""
        return [self.autosave.go_on, self.autosave.switch]

    def ask_to_reset(self) -> None:
        """Forget everything that is remembered, if the person says so."""
        ask_to_reset(self, self._reset)

    def _reset(self) -> None:
        self.autosave.forget()
        autosave.tidy(none=True)
        forget_settings()
        docks.reset_layout(self, self.docks, self._first_layout)
        self.library.refresh()
        self.say_done("Everything that was remembered is forgotten.")

    def _of_a_lesson(self) -> list[QDockWidget]:
        """What stays in a presentation."""
        return [] if self.lessons.lesson is None else [self.docks[LESSON]]

    # ---- it opens --------------------------------------------------------------------------------

    def setVisible(self, visible: bool) -> None:
        if visible and not self._fitted:
            self._fitted = True
            docks.fit(self, self.docks)
        super().setVisible(visible)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._begun:  # the window is there: now the slow things
            self._begun = True
            docks.keep_on_screen(self, self.docks)
            QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        if not self.isVisible():
            return  # it was closed as soon as it was there
        self.start_page.set_sound_available(VOICE in shipped())
        if not self.session.asked:  # a person, or a program, can be quicker
            self.session.begin(self._checkpoint)
        self.library.refresh()
        self.trainings.begin()
        self.autosave.begin()

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        if event.type() == QEvent.Type.ChildPolished and isinstance(
            child := event.child(), QDialog
        ):
            translation.translate(child)  # a dialog that is just opened

    def saveState(self, version: int | None = None) -> QByteArray:
        """In a presentation the layout to come back to."""
        before = self.presentation.layout_before
        return super().saveState(version or 0) if before is None else before

    # ---- it closes -------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.trainings.leaving.stays():
            event.ignore()
            return
        self.presentation.leave()
        docks.keep_layout(self, self.lessons.close_down())
        keep = self.autosave.last()
        self.logbook.close_down()
        self.hide()  # it shows at once; what still runs is given its time out of sight
        keep()
        self.library.close_down()
        self.pages.close_down()
        jobs = [
            *self.trainings.jobs(),
            *self.results.close_down(),
            *self.symbols.close_down(),
        ]
        for job in jobs:
            job.cancel()
        self.session.shut_down(CLOSING_SECONDS)
        trains = self.trainings.running is not None
        stop_all(jobs, KEEPING_SECONDS if trains else CLOSING_SECONDS)
        self.trainings.close_down()
        super().closeEvent(event)
