"""Inpainting masks: which pixels of a picture a model
is given in training, drawn anew for every example.

A model conditioned on a painting shall finish whatever a person gives. So it learns from half
pictures, boxes, strokes and scattered pixels, and from nothing at all; with everything given there
would be nothing left to learn. People paint in white and leave the ground alone, so a part of what
is shown is kept only where the picture is not black.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import DataSpec
from models.sending import sent

HALVES = ("top", "bottom", "left", "right")
NOTHING, HALF, BOX, STROKES, SCATTERED = range(5)
SHARES = (0.2, 0.25, 0.15, 0.25, 0.15)  # of the examples, of each kind
PAINTED = (
    0.3  # of the halves, boxes and strokes: the share of which only the bright pixels are given
)

_STROKES = 3  # at most, in a picture
_POINTS = 16  # discs that make up a stroke
_THICKEST = 3.0  # pixels, the radius of a disc


def draw(x: Tensor, spec: DataSpec, generator: torch.Generator) -> Tensor:
    """What is given of each picture: levels x (B, C, H, W) -> bool (B, H, W) on the same device, by
    the noise of a generator of the processor."""
    batch, (height, width) = len(x), spec.space
    kind = torch.multinomial(torch.tensor(SHARES), batch, replacement=True, generator=generator)
    noise = torch.rand(batch, 4, generator=generator)
    known = torch.zeros(batch, height, width, dtype=torch.bool)
    sides = torch.stack([torch.from_numpy(half(side, spec)) for side in HALVES])
    known[kind == HALF] = sides[(noise[:, 0] * len(sides)).long()][kind == HALF]
    known[kind == BOX] = _boxes(batch, height, width, generator)[kind == BOX]
    known[kind == STROKES] = _strokes(batch, height, width, generator)[kind == STROKES]
    scattered = torch.rand(batch, height, width, generator=generator) < noise[:, 1, None, None]
    known[kind == SCATTERED] = scattered[kind == SCATTERED]
    painted = (noise[:, 2] < PAINTED) & (kind != SCATTERED)
    dark = sent(painted[:, None, None], x.device) & (x == 0).all(1)
    return sent(known, x.device) & ~dark


def _boxes(batch: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """A box of each picture, or in every other one all but the box."""
    ends = torch.rand(batch, 4, generator=generator)
    rows, columns = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    inside = (
        _between(rows / height, ends[:, :2])[:, :, None]
        & _between(columns / width, ends[:, 2:])[:, None]
    )
    turned = torch.rand(batch, generator=generator) < 0.5
    return inside ^ turned[:, None, None]


def _between(places: Tensor, ends: Tensor) -> Tensor:
    """places (N,), ends (B, 2) -> bool (B, N)."""
    return (places >= ends.amin(1, keepdim=True)) & (places <= ends.amax(1, keepdim=True))


def _strokes(batch: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    """One to three bent strokes of each picture: quadratic Bezier curves, thin or thick."""
    size = torch.tensor([height, width])
    corners = torch.rand(batch * _STROKES, 3, 2, generator=generator) * size  # the control points
    radius = 0.5 + torch.rand(batch * _STROKES, generator=generator) * (_THICKEST - 0.5)
    drawn = torch.rand(batch, _STROKES, generator=generator) < 0.6
    drawn[:, 0] = True
    t = torch.linspace(0, 1, _POINTS)
    weights = torch.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2])  # (3, points)
    points = torch.einsum("kp,skd->spd", weights, corners)  # (B * strokes, points, 2)
    rows, columns = torch.arange(height) + 0.5, torch.arange(width) + 0.5
    # (B * strokes, points, H or W)
    y, x = (rows - points[..., :1]).square(), (columns - points[..., 1:]).square()
    # (B * strokes, H, W)
    near = (y.unsqueeze(3) + x.unsqueeze(2)).amin(1) < radius.square()[:, None, None]
    return (near.unflatten(0, (batch, _STROKES)) & drawn[:, :, None, None]).any(1)


def half(name: str, spec: DataSpec) -> NDArray[np.bool_]:
    """bool (H, W), True in one half of the picture: one of `HALVES`."""
    height, width = spec.space
    known = np.zeros((height, width), bool)
    rows = {"top": slice(height // 2), "bottom": slice(height // 2, None)}.get(name, slice(None))
    columns = {"left": slice(width // 2), "right": slice(width // 2, None)}.get(name, slice(None))
    known[rows, columns] = True
    return known
