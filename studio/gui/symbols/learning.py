"""The right part of the dock of own symbols: what training sees of the drawings, for how long a
model learns them, how far it is, and what it draws by now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.data.drawings import Drawings
from studio.engine.runtime.jobs import State
from studio.gui.symbols.buttons import big, button
from studio.gui.symbols.strip import Strip
from studio.gui.symbols.works import Works
from studio.gui.training.choices import Request, run_folder
from studio.gui.training.times import time_left
from studio.gui.widgets.controls import ChoiceBox, described, offer
from studio.gui.widgets.number_boxes import RealBox
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.runtime.jobs import Job
    from studio.engine.training.callbacks import Progress
    from studio.engine.training.own_symbols import Base, Teaching
    from studio.engine.training.training_job import TrainingJob

_PAUSE = 250  # ms without a change, after which it is shown what training sees
_SHOWN = 16  # small pictures in a strip
_MINUTES = 2.0
_BAR = 1000
_NOTHING = np.zeros((0, 1, 1), np.uint8)
_RUNNING = "A model is being trained: wait until it is done, or stop it."
_NO_BASE = "No model is installed that could learn this."


class Learning(QWidget):
    """Signals: teach_wanted(Request), a training to be run; stop_wanted(); draw_wanted(Path), the
    checkpoint of what was taught; space_wanted((rows, columns)) of the pictures of another model;
    done(sentence); failed(sentence).

    taught: the checkpoint, once there is one.
    works: what is on its way.
    """

    teach_wanted = Signal(object)
    stop_wanted = Signal()
    draw_wanted = Signal(object)
    space_wanted = Signal(object)
    done = Signal(str)
    failed = Signal(str)

    def __init__(self, drawings: Drawings) -> None:
        super().__init__()
        self.taught: Path | None = None
        self.works = Works(self)
        self._drawings = drawings
        self._bases: list[Base] | None = None  # until it is known
        self._asked: Teaching | None = None  # last
        self._asking = False  # until its training begins
        self._running: TrainingJob | None = None  # whoever asked for it
        self._own: TrainingJob | None = None  # the same, where it was this dock
        self._pause = QTimer(self, interval=_PAUSE, singleShot=True)
        self._pause.timeout.connect(self._preview)
        self._build()
        self.works.failed.connect(self.failed)
        self.works.over.connect(self._offer)
        self.base.activated.connect(lambda: self.space_wanted.emit(self.base.currentData().space))
        self.teach.clicked.connect(self._teach_or_stop)
        self.draw_them.clicked.connect(lambda: self.draw_wanted.emit(self.taught))
        self._offer()

    def _build(self) -> None:
        self.seen = Strip("What training sees", "Drawings appear here as training will see them.")
        self.base = described(ChoiceBox(), "Begin with", "The model that learns, and what it knows")
        self.minutes = RealBox(minimum=0.1, maximum=600, decimals=1, value=_MINUTES)
        self.minutes.setSuffix(tr(" min"))
        described(self.minutes, "How long", "How many minutes it learns: two or three are enough")
        self.teach = big(button("Teach", "Have the model learn these drawings"))
        self.bar = QProgressBar(maximum=_BAR, textVisible=False)
        self.bar.setAccessibleName(tr("How far it has learnt"))
        self.bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.draw_them = big(button("Draw them", "Load what was taught, and let it draw"))
        self.drawn = Strip(
            "What it draws now", "While it learns, what it draws by now appears here."
        )
        how, go = QHBoxLayout(), QHBoxLayout()
        how.addWidget(self.base, 1)
        how.addWidget(self.minutes)
        go.addWidget(self.teach)
        go.addWidget(self.bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(QLabel(tr("Training sees")))
        column.addWidget(self.seen)
        column.addLayout(how)
        column.addLayout(go)
        column.addWidget(QLabel(tr("It draws now")))
        column.addWidget(self.drawn)
        column.addWidget(self.draw_them)
        column.addStretch(1)

    # ---- what it is told -------------------------------------------------------------------------

    def show_drawings(self, drawings: Drawings) -> None:
        """Another set, or another state of it."""
        self._drawings = drawings
        self.match()
        self._pause.start()
        self._offer()

    def show_training(self, training: TrainingJob | None, progress: Progress | None) -> None:
        """How the training stands that runs, whoever asked for it; None for none."""
        self._running, before = training, self._own
        asked = "" if self._asked is None else self._asked.changes["data"]
        self._own = training if training is not None and training.recipe.data == asked else None
        if self._own is not None and progress is not None:
            self._show_progress(self._own, progress)
        if before is not None and training is None:
            self._end(before)
        self._asking = False
        self._offer()

    def moved(self, old: Path, new: Path) -> None:
        """A checkpoint lies elsewhere now; it may be that of what was taught."""
        if self.taught == old:
            self.taught = new

    def close_down(self) -> list[Job[Any]]:
        """Take no more news; what may still run."""
        self._pause.stop()
        return self.works.close_down()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pause.start()
        if self._bases is None:
            self._bases = []
            self.works.do(_bases, self._show_bases)

    def _offer(self) -> None:
        """What can be done now."""
        own, drawings = self._own is not None, self._drawings
        self.teach.setText(tr("Stop") if own else tr("Teach"))
        busy = self._asking or self._running is not None
        why_not = _RUNNING if busy else drawings.missing
        why_not = why_not or ("" if self._bases else _NO_BASE)
        offer(self.teach, own or not why_not, why_not)
        offer(self.draw_them, self.taught is not None, "Teach it first")
        self.base.setEnabled(not own)

    # ---- what it begins with ---------------------------------------------------------------------

    def _show_bases(self, bases: list[Base]) -> None:
        self._bases = bases
        for number, base in enumerate(bases):
            height, width = base.space
            self.base.addItem(f"{base.learnt} ({width} × {height})", base)
            self.base.setItemData(number, base.checkpoint, Qt.ItemDataRole.ToolTipRole)
        if bases and not self.match():
            self.space_wanted.emit(bases[0].space)

    def match(self) -> bool:
        """Choose a model that draws pictures as large as those of the set, where there is one, and
        the one that is chosen does not."""
        space, chosen = self._drawings.space, self.base.currentData()
        if chosen is not None and chosen.space == space:
            return True
        for number in range(self.base.count()):
            if self.base.itemData(number).space == space:
                self.base.setCurrentIndex(number)
                return True
        return False

    # ---- what training sees ----------------------------------------------------------------------

    def _preview(self) -> None:
        drawings = self._drawings
        if not self.isVisible():
            return  # showEvent catches up
        if drawings.count:
            self.works.do(lambda: _changed(drawings), self.seen.show_pictures)
        else:
            self.seen.show_pictures(_NOTHING)

    # ---- teaching --------------------------------------------------------------------------------

    def _teach_or_stop(self) -> None:
        if self._own is not None:
            self.stop_wanted.emit()
            return
        drawings, minutes = self._drawings, self.minutes.value()
        checkpoint = self.base.currentData().checkpoint
        self._asking = True
        self._offer()
        self.works.do(
            lambda: _teaching(drawings, minutes, checkpoint), self._ask_for, self._give_up
        )

    def _give_up(self) -> None:
        self._asking = False

    def _ask_for(self, teaching: Teaching) -> None:
        self._asked, self.taught = teaching, None
        self.bar.setValue(0)
        self.bar.setTextVisible(True)
        self.bar.setFormat(tr("Getting ready…"))
        self.drawn.show_pictures(_NOTHING)
        folder = run_folder(teaching.run)
        self.teach_wanted.emit(Request(teaching.model, teaching.changes, "auto", folder))

    def _show_progress(self, training: TrainingJob, progress: Progress) -> None:
        if training.progress is not None:
            self.bar.setValue(round(_BAR * training.progress))
        left = progress.seconds_left
        self.bar.setFormat("%p%" if left is None else f"%p%  ·  {time_left(left)}")
        if progress.samples is not None:
            self.drawn.show_pictures(progress.samples[:_SHOWN, 0] * np.uint8(255))
        if training.run.latest.is_file():
            self.taught = training.run.latest

    def _end(self, training: TrainingJob) -> None:
        """Its training is over, or was stopped, or never began."""
        self.bar.setTextVisible(False)
        self.bar.setValue(0)
        if training.run.latest.is_file():
            self.taught = training.run.latest
        if training.state is State.FINISHED:
            self.done.emit(tr("It has learnt your drawings: press Draw them."))


# What takes torch, or the disk: for threads.


def _bases() -> list[Base]:
    from studio.engine.training import own_symbols

    return own_symbols.bases()


def _changed(drawings: Drawings) -> NDArray[np.uint8]:
    from studio.engine.training import own_symbols

    return own_symbols.augmented(drawings, _SHOWN)


def _teaching(drawings: Drawings, minutes: float, checkpoint: str) -> Teaching:
    from studio.engine.training import own_symbols

    return own_symbols.teaching(drawings, minutes, checkpoint)
