"""One session of the monkey: opens the window, acts for so long, brings it to rest, closes it, and
says what went wrong."""

from __future__ import annotations

import faulthandler
import gc
import linecache
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from traceback import format_stack

import psutil
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.demonstrations import FIRST
from studio.engine.checkpoints.cards import shipped
from studio.engine.editing.painting import Painting
from studio.engine.generation.methods import AUTO
from studio.gui.picture.grid_page import GridPage
from studio.gui.shell.app import application, prompt
from studio.gui.shell.docks import reset_layout
from studio.gui.shell.heartbeat import Heartbeat
from studio.gui.shell.late import Ahead
from studio.gui.shell.main_window import MainWindow
from tests.gui.leaks import Alive, leaked
from tests.leaks import leaked_threads, running_threads
from tests.monkey import actions
from tests.monkey.files import make_files
from tests.monkey.hands import Hands
from tests.monkey.residence import in_words, residence
from tests.monkey.watch import LATE, LATEST, Beats, Watch, kept, memory, stacks

WARM_UP = 120.0  # seconds of use, after which memory is not to grow any more
GROWTH = 1.05  # of memory, after that
_HELD = 1.0  # seconds that an action may take before the button is let go
STUBBORN = 100  # answers, after which a dialog should have gone
STUCK = 5.0  # seconds that an action may take, but for dialogs
_PATIENCE = 60.0  # seconds that coming to rest may take
_REPORT = 10.0  # seconds between two lines about memory


class Monkey:
    """Acts in a window until the time is up."""

    def __init__(
        self, window: MainWindow, heartbeat: Heartbeat, hands: Hands, watch: Watch, seconds: float
    ) -> None:
        self._window, self._hands, self._watch = window, hands, watch
        self._heartbeat, self._layout = heartbeat, window.saveState()
        self._seconds, self._began = seconds, time.monotonic()
        self._acting = self._helping = self._over = False
        self._answered = 0  # menus and dialogs, one after the other
        self._since = 0.0  # when an action began, or a dialog was last seen
        self._script = self._live()
        # at rest, in MB: after the warm-up, and at the end
        self.memory: list[float] = []
        self.residence: list[dict[str, float]] = []
        QTimer.singleShot(0, self._beat)

    def _beat(self) -> None:
        """The next action; while the last one waits for its dialog, only an answer to that."""
        if self._over:
            return
        pause = self._hands.random.choice([0, 5, 15, 30, 60, 150])
        try:
            QTimer.singleShot(pause, self._beat)
        except Exception:  # what was raised in a method that Qt called is raised here
            sys.excepthook(*sys.exc_info())
            QTimer.singleShot(pause, self._beat)
        self._watch.look_for_dialogs()
        if actions.answer(self._hands):
            self._since = time.monotonic()
            self._answered += 1
            if self._answered == STUBBORN:
                self._watch.fail(f"A dialog does not go: {self._watch.last}")
            return
        self._answered = 0
        if self._acting:
            if not self._helping:  # or these, which let further beats in, would never come back
                self._help()
            if time.monotonic() > self._since + STUCK:
                self._watch.fail("An action does not come back:\n" + "".join(format_stack()))
            return
        self._acting, self._since = True, time.monotonic()
        try:
            next(self._script, None)
        finally:
            self._acting = False

    def _help(self) -> None:
        """Lets go of what Qt drags until it is let go, or until that is taken back."""
        self._helping = True
        try:
            if time.monotonic() > self._since + _HELD:
                self._hands.release()
            if time.monotonic() > self._since + 2 * _HELD:
                self._hands.key(Qt.Key.Key_Escape)
        finally:
            self._helping = False

    def _live(self) -> Iterator[None]:
        """What is done, a beat at a time."""
        weights, acts = zip(*actions.ACTIONS, strict=True)
        reported, warm = self._began, self._seconds <= WARM_UP
        if not warm:
            yield from self._everything_once()
        begun = time.monotonic()
        while (now := time.monotonic()) < self._began + self._seconds:
            if not warm and now > begun + WARM_UP:
                warm = True
                yield from self._rest()
            if now > reported + _REPORT:
                reported = now
                self._hands.note(f"({memory():.0f} MB)")
            self._hands.actions += 1
            try:
                self._hands.random.choices(acts, weights)[0](self._hands)
            except Exception:  # of the studio: noted, and the monkey goes on
                sys.excepthook(*sys.exc_info())
            yield
        yield from self._rest()
        self._hands.note("close the window")
        while self._window.isVisible():
            self._window.close()
            yield
        self._over = True
        QApplication.quit()

    def _everything_once(self) -> Iterator[None]:
        """What is imported and compiled when it is first wanted is there after the warm-up."""
        playback = self._window.sound_page.playback
        for path in self._hands.files.checkpoints:
            self._hands.note(f"load {path.stem}")
            self._window.load(path)
            yield from self._until(partial(self._is_loaded, path))
            self._window.finish()
            playback.play()  # of what makes sound
            yield from self._beats(20)
            playback.stop()
        for path in (*self._hands.files.others, *self._hands.files.bad):
            actions.drop(self._hands, path)
            yield from self._beats(5)
        self._window.show_training()
        for name in actions.TRAINED:
            yield from self._until(lambda: self._window.training.form.choices is not None)
            actions.fill_in_a_training(self._hands, name)
            yield
            actions.start_the_training(self._hands)
            yield from self._until(lambda: not self._window.training.running)
        for page in self._window.pages.made:
            self._hands.note(f"show {type(page).__name__}")
            self._window.pages.setCurrentWidget(page)
            yield from self._beats(20)
        for title, dock in self._window.docks.items():
            self._hands.note(f"show the dock {title}")
            before = dock.isHidden()
            dock.show()
            dock.raise_()
            yield from self._beats(10)
            dock.setHidden(before)
        lessons = self._window.lessons
        for path in sorted(actions.LESSONS.glob("*/lesson.md")):
            self._hands.note(f"open the lesson {path.parent.name}")
            lessons.open(path.parent)
            yield from self._until(lambda: lessons.lesson is not None and lessons.settled)
            lessons.leave()
            yield from self._until(lambda: lessons.before is None)

    @staticmethod
    def _beats(count: int) -> Iterator[None]:
        for _ in range(count):
            yield

    def _is_loaded(self, path: Path) -> bool:
        return self._window.session.checkpoint == path

    def _until(self, so: Callable[[], bool], what: str = "it") -> Iterator[None]:
        """Beats until it is so; too long is a failure. what: takes its time."""
        deadline = time.monotonic() + _PATIENCE
        while not so():
            if time.monotonic() > deadline:
                self._watch.fail(f"It takes too long: {what}.\n{stacks()}")
                return
            yield

    def _rest(self) -> Iterator[None]:
        """Nothing is done any more, with one empty picture of the usual model, in a window as it is
        at first: the display's share of its memory is as large as what is seen. Then memory is
        noted."""
        window, session = self._window, self._window.session
        self._hands.note("come to rest")
        self._hands.release()
        window.training.stop()
        window.sound_page.playback.stop()
        session.cancel()
        session.edit(Painting.clear)
        session.change(count=1, method=AUTO)
        # what was opened last, a lesson or a scene, may still want its own model
        yield from self._until(lambda: not session.polling, "a job of the session")
        window.show_stage()
        window.showNormal()
        window.resize(*actions.SIZES[0])
        reset_layout(window, window.docks, self._layout)
        window.load(shipped()[FIRST])
        at_rest: dict[str, Callable[[], bool]] = {
            "loading": lambda: self._is_loaded(shipped()[FIRST]),
            "a job of the session": lambda: not session.polling,
            "an insight": lambda: session.insight.resting,
            "expectations": lambda: session.expectations.resting,
            "a training": lambda: not window.training.jobs(),
        }
        yield from self._until(at_rest["loading"], "loading")
        if (grid := window.pages.there(GridPage)) is not None:
            grid.free()  # which it does by itself a minute after it was left
        for what, rests in at_rest.items():
            yield from self._until(rests, what)
        yield from self._until(lambda: self._heartbeat.resting, "the last work")
        yield from self._beats(20)
        with self._hands.looking():
            linecache.clearcache()  # of the stacks that the watch writes down
            gc.collect()
            self.memory.append(memory())
            self.residence.append(residence())
            self._hands.note(f"at rest: {self.memory[-1]:.0f} MB; {kept()}")


