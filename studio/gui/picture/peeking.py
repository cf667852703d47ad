"""`Peeking`: as long as a key is held, the stage shows what would be expected if the pixel under
the pointer were another value; then what it showed before."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from studio.gui.picture.insight_bar import InsightBar
from studio.gui.picture.stage import Stage
from studio.gui.widgets.controls import action

INSIGHT = "counterfactual"
_TIP = "While the key is held: what changes if it is another value under the pointer"


class Peeking(QObject):
    """action: begins it with its key, and ends it where no key is let go: chosen in the list of
    commands, and chosen again.

    The stage keeps its size meanwhile: the pixel under the pointer stays the same.
    """

    def __init__(self, stage: Stage, bar: InsightBar, page: QWidget) -> None:
        super().__init__(page)
        self._stage, self._bar = stage, bar
        self._before: str | None = None  # what was shown before, while the key is held
        self._window: QWindow | None = None  # that hears of the key
        self.action = action(page, "What if it were another value", self._toggle, "Q", tip=_TIP)
        self.action.setAutoRepeat(False)
        stage.overlay_changed.connect(self._overlay_changed)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._focus_changed)

    def _toggle(self) -> None:
        if self._before is not None:
            self._end()
        elif self._stage.overlay != INSIGHT:
            self._bar.stays_hidden = self._stage.overlay == "none"
            self._before = self._stage.overlay
            self._stage.set_overlay(INSIGHT)
            self._window = self._stage.window().windowHandle()
            if self._window is not None:
                self._window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            found = (key for key in self.action.shortcuts() if key.count())
            keys = [key[0].key() for key in found]  # type: ignore[index]  # PySide's types lack it
            if event.key() in keys and not event.isAutoRepeat():
                self._end()
        return False

    def _focus_changed(self, window: QWindow | None) -> None:
        """In another window the key is let go where nobody hears of it."""
        if window is not self._window:
            self._end()

    def _overlay_changed(self, name: str) -> None:
        """Another one was chosen meanwhile: that stays."""
        if name != INSIGHT and self._before is not None:
            self._before = name
            self._end()

    def _end(self) -> None:
        if self._before is None:
            return
        before, self._before = self._before, None
        if self._window is not None and isValid(self._window):
            self._window.removeEventFilter(self)
        self._window = None
        self._bar.stays_hidden = False
        self._stage.set_overlay(before)
