"""How a maintainer ships a checkpoint: in half the space, where the figure on its card stays.

    python -m studio.engine.scoring.shipping SOURCE TARGET

writes the weights in bfloat16 and scores what was written on the whole test set, as
`studio scoreboard --check` does; where any of the four digits that it prints is another, it goes
back to float32. SOURCE and TARGET may be the same file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from studio.engine import checkpoints
from studio.engine.runtime.errors import StudioError
from studio.engine.scoring import evaluation


def ship(source: str | Path, target: str | Path) -> tuple[str, str]:
    """The figure on the card of the checkpoint at `source`, and that of its weights in bfloat16,
    both in four digits; `target` has these weights where the two are equal, and else float32.

    StudioError, one sentence, for a card without a figure of the test set.
    """
    model = checkpoints.load(source)
    metrics = (model.card or {}).get("metrics") or {}
    if metrics.get("split") != "test" or model.measure not in metrics:
        raise StudioError(f'The card of "{source}" has no figure of the test set.')
    checkpoints.save(model, target, model.card, torch.bfloat16)
    score = evaluation.evaluate(checkpoints.load(target), orders=metrics.get("orders"))
    assert score is not None  # nobody cancels it
    claimed, found = (f"{figures[model.measure]:.4f}" for figures in (metrics, score.figures))
    if claimed != found:
        checkpoints.save(model, target, model.card)
    return claimed, found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", metavar="SOURCE", type=Path)
    parser.add_argument("target", metavar="TARGET", type=Path)
    chosen = parser.parse_args()
    claimed, found = ship(chosen.source, chosen.target)
    dtype = "bfloat16" if claimed == found else "float32"
    print(f"{chosen.target}: {dtype}; {claimed} on the card, {found} in bfloat16")
