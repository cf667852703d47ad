"""How a maintainer ships a checkpoint: in half the space, where the figure on its card stays what it is.

    python -m studio.engine.shipping RUN/latest.safetensors assets/checkpoints/NAME.safetensors

writes the weights in bfloat16 and scores what was written on the whole test set, as `studio scoreboard --check` does; where
any of the four digits that are printed is another, it goes back to float32.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from studio.engine import checkpoints, evaluation
from studio.engine.errors import StudioError


def ship(source: str | Path, target: str | Path, progress: Callable[[float], object] | None = None) -> tuple[str, str]:
    """The figure on the card of the checkpoint at `source`, and what its weights in bfloat16 score, in four digits;
    `target`, which may be the same file, has those weights where both are the same, and else float32.

    StudioError, one sentence, for a card without a figure of the test set, and whatever loading, saving and scoring raise.
    """
    model = checkpoints.load(source)
    metrics = (model.card or {}).get("metrics") or {}
    if metrics.get("split") != "test" or model.measure not in metrics:
        raise StudioError(f'"{source}" has no figure of the test set on its card: score it first.')
    checkpoints.save(model, target, model.card, torch.bfloat16)
    score = evaluation.evaluate(checkpoints.load(target), progress=progress, orders=metrics.get("orders"))
    assert score is not None  # nothing cancels it
    claimed, found = (f"{figures[model.measure]:.4f}" for figures in (metrics, score.figures))
    if claimed != found:
        checkpoints.save(model, target, model.card)
    return claimed, found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a checkpoint in half the space where its figure stays.")
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    chosen = parser.parse_args()
    figures = ship(chosen.source, chosen.target)
    kept = "bfloat16" if figures[0] == figures[1] else "float32"
    print(f"{chosen.target}: {figures[0]} on the card, {figures[1]} in bfloat16: written in {kept}")
