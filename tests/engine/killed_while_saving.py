"""Run by test_checkpoints: a process that saves two versions of a model in turn is killed at a
random moment, many times.

Prints as JSON how often it was tried, how often the file then was whole,
and how many files were left beside it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

import models
from studio.engine import checkpoints


def main(folder: Path, times: int) -> None:
    torch.set_num_threads(1)  # so that forking is safe
    versions = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        versions.append(models.build("pixelcnn", width=24, blocks=2))
    path = folder / "model.safetensors"
    checkpoints.save(versions[0], path)
    chance = random.Random(0)
    whole, seen = 0, set()
    for _ in range(times):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            for turn in range(1_000_000):
                checkpoints.save(versions[turn % 2], path)
                if turn == 0:
                    os.write(writing, b".")
            os._exit(0)
        os.read(reading, 1)  # it is at it
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)
        found = checkpoints.load(path).state_dict()
        for number, version in enumerate(versions):
            if all(
                torch.equal(found[name], tensor) for name, tensor in version.state_dict().items()
            ):
                whole += 1
                seen.add(number)
    left = len(list(folder.iterdir())) - 1
    checkpoints.save(versions[0], path)
    cleared = len(list(folder.iterdir())) == 1
    print(
        json.dumps(
            {
                "tried": times,
                "whole": whole,
                "versions": len(seen),
                "left": left,
                "cleared": cleared,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
