"""The log: what the studio has said, the newest last, ready to be copied."""

from __future__ import annotations

import contextlib
import html
import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from studio.gui.widgets import theme

MOST_LINES = 2000  # older ones go
LONGEST = 20_000  # characters of a message: a traceback is shorter
_COLOURS = {"error": "error", "warning": "evidence", "ok": "ok", "debug": "muted"}


class LogPanel(QWidget):
    """Lines with the time in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(MOST_LINES)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlaceholderText("Nothing yet. What you load, save and train is listed here.")
        self.text.setAccessibleName("Log")
        self.text.setToolTip("What the studio has done, newest last")
        self.copy_button = self._button("Copy", "Copy the whole log to the clipboard", self.copy)
        self.clear_button = self._button("Clear", "Clear the log", self.text.clear)
        side = QVBoxLayout()
        side.addWidget(self.copy_button)
        side.addWidget(self.clear_button)
        side.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.addWidget(self.text, 1)
        row.addLayout(side)

    def add(self, text: str, level: str = "info", clock: str = "") -> None:
        """Append a message; level: "debug", "info", "ok", "warning" or "error"; clock: when it
        came, as `at` has it, where that is not now."""
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        shown = html.escape(text[:LONGEST].rstrip()).replace("\n", "<br>")
        if level in _COLOURS:
            shown = f'<span style="color:{theme.colour(_COLOURS[level]).name()}">{shown}</span>'
        muted = theme.colour("muted").name()
        clock = f'<span style="color:{muted}">{clock or at()}</span>'
        self.text.appendHtml(f'<span style="white-space:pre-wrap">{clock}  {shown}</span>')
        if at_end:  # who reads further up is left there
            bar.setValue(bar.maximum())

    def copy(self) -> None:
        """Put the whole log on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _button(self, text: str, tip: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} log")
        button.clicked.connect(do)
        return button


def at() -> str:
    """The time of day, as the log has it."""
    return time.strftime("%H:%M:%S")


class _Relay(QObject):
    """Brings a message into the thread of the window: a signal
    that crosses threads waits for its event loop."""

    arrived = Signal(str, str)


class Relayed(logging.Handler):
    """Hands the messages of any thread to `take`, a method of `owner`, with their level;
    take it off its logger before that goes."""

    def __init__(self, owner: QObject, take: Callable[[str, str], object]) -> None:
        super().__init__()
        self._relay = _Relay(owner)
        self._relay.arrived.connect(take, Qt.ConnectionType.QueuedConnection)

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else record.levelname.lower()
        with contextlib.suppress(RuntimeError):  # it is gone, and the window with it
            self._relay.arrived.emit(self.format(record), level)
