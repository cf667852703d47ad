"""The key of Undo, for a widget of its own: the window's is for what is painted on the stage."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget


class UndoKey(QObject):
    """While a widget has the keys, Undo is this."""

    def __init__(self, widget: QWidget, do: Callable[[], object]) -> None:
        super().__init__(widget)
        self._do = do
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or not event.matches(QKeySequence.StandardKey.Undo):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # it comes as a plain key then
        elif event.type() == QEvent.Type.KeyPress:
            self._do()
        return True
