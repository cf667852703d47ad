"""`Worker`: works a queue off, one training after the other, in the thread that calls it.

What was interrupted, however, goes on from what its run has kept, which is a minute old at most; of
a run that has kept nothing the training begins anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from studio.engine.checkpoints.places import is_run, is_trained, runs_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import free_name
from studio.engine.runtime.jobs import CancelToken, State
from studio.engine.training import queue as states
from studio.engine.training.queue import Entry, Queue
from studio.engine.training.runs import Run
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_request import read_request
from studio.engine.training.watching_runs import FINISHED, RunView

_GLANCE = 0.1  # seconds between looks at a training
_TRIES = 5  # how often a training is begun that ends the process each time


class Onlooker(Protocol):
    """Told what a worker does."""

    def begun(self, entry: Entry, job: TrainingJob) -> None:
        """A training begins."""

    def look(self, job: TrainingJob) -> None:
        """Several times a second meanwhile, and once after its end."""

    def over(self, entry: Entry) -> None:
        """It is over, or never began: the entry says how, and why."""


class Nobody:
    """Is told, and does nothing."""

    def begun(self, entry: Entry, job: TrainingJob) -> None:
        pass

    def look(self, job: TrainingJob) -> None:
        pass

    def over(self, entry: Entry) -> None:
        pass


class Worker:
    """`work` until nothing waits. `cancel`, from any thread, stops after the step that is being
    made: what is trained goes on when the queue is worked off again.

    only: entries with these ids; None for all.
    """

    def __init__(
        self,
        queue: Queue,
        onlooker: Onlooker | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        self.queue, self.only = queue, only
        self.token = CancelToken()
        self._onlooker = onlooker or Nobody()

    def cancel(self) -> None:
        self.token.cancel()

    def work(self) -> bool:
        """Work off what waits; False where another process does, which was left alone."""
        # looked at once more when the lock is free: what was added at the last moment came with a
        # worker that found it taken
        while True:
            with self.queue.working() as alone:
                if not alone:
                    return False
                if self.only is None:
                    self.queue.all_is_taken()
                while not self.token.cancelled and (entry := self.queue.take(self.only)):
                    self._train(entry)
            if self.token.cancelled or not self.queue.waits(self.only):
                return True

    def _train(self, entry: Entry) -> None:
        try:
            job = self._job(entry)
        except StudioError as error:
            self.queue.change(entry.id, run=entry.run)  # none was begun: the name is free
            self._settle(entry, states.FAILED, str(error))
            return
        if job is None:
            self._settle(entry, states.FINISHED)
            return
        entry = replace(entry, run=str(job.run.folder))
        self.queue.change(entry.id, run=entry.run)
        job.start()
        self._onlooker.begun(entry, job)
        over = False
        while not over:
            over = job.join(_GLANCE)
            self._onlooker.look(job)
            if self.token.cancelled or self.queue.is_to_stop(entry.id):
                job.cancel()
        if job.state is State.FAILED:
            self._settle(entry, states.FAILED, job.message)
        elif job.state is State.FINISHED:
            self._settle(entry, states.FINISHED)
        else:
            goes_on = self.token.cancelled and not self.queue.is_to_stop(entry.id)
            self._settle(entry, states.QUEUED if goes_on else states.STOPPED)

    def _settle(self, entry: Entry, state: str, error: str = "") -> None:
        changes: dict[str, Any] = {"state": state, "error": error, "stop": False}
        if state == states.QUEUED:
            changes["tries"] = 0
        if entry.run and not Path(entry.run).is_dir():
            changes["run"] = ""  # it never began
        self.queue.change(entry.id, **changes)
        if state != states.QUEUED:
            self._onlooker.over(replace(entry, state=state, error=error))

    def _job(self, entry: Entry) -> TrainingJob | None:
        """What is to be trained; None where it was all done before the process ended."""
        if entry.tries > _TRIES:
            raise StudioError(
                f"The training was begun {_TRIES} times, and each time its process ended before"
                " it: there may be too little memory."
            )
        device = str(entry.request.get("device") or "auto")
        if resumed := str(entry.request.get("resume") or ""):
            return TrainingJob(resume=resumed, device=device)
        folder = Path(entry.run) if entry.run else self._new_folder(entry)
        view = RunView(folder)
        view.refresh()
        if view.state == FINISHED:
            return None
        if Run(folder).state.is_file():
            return TrainingJob(resume=folder, device=device)
        name, recipe, config = read_request(entry.request)
        self.queue.change(entry.id, run=str(folder))
        if is_run(folder) and not view.latest.is_file() and not is_trained(folder):
            shutil.rmtree(folder, ignore_errors=True)  # there is nothing in it to go on from
        else:
            Run(folder).discard()  # it never began; what is anything else stays, and is refused
        anyway = bool(entry.request.get("anyway"))
        job = TrainingJob(
            name, recipe=recipe, config=config, folder=folder, device=device, anyway=anyway
        )
        if sweep := str(entry.request.get("sweep") or ""):
            job.run.write_sweep(sweep, dict(entry.request.get("changes") or {}))
        return job

    def _new_folder(self, entry: Entry) -> Path:
        """One that no run has, nor is any other entry to have."""
        taken = [folder.name for folder in runs_folder().glob("*")]
        taken += [Path(each.run).name for each in self.queue.entries() if each.run]
        return runs_folder() / free_name(entry.name, taken)