def live(folder: Path, seed: int, seconds: float, strict: bool) -> int:
    """Runs one session; `folder` takes its files and its log. Prints what went wrong, and returns
    the exit status. strict: lateness and memory count too."""
    faulthandler.enable()
    random.seed(seed)
    log = folder / "monkey.log"
    watch = Watch(log)
    app = application()
    app.setQuitOnLastWindowClosed(False)
    objects = Alive.now()
    files = make_files(folder)
    with watch.everything():
        threads = running_threads()
        with prompt(app) as heartbeat:
            window = MainWindow()
            window.show()
            Ahead(window)
            hands = Hands(window, random.Random(seed), files, watch.write)
            beats = Beats(watch, lambda: hands.looked)
            monkey = Monkey(window, heartbeat, hands, watch, seconds)
            with beats.noting():
                app.exec()
            last, done = monkey.memory, hands.actions
            shiboken6.delete(window)
        for child in psutil.Process().children():
            child.terminate()  # works the queue off, and would for hours
        for left in (*leaked_threads(threads), *leaked(objects).describe()):
            watch.fail(f"The window left behind: {left}.")
    print(f"seed {seed}: {done} actions in {seconds:.0f} s; log: {log}")
    print(beats.table())
    print(f"memory at rest: {', '.join(f'{each:.0f} MB' for each in last)}")
    print(in_words(monkey.residence))
    if strict:
        if beats.p95 > LATE or beats.most > LATEST:
            watch.fail("The window was late.")
        if len(last) > 1 and last[-1] > GROWTH * last[0]:
            watch.fail(f"Memory grew from {last[0]:.0f} to {last[-1]:.0f} MB.")
    for number, failure in enumerate(watch.failures.values(), 1):
        print(f"\n==== failure {number} of seed {seed} ====\n{failure}")
    return bool(watch.failures)
