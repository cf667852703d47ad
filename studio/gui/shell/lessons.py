"""Lessons in the window: a step shows its scene, frames what it points at, hides what it hides; and
when the lesson is left, everything is as it was before.

What a pupil does within a step is a sandbox: the lesson is only read, and what was on the stage
before, the painting with its history, is kept aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QWidget

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job
from studio.engine.runtime.texts import shortened
from studio.engine.scenes import lessons as files
from studio.engine.scenes.kept_session import KeptSession
from studio.engine.scenes.lesson_questions import next_pixel
from studio.engine.scenes.lesson_writing import add_step, start_lesson
from studio.engine.scenes.lessons import Lesson, Listed, Step
from studio.engine.scenes.references import find
from studio.engine.scenes.scene import Scene
from studio.gui.shell.kept_window import bring_back, kept
from studio.gui.shell.late import Late
from studio.gui.shell.lesson_pane import LessonPane
from studio.gui.shell.lesson_points import (
    Frames,
    Names,
    Target,
    bring_into_sight,
    dock_called,
    dock_of,
)
from studio.gui.shell.lesson_progress import keep_progress, progress
from studio.gui.shell.lesson_saving import StepDialog
from studio.gui.widgets import file_dialogs

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

DOCK = "Lesson"
_PATIENCE = 15_000  # ms for what was open before a lesson to come back
_SETTLES = 100  # ms without another change of the docks, before lessons are looked for
_TEXT = 0.6  # the share of the height that the text keeps, where a dock is put below it


@dataclass(frozen=True)
class _Before:
    """What the window showed before the lesson."""

    kept: KeptSession
    checkpoint: Path | None
    page: QWidget


class Lessons(QObject):
    """lesson: the one that runs, None for none; number: of its step, from 0.

    settled: whether the step is there, with its scene and its frames.
    before: what was on the stage before it, None where nothing waits to come back.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._pane = Late(self._make)
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._give_up)
        self.lesson: Lesson | None = None
        self.number = 0
        self.settled = False
        self.before: _Before | None = None
        self.frames = Frames(self)
        self._layout = QByteArray()  # of the docks, for steps that ask for no other
        self._rearranged = False
        self._turn = 0  # how many scenes were asked for
        self._bring_last: Callable[[], object] = lambda: None
        self._saved: Path | None = None  # the lesson that a step was added to last
        self._look = QTimer(self, singleShot=True, interval=_SETTLES)
        self._look.timeout.connect(self._look_for_lessons)
        self._dock = window.docks[DOCK]
        self._dock.installEventFilter(self)
        self._dock.visibilityChanged.connect(self._fill)

    @property
    def pane(self) -> LessonPane:
        """What is in the dock."""
        return self._pane()

    def _make(self) -> LessonPane:
        pane = LessonPane()
        pane.list.chosen.connect(self._choose)
        pane.list.open_requested.connect(self._ask_to_open)
        step = pane.step
        step.back.connect(lambda: self.go(self.number - 1))
        step.next.connect(lambda: self.go(self.number + 1))
        step.reset.connect(self.reset)
        for left in (step.left, pane.left):
            left.connect(self.leave)
        step.question.guessed.connect(lambda _: self._draw_next_pixel())
        for source in (step.text, step.question):
            source.link_chosen.connect(self._ask_to_follow)
        self._window.put_into_dock(DOCK, pane)
        return pane

    # ---- the list --------------------------------------------------------------------------------

    def show_list(self) -> None:
        """The pane; where a lesson runs, its step."""
        self._window.show_dock(DOCK)

    def _fill(self, visible: bool) -> None:
        if visible and self.lesson is None:
            self._look.start()

    def _look_for_lessons(self) -> None:
        self._session.work(
            "Looking for lessons…", lambda job: files.listed(), self.pane.list.show_lessons
        )

    def _choose(self, listed: Listed) -> None:
        if listed.lesson is None:
            self._window.messages.show_message(listed.sentence, "error")
        else:
            self.open(listed.path)

    def _ask_to_open(self) -> None:
        if (path := file_dialogs.ask_open_lesson(self._window)) is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Begin the lesson in a folder, or in a file, where the person left it."""
        self._session.work("Reading the lesson…", lambda job: files.read(path), self.begin)

    # ---- a lesson --------------------------------------------------------------------------------

    def begin(self, lesson: Lesson) -> None:
        """Show it from where the person left it; once done, from its beginning."""
        if self.before is None:
            self._keep_aside()
        self.lesson = lesson
        self._window.installEventFilter(self)  # again is once
        self._window.show_dock(DOCK)
        if self._rearranged:  # by a lesson that this one takes the place of
            self._window.restoreState(self._layout)
            self._rearranged = False
        self._layout = self._window.saveState()
        came = progress(lesson.name)
        step = came.step or 0
        self.go(0 if came.done or step >= len(lesson.steps) else step)

    def go(self, number: int) -> None:
        """Show the step of that number, from 0; after the last one the lesson is over."""
        if self.lesson is None or number < 0:
            return
        if number >= len(self.lesson.steps):
            self.leave()
            return
        self.number = number
        keep_progress(self.lesson.name, number, number == len(self.lesson.steps) - 1)
        self.pane.show_step(self.lesson, number)
        self._show(self.lesson.steps[number], self.lesson.steps[number].scene)

    def turn(self, by: int) -> bool:
        """For the keys of a presenter: the next step, or the one before; whether a lesson runs. The
        last step stays."""
        if self.lesson is None:
            return False
        if 0 <= self.number + by < len(self.lesson.steps):
            self.go(self.number + by)
        return True

    def reset(self) -> None:
        """The step as it begins; one without a scene as the scene before it, or else as the window
        was before the lesson."""
        if self.lesson is None or self.before is None:
            return
        so_far = self.lesson.steps[: self.number + 1]
        scenes = [step.scene for step in so_far if step.scene is not None]
        self._show(self.lesson.steps[self.number], scenes[-1] if scenes else self.before.kept.scene)

    def leave(self) -> None:
        """End the lesson; the window shows again what it showed before."""
        before = self.before
        if self.lesson is None or before is None:
            return
        self.lesson = None
        self._window.removeEventFilter(self)
        self.frames.clear()
        self._window.restoreState(QByteArray(before.kept.layout))
        self._rearranged = False
        self.pane.show_list()
        self._look.start()

        def bring(then: Callable[[], object]) -> None:
            bring_back(self._window, before.kept, then)

        def load_and_bring(then: Callable[[], object]) -> None:
            assert before.checkpoint is not None
            self._session.load(before.checkpoint, lambda: bring(then))

        here = before.checkpoint  # one that was renamed is found by its weights
        same = here in (None, self._session.checkpoint) or not here.is_file()
        self._ask(bring if same else load_and_bring, lambda: self._put_back(before))
        if self.before is not None:
            self._patience.start(_PATIENCE)

    def close_down(self) -> QByteArray | None:
        """The window is closed. Returns the layout of before, with which it is to open again; None
        where no lesson runs. It is not laid out so any more: Qt has crashed in that, once."""
        self._patience.stop()
        if self.lesson is None or self.before is None:
            return None
        self.frames.clear()
        self.lesson = None
        return QByteArray(self.before.kept.layout)

    # ---- what was there before -------------------------------------------------------------------

    def _keep_aside(self) -> None:
        window, session = self._window, self._session
        session.cancel()
        # drawings for a model are gone on with in a lesson: they are not put back
        now = replace(kept(window), drawings=None)
        self.before = _Before(now, session.checkpoint, window.pages.currentWidget())

    def _put_back(self, before: _Before) -> None:
        self._window.pages.setCurrentWidget(before.page)
        self._patience.stop()
        self.before = None

    def _give_up(self) -> None:
        """What was open before does not come back: its model failed to load, or another was chosen
        meanwhile. What is there now is kept from now on."""
        if self.lesson is None:
            self.before = None

    # ---- a step ----------------------------------------------------------------------------------

    def _show(self, step: Step, scene: Scene | None) -> None:
        self.settled = False
        self.frames.clear()
        self._arrange(step)
        if scene is None:
            self._bring_nothing()
            self._settle(step, scene)
        else:
            self._bring(scene, lambda: self._settle(step, scene))

    def _arrange(self, step: Step) -> None:
        """The docks as the lesson found them, but for those that the step hides."""
        if self._rearranged:
            self._window.restoreState(self._layout)
            self._rearranged = False
        for name in step.hides:
            dock = dock_called(self._window.docks, name.text)
            if dock is not None and dock is not self._dock and dock.isVisible():
                dock.hide()
                self._rearranged = True

    def _bring(self, scene: Scene, then: Callable[[], object]) -> None:
        """Have a scene shown."""
        self._ask(lambda shown: self._session.scenes.show(scene, shown), then)

    def _bring_nothing(self) -> None:
        """What is on its way is not wanted any more."""
        self._turn += 1
        self._bring_last = lambda: None

    def _ask(
        self, show: Callable[[Callable[[], object]], object], then: Callable[[], object]
    ) -> None:
        """Have something shown. What comes although something else was asked for after it, since
        its model took longer to find, is not the last word."""
        self._turn += 1
        turn = self._turn

        def shown() -> None:
            if turn == self._turn:
                then()
            else:
                self._bring_last()

        self._bring_last = lambda: show(shown)
        self._bring_last()

    def _settle(self, step: Step, scene: Scene | None) -> None:
        """The scene is there; the rest follows once everything has found its place."""
        if scene is not None:
            self._window.show_stage()
        QTimer.singleShot(0, self, lambda: self._open_docks(step))

    def _open_docks(self, step: Step) -> None:
        if not self._is_shown(step):
            return
        for found in self._pointed_at(step):
            dock = dock_of(found.widget)
            if dock is None or dock is self._dock:
                continue
            if not dock.isVisible() or dock.visibleRegion().isEmpty():
                self._rearranged = True
            if dock in self._window.tabifiedDockWidgets(self._dock):
                self._put_below(dock)
            dock.show()
            dock.raise_()
        QTimer.singleShot(0, self, lambda: self._frame(step))

    def _put_below(self, dock: QDockWidget) -> None:
        """Where it does not cover the text of the lesson, which has the same place else."""
        window = self._window
        area = window.dockWidgetArea(self._dock)
        window.removeDockWidget(dock)
        window.addDockWidget(area, dock, Qt.Orientation.Vertical)
        dock.show()
        height = self._dock.height()
        heights = [round(_TEXT * height), height - round(_TEXT * height)]
        window.resizeDocks([self._dock, dock], heights, Qt.Orientation.Vertical)
        self._rearranged = True

    def _frame(self, step: Step) -> None:
        if not self._is_shown(step):
            return
        found = self._pointed_at(step)
        for each in reversed(found):  # the first is the one that surely is seen
            bring_into_sight(each)
        self.frames.show(found)
        self.settled = True
        if self.lesson is not None:
            self._complain(self.lesson, step)

    def _pointed_at(self, step: Step) -> list[Target]:
        """What a step points at: what is seen, or else what is anywhere in the window, on pages too
        that were not shown yet."""
        names = self._names()
        found = [names.target(line.text) for line in step.points]
        if not all(each is not None and self._surely_meant(each.widget) for each in found):
            self._window.make_all()
            names = self._names()
            found = [names.target(line.text) for line in step.points]
        return [each for each in found if each is not None]

    def _names(self) -> Names:
        return Names(self._window, self._window.docks)

    def _surely_meant(self, widget: QWidget) -> bool:
        """Whether nothing that is still to be made can be meant rather."""
        seen = widget.isVisible() and widget is not self._window.menuBar()
        return seen or isinstance(widget, QDockWidget)

    def _complain(self, lesson: Lesson, step: Step) -> None:
        """Say what nothing in the window is called, to whoever wrote the lesson."""
        for sentence in self._names().unknown(lesson, step):
            self._window.logbook.add(sentence, "warning")
            self._window.messages.show_message(sentence, "info")

    def _is_shown(self, step: Step) -> bool:
        return self.lesson is not None and self.lesson.steps[self.number] is step

    def _draw_next_pixel(self) -> None:
        """What the model draws next in the scene of the step, whatever the pupil has done since."""
        if self.lesson is None or (scene := self.lesson.steps[self.number].scene) is None:
            return
        step, session = self.lesson.steps[self.number], self._session
        model, checkpoint, besides = session.model, session.checkpoint, session.scenes.besides()

        def draw(job: Job[str]) -> str:
            found = find(scene.model, besides)
            if found.checkpoint is None:
                raise StudioError(found.sentence)
            used = model
            if used is None or found.checkpoint != checkpoint:
                from studio.engine import checkpoints  # brings torch

                used = checkpoints.load(found.checkpoint)
            return next_pixel(scene, used)[2]

        def tell(colour: str) -> None:
            if self._is_shown(step):
                self.pane.step.question.take_next_pixel(colour)

        session.work("Drawing the next pixel…", draw, tell)

    def _ask_to_follow(self, address: str) -> None:
        """A link leads out of the studio: the person says whether."""
        self._window.messages.show_message(
            f"Open {shortened(address, 200)} in the browser?",
            "info",
            ("Open", lambda: QDesktopServices.openUrl(QUrl(address))),
        )

    # ---- lessons of one's own --------------------------------------------------------------------

    def save_step(self) -> None:
        """Ask which lesson the present scene becomes a step of, and what its text is."""
        scene = self._session.scenes.now()
        if scene is None:
            self._window.messages.show_message("There is no scene yet: open a model first.", "info")
            return
        own = files.own_folder()

        def ask(found: list[Listed]) -> None:
            known = [one for one in found if one.path.is_relative_to(own)]
            StepDialog(
                self._window, known, lambda dialog: self._save(dialog, scene), self._saved
            ).open()

        self._session.work("Looking for lessons…", lambda job: files.listed(), ask)

    def _save(self, dialog: StepDialog, scene: Scene) -> None:
        lesson, folder = dialog.lesson, dialog.folder
        lesson_title, title = dialog.new_title.text(), dialog.step_title.text()
        text = dialog.text.toPlainText()

        def save(job: Job[tuple[Path | None, str]]) -> tuple[Path | None, str]:
            try:
                if lesson is None:
                    return start_lesson(lesson_title, folder, title, text, scene), "Step 1"
                return lesson, f"Step {add_step(lesson, title, text, scene)}"
            except StudioError as error:
                return None, str(error)

        def tell(saved: tuple[Path | None, str]) -> None:
            path, said = saved
            if path is None:
                if not dialog.complain(said):
                    self._window.messages.show_message(said)
                return
            dialog.saved()
            self._saved = path
            self._window.messages.show_message(
                f"{said} is saved in {path.parent}.",
                "ok",
                ("Open the lesson", lambda: self.open(path)),
            )
            self._fill(self._dock.isVisible())

        self._session.work("Saving the step…", save, tell)

    # ---- the window ------------------------------------------------------------------------------

    def _leave_with_dock(self) -> None:
        if self._dock.isHidden():
            self.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape, where nothing else takes it, and the button that closes the pane leave the
        lesson."""
        if self.lesson is None:
            return False
        if watched is self._dock and event.type() == QEvent.Type.Close:
            # Not at once: a dock that floated is closed as a window when it is put back, and that
            # may be in the midst of laying out all of them, which Qt does not survive twice.
            QTimer.singleShot(0, self, self._leave_with_dock)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            escape = event.key() == Qt.Key.Key_Escape
            if escape:
                self.leave()
            return escape
        return False
