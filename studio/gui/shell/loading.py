"""Checkpoints come into the window and leave it: one is loaded, opened or saved, and those that
the library shows may be called something else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.gui.widgets import file_dialogs
from studio.gui.widgets.recent_files import CHECKPOINTS

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow


class Loading(QObject):
    """Who hears of the checkpoints of a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        library, files = window.library, window.checkpoint_files
        library.checkpoint_chosen.connect(self.load)
        library.renamed.connect(self._moved)
        library.renaming.in_use = window.trainings.in_use
        library.failed.connect(window.complain)
        files.message.connect(window.tell)
        files.saved.connect(self._saved)

    def load(self, checkpoint: Path | str) -> None:
        """Load a checkpoint and show the stage."""

        def loaded() -> None:
            if self._session.checkpoint is not None:
                CHECKPOINTS.remember(self._session.checkpoint)
            self._window.show_stage()

        self._session.load(checkpoint, then=loaded)

    def ask_to_open(self) -> None:
        """One that the person chooses, or anything else that can be opened."""
        if (path := file_dialogs.ask_open_checkpoint(self._window)) is not None:
            self._window.open_file(path)

    def _saved(self, path: Path) -> None:
        CHECKPOINTS.remember(path)
        self._window.say_done(f"Saved as {path}.")
        self._window.library.take_in(path)
        self._window.library.refresh()

    def _moved(self, old: Path, new: Path) -> None:
        CHECKPOINTS.moved(old, new)
        self._session.moved(old, new)
        self._window.trainings.moved(old.parent, new.parent)
        self._window.symbols.moved(old, new)
