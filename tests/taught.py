"""How well symbols are learnt that a person draws: several at once, or on larger pictures.

    python -m tests.taught triangle heart house --minutes 2
    python -m tests.taught triangle --base gated-pixelcnn-kanji

has a shipped model learn drawings of `tests.drawn_symbols`, as the dock and `studio teach` do it,
for so many minutes of one processor, and prints of how many samples under each name a judge that
never saw them (`tests.symbol_judge`) says that they are it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from models.interface import AutoregressiveModel, Classes
from studio.engine import checkpoints
from studio.engine.bench import completing
from studio.engine.runtime.jobs import State
from studio.engine.training.own_symbols import bases, teaching
from studio.engine.training.recipe_values import read_changes
from studio.engine.training.training_job import TrainingJob
from tests.drawn_symbols import NAMES, drawings
from tests.symbol_judge import trained_judge


def shares(
    names: Sequence[str],
    base: str,
    folder: Path,
    minutes: float = 2.0,
    count: int = 30,
    samples: int = 32,
) -> dict[str, float]:
    """Of each symbol, the share of samples under its name that its judge takes for it.

    base: a shipped checkpoint, which says how large the pictures are. folder: of the run.
    count: drawings of each. samples: of each.
    """
    (height, width) = next(found.space for found in bases() if found.checkpoint == base)
    assert height == width
    asked = teaching(drawings(*names, count=count, side=height, seed=1), minutes, base)
    recipe, config = read_changes(asked.model, asked.changes)
    job = TrainingJob(
        asked.model,
        recipe=recipe,
        config=config,
        folder=folder,
        device="cpu",
        clock=time.process_time,  # however many share the processor with other programs
    )
    job.start()
    job.join()
    if job.state is State.FAILED:
        raise RuntimeError(job.error)
    model = checkpoints.load(job.run.latest)
    assert isinstance(model, AutoregressiveModel)
    assert isinstance(model.conditioning, Classes)
    found = {}
    for name in names:
        judge = trained_judge(name, height)
        wanted = torch.full((samples,), model.conditioning.names.index(name))
        found[name] = judge.share(completing.samples(model, samples, wanted))
        print(
            f"{found[name]:.0%} of {samples} samples are a {name} to its judge, which finds"
            f" {judge.found:.0%} of held-out ones and takes {judge.mistaken:.1%} of others for one"
        )
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="+", choices=NAMES)
    parser.add_argument("--base", default="gated-pixelcnn-class")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--count", type=int, default=30, help="drawings of each")
    parser.add_argument("--samples", type=int, default=32, help="of each")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        shares(
            chosen.names,
            chosen.base,
            Path(place) / "run",
            chosen.minutes,
            chosen.count,
            chosen.samples,
        )
