"""The dock of own symbols in the window: who trains for it, who draws what was taught, and where
its files come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.gui.shell.late import Late
from studio.gui.symbols.pane import SymbolsPane

if TYPE_CHECKING:
    from studio.engine.data.drawings import Drawings, Picture
    from studio.engine.runtime.jobs import Job
    from studio.gui.shell.main_window import MainWindow

TITLE = "Own symbols"


class OwnSymbols:
    """pane: what is in the dock."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._pane = Late(self._make)

    @property
    def pane(self) -> SymbolsPane:
        return self._pane()

    def _make(self) -> SymbolsPane:
        window, pane = self._window, SymbolsPane()
        trainings, learning = window.trainings, pane.learning
        learning.teach_wanted.connect(trainings.train)
        learning.stop_wanted.connect(trainings.stop)
        learning.draw_wanted.connect(window.demonstrations.draw_symbols)
        pane.message.connect(window.tell)
        pane.done.connect(window.say_done)
        pane.failed.connect(window.complain)
        trainings.progressed.connect(learning.show_training)
        if trainings.running is not None:
            learning.show_training(trainings.running, None)
        window.put_into_dock(TITLE, pane, scrolls=True)
        return pane

    def show(self) -> None:
        """Where one draws."""
        self._window.show_dock(TITLE)
        self.pane.area.setFocus()

    def open_file(self, path: Path) -> None:
        """The drawings in a file."""
        self.show()
        self.pane.open_file(path)

    @property
    def kept(self) -> tuple[Drawings, Picture] | None:
        """What a crash must not cost; None for nothing."""
        pane = self._pane.there
        return None if pane is None else pane.kept

    def moved(self, old: Path, new: Path) -> None:
        """A checkpoint lies elsewhere now."""
        if self._pane.there is not None:
            self._pane.there.learning.moved(old, new)

    def close_down(self) -> list[Job[Any]]:
        """The window closes; what may still run."""
        pane = self._pane.there
        return [] if pane is None else pane.close_down()
