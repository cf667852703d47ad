"""`studio train`: a training run seen from the terminal; Ctrl+C stops it and keeps the model."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from studio.cli.options import ANYWAY
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, duration, say
from studio.engine.checkpoints.cards import read_card
from studio.engine.checkpoints.places import run_named
from studio.engine.checkpoints.words import scored_in_words, unit_of
from studio.engine.runtime import processes
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken, Job, State

if TYPE_CHECKING:
    from models.recipe import Recipe
    from studio.engine.training.callbacks import Progress
    from studio.engine.training.training_job import TrainingJob

GLANCE = 0.1  # seconds between looks at the job: how soon Ctrl+C and the end are noticed
_STOPPING = (signal.SIGINT, signal.SIGTERM)


def train(arguments: argparse.Namespace) -> int:
    """Train until the recipe is done; prints the path of the checkpoint."""
    _check_together(arguments)
    if arguments.queue:
        from studio.cli.queueing import work_off

        return work_off()
    if arguments.later:
        from studio.cli.queueing import add

        return add(arguments)
    if arguments.find_rate:
        from studio.cli.rates import find

        return find(arguments)
    if arguments.find_batch:
        from studio.cli.rates import find_batch

        return find_batch(arguments)
    job = _job(arguments)
    return watched(job) if processes.leads() else _helped(job)


def watched(job: TrainingJob) -> int:
    """Run a training to its end, or until it is stopped; prints the path of the checkpoint."""
    with ProgressLine() as line, interrupts_stop(job):
        shown = Shown(line)
        job.start()
        over = False
        while not over:
            over = job.join(GLANCE)
            shown.look(job)
    if job.state is State.FAILED:
        raise_again(job, job.too_large)
    if job.run.latest.is_file():
        metrics = read_card(job.run.latest).get("metrics") or {}
        if scored := scored_in_words(metrics):
            say(f"{scored}.")
        print(job.run.latest)
    if job.state is State.CANCELLED:
        say(f"Stopped, and kept; `studio train --resume {shlex.quote(job.run.handle)}` goes on.")
        return INTERRUPTED
    return DONE


def _helped(job: TrainingJob) -> int:
    """The same in one of the other processes of `fabric run`: the first one speaks for all."""
    with interrupts_stop(job):
        job.start()
        while not job.join(GLANCE):
            pass
    if job.state is State.FAILED:
        raise_again(job)
    return INTERRUPTED if job.state is State.CANCELLED else DONE


class Shown:
    """A training on a line of progress, and in messages."""

    def __init__(self, line: ProgressLine) -> None:
        self._line = line
        self._begun = self._stopping = False

    def look(self, job: TrainingJob) -> None:
        """How it stands now."""
        progress = job.mailbox.take()
        while job.notes:
            self.say(job.notes.popleft())
        if progress is not None and not self._begun:
            self._begun = True
            say(f"Training {job.model_name} on {job.device}; the run is kept in {job.run.folder}.")
            say("Ctrl+C stops and keeps what was learnt.")
        if job.token.cancelled and not self._stopping:
            self._stopping = True
            self.say("Stopping after this step; press Ctrl+C again to leave at once.")
        elif progress is not None:
            self._line.show(_worded(progress))

    def say(self, sentence: str) -> None:
        self._line.end()
        say(sentence)


def raise_again(job: Job[Any], too_large: bool = False) -> NoReturn:
    """Raise what the thread failed with, as `main` reports it: one sentence,
    or the traceback of what nobody foresaw."""
    if job.refused:
        raise StudioError(f"{job.message}{ANYWAY if too_large else ''}")
    raise RuntimeError(job.error)


class Cancellable(Protocol):
    """What Ctrl+C stops: a job, a worker."""

    token: CancelToken

    def cancel(self) -> None: ...


@contextmanager
def interrupts_stop(job: Cancellable) -> Iterator[None]:
    """Ctrl+C stops the job after its step, a second one ends the process at once. What a
    cluster sends before it takes a machine away (SIGTERM, to some processes twice) stops it, too.

    By a handler and not by KeyboardInterrupt: where that hits `Thread.join`, Python takes a running
    thread for ended.
    """

    pressed = 0

    def interrupted(number: int, _: object) -> None:
        nonlocal pressed
        pressed += number == signal.SIGINT
        if pressed > 1:
            # the thread may be deep in a kernel; what is on the disk is whole
            os._exit(INTERRUPTED)
        job.cancel()

    before = {number: signal.signal(number, interrupted) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _job(arguments: argparse.Namespace) -> TrainingJob:
    """The job that the options ask for; StudioError where they contradict each other."""
    changed = _given(arguments)
    if arguments.resume and changed not in ([], ["NAME"]):
        raise StudioError(f"A resumed run goes on as it began: leave out {changed[-1]}.")
    if arguments.out and arguments.run_name:
        raise StudioError("The folder says what the run is called: leave out --name or --out.")

    from studio.engine.training.record import record_of
    from studio.engine.training.training_job import TrainingJob

    if arguments.resume:
        job = TrainingJob(resume=arguments.resume, device=arguments.device)
        if arguments.name and arguments.name != job.model_name:
            raise StudioError(
                f"The run {arguments.resume} trains {job.model_name}, not {arguments.name}."
            )
        return job
    name, recipe, config = asked(arguments)
    record = None if arguments.like else record_of(name)
    if recipe.minutes and record is not None:
        say(record.promise(recipe.minutes, _changes(arguments)))
    folder = run_named(arguments.run_name) if arguments.run_name else arguments.out
    return TrainingJob(
        name,
        recipe=recipe,
        config=config,
        folder=folder,
        device=arguments.device,
        anyway=arguments.anyway,
    )


def asked(arguments: argparse.Namespace) -> tuple[str, Recipe, dict[str, Any]]:
    """The model, recipe and config that the options ask for; StudioError for what cannot be."""
    if not arguments.name and not arguments.like:
        raise StudioError("Name a model to train; `studio models` lists them.")

    from studio.engine.training.recipe_values import read_changes
    from studio.engine.training.runs import Run

    changes = _changes(arguments)
    if not arguments.like:
        return arguments.name, *read_changes(arguments.name, changes)
    run = Run.open(arguments.like)
    kept = run.read_config()
    if arguments.name not in (None, kept["model"]):
        raise StudioError(f"The run {run.name} trains {kept['model']}, not {arguments.name}.")
    like = (kept["recipe"], kept["config"])
    return kept["model"], *read_changes(kept["model"], changes, like)


def _given(arguments: argparse.Namespace) -> list[str]:
    """The options that say what is to be trained, and what it becomes, as far as they are given."""
    return [
        option
        for option, given in (
            ("NAME", arguments.name),
            ("--like", arguments.like),
            ("--data", arguments.data),
            ("--preparation", arguments.preparation),
            ("--labels", arguments.labels),
            ("--validation", arguments.validation),
            ("--skip-damaged", arguments.skip_damaged),
            ("--minutes", arguments.minutes),
            ("--from", arguments.start),
            ("--set", arguments.changes),
            ("--out", arguments.out),
            ("--name", arguments.run_name),
        )
        if given
    ]


def _changes(arguments: argparse.Namespace) -> dict[str, str]:
    """What the options say of the recipe and the model, by setting, as text."""
    changes = dict(pair(text) for text in arguments.changes)
    for key in ("data", "preparation", "labels", "validation", "minutes", "start"):
        if getattr(arguments, key) is not None:
            changes[key] = str(getattr(arguments, key))
    if arguments.minutes and "epochs" in changes:
        raise StudioError("A training ends after minutes or after epochs: leave out one of them.")
    if arguments.skip_damaged:
        changes["skip_damaged"] = "true"
    return changes


def _check_together(arguments: argparse.Namespace) -> None:
    """StudioError for options that do not go together."""
    modes = {
        option: given
        for option, given in (
            ("--queue", arguments.queue),
            ("--later", arguments.later),
            ("--find-rate", arguments.find_rate),
            ("--find-batch", arguments.find_batch),
            ("--resume", arguments.resume),
        )
        if given
    }
    if arguments.later and arguments.out:
        raise StudioError("What waits becomes a run of its own name: give it one with --name.")
    if len(modes) > 1 and modes.keys() != {"--later", "--resume"}:
        raise StudioError(f"{' and '.join(modes)} do not go together: choose one.")
    if arguments.json and not (arguments.find_rate or arguments.find_batch):
        raise StudioError("--json is for --find-rate and --find-batch: leave it out.")
    if arguments.queue and (given := _given(arguments)):
        raise StudioError(
            f"--queue trains what waits: leave out {given[0]}; to put a training there, use"
            " --later."
        )
    kept = [option for option in _given(arguments) if option in ("--out", "--name")]
    if arguments.find_rate and kept:
        raise StudioError(f"--find-rate keeps nothing: leave out {kept[0]}.")


def pair(text: str) -> tuple[str, str]:
    """A setting as `--set` takes it: its key, and its value as text."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise StudioError(f'"{text}" is not a setting: write key=value.')
    return key, value


def _worded(progress: Progress) -> str:
    parts = [
        f"step {progress.in_steps}",
        f"epoch {progress.in_epochs}",
    ]
    if progress.loss is not None:
        parts.append(f"{progress.loss:.4f} {unit_of(progress.measure)}")
    if progress.validation is not None:
        parts.append(f"validation {progress.validation:.4f}")
    if progress.seconds_left is not None:
        parts.append(f"{duration(progress.seconds_left)} left")
    return "  ".join(parts)
