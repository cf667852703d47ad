"""How a maintainer ships a checkpoint: in the least space in which the figure on its card stays.

    python -m studio.engine.scoring.shipping SOURCE TARGET

writes the weights in 8 bits and scores what was written on the whole test set, as `studio
scoreboard --check` does; where any of the four digits that it prints is another, it tries bfloat16,
and then float32. SOURCE and TARGET may be the same file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from studio.engine import checkpoints
from studio.engine.runtime.errors import StudioError
from studio.engine.scoring import evaluation

TRIED = (torch.int8, torch.bfloat16)  # in turn, before float32


def ship(source: str | Path, target: str | Path) -> tuple[torch.dtype, dict[torch.dtype, str]]:
    """What the weights at `target` are kept in, and the figure in four digits of all that was
    tried; that of the card is under float32.

    StudioError, one sentence, for a card without a figure of the test set.
    """
    model = checkpoints.load(source)
    metrics = (model.card or {}).get("metrics") or {}
    if metrics.get("split") != "test" or model.measure not in metrics:
        raise StudioError(f'The card of "{source}" has no figure of the test set.')
    figures = {torch.float32: f"{metrics[model.measure]:.4f}"}
    for dtype in TRIED:
        checkpoints.save(model, target, model.card, dtype)
        score = evaluation.evaluate(checkpoints.load(target), orders=metrics.get("orders"))
        assert score is not None  # nobody cancels it
        figures[dtype] = f"{score.figures[model.measure]:.4f}"
        if figures[dtype] == figures[torch.float32]:
            return dtype, figures
    checkpoints.save(model, target, model.card)
    return torch.float32, figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", metavar="SOURCE", type=Path)
    parser.add_argument("target", metavar="TARGET", type=Path)
    chosen = parser.parse_args()
    kept, figures = ship(chosen.source, chosen.target)
    tried = ", ".join(f"{figure} in {dtype}" for dtype, figure in figures.items())
    print(f"{chosen.target}: {kept}; {tried}".replace("torch.", ""))
