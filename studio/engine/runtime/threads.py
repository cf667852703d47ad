"""How many processor threads torch computes with: all
of them for large work, one for a step of generation.

A step is many tiny products. Shared out, they cost more than they save: after each, the threads
wait for one another, and as soon as anything else wants a processor (a window, a training) all wait
for the one that was put off. On two busy cores a step was seen to take fifty times as long so.

A thread that has shared out work once keeps its helpers, asleep, for as long as it lives. With more
of them than processors, OpenMP's threads no longer wait for one another awake, and a training
beside a player that rests was seen to lose two fifths of its speed. So a thread that lives long and
only steps never shares anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from studio.engine.runtime.timing import seconds_for

ALL = torch.get_num_threads()  # as many as torch takes by itself, or the person's OMP_NUM_THREADS


@contextmanager
def with_threads(count: int) -> Iterator[None]:
    """Compute with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with the calling thread alone."""
    with with_threads(1):
        yield


def fastest(work: Callable[[], object], repeats: int = 3) -> int:
    """The number of threads with which something takes least, tried from one to all: on few
    processors small convolutions can be several times slower with two threads than with one."""
    if ALL == 1:
        return 1
    seconds = {}
    for count in range(1, ALL + 1):
        with with_threads(count):
            seconds[count] = seconds_for(work, repeats)
    return min(seconds, key=seconds.__getitem__)


def all_threads() -> None:
    """Compute with all of them in the calling thread, even if another one was at a step when torch
    first saw this one."""
    torch.set_num_threads(ALL)
