"""Processes of tests: two that train together, as `fabric run` starts them, and one that is killed.
They are forks of the one that tests, so that torch is not imported again, which takes longer than
all that they do."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

PATIENCE = 120.0  # seconds

forks = pytest.mark.skipif(
    not hasattr(os, "fork") or torch.cuda.is_available(),
    reason="a process that has threads for a GPU cannot be forked",
)


def ended(work: Callable[[], Any]) -> int:
    """How a fork of this process ends that does the work: its exit status, or less than 0 the
    signal that killed it; SIGALRM where it took too long, for nothing else would end it."""
    child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(PATIENCE))
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def both(work: Callable[[], Any], folder: Path) -> list[Any]:
    """What comes of the work in each of the two, the first of them first; as JSON, so lists and
    numbers. A folder for what they say."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        "LT_CLI_USED": "1", "LT_ACCELERATOR": "cpu", "LT_DEVICES": "2", "LT_STRATEGY": "ddp",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0", "TORCHELASTIC_RUN_ID": "test",
    }  # fmt: skip
    children = [_forked(work, rank, shared, folder / f"said-{rank}.json") for rank in range(2)]
    ended = _waited_for(children)
    said = [(folder / f"said-{rank}.json").read_text() for rank in range(2)]
    assert ended == [0, 0], said
    return [json.loads(text) for text in said]


def _forked(work: Callable[[], Any], rank: int, shared: dict[str, str], said: Path) -> int:
    said.write_text("nothing")
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # the test's other threads do not matter
        child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.environ.update(shared, RANK=str(rank), LOCAL_RANK=str(rank))
        said.write_text(json.dumps(work()))
        status = 0
    except BaseException:
        said.write_text(traceback.format_exc())
    finally:
        os._exit(status)  # without all that the tests do at their end


def _waited_for(children: list[int]) -> list[int | None]:
    """How each ended, None for one that had to be killed."""
    deadline = time.monotonic() + PATIENCE
    found: dict[int, int | None] = {}
    while len(found) < len(children):
        for child in set(children) - found.keys():
            over, status = os.waitpid(child, os.WNOHANG)
            if over:
                found[child] = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline or any(found.values()):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                found[child] = None
        time.sleep(0.02)
    return [found[child] for child in children]
