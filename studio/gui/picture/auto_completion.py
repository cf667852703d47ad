"""`AutoCompletion`: the model begins to draw by itself when the person pauses in a stroke."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtWidgets import QWidget

from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.drawing import Drawing
from studio.gui.widgets.controls import action

PAUSE_MILLISECONDS = 500
KEY = "picture/completes-by-itself"


class AutoCompletion(QObject):
    """The newest stroke wins: one that comes while it draws ends that, and it begins again with
    what is given then. What the person plays goes on as it does without it; while they go step by
    step, nothing begins.

    switch: turns it on and off, and is remembered.
    """

    def __init__(self, drawing: Drawing, page: QWidget) -> None:
        super().__init__(page)
        self._drawing = drawing
        self._own = False  # whether what is drawn now was begun here
        tip = "Complete by itself as soon as you pause in a stroke; it waits while you go by steps"
        self.switch = action(page, "Complete by itself", None, "A", "complete", tip)
        self.switch.setCheckable(True)
        self.switch.setChecked(QSettings().value(KEY, True, type=bool) is True)
        self.switch.toggled.connect(self._remember)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._begin)
        drawing.reading.connect(self._hear)
        drawing.session.painting_changed.connect(self._give_way)
        drawing.session.model_changed.connect(self.rest)

    def stroke(self) -> None:
        """The person's hand has changed what is given, and may go on: wait for a pause."""
        if self.switch.isChecked() and not self._drawing.stepping:
            self._pause.start()

    def rest(self) -> None:
        """Nothing begins before the next stroke."""
        self._own = False
        self._pause.stop()

    def _begin(self) -> None:
        painting, session = self._drawing.session.painting, self._drawing.session
        if painting is None or painting.empty or painting.known.all() or not session.generates:
            return
        if not self._drawing.playing and not self._drawing.stepping:
            self._own = True
            self._drawing.go_on()

    def _give_way(self) -> None:
        if self._own and self._drawing.playing:
            self._drawing.pause()
        self.rest()

    def _hear(self, snapshot: Snapshot) -> None:
        self._own = self._own and snapshot.playing

    def _remember(self, on: bool) -> None:
        QSettings().setValue(KEY, on)
        if not on:
            self.rest()
