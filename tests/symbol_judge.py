"""Who judges whether a model draws a symbol that it was taught: a small network that tells it from
the ten digits, from other shapes and from scribbles. It never sees what the model learnt from, and
is tried itself on drawings that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.engine.data.data_sets import open_data
from studio.engine.training.augmentation import Augmentation
from tests.drawn_symbols import NAMES, SIDE, picture, pictures

SYMBOL, DIGIT, SHAPE, SCRIBBLE = range(4)
_STEPS, _BATCH, _RATE = 400, 64, 2e-3
_AS_DRAWN = Augmentation(shift=2, rotation=10, zoom=0.15, stroke=0.3)


@dataclass(frozen=True, eq=False)
class SymbolJudge:
    """found: the share of drawings of the symbol, not seen before, that it takes for it.
    mistaken: the share of everything else that it takes for the symbol too."""

    network: nn.Module
    found: float
    mistaken: float

    def share(self, drawn: Tensor) -> float:
        """Of pictures, 0 to 1 (B, 1, H, W), how many are the symbol."""
        return float((self.network(drawn.float() - 0.5).argmax(1) == SYMBOL).float().mean())


def trained_judge(symbol: str, side: int = SIDE) -> SymbolJudge:
    """For one of `tests.drawn_symbols.NAMES` on pictures of side x side pixels, always the same."""
    torch.manual_seed(0)
    network = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * (side // 4) ** 2, 64), nn.ReLU(), nn.Linear(64, 4)),
    )
    images, labels = _examples(symbol, 1200, seed=1000, part="train", side=side)
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(network.parameters(), lr=_RATE)
    for _ in range(_STEPS):
        rows = torch.randint(len(images), (_BATCH,), generator=generator)
        shown = _AS_DRAWN.apply(images[rows], generator) > 127
        loss = F.cross_entropy(network(shown.float() - 0.5), labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    network.eval().requires_grad_(False)
    images, labels = _examples(symbol, 200, seed=5000, part="validation", side=side)
    judge = SymbolJudge(network, 0.0, 0.0)
    symbols, others = (images[rows] > 127 for rows in (labels == SYMBOL, labels != SYMBOL))
    return SymbolJudge(network, judge.share(symbols), judge.share(others))


def _examples(symbol: str, count: int, seed: int, part: str, side: int) -> tuple[Tensor, Tensor]:
    """So many of each kind: uint8 (N, 1, side, side), and which kind they are."""
    digits = open_data("mnist").split(part)[0][:count, 0].numpy()
    rim = (side - digits.shape[1]) // 2
    digits = np.pad(digits, ((0, 0), (rim, rim), (rim, rim)))
    others = [name for name in NAMES if name != symbol]
    each = -(-count // len(others))
    shapes = [pictures(name, each, seed + number, side) for number, name in enumerate(others, 1)]
    drawn, scribbled = pictures(symbol, count, seed, side), _scribbles(count, seed, side)
    kinds = [drawn, digits, np.concatenate(shapes), scribbled]
    labels = np.repeat(np.arange(4), [*map(len, kinds)])
    return torch.from_numpy(np.concatenate(kinds))[:, None], torch.from_numpy(labels)


def _scribbles(count: int, seed: int, side: int) -> np.ndarray:
    """Lines through two to five places, wherever these are."""
    random = np.random.default_rng(seed)

    def one() -> np.ndarray:
        places = random.integers(3, side - 3, (random.integers(2, 6), 2))
        return picture([[(int(row), int(column)) for row, column in places]], side)

    return np.stack([one() for _ in range(count)])
