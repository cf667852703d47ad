"""What the training form is for besides starting a training now: putting one into the queue, a
sweep of several, and finding a learning rate first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job
from studio.engine.runtime.texts import shortened
from studio.gui.training.choices import Request
from studio.gui.training.form import TrainingForm
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    import torch

    from models.recipe import Recipe

_LONGEST = 60  # characters of a name
Asked = tuple[str, "Recipe", dict[str, Any], "torch.device"]  # what is to be tried, and where
# a dialog of its own kind: the window, what is tried in words, the job, and who takes the outcome
Dialog = Callable[[QWidget, str, Job[Any], Callable[[Mapping[str, float]], object]], QDialog]


class Later(QObject):
    """Signals: queue_wanted(requests as `studio.engine.training.training_request` has them);
    message(str)."""

    queue_wanted = Signal(object)
    message = Signal(str)

    def __init__(self, form: TrainingForm, parent: QWidget) -> None:
        super().__init__(parent)
        self._form, self._widget = form, parent
        self._finding: list[Job[Any]] = []  # rates and batches, until their threads have ended
        form.find_rate.clicked.connect(self.find_rate)
        form.find_batch.clicked.connect(self.find_batch)

    def jobs(self) -> list[Job[Any]]:
        """What a closing window must stop and wait for."""
        self._finding = [job for job in self._finding if not job.join(0)]
        return list(self._finding)

    def put_into_queue(self) -> None:
        """What the form says, after all that waits."""
        try:
            request = _queued(self._form.request())
        except StudioError as error:
            self._refuse(error)
            return
        self._form.complain("")
        self._form.folder.clear()  # the next one has a name of its own
        self.queue_wanted.emit([request])

    def ask_for_sweep(self, asked: Request, name: str = "") -> None:
        """Ask for a sweep of what a run is asked for, which may have a name."""
        from studio.engine.training.sweeps import sweep
        from studio.gui.training.laboratory.sweep_dialog import SweepDialog

        assert self._form.choices is not None
        known = next((one for one in self._form.choices.models if one.name == asked.model), None)
        if known is None:
            self.message.emit(unknown(name))
            return
        try:
            request = _queued(asked)
        except StudioError as error:
            self._refuse(error)
            return
        settings = [
            replace(setting, default=asked.changes.get(setting.key, setting.default))
            for setting in known.settings(asked.changes.get("data", ""))
        ]
        of_all = f"{asked.model}-sweep-{time.strftime('%Y%m%d-%H%M%S')}"
        what = tr('Train "{name}" several times, with other settings each time')
        SweepDialog(
            self._widget.window(),
            what.format(name=shortened(name or asked.model, _LONGEST)),
            settings,
            lambda values, minutes: sweep(request, values, minutes, of_all),
            self.queue_wanted.emit,
        ).open()

    def find_rate(self) -> None:
        """Try learning rates for what the form says."""
        from studio.engine.training.rate_finding import RateTest, find_rate
        from studio.gui.training.laboratory.rate_dialog import RateDialog

        def work(asked: Asked, job: Job[RateTest]) -> RateTest:
            return find_rate(*asked, job.token, show=_copied_to(job))

        self._find(work, RateDialog)

    def find_batch(self) -> None:
        """Try batches for what the form says."""
        from studio.engine.training.batch_finding import Proposal, find_batch
        from studio.gui.training.laboratory.batch_dialog import BatchDialog

        def work(asked: Asked, job: Job[Proposal]) -> Proposal:
            return find_batch(*asked, job.token, show=_copied_to(job))

        self._find(work, BatchDialog)

    def _find(self, work: Callable[[Asked, Job[Any]], Any], dialog: Dialog) -> None:
        """Try something for what the form says, in a thread that a dialog looks at."""
        from studio.engine.runtime import devices
        from studio.engine.training.recipe_values import read_changes

        try:
            asked = self._form.request()
            recipe, config = read_changes(asked.model, dict(asked.changes))
            device = devices.pick(asked.device)
        except StudioError as error:
            self._refuse(error)
            return
        self._form.complain("")
        job = Job(lambda job: work((asked.model, recipe, config, device), job), "trying")
        self._finding.append(job)
        what = tr("{model} on {data}").format(
            model=asked.model, data=shortened(recipe.data, _LONGEST)
        )
        dialog(self._widget.window(), what, job, self._take).open()

    def _take(self, changes: Mapping[str, float]) -> None:
        for key, value in changes.items():
            if key in self._form.fields:
                self._form.fields[key].setText(f"{value:g}")

    def _refuse(self, error: StudioError) -> None:
        self._form.complain(str(error))
        self.message.emit(str(error))


def _copied_to(job: Job[Any]) -> Callable[[list[Any]], None]:
    """Puts a list that goes on growing into the mailbox of a job, as it is now."""
    return lambda found: job.mailbox.put(list(found))


def unknown(name: str) -> str:
    """What is said where the model of a run is none that is known."""
    said = tr('The model of "{name}" is not known here: start the studio with its file.')
    return said.format(name=shortened(name, _LONGEST))


def _queued(asked: Request) -> dict[str, Any]:
    """What the form asks for, as it waits in a queue; StudioError for what cannot be used."""
    from studio.engine.training.recipe_values import read_changes
    from studio.engine.training.training_request import request_for

    recipe, config = read_changes(asked.model, dict(asked.changes))
    name = "" if asked.folder is None else asked.folder.name
    return request_for(asked.model, recipe, config, device=asked.device, run_name=name)
