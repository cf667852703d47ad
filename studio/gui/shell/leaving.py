"""Closing the window while a model is trained, and going on at the next start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.engine.runtime.texts import shortened
from studio.gui.training.dock import TrainingDock
from studio.gui.widgets.controls import without_icons

_KEY = "training/unfinished"  # the run that is trained
_OFFERED = "training/offered"  # the one that is offered, until that is answered
_STATE = "resume.safetensors"  # without it there is nothing to go on from


class Leaving(QObject):
    """Remembers the run that is being trained: what the window ends in the middle of, by being
    closed or otherwise, is known at the next start.

    offered(sentence, what can be done about it, the function that does it), which stands until it
    is answered: then or when it has become pointless, settled().
    """

    offered = Signal(str, str, object)
    settled = Signal()

    def __init__(self, window: QWidget, training: TrainingDock) -> None:
        super().__init__(window)
        self._window, self._training = window, training
        self._agreed = False
        training.started.connect(self._remember_this)
        training.ended.connect(lambda: _remember(_KEY, None))

    def offer_to_go_on(self, go_on: Callable[[Path], object]) -> None:
        """Offer the run that the window ended in the middle of, where it can go on: at every start,
        until it has gone on or the offer was declined."""
        run = _remembered(_KEY) or _remembered(_OFFERED)
        if run is not None and not (run / _STATE).is_file():
            run = None
        _remember(_KEY, None)
        _remember(_OFFERED, run)
        if run is not None:
            self.offered.emit(
                f'The training "{shortened(run.name, 60)}" stopped when the studio was closed; what'
                " it has learnt is kept.",
                "Go on",
                lambda: go_on(run),
            )

    def decline(self) -> None:
        """Do not offer this run again."""
        _remember(_OFFERED, None)

    def moved(self, old: Path, new: Path) -> None:
        """A run lies in another folder now."""
        for key in (_KEY, _OFFERED):
            if _remembered(key) == old:
                _remember(key, new)

    def stays(self) -> bool:
        """Whether the window stays open, because something is trained and the person has not agreed
        yet; then they are asked, and the window is closed when they do."""
        if self._agreed or self._training.training is None:
            return False
        self._ask(self._training.training.run.name)
        return True

    def _remember_this(self) -> None:
        assert self._training.training is not None
        run = self._training.training.run.folder.absolute()
        _remember(_KEY, run)
        if _remembered(_OFFERED) == run:
            self.decline()
            self.settled.emit()

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
        without_icons(question)
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        close.clicked.connect(self._leave)
        question.open()

    def _leave(self) -> None:
        self._agreed = True
        self._window.close()


def _remembered(key: str) -> Path | None:
    folder = QSettings().value(key)
    return Path(folder) if isinstance(folder, str) and folder else None


def _remember(key: str, run: Path | None) -> None:
    if run is None:
        QSettings().remove(key)
    else:
        QSettings().setValue(key, str(run))
    QSettings().sync()
