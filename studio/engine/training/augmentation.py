"""Small changes of the training pictures, drawn anew each time one is shown: mirrored, moved,
turned, larger or smaller, with thicker or thinner strokes. Few pictures are not learnt by heart
then.

They are made of the 8-bit values, before these are prepared: so an edge is moved by less than a
pixel, and a stroke grows by less than one. They are made on the device, all of a batch at once;
what decides how comes from the processor, a few numbers for each picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from models.recipe import Recipe
from models.sending import sent


@dataclass(frozen=True)
class Augmentation:
    """How far pictures are changed at most; see `Recipe` for what each field means."""

    flip: bool = False
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    stroke: float = 0.0

    @classmethod
    def of(cls, recipe: Recipe) -> Augmentation:
        return cls(recipe.flip, recipe.shift, recipe.rotation, recipe.zoom, recipe.stroke)

    def apply(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """uint8 (B, C, H, W) changed, each in its own way. `generator`, of the processor, decides
        how: the same changes on every device."""
        if self.flip:
            mirrored = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
            images = torch.where(sent(mirrored, images.device), images.flip(-1), images)
        if not (self.shift or self.rotation or self.zoom or self.stroke):
            return images
        changed = images.float()
        if self.shift or self.rotation or self.zoom:
            changed = self._placed(changed, generator)
        if self.stroke:
            changed = self._restroked(changed, generator)
        return changed.round_().clamp_(0, 255).to(torch.uint8)

    def _placed(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """Moved, turned and scaled; what comes in from outside is as the edge is."""
        height, width = images.shape[-2:]
        right, down, turn, size = _uniform(4, len(images), generator)
        angle = turn * math.radians(self.rotation)
        # a place of the new picture comes from 1/scale times that place of the old one
        scale = torch.exp(-size * math.log1p(self.zoom))
        cos, sin = scale * angle.cos(), scale * angle.sin()
        rows = (
            torch.stack([cos, -sin * height / width, right * 2 * self.shift / width], 1),
            torch.stack([sin * width / height, cos, down * 2 * self.shift / height], 1),
        )
        grid = F.affine_grid(
            sent(torch.stack(rows, 1), images.device), list(images.shape), align_corners=False
        )
        return F.grid_sample(images, grid, padding_mode="border", align_corners=False)

    def _restroked(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """A share of the way to the brightest of each 3 x 3 pixels, or to the darkest."""
        (share,) = _uniform(1, len(images), generator)
        share = sent((share * self.stroke).view(-1, 1, 1, 1), images.device)
        brightest = F.max_pool2d(images, 3, 1, 1)
        darkest = -F.max_pool2d(-images, 3, 1, 1)
        return torch.lerp(images, torch.where(share > 0, brightest, darkest), share.abs())


def _uniform(count: int, batch: int, generator: torch.Generator) -> Tensor:
    """(count, batch) from -1 to 1."""
    return torch.rand(count, batch, generator=generator) * 2 - 1
