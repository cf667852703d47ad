"""The laboratory: several trainings compared while they run and afterwards.

What a person does and sees: the runs stand in a list with how far they are and their best figure;
those that are ticked lie over each other in the chart, loss and validation, along steps, epochs or
time. Below is what each of them made, by epochs on one slider; a click takes the model of that
epoch to the stage. *Duplicate and change* opens the training form with a run's settings; *Sweep*
trains it with several values of up to three settings; *Queue* is what still waits, and goes on
when the window is closed. A run that is trained elsewhere is watched by opening its folder.

    | Runs  Queue        | Loss  Steps  Log scale  Smoothing --o--  Table |
    | [x] -o- first 0.09 |  chart, or the table of a sweep                |
    | [x] -s- second     |                                                |
    | [ ]     third      |------------------------------------------------|
    | Duplicate…         | Samples ----------o---------  Epoch 3 of 8     |
    | Sweep… Open folder…| [first]  [second]                              |

At 1366 x 768 with the library and the inspector at its sides it has 750 x 640 pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job
from studio.gui.page import Page
from studio.gui.session import Session
from studio.gui.training.choices import Request, texts_of
from studio.gui.widgets import translation
from studio.gui.widgets.controls import in_tab_order
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.training.queue import Queue
    from studio.gui.training.laboratory.room import Room
    from studio.gui.training.laboratory.seen import Seen

TITLE = "Laboratory"


class LaboratoryPage(Page):
    """What is on it is made when it is first needed: it takes pyqtgraph and torch. Reads nothing
    while it is not seen.

    Signals: checkpoint_wanted(Path); form_wanted and sweep_wanted(a run's `Request`, its name).
    """

    called = TITLE
    steps = plays = False
    checkpoint_wanted = Signal(object)
    form_wanted = Signal(object, str)
    sweep_wanted = Signal(object, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.room: Room | None = None
        self._preparing = False
        # what is to be done with the room when it is there
        self._then: list[Callable[[Room], object]] = []
        # whether the window trains: the queue would take half of its processor
        self.trains: Callable[[], bool] = lambda: False
        self._starts_later = False
        self.waiting = QLabel(
            "Getting ready…", alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True
        )
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.waiting)

    # ---- what the window asks for ----------------------------------------------------------------

    def watch(self, folder: Path) -> None:
        """A run that lies anywhere, trained by whomever."""
        self._with_room(lambda room: room.open(folder))

    def put_into_queue(self, requests: Sequence[Mapping[str, Any]]) -> None:
        """Have these trained after those that wait, by a process that outlives the window."""
        self._with_room(lambda room: self._put(room, requests))

    def _put(self, room: Room, requests: Sequence[Mapping[str, Any]]) -> None:
        self._starts_later = later = self.trains()

        def put(queue: Queue) -> None:
            for request in requests:
                queue.add(request)
            if not later:
                _start(queue)

        room.watching.with_queue(put)
        room.queue_chip.setChecked(True)
        if sweep := requests[0].get("sweep"):
            room.table.choose(str(sweep))
            room.table_chip.setChecked(True)
        said = tr("The training is in the queue of the laboratory.")
        if len(requests) > 1:
            said = tr("{count} trainings are in the queue of the laboratory.")
        if later:
            said += " " + tr("The queue begins when the training here is over.")
        self.message.emit(said.format(count=len(requests)))

    def training_over(self) -> None:
        """The window trains no more: what was put into the queue meanwhile begins."""
        if self._starts_later and self.room is not None:
            self._starts_later = False
            self.room.watching.with_queue(_start)

    def close_down(self) -> None:
        """Nobody looks any more: its thread ends. The training of the window ends too, so what was
        put into the queue meanwhile begins."""
        self._then.clear()
        if self._starts_later:
            from studio.engine.training.queue import Queue

            self._starts_later = False
            with suppress(StudioError):
                _start(Queue())
        if self.room is not None:
            self._session.let_go(self.room.watching)

    # ---- what is on it ---------------------------------------------------------------------------

    def _with_room(self, do: Callable[[Room], object]) -> None:
        """Do that once the room is there."""
        if self.room is not None:
            do(self.room)
            return
        self._then.append(do)
        if not self._preparing:
            self._preparing = True
            self._session.work(tr("Getting the laboratory ready…"), _import, self._furnish)

    def _furnish(self, room_of: Callable[[], Room]) -> None:
        room = self.room = room_of()
        self.waiting.hide()
        self._column.addWidget(room)
        translation.translate(room)
        in_tab_order(self, room.in_order())
        room.checkpoint_wanted.connect(self.checkpoint_wanted)
        room.duplicate_wanted.connect(lambda run: self._ask(run, self.form_wanted))
        room.sweep_wanted.connect(lambda run: self._ask(run, self.sweep_wanted))
        room.queue_start_wanted.connect(lambda: room.watching.with_queue(_start))
        room.told.connect(self.message)
        room.failed.connect(self._fail)
        room.watching.rest(not self.isVisible())
        waiting, self._then = self._then, []
        for do in waiting:
            do(room)

    def _fail(self, sentence: str, traceback: str) -> None:
        if traceback:
            self._session.failed.emit(sentence, traceback)
        else:
            self.failed.emit(sentence)

    def _ask(self, run: Seen, wanted: Any) -> None:
        """Read what a run was asked for, and say so."""
        self._session.work(
            tr("Reading the run…"),
            lambda job: _request_of(run.folder),
            lambda request: wanted.emit(request, run.name),
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._with_room(lambda room: room.watching.rest(False))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.room is not None and not event.spontaneous():  # the window is not just minimised
            self.room.watching.rest(True)

    # ---- what can be asked of any page -----------------------------------------------------------

    @property
    def keys_for(self) -> QWidget | None:
        return None if self.room is None else self.room.runs

    def toggle(self) -> None:
        """Nothing is played here."""

    def finish(self) -> None:
        """Nothing is drawn here."""

    def restart(self) -> None:
        """Nothing is drawn here."""

    @property
    def edits(self) -> list[QAction]:
        return []

    def takes(self, suffix: str) -> bool:
        return False


def _import(job: Job[Any]) -> Callable[[], Room]:
    """What the room needs takes a second to import, for which the window should not stand still."""
    import torch  # noqa: F401 - what is read of runs needs it

    from studio.gui.training.laboratory.room import Room
    from studio.gui.training.laboratory.watching import Watching

    return lambda: Room(Watching())


def _request_of(folder: Path) -> Request:
    """What a run was asked for, as the form has it."""
    from studio.engine.training.runs import Run

    kept = Run(folder).read_config()
    return Request(kept["model"], texts_of(kept["recipe"], kept["config"]), "auto", None)


def _start(queue: Queue) -> None:
    from models.registry import loaded_files

    queue.start_worker(loaded_files())
