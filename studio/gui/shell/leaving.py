"""Closing the window while a model is trained, and going on at the next start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.engine.runtime.texts import shortened
from studio.gui.training.dock import TrainingDock

_KEY = "training/unfinished"
_STATE = "resume.safetensors"  # without it there is nothing to go on from


class Leaving(QObject):
    """Remembers the run that is being trained: what the window ends in the middle of, by being
    closed or otherwise, is known at the next start.

    offered(sentence, what can be done about it, the function that does it).
    """

    offered = Signal(str, str, object)

    def __init__(self, window: QWidget, training: TrainingDock) -> None:
        super().__init__(window)
        self._window, self._training = window, training
        self._agreed = False
        training.started.connect(self._remember_this)
        training.ended.connect(lambda: _remember(None))

    def offer_to_go_on(self, go_on: Callable[[Path], object]) -> None:
        """Offer the run that the window ended in the middle of last time, where it can go on; it is
        offered once."""
        folder = QSettings().value(_KEY)
        _remember(None)
        run = Path(folder) if isinstance(folder, str) and folder else None
        if run is not None and (run / _STATE).is_file():
            self.offered.emit(
                f'The training "{shortened(run.name, 60)}" stopped when the studio was closed; what'
                " it has learnt is kept.",
                "Go on",
                lambda: go_on(run),
            )

    def moved(self, old: Path, new: Path) -> None:
        """A run lies in another folder now."""
        if QSettings().value(_KEY) == str(old):
            _remember(new)

    def stays(self) -> bool:
        """Whether the window stays open, because something is trained and the person has not agreed
        yet; then they are asked, and the window is closed when they do."""
        if self._agreed or self._training.training is None:
            return False
        self._ask(self._training.training.run.name)
        return True

    def _remember_this(self) -> None:
        assert self._training.training is not None
        _remember(self._training.training.run.folder.absolute())

    def _ask(self, run: str) -> None:
        question = QMessageBox(self._window)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setWindowTitle("Close the studio?")
        question.setText(f'"{shortened(run, 60)}" is still being trained.')
        question.setInformativeText(
            "If you close the studio, the training stops. What it has learnt is kept, and at the"
            " next start you can go on with it."
        )
        close = question.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        close.setToolTip("Stop the training, keep the model and close the window")
        stay = question.addButton("Keep training", QMessageBox.ButtonRole.RejectRole)
        stay.setToolTip("Leave the window open (Escape)")
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        close.clicked.connect(self._leave)
        question.open()

    def _leave(self) -> None:
        self._agreed = True
        self._window.close()


def _remember(run: Path | None) -> None:
    if run is None:
        QSettings().remove(_KEY)
    else:
        QSettings().setValue(_KEY, str(run))
    QSettings().sync()
