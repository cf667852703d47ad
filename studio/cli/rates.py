"""`studio train NAME --find-rate`: which learning rate to begin with, found by trying."""

from __future__ import annotations

import argparse
import shlex

from studio.cli.terminal import DONE, INTERRUPTED, ProgressLine, print_json, print_table, say
from studio.cli.training import GLANCE, asked, interrupts_stop, raise_again
from studio.engine.checkpoints.words import unit_of
from studio.engine.runtime.jobs import Job, State

_LINES = 25  # of the table


def find(arguments: argparse.Namespace) -> int:
    """Try rates that grow on a model that is thrown away; print the losses and what follows."""
    from studio.engine.runtime import devices
    from studio.engine.runtime.memory import TooLargeError
    from studio.engine.training.rate_finding import STEPS, RateTest, find_rate

    name, recipe, config = asked(arguments)
    device = devices.pick(arguments.device)
    too_large: list[bool] = []

    def work(job: Job[RateTest]) -> RateTest:
        try:
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
        except TooLargeError:
            too_large.append(True)
            raise

    job = Job(work, name="finding a rate")
    with ProgressLine() as line, interrupts_stop(job):
        say(f"Trying up to {STEPS} rates on {device}; nothing is kept. Ctrl+C stops.")
        job.start()
        while not job.join(GLANCE):
            if tried := job.mailbox.take():
                last = tried[-1]
                line.show(f"rate {last.rates['rate']:.1e}  loss {last.smoothed:.4f}")
    if job.state is State.FAILED:
        raise_again(job, bool(too_large))
    if job.result is None:
        say("Stopped.")
        return INTERRUPTED
    found = job.result
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
        chosen = " ".join(f"{key}={rate:g}" for key, rate in found.suggested.items())
        like = f"--like {shlex.quote(arguments.like)}" if arguments.like else shlex.quote(name)
        print(f"studio train {like} --set {chosen}")
    return DONE
