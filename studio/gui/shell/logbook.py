"""What the studio says of itself: kept until somebody looks at the log, and then seen there."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.engine.runtime.memory import in_words, used
from studio.gui.shell.late import Late
from studio.gui.shell.log_panel import LONGEST, MOST_LINES, LogPanel, Relayed, at

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

TITLE = "Log"
_HEARD = ("studio", "models")  # what Python's logging brings is of these
_OF_FILES = "studio.engine"  # what the engine notes of files that it reads is of these


class Logbook(QObject):
    """pane: what is in the dock of the log."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.pane = Late(self._make)
        self._waiting: deque[tuple[str, str, str]] = deque(maxlen=MOST_LINES)
        self._heard, self._noted = Relayed(self, self.add), Relayed(self, self._tell)
        for name in _HEARD:
            logging.getLogger(name).addHandler(self._heard)
        logging.getLogger(_OF_FILES).addHandler(self._noted)

    def add(self, text: str, level: str = "info") -> None:
        """A message; level: "debug", "info", "ok", "warning" or "error"."""
        if self.pane.there is None:
            self._waiting.append((text[:LONGEST], level, at()))
        else:
            self.pane.there.add(text, level)

    def add_memory(self, kept: dict[str, int]) -> None:
        """What the studio takes, and what of it is kept to go back to: bytes, by what for."""
        parts = [f"{what} {in_words(size)}" for what, size in kept.items() if size]
        told = f" ({', '.join(parts)})" if parts else ""
        self.add(f"Memory in use: {in_words(used())}{told}", "debug")

    def close_down(self) -> None:
        """The window closes: nothing more is heard."""
        for name in _HEARD:
            logging.getLogger(name).removeHandler(self._heard)
        logging.getLogger(_OF_FILES).removeHandler(self._noted)

    def _make(self) -> LogPanel:
        pane = LogPanel()
        for line in self._waiting:
            pane.add(*line)
        self._waiting.clear()
        self._window.put_into_dock(TITLE, pane)
        return pane

    def _tell(self, sentence: str, level: str) -> None:
        """What is worth a message too."""
        if level == "warning":
            self._window.tell(sentence)
