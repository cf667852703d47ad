"""The window keeps what is open in it by itself, and brings it back: at the next start after it
ended without being closed, or when it is asked to.

It looks twice a second whether there is anything new, while a stroke goes on too, and writes in a
thread what is. So never more is lost than the last two seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State
from studio.engine.scenes import autosave
from studio.engine.scenes.autosave import Autosave, Left
from studio.engine.scenes.kept_session import KeptSession, alike
from studio.gui.shell.kept_window import bring_back, kept
from studio.gui.widgets.controls import action

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

KEY = "autosave/on"
INTERVAL = 500  # ms between two looks
_PATIENCE = 5.0  # seconds that a write may take when the window is closed
_ENDED = "The studio ended without being closed."
_NOTHING = "There is nothing to go on with: no earlier session is kept."


class AutosaveWindow(QObject):
    """switch: turns it on and off, and is remembered. go_on: brings back what was open last.
    restoring: whether it is on its way.

    Signals: offered(sentence, what can be done, the function that does it, the function for "No"),
    which stands until it is answered; told(sentence); failed(sentence).
    """

    offered = Signal(str, str, object, object)
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._own: Autosave | None = None
        self._written: KeptSession | None = None  # last, or on its way
        self._job: Job[None] | None = None
        self._failing = False  # told once
        self._left: list[Left] = []  # claimed, and not yet answered
        self.restoring = False
        tip = "Keep what is open by itself, to go on with after a crash or at the next start"
        self.switch = action(window, "Save the session by itself", None, tip=tip)
        self.switch.setCheckable(True)
        self.switch.setChecked(QSettings().value(KEY, True, type=bool) is True)
        self.switch.toggled.connect(self._switched)
        tip = "Bring back what was open before: model, painting with its way back, and layout"
        self.go_on = action(window, "Go on where you were", self._go_on, tip=tip)
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)

    # ---- what was open before --------------------------------------------------------------------

    def begin(self) -> None:
        """The window is there: from now on it is kept, and what one that is gone left is
        offered."""

        def look() -> tuple[Left, KeptSession] | None:
            autosave.tidy()
            return _read(closed=False)

        self._timer.start()
        if self.switch.isChecked():
            self._window.session.work("Getting ready…", lambda job: look(), self._offer)

    def _offer(self, found: tuple[Left, KeptSession] | None) -> None:
        if found is None:
            return
        left, session = found
        self._left.append(left)
        self.offered.emit(
            f"{_ENDED} Go on where it was?",
            "Go on",
            lambda: self._bring_back(left, session),
            lambda: self._put_by(left),
        )

    def _go_on(self) -> None:
        def take(found: tuple[Left, KeptSession] | None) -> None:
            if found is None:
                self.told.emit(_NOTHING)
                return
            self._left.append(found[0])
            self._bring_back(*found)

        self._window.session.work(
            "Looking for what was open…", lambda job: _read(closed=True), take
        )

    def _bring_back(self, left: Left, session: KeptSession) -> None:
        """What is open now is put by, also where nothing is kept by itself: it can be gone back to
        in the same way."""
        self._wait()
        now = kept(self._window)
        if not now.empty and (self._written is None or not alike(now, self._written)):
            self._write(now)
        self._close_own()

        def then() -> None:
            self.forget()  # what was looked at on the way
            if left in self._left:
                self._left.remove(left)
                self._own = Autosave(left=left)
            self.look()
            self.restoring = False

        self.restoring = True
        bring_back(self._window, session, then)

    def _put_by(self, left: Left) -> None:
        self._left.remove(left)
        left.put_by()

    # ---- what is open now ------------------------------------------------------------------------

    def look(self) -> None:
        """Write what is new, unless it is being written."""
        self._hear()
        if self._job is not None or not self.switch.isChecked():
            return
        now = kept(self._window)
        if now.scene is None and now.painting is None:
            return  # there is no model yet
        if self._written is None and now.empty:
            return
        if self._written is None or not alike(now, self._written):
            self._write(now)

    def _write(self, now: KeptSession) -> None:
        try:
            own = self._own = self._own or Autosave()
        except StudioError as error:
            self._fails(str(error))
            return
        self._written = now
        self._job = Job(lambda job: own.write(now), "autosave")
        self._job.start()

    def _hear(self) -> None:
        """What became of the last one."""
        job = self._job
        if job is None or not job.state.over:
            return
        self._job = None
        if job.state is State.FAILED:
            self._written = KeptSession()  # which is like nothing: it is tried again
            self._fails(job.message)
        else:
            self._failing = False

    def _fails(self, why: str) -> None:
        if not self._failing:
            self._failing = True
            self.failed.emit(f"What is open is not saved by itself: {why}")

    def _wait(self) -> None:
        if self._job is not None:
            self._job.join(_PATIENCE)
            self._hear()

    def _switched(self, on: bool) -> None:
        QSettings().setValue(KEY, on)
        if on:
            self.look()
        else:
            self.forget()

    def forget(self) -> None:
        """Nothing of what is open is kept, until there is something new."""
        self._wait()
        if self._own is not None:
            self._own.discard()
        self._own = self._written = None

    # ---- the end ---------------------------------------------------------------------------------

    def last(self) -> Callable[[], None]:
        """The window is closed: what is open now, to be written by the function that comes back,
        once the window is out of sight."""
        self._timer.stop()
        now = kept(self._window) if self.switch.isChecked() else None

        def write() -> None:
            self._wait()
            new = now is not None and (self._written is None or not alike(now, self._written))
            if now is not None and new and not (self._written is None and now.empty):
                self._write(now)
            self._close_own()
            for left in self._left:  # not answered: it is offered again
                left.let_go()
            self._left.clear()
            if self._failing:
                logging.getLogger(__name__).error("What was open could not be kept.")

        return write

    def _close_own(self) -> None:
        self._wait()
        if self._own is not None:
            self._own.close()
        self._own = self._written = None


def _read(closed: bool) -> tuple[Left, KeptSession] | None:
    """What was written last, and is nobody's; one that cannot be read is set apart, and said."""
    left = autosave.find(closed=closed)
    if left is None:
        return None
    try:
        return left, left.read()
    except StudioError:
        left.set_apart()
        raise
