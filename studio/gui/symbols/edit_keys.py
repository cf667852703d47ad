"""The keys of Undo and Redo, for a widget of its own: the window's are for what is painted on the
stage."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget


class EditKeys(QObject):
    """While a widget has the keys, Undo and Redo are these."""

    def __init__(
        self, widget: QWidget, undo: Callable[[], object], redo: Callable[[], object]
    ) -> None:
        super().__init__(widget)
        self._keys = {QKeySequence.StandardKey.Undo: undo, QKeySequence.StandardKey.Redo: redo}
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        do = next((do for key, do in self._keys.items() if event.matches(key)), None)
        if do is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # it comes as a plain key then
        elif event.type() == QEvent.Type.KeyPress:
            do()
        return True
