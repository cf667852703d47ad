"""`studio train NAME --find-rate` and `--find-batch`: which learning rate, or how large a batch, to
begin with, found by trying. Both are proposals: nothing is trained and nothing changed."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, print_json, print_table, say
from studio.cli.training import GLANCE, asked, interrupts_stop, raise_again
from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.jobs import Job, State

if TYPE_CHECKING:
    from studio.engine.training.batch_finding import Measured, Proposal
    from studio.engine.training.rate_finding import RateTest, Tried

_LINES = 25  # of the table
Found = TypeVar("Found")


def find(arguments: argparse.Namespace) -> int:
    """Try rates that grow on a model that is thrown away; print the losses and what follows."""
    from studio.engine.runtime import devices
    from studio.engine.training.rate_finding import STEPS, find_rate

    name, recipe, config = asked(arguments)
    device = devices.pick(arguments.device)

    def work(job: Job[RateTest]) -> RateTest:
        return find_rate(
            name,
            recipe,
            config,
            device,
            job.token,
            steps=STEPS,
            show=job.mailbox.put,
            anyway=arguments.anyway,
        )

    def shown(tried: list[Tried]) -> str:
        return f"rate {tried[-1].rates['rate']:.1e}  loss {tried[-1].smoothed:.4f}"

    say(f"Trying up to {STEPS} rates on {device}; nothing is kept. Ctrl+C stops.")
    found = _tried(work, shown)
    if found is None:
        return INTERRUPTED
    if arguments.json:
        print_json({"model": name, **found.to_dict()})
        return DONE
    keys = list(found.tried[0].rates)
    rows = [
        [*(f"{each.rates[key]:.2e}" for key in keys), f"{each.loss:.4f}", f"{each.smoothed:.4f}"]
        for each in found.tried[:: max(1, len(found.tried) // _LINES)]
    ]
    print_table([*keys, unit_of(found.measure), "smoothed"], rows, frozenset(range(len(keys) + 2)))
    print(f"\n{found.reason}")
    if found.suggested:
        print(_command(arguments, name, found.suggested))
    return DONE


def find_batch(arguments: argparse.Namespace) -> int:
    """Try batches that grow on a model that is thrown away; print their speed and a proposal."""
    from studio.engine.runtime import devices
    from studio.engine.runtime.memory import in_words
    from studio.engine.training import batch_finding

    name, recipe, config = asked(arguments)
    device = devices.pick(arguments.device)

    def work(job: Job[Proposal]) -> Proposal:
        return batch_finding.find_batch(
            name, recipe, config, device, job.token, show=job.mailbox.put, anyway=arguments.anyway
        )

    def shown(measured: list[Measured]) -> str:
        last = measured[-1]
        return f"batch {last.batch}  {last.examples_per_second:,.0f} examples a second"

    say(f"Trying batches on {device}; nothing is kept. Ctrl+C stops.")
    found = _tried(work, shown)
    if found is None:
        return INTERRUPTED
    if arguments.json:
        print_json({"model": name, "device": devices.describe(device), **found.to_dict()})
        return DONE
    rows = [
        [
            str(each.batch),
            f"{each.seconds * 1000:.1f}",
            f"{each.examples_per_second:,.0f}",
            "" if each.memory is None else in_words(each.memory),
        ]
        for each in found.measured
    ]
    print_table(["batch", "ms a step", "examples a second", "memory"], rows, frozenset(range(4)))
    print(f"\n{found.reason}")
    if found.batch != found.measured[0].batch:
        print(_command(arguments, name, {"batch": found.batch, **found.rates}))
    return DONE


def _tried(work: Callable[[Job[Found]], Found], shown: Callable[..., str]) -> Found | None:
    """What work in a thread comes to, while a line says how far it is; None where it was stopped.

    shown: what its mailbox carries, in words.
    """
    from studio.engine.runtime.memory import TooLargeError

    too_large: list[bool] = []

    def refusing(job: Job[Found]) -> Found:
        try:
            return work(job)
        except TooLargeError:
            too_large.append(True)
            raise

    job = Job(refusing, name="trying")
    with ProgressLine() as line, interrupts_stop(job):
        job.start()
        while not job.join(GLANCE):
            if so_far := job.mailbox.take():
                line.show(shown(so_far))
    if job.state is State.FAILED:
        raise_again(job, bool(too_large))
    if job.result is None:
        say("Stopped.")
    return job.result


def _command(arguments: argparse.Namespace, name: str, changes: dict[str, float]) -> str:
    """The command that takes a proposal."""
    chosen = " ".join(f"{key}={value:g}" for key, value in changes.items())
    like = f"--like {shlex.quote(arguments.like)}" if arguments.like else shlex.quote(name)
    return f"studio train {like} --set {chosen}"
