"""The main window: library left, the page of the model in use in the middle, inspector right,
training and log at the bottom."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QFocusEvent, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDockWidget,
    QLabel,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from studio.demonstrations import VOICE
from studio.engine.checkpoints.cards import shipped
from studio.engine.runtime.by_name import by_name
from studio.engine.runtime.jobs import stop_all
from studio.engine.runtime.log_file import LogFile
from studio.engine.runtime.memory import in_words, used
from studio.engine.runtime.texts import shortened
from studio.engine.scenes import autosave
from studio.engine.scenes.gallery import Gallery
from studio.engine.scenes.plan import Plan
from studio.engine.scenes.scene import Scene
from studio.gui import kinds
from studio.gui.inspector.inspector import Inspector
from studio.gui.library.library import Library
from studio.gui.library.recent import recent
from studio.gui.page import Page
from studio.gui.picture.anatomy.page import AnatomyPage
from studio.gui.picture.branch_pane import BranchPane
from studio.gui.picture.drawing_page import DrawingPage
from studio.gui.picture.grid_page import GridPage
from studio.gui.picture.insight_pane import InsightPane
from studio.gui.picture.race_page import RacePage
from studio.gui.session import Session
from studio.gui.shell import docks, keys
from studio.gui.shell.autosave import AutosaveWindow
from studio.gui.shell.checkpoint_files import CheckpointFiles
from studio.gui.shell.computing import ComputingStatus
from studio.gui.shell.demonstrations import Demonstrations
from studio.gui.shell.drops import Drops
from studio.gui.shell.gallery import GalleryPane
from studio.gui.shell.leaving import Leaving
from studio.gui.shell.lesson_pane import LessonPane
from studio.gui.shell.lessons import Lessons
from studio.gui.shell.log_panel import LogPanel, Relayed
from studio.gui.shell.menus import make_menus
from studio.gui.shell.opening import Opener
from studio.gui.shell.presentation import Presentation
from studio.gui.shell.recalling import Recalling
from studio.gui.shell.resetting import ask_to_reset, forget_settings
from studio.gui.shell.start_page import StartPage
from studio.gui.shell.symbols import OwnSymbols
from studio.gui.sound.sound_page import SoundPage
from studio.gui.sound.takes_page import TakesPage
from studio.gui.training.choices import Request
from studio.gui.training.dock import TrainingDock
from studio.gui.training.laboratory.page import LaboratoryPage
from studio.gui.training.outcome import being_trained
from studio.gui.training.status import TrainingStatus
from studio.gui.widgets import file_dialogs, motion, translation
from studio.gui.widgets.failure_dialog import FailureDialog
from studio.gui.widgets.focus_frame import FocusFrame
from studio.gui.widgets.message_bar import MessageBar, Question
from studio.gui.widgets.recent_files import CHECKPOINTS
from studio.gui.widgets.scrolling import Pages, scrolled

CLOSING_SECONDS = 3.0  # how long the window waits for its threads before it lets go of them
KEEPING_SECONDS = 20.0  # the same for a training, which keeps what it has learnt meanwhile


class MainWindow(QMainWindow):
    """Puts the parts together; what they do is theirs. `checkpoint`: what to open first, None for
    the usual model."""

    def __init__(self, checkpoint: Path | str | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Autoregressive Studio")
        self.setDockNestingEnabled(True)
        self._checkpoint = checkpoint
        self._liked: set[Path] = set()  # being saved, and favourites from the first
        self._begun = self._fitted = False
        self.session = Session(self)
        self.messages = MessageBar()
        self.start_page = StartPage()
        self.drawing_page, self.sound_page = DrawingPage(self.session), SoundPage(self.session)
        self.stages = self._stages()
        self.grid_page = GridPage(self.session, self.drawing_page.drawing)
        self.takes_page = TakesPage(self.session)
        self.anatomy_page = AnatomyPage(self.session)
        self.race_page = RacePage(self.session)
        self.laboratory = LaboratoryPage(self.session)
        self.comparing: tuple[Page, ...] = self.grid_page, self.takes_page, self.race_page
        self.pages = Pages()
        self.library = Library()
        self.inspector = Inspector(self.session, self.drawing_page.stage)
        for page in self.stages.values():
            if page is not self.drawing_page:  # a key works where a widget that has it is seen
                page.addActions(self.inspector.class_keys)
        self.demonstrations = Demonstrations(
            self.session,
            self.drawing_page,
            self.sound_page,
            self.show_stage,
        )
        self.checkpoint_files = CheckpointFiles(self.session, self)
        self.training = TrainingDock()
        self.leaving = Leaving(self, self.training)
        self.presentation = Presentation(self, self.pages.currentWidget, self._of_a_lesson)
        self.gallery = GalleryPane()
        self._to_train_on: Question | None = None
        self.autosave = AutosaveWindow(self)
        self.symbols = OwnSymbols(self)
        self.log = LogPanel()
        self.lesson_pane = LessonPane()
        self._put_together()
        self.lessons = Lessons(self, self.lesson_pane)
        self.recalling = Recalling(
            self, self.session, self.messages, self.show_stage, self.compare_plan
        )
        self.opener = Opener(
            lambda: [self.page, *self.stages.values()],
            self.load,
            self.train_on,
            self.lessons.open,
            self.recalling.open_file,
            self.watch_run,
            self.symbols.open_file,
        )
        self.presentation.take_turns(self.lessons.turn)
        self.symbols.connect()
        self._connect()
        make_menus(self, self)
        motion.follow_window(self)
        FocusFrame(self)
        self.drops = Drops(
            self, self.opener.of, self.recalling.open_text, self.messages.show_message
        )
        self._log_handler = self.log.handler()
        for package in ("studio", "models"):
            logging.getLogger(package).addHandler(self._log_handler)
        self._note_handler = Relayed(self, self._show_note)
        logging.getLogger("studio.engine").addHandler(self._note_handler)
        translation.translate(self)
        keys.apply(self)
        self._first_layout = docks.first_layout(self, self.docks)
        docks.restore_layout(self, self.docks)

    # ---- building --------------------------------------------------------------------------------

    def _stages(self) -> dict[type[Page], Page]:
        """A page for every kind of model; some kinds have the same."""
        made: list[Page] = [self.drawing_page, self.sound_page]
        found = {type(page): page for page in made}
        for kind in kinds.KINDS.values():
            if (needed := by_name(kind.page)) not in found:
                found[needed] = needed(self.session)
        return found

    def _put_together(self) -> None:
        for page in (
            self.start_page,
            *self.stages.values(),
            *self.comparing,
            self.anatomy_page,
            self.laboratory,
        ):
            self.pages.addWidget(page)
        centre = self.centre = _Centre(self.pages)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        self.messages.lie_over(centre, self._looked_at)
        self.pages.currentChanged.connect(lambda page: self.messages.settle_soon())
        self.setCentralWidget(centre)
        page = self.drawing_page
        self.insight_pane = InsightPane(self.session, page.stage)
        self.docks = docks.add_to(
            self,
            ("Library", self.library, docks.LEFT),
            ("Lesson", self.lesson_pane, docks.LEFT),
            ("Branches", BranchPane(page.branching, page.branch_here), docks.LEFT),
            ("Inspector", scrolled(self.inspector), docks.RIGHT),
            ("Insight", self.insight_pane, docks.RIGHT),
            ("Training", scrolled(self.training), docks.BOTTOM),
            ("Own symbols", scrolled(self.symbols.pane), docks.BOTTOM),
            ("Log", self.log, docks.BOTTOM),
            ("Gallery", self.gallery, docks.BOTTOM),
        )
        self.busy_bar = motion.BusyBar()
        self.busy_bar.setFixedSize(120, 12)
        self.busy_text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.place = QLabel()
        self.statusBar().setContentsMargins(0, 0, 8, 0)  # words keep off the window's edge
        self.statusBar().addWidget(self.busy_bar)
        self.statusBar().addWidget(self.busy_text)
        self.training_status = TrainingStatus()
        self.training_status.clicked.connect(lambda: self.show_dock("Training"))
        self.statusBar().addPermanentWidget(self.place)
        self.computing = ComputingStatus(self.session)
        self.statusBar().addPermanentWidget(self.computing)
        self.statusBar().addPermanentWidget(self.training_status)

    def _connect(self) -> None:
        session = self.session
        session.model_changed.connect(self._model_changed)
        session.renamed.connect(self._show_title)
        session.failed.connect(self.show_failure)
        session.busy.connect(self._show_busy)
        session.scenes.take_part("page", self._page_name, self._show_page)
        self.pages.currentChanged.connect(lambda page: session.scenes.changed.emit())
        session.offered.connect(
            lambda text, what, do: self.messages.show_message(text, "info", (what, do))
        )
        self.drawing_page.stage.hovered.connect(self.place.setText)
        self.drawing_page.insight.more_wanted.connect(lambda: self.show_dock("Insight"))
        self.inspector.distribution.taken.connect(self.drawing_page.branching.take_next)
        self.inspector.distribution.supposed.connect(self.drawing_page.drawing.suppose)
        self.drawing_page.branching.compare_wanted.connect(self.compare_scenes)
        self.grid_page.stage_wanted.connect(self.show_stage)
        self.anatomy_page.stage_wanted.connect(self.show_stage)
        self.anatomy_page.step_wanted.connect(self.step)
        self.inspector.anatomy.clicked.connect(self.show_anatomy)
        self.inspector.head.speed_wanted.connect(self.show_race)
        for one in (*self.stages.values(), *self.comparing, self.laboratory):
            one.message.connect(lambda text: self.messages.show_message(text, "info"))
            one.offered.connect(self._offer)
            one.saved.connect(self._take_into_gallery)
            one.done.connect(lambda text: self.messages.show_message(text, "ok"))
            one.failed.connect(lambda sentence: self.show_failure(sentence, ""))
            one.wanted.connect(self.show_stage)
            one.scene_pasted.connect(self.recalling.open_text)
        self.gallery.open_wanted.connect(self.open_file)
        self.gallery.failed.connect(lambda sentence: self.show_failure(sentence, ""))
        self.library.checkpoint_chosen.connect(self.load)
        self.library.train_requested.connect(self.show_training)
        self.library.renamed.connect(self._renamed)
        self.library.renaming.in_use = lambda path: being_trained(self.training.training, path)
        self.library.failed.connect(lambda sentence: self.show_failure(sentence, ""))
        self.checkpoint_files.message.connect(lambda text: self.messages.show_message(text, "info"))
        self.checkpoint_files.saved.connect(self._checkpoint_saved)
        self.training.checkpoint_chosen.connect(self.load)
        self.training.later.queue_wanted.connect(self.laboratory.put_into_queue)
        self.laboratory.checkpoint_wanted.connect(self.load)
        self.laboratory.form_wanted.connect(self._duplicate)
        self.laboratory.sweep_wanted.connect(self.training.ask_for_sweep)
        self.training.message.connect(lambda text: self.messages.show_message(text, "info"))
        self.training.failed.connect(self.show_failure)
        self.training.progressed.connect(self.training_status.show_training)
        self.training.ended.connect(self._training_ended)
        self.leaving.offered.connect(self._offer_to_train_on)
        self.leaving.settled.connect(self._train_on_no_more)
        session.scenes.besides = lambda: [*CHECKPOINTS.paths, *recent()]
        session.scenes.told.connect(lambda text: self.messages.show_message(text, "info"))
        self.autosave.offered.connect(
            lambda text, what, do, no: self.messages.ask(text, (what, do), no)
        )
        self.autosave.told.connect(lambda text: self.messages.show_message(text, "info"))
        self.autosave.failed.connect(lambda sentence: self.show_failure(sentence, ""))
        page = self.start_page
        page.watch_requested.connect(self.demonstrations.watch)
        page.invent_requested.connect(self.demonstrations.invent)
        page.finish_requested.connect(self.demonstrations.finish)
        page.hear_requested.connect(self.demonstrations.hear)
        page.train_requested.connect(self.show_training)
        page.open_requested.connect(self.open_checkpoint)
        page.lessons_requested.connect(self.lessons.show_list)

    # ---- models ----------------------------------------------------------------------------------

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
        self.leaving.offer_to_go_on(self._go_on)
        self.autosave.begin()

    def load(self, checkpoint: Path | str) -> None:
        """Load a checkpoint and show the stage."""

        def loaded() -> None:
            if self.session.checkpoint is not None:
                CHECKPOINTS.remember(self.session.checkpoint)
            self.show_stage()

        self.session.load(checkpoint, then=loaded)

    def _log_memory(self) -> None:
        """What the studio takes, and what of it is kept to go back to."""
        kept = {what: size for page in self.stages.values() for what, size in page.kept.items()}
        parts = [f"{what} {in_words(size)}" for what, size in kept.items() if size]
        told = f" ({', '.join(parts)})" if parts else ""
        self.log.add(f"Memory in use: {in_words(used())}{told}", "debug")

    def _model_changed(self) -> None:
        self._log_memory()
        if self.session.checkpoint is not None:
            self.library.set_current(self.session.checkpoint)
            self._show_title()
        if self.pages.currentWidget() not in (self.start_page, self.anatomy_page, self.laboratory):
            self.show_stage()

    def _show_title(self) -> None:
        title = shortened(self.session.title, 80).replace("[*]", "[ ]")  # has a meaning for Qt
        self.setWindowTitle(f"{title} – Autoregressive Studio")

    @property
    def page(self) -> Page:
        """Where the model in use is seen at work."""
        return self.stages[by_name(kinds.of(self.session).page)]

    def show_stage(self) -> None:
        """The page for what the model makes."""
        self.pages.setCurrentWidget(self.page)
        self.page.take_focus()

    def _of_a_lesson(self) -> list[QDockWidget]:
        """What stays in a presentation."""
        return [] if self.lessons.lesson is None else [self.docks["Lesson"]]

    @property
    def current(self) -> Page:
        """What the keys of playing are for: the page of the model, unless scenes are compared."""
        shown = self.pages.currentWidget()
        return next((page for page in self.comparing if page is shown), self.page)

    def compare(self) -> None:
        """Several scenes beside each other, beginning with what is on the stage."""
        kind = self.session.kind
        page = self.grid_page if kind is None or kind.film else self.takes_page
        self._show_comparison(page)
        page.open()

    def show_race(self) -> None:
        """Why drawing is slow or fast."""
        self._show_comparison(self.race_page)

    def compare_scenes(self, scenes: Sequence[Scene]) -> None:
        """These, 2 to 16 of them, such as branches."""
        self._show_comparison(self.grid_page)
        self.grid_page.show_scenes(scenes)

    def compare_plan(self, plan: Plan) -> None:
        """Those of a sheet, with its headings."""
        self._show_comparison(self.grid_page)
        self.grid_page.show_plan(plan)

    def show_anatomy(self) -> None:
        """The network of the model in use, as figures."""
        self.pages.setCurrentWidget(self.anatomy_page)
        self.anatomy_page.take_focus()

    def _show_comparison(self, page: Page) -> None:
        self.pages.setCurrentWidget(page)
        page.take_focus()

    def _page_name(self) -> str:
        """For scenes."""
        return "start" if self.pages.currentWidget() is self.start_page else "stage"

    def _show_page(self, name: object) -> None:
        if name == "start":
            self.pages.setCurrentWidget(self.start_page)
        elif name == "stage":
            self.show_stage()

    def toggle(self) -> None:
        self.current.toggle()

    def step(self, count: int) -> None:
        """Go on by so many sites, or back."""
        self.current.step(count)

    def finish(self) -> None:
        self.current.finish()

    def restart(self) -> None:
        self.current.restart()

    def show_training(self) -> None:
        """The form, for the model in use."""
        self.show_dock("Training")
        self.training.start_form(
            self.session.model.name if self.session.model is not None else None
        )

    def show_laboratory(self) -> None:
        """Several trainings compared, and what is still to be trained."""
        self.pages.setCurrentWidget(self.laboratory)
        self.laboratory.take_focus()

    def watch_run(self, folder: Path) -> None:
        """A run in the laboratory, wherever it is trained."""
        self.show_laboratory()
        self.laboratory.watch(folder)

    def _duplicate(self, asked: Request, name: str) -> None:
        self.show_dock("Training")
        self.training.duplicate(asked, name)

    def train_on(self, path: Path, what: str) -> None:
        """The form, with data of the person's own: "pictures" or "recordings"."""
        self.show_training()
        self.training.learn_from(path, what)

    def show_dock(self, title: str) -> None:
        self.docks[title].show()
        self.docks[title].raise_()

    def _go_on(self, run: Path) -> None:
        self.show_dock("Training")
        self.training.go_on(run)

    def _offer_to_train_on(self, text: str, what: str, do: Callable[[], object]) -> None:
        self._to_train_on = self.messages.ask(text, (what, do), self.leaving.decline)

    def _train_on_no_more(self) -> None:
        if self._to_train_on is not None:
            self.messages.withdraw(self._to_train_on)

    def _training_ended(self) -> None:
        run = None if self.training.live is None else self.training.live.run
        if run is not None and run.latest.is_file():
            CHECKPOINTS.remember(run.latest)
            self.library.take_in(run.latest)  # it may lie in a folder that the person named
        self.library.refresh()

    def _renamed(self, old: Path, new: Path) -> None:
        CHECKPOINTS.moved(old, new)
        self.session.moved(old, new)
        self.leaving.moved(old.parent, new.parent)
        self.training.moved(old.parent, new.parent)
        self.symbols.pane.learning.moved(old, new)

    # ---- files -----------------------------------------------------------------------------------

    def open_checkpoint(self) -> None:
        if (path := file_dialogs.ask_open_checkpoint(self)) is not None:
            self.open_file(path)

    def save_checkpoint(self) -> None:
        """Write the model in use where the person says."""
        self.checkpoint_files.ask_to_save()

    def save_made(self) -> None:
        """Pictures, or sound."""
        self.current.ask_to_save()

    def keep_in_gallery(self) -> None:
        """What is seen now, as a favourite; nobody is asked for a name."""
        page = self.current
        if page.why_not_save or not page.kept_as:
            self.messages.show_message(page.why_not_save, "info")
            return
        path = Gallery().free_path(
            f"{self.session.title}-{self.session.options.seed}", page.kept_as
        )
        self._liked.add(path)
        page.keep_as(path)

    def _take_into_gallery(self, path: Path) -> None:
        self.gallery.add(path, favourite=path in self._liked)
        self._liked.discard(path)

    def save_screenshot(self) -> None:
        """A picture of the stage."""
        self.recalling.ask_to_save_screenshot(self.page.seen)

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
        self.messages.show_message("Everything that was remembered is forgotten.", "ok")

    def _checkpoint_saved(self, path: Path) -> None:
        CHECKPOINTS.remember(path)
        self.messages.show_message(f"Saved as {path}.", "ok")
        self.library.take_in(path)
        self.library.refresh()

    # ---- news ------------------------------------------------------------------------------------

    def tell(self, sentence: str) -> None:
        """Something that is good to know."""
        self.messages.show_message(sentence, "info")

    def show_failure(self, sentence: str, details: str) -> None:
        """One sentence in the bar; where there is a traceback, a dialog that can copy it."""
        self.log.add(details or sentence, "error")
        if LogFile.current is not None:
            LogFile.current.note(details or sentence)
        if details:
            FailureDialog(self, sentence, details).open()
        else:
            self.messages.show_message(sentence, "error")

    def _offer(self, text: str, what: str, do: Callable[[], object]) -> None:
        self.messages.show_message(text, "info", (what, do))

    def _show_note(self, sentence: str, level: str) -> None:
        """What the engine says of files that it reads; the log has all of it."""
        if level == "warning":
            self.messages.show_message(sentence, "info")

    def _show_busy(self, what: str) -> None:
        self.busy_bar.show_busy(bool(what))
        self.busy_text.setText(shortened(what))
        if what:
            self.log.add(what)

    def _looked_at(self) -> list[QRect]:
        page = self.pages.currentWidget()
        if not isinstance(page, Page):
            return []
        corner = page.mapTo(self.centre, QPoint())
        return [part.translated(corner) for part in page.looked_at()]

    # ---- the window itself -----------------------------------------------------------------------

    def saveState(self, version: int | None = None) -> QByteArray:
        """In a presentation the layout to come back to."""
        before = self.presentation.layout_before
        return super().saveState(version or 0) if before is None else before

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        child = event.child()
        if event.type() == QEvent.Type.ChildPolished and isinstance(child, QDialog):
            translation.translate(child)  # a dialog that is just opened

    def setVisible(self, visible: bool) -> None:
        if visible and not self._fitted:
            self._fitted = True
            docks.fit(self, self.docks)
        super().setVisible(visible)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.leaving.stays():
            event.ignore()
            return
        self.presentation.leave()
        docks.keep_layout(self, self.lessons.close_down())
        keep = self.autosave.last()
        for package in ("studio", "models"):
            logging.getLogger(package).removeHandler(self._log_handler)
        logging.getLogger("studio.engine").removeHandler(self._note_handler)
        self.hide()  # it shows at once; what still runs is given its time out of sight
        keep()
        self.library.close_down()
        self.grid_page.close_down()
        self.race_page.close_down()
        self.laboratory.close_down()
        jobs = [
            *self.training.jobs(),
            *self.gallery.close_down(),
            *self.symbols.pane.close_down(),
        ]
        for job in jobs:
            job.cancel()
        self.session.shut_down(CLOSING_SECONDS)
        stop_all(jobs, KEEPING_SECONDS if self.training.running else CLOSING_SECONDS)
        self.training.close_down()
        super().closeEvent(event)


class _Centre(QWidget):
    """Given the keys as a whole, it gives them to the page that is seen."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self._pages = pages

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        page = self._pages.currentWidget()
        if isinstance(page, Page):
            page.take_focus()
