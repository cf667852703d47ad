"""What is given of a picture when completion is measured: a few fixed masks, the same for every
model, digit and run."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.interface import DataSpec
from studio.engine.data.inpainting_masks import HALVES
from studio.engine.editing.masks import shaped

_SEED = 20_240_607  # of the random half
# a bent stroke from the upper right to the lower left, as (row, column) in shares of the picture:
# the ends and the control point of a quadratic Bezier curve
_STROKE = ((0.2, 0.7), (0.35, 0.1), (0.8, 0.45))
_RADIUS = 1.5 / 28  # of the stroke, as a share of the shorter side
_POINTS = 64  # discs that make up the stroke


@dataclass(frozen=True, eq=False)
class FixedMask:
    """known: bool (H, W), True where the picture is given.
    given: what that is, in words."""

    name: str
    given: str
    known: Tensor

    @property
    def hidden(self) -> int:
        """How many pixels are missing."""
        return int((~self.known).sum())


def fixed_masks(spec: DataSpec) -> list[FixedMask]:
    """Each half given; all but a box of half the height and width in the middle; half of the pixels
    at random; all but a stroke, and the stroke alone."""
    height, width = spec.space
    box = torch.from_numpy(shaped("box", (height, width)))
    scattered = torch.zeros(height * width, dtype=torch.bool)
    generator = torch.Generator().manual_seed(_SEED)
    scattered[torch.randperm(height * width, generator=generator)[: height * width // 2]] = True
    stroke = _stroke(height, width)
    return [
        *(
            FixedMask(side, f"the {side} half", torch.from_numpy(shaped(side, (height, width))))
            for side in HALVES
        ),
        FixedMask("box", f"all but a box of {height // 2} x {width // 2} in the middle", box),
        FixedMask("random", "half of the pixels, at random", scattered.view(height, width)),
        FixedMask("all-but-stroke", "all but a stroke", ~stroke),
        FixedMask("stroke", "a stroke and nothing else", stroke),
    ]


def _stroke(height: int, width: int) -> Tensor:
    """bool (H, W), True within a radius of the curve."""
    t = torch.linspace(0, 1, _POINTS)
    weights = torch.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], 1)  # (points, 3)
    points = weights @ torch.tensor(_STROKE) * torch.tensor([height, width])  # (points, 2)
    rows, columns = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    y, x = rows[:, None] - points[:, 0], columns[:, None] - points[:, 1]
    near = y.square()[:, None] + x.square()[None]  # (H, W, points)
    return near.amin(2) < max(1.0, _RADIUS * min(height, width)) ** 2
