"""`studio train`: a training run seen from the terminal; Ctrl+C stops it and keeps the model."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from studio.cli.options import ANYWAY
from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, duration, say
from studio.engine.checkpoints.cards import read_card
from studio.engine.checkpoints.places import run_named
from studio.engine.checkpoints.words import scored_in_words, unit_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State

if TYPE_CHECKING:
    from studio.engine.training.callbacks import Progress
    from studio.engine.training.training_job import TrainingJob

_GLANCE = 0.1  # seconds between looks at the job: how soon Ctrl+C and the end are noticed


def train(arguments: argparse.Namespace) -> int:
    """Train until the recipe is done; prints the path of the checkpoint."""
    job = _job(arguments)
    begun = stopping = over = False
    with ProgressLine() as line, _interrupts_stop(job):
        job.start()
        while not over:
            over = job.join(_GLANCE)
            progress = job.mailbox.take()
            while job.notes:
                line.end()
                say(job.notes.popleft())
            if progress is not None and not begun:
                begun = True
                say(
                    f"Training {job.model_name} on {job.device}; the run is kept in"
                    f" {job.run.folder}."
                )
                say("Ctrl+C stops and keeps what was learnt.")
            if job.token.cancelled and not stopping:
                stopping = True
                line.end()
                say("Stopping after this step; press Ctrl+C again to leave at once.")
            elif progress is not None:
                line.show(_worded(progress))
    if job.state is State.FAILED:
        _raise_again(job)
    if job.run.latest.is_file():
        metrics = read_card(job.run.latest).get("metrics") or {}
        if scored := scored_in_words(metrics):
            say(f"{scored}.")
        print(job.run.latest)
    if job.state is State.CANCELLED:
        say(f"Stopped, and kept; `studio train --resume {shlex.quote(job.run.handle)}` goes on.")
        return INTERRUPTED
    return DONE


def _raise_again(job: TrainingJob) -> NoReturn:
    """Raise what the thread failed with, as `main` reports it: one sentence,
    or the traceback of what nobody foresaw."""
    if job.refused:
        raise StudioError(f"{job.message}{ANYWAY if job.too_large else ''}")
    raise RuntimeError(job.error)


@contextmanager
def _interrupts_stop(job: TrainingJob) -> Iterator[None]:
    """Ctrl+C stops the job after its step, a second one ends the process at once.

    By a handler and not by KeyboardInterrupt: where that hits `Thread.join`, Python takes a running
    thread for ended.
    """

    def interrupted(*_: object) -> None:
        if job.token.cancelled:
            # the thread may be deep in a kernel; what is on the disk is whole
            os._exit(INTERRUPTED)
        job.cancel()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _job(arguments: argparse.Namespace) -> TrainingJob:
    """The job that the options ask for; StudioError where they contradict each other."""
    changed = [
        option
        for option, given in (
            ("NAME", arguments.name),
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
    if arguments.resume and changed not in ([], ["NAME"]):
        raise StudioError(f"A resumed run goes on as it began: leave out {changed[-1]}.")
    if not arguments.resume and not arguments.name:
        raise StudioError("Name a model to train; `studio models` lists them.")

    if arguments.out and arguments.run_name:
        raise StudioError("The folder says what the run is called: leave out --name or --out.")

    from studio.engine.training.recipe_values import read_changes
    from studio.engine.training.record import record_of
    from studio.engine.training.training_job import TrainingJob

    if arguments.resume:
        job = TrainingJob(resume=arguments.resume, device=arguments.device)
        if arguments.name and arguments.name != job.model_name:
            raise StudioError(
                f"The run {arguments.resume} trains {job.model_name}, not {arguments.name}."
            )
        return job
    changes = dict(_pair(text) for text in arguments.changes)
    for key in ("data", "preparation", "labels", "validation", "minutes", "start"):
        if getattr(arguments, key) is not None:
            changes[key] = str(getattr(arguments, key))
    if arguments.minutes and "epochs" in changes:
        raise StudioError("A training ends after minutes or after epochs: leave out one of them.")
    if arguments.skip_damaged:
        changes["skip_damaged"] = "true"
    recipe, config = read_changes(arguments.name, changes)
    if recipe.minutes and (record := record_of(arguments.name)) is not None:
        say(record.promise(recipe.minutes, changes))
    folder = run_named(arguments.run_name) if arguments.run_name else arguments.out
    return TrainingJob(
        arguments.name,
        recipe=recipe,
        config=config,
        folder=folder,
        device=arguments.device,
        anyway=arguments.anyway,
    )


def _pair(text: str) -> tuple[str, str]:
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
