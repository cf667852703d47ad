"""How a maintainer ships a checkpoint: in the least space in which the figure on its card stays.

    python -m studio.engine.scoring.shipping SOURCE TARGET [--loss BITS]

writes the weights in 8 bits and scores what was written on the whole test set, as `studio
scoreboard --check` does; where any of the four digits that it prints is another, it tries bfloat16,
and then float32. With --loss, a figure that is worse by no more than that will do, and stands on
the card then. SOURCE and TARGET may be the same file.

A vocoder is kept in bfloat16 at least, in which small weights are rounded less: what is compared
are its bits, which say little of how it sounds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from models.interface import Model, Spectrogram
from studio.engine import checkpoints
from studio.engine.runtime.errors import StudioError
from studio.engine.scoring import evaluation

TRIED = (torch.int8, torch.bfloat16)  # in turn, before float32
TRIED_FOR_VOCODERS = (torch.bfloat16,)


def ship(
    source: str | Path, target: str | Path, loss: float = 0.0
) -> tuple[torch.dtype, dict[torch.dtype, str]]:
    """What the weights at `target` are kept in, and the figure in four digits of all that was
    tried; that of the card is under float32.

    loss: by how much a figure may be worse, in its unit.
    StudioError, one sentence, for a card without a figure of the test set.
    """
    model = checkpoints.load(source)
    card = model.card or {}
    metrics = card.get("metrics") or {}
    if metrics.get("split") != "test" or model.measure not in metrics:
        raise StudioError(f'The card of "{source}" has no figure of the test set.')
    claimed = metrics[model.measure]
    figures = {torch.float32: f"{claimed:.4f}"}
    for dtype in tried_for(model):
        checkpoints.save(model, target, card, dtype)
        score = evaluation.evaluate(checkpoints.load(target), orders=metrics.get("orders"))
        assert score is not None  # nobody cancels it
        found = score.figures[model.measure]
        figures[dtype] = f"{found:.4f}"
        if figures[dtype] == figures[torch.float32]:
            return dtype, figures
        if found - claimed <= loss:
            own = {key: value for key, value in score.to_dict().items() if key in metrics}
            checkpoints.save(model, target, {**card, "metrics": {**metrics, **own}}, dtype)
            return dtype, figures
    checkpoints.save(model, target, card)
    return torch.float32, figures


def tried_for(model: Model) -> tuple[torch.dtype, ...]:
    """What the weights of a model are tried in, in turn, before float32."""
    return TRIED_FOR_VOCODERS if isinstance(model.conditioning, Spectrogram) else TRIED


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", metavar="SOURCE", type=Path)
    parser.add_argument("target", metavar="TARGET", type=Path)
    parser.add_argument("--loss", metavar="BITS", type=float, default=0.0)
    chosen = parser.parse_args()
    kept, figures = ship(chosen.source, chosen.target, chosen.loss)
    tried = ", ".join(f"{figure} in {dtype}" for dtype, figure in figures.items())
    print(f"{chosen.target}: {kept}; {tried}".replace("torch.", ""))
