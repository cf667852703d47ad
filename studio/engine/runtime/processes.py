"""Which one this process is of those that train together, as `fabric run` starts them: each has its
rank in the environment. The first writes the run, and speaks to the person. And how one that is
started steps back behind what a person does. Free of torch."""

from __future__ import annotations

import contextlib
import os
import subprocess


def rank() -> int:
    """0 for the first, and for a process alone."""
    return int(os.environ.get("RANK", "0")) if together() else 0


def leads() -> bool:
    """Whether it is the first, or alone."""
    return rank() == 0


def together() -> bool:
    """Whether `fabric run` has started it."""
    return bool(os.environ.get("LT_CLI_USED"))


def step_back(process: subprocess.Popen[bytes], awaited: bool = False) -> None:
    """What a person does now comes before it.

    awaited: whether somebody waits for it, so that it must get on where all processors are busy.
    """
    import psutil  # a GPU needs none of it

    if os.name == "nt":
        priority = psutil.BELOW_NORMAL_PRIORITY_CLASS if awaited else psutil.IDLE_PRIORITY_CLASS
    else:
        priority = 5 if awaited else 19  # a third of what others get, or next to nothing
    with contextlib.suppress(psutil.Error):
        psutil.Process(process.pid).nice(priority)
