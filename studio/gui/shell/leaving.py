"""Closing the window while a model is trained, and going on at the next start.

Several windows may train, each a run of its own, and share what is remembered: a run that a living
process trains is not offered by another.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.engine.checkpoints.places import is_trained
from studio.engine.runtime.texts import shortened
from studio.gui.training.dock import TrainingDock
from studio.gui.widgets.controls import without_icons

_KEY = "training/unfinished"  # the runs that are trained
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

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._training: TrainingDock | None = None
        self._agreed = False
        self._own: Path | None = None  # what is trained here,
        self._asked: Path | None = None  # and what was offered

    def follow(self, training: TrainingDock) -> None:
        """Remember what is trained there."""
        self._training = training
        training.started.connect(self._remember_this)
        training.ended.connect(self._forget_this)

    def offer_to_go_on(self, go_on: Callable[[Path], object]) -> None:
        """Offer the run that the window ended in the middle of, where it can go on: at every start,
        until it has gone on or the offer was declined."""
        known = _remembered(_KEY)
        trained = [run for run in known if is_trained(run)]  # by another window
        stopped = [run for run in known if run not in trained] + _remembered(_OFFERED)
        stopped = [run for run in stopped if (run / _STATE).is_file()]
        _remember(_KEY, trained)
        _remember(_OFFERED, stopped)
        if stopped:
            run = self._asked = stopped[0]
            self.offered.emit(
                f'The training "{shortened(run.name, 60)}" stopped when the studio ended; what'
                " it has learnt is kept.",
                "Go on",
                lambda: go_on(run),
            )

    def decline(self) -> None:
        """Do not offer this run again."""
        _remember(_OFFERED, [run for run in _remembered(_OFFERED) if run != self._asked])

    def moved(self, old: Path, new: Path) -> None:
        """A run lies in another folder now."""
        for key in (_KEY, _OFFERED):
            if old in (known := _remembered(key)):
                _remember(key, [new if run == old else run for run in known])
        self._own = new if self._own == old else self._own
        self._asked = new if self._asked == old else self._asked

    def stays(self) -> bool:
        """Whether the window stays open, because something is trained and the person has not agreed
        yet; then they are asked, and the window is closed when they do."""
        training = None if self._training is None else self._training.training
        if self._agreed or training is None:
            return False
        self._ask(training.run.name)
        return True

    def _remember_this(self) -> None:
        assert self._training is not None
        assert self._training.training is not None
        run = self._training.training.run.folder.absolute()
        self._own = run
        _remember(_KEY, [run, *(other for other in _remembered(_KEY) if other != run)])
        if run in (offered := _remembered(_OFFERED)):
            _remember(_OFFERED, [other for other in offered if other != run])
            if run == self._asked:
                self.settled.emit()

    def _forget_this(self) -> None:
        _remember(_KEY, [run for run in _remembered(_KEY) if run != self._own])

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


def _remembered(key: str) -> list[Path]:
    kept = QSettings().value(key)
    folders = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
    return [Path(folder) for folder in folders if isinstance(folder, str) and folder]


def _remember(key: str, runs: list[Path]) -> None:
    if runs:
        QSettings().setValue(key, [str(run) for run in runs])
    else:
        QSettings().remove(key)
    QSettings().sync()
