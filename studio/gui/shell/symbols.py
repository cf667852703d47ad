"""The dock of own symbols in the window: who trains for it, who draws what was taught, and where
its files come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from studio.gui.symbols.pane import SymbolsPane

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

TITLE = "Own symbols"


class OwnSymbols:
    """pane: what is in the dock."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self.pane = window, SymbolsPane()

    def connect(self) -> None:
        """Once all parts of the window are there."""
        pane, window = self.pane, self._window
        training, messages = window.training, window.messages
        learning = pane.learning
        learning.teach_wanted.connect(training.train)
        learning.stop_wanted.connect(training.stop)
        learning.draw_wanted.connect(window.demonstrations.draw_symbols)
        pane.message.connect(window.tell)
        pane.done.connect(lambda sentence: messages.show_message(sentence, "ok"))
        pane.failed.connect(lambda sentence: window.show_failure(sentence, ""))
        training.progressed.connect(learning.show_training)

    def show(self) -> None:
        """Where one draws."""
        self._window.show_dock(TITLE)
        self.pane.area.setFocus()

    def open_file(self, path: Path) -> None:
        """The drawings in a file."""
        self.show()
        self.pane.open_file(path)
