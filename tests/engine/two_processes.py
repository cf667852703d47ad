"""Two processes that train together, as `fabric run` starts them; by a fork, so that torch is imported
once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def started(module: str, *arguments: object) -> list[Any]:
    """What the processes of a module say that calls `both`, the first of them first."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    found = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=150, check=True)
    said: list[Any] = json.loads(found.stdout)
    return said


def both(work: Callable[[], Any]) -> None:
    """Do the work in two processes, and print as JSON what comes of it, of the first one first."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {
        "LT_CLI_USED": "1", "LT_ACCELERATOR": "cpu", "LT_DEVICES": "2", "LT_STRATEGY": "ddp",
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2", "GROUP_RANK": "0", "TORCHELASTIC_RUN_ID": "test",
    }  # fmt: skip
    reading, writing = os.pipe()
    child = os.fork()
    rank = 1 if child == 0 else 0
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    if child == 0:
        status = 1
        try:
            with os.fdopen(writing, "w") as file:
                json.dump(work(), file)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    first = work()
    with os.fdopen(reading) as file:
        second = json.load(file)
    os.waitpid(child, 0)
    print(json.dumps([first, second]))
