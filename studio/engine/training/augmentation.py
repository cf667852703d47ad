"""Small changes of the training pictures, drawn anew each time one is shown: mirrored, moved,
turned, larger or smaller, with thicker or thinner strokes. Few pictures are not learnt by heart
then.

They are made of the 8-bit values, before these are prepared: so an edge is moved by less than a
pixel, and a stroke grows by less than one. They are made on the device, all of a batch at once;
what decides how comes from the processor, a few numbers for each picture.

What stands on a plain ground, as a character does, stays inside the picture and a pixel from its
edge, and stays legible: no gap between strokes closes, and no thin stroke breaks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from models.recipe import Recipe
from models.sending import sent

_PLAIN = 32  # of 255: what differs less from the ground still belongs to it


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
        """Moved, turned and scaled. What stands on a plain ground is not moved over the edge, and
        not made larger than there is room for; elsewhere what comes in from outside is as the edge
        is."""
        size = sent(torch.tensor([images.shape[3], images.shape[2]]), images.device)
        right, down, turn, growth = sent(_uniform(4, len(images), generator), images.device)
        angle = turn * math.radians(self.rotation)
        cos, sin = angle.cos(), angle.sin()
        # a place of the old picture is `scale` times a turned place of the new one, and `offset`
        turned = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)
        offset = torch.stack([right, down], 1) * self.shift

        middle, half, plain = _standing_out(images)
        room = (size / 2 - 1 - self.stroke).clamp(min=0.5)
        room = torch.where(plain[:, None], room, math.inf)
        half = torch.einsum("bji,bj->bi", turned.abs(), half)  # upright, once it is turned
        scale = torch.exp(-growth * math.log1p(self.zoom)).maximum((half / room).amax(1))[:, None]
        place = torch.einsum("bji,bj->bi", turned, middle - offset) / scale
        spare = room - half / scale
        place = place.minimum(spare).maximum(-spare)
        offset = middle - scale * torch.einsum("bij,bj->bi", turned, place)

        # in the units of `affine_grid`, in which each side of the picture is 2 long
        matrix = scale[:, :, None] * turned * size / size[:, None]
        grid = F.affine_grid(
            torch.cat([matrix, (offset * 2 / size)[:, :, None]], 2),
            list(images.shape),
            align_corners=False,
        )
        # not bilinear, which makes a line of one pixel two faint ones where it falls between pixels
        return F.grid_sample(
            images, grid, mode="bicubic", padding_mode="border", align_corners=False
        ).clamp_(0, 255)

    def _restroked(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """A share of the way to the brightest of each 3 x 3 pixels, or to the darkest (dilation and
        erosion); less what closing would fill and opening would take away (Serra, Image Analysis
        and Mathematical Morphology, 1982), which are the narrow gaps and the thin strokes."""
        (share,) = _uniform(1, len(images), generator)
        share = sent((share * self.stroke).view(-1, 1, 1, 1), images.device)
        thick, thin = _brightest(images), _darkest(images)
        change = torch.where(share > 0, thick - _darkest(thick), _brightest(thin) - thin)
        return images + share * change


def _standing_out(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The box around what differs from a plain ground: its middle, from that of the picture, and
    half its size, both (B, 2), across and down, in pixels; and whether the picture has a plain
    ground at all, bool (B,), which is seen at its edge. Nothing stands out where it has none."""
    edge = torch.cat([images[:, :, 0], images[:, :, -1], images[..., 0], images[..., -1]], 2)
    plain = (edge.amax(2) - edge.amin(2) <= _PLAIN).all(1)
    differs = ((images - edge.mean(2)[:, :, None, None]).abs() > _PLAIN).any(1)
    differs &= plain[:, None, None]
    middle, half = zip(*(_extent(differs.any(axis)) for axis in (1, 2)), strict=True)
    return torch.stack(middle, 1), torch.stack(half, 1), plain


def _extent(marked: Tensor) -> tuple[Tensor, Tensor]:
    """The middle of what is marked in bool (B, N), from that of the line, and half its length,
    float (B,); 0 where nothing is."""
    length = marked.shape[1]
    places = torch.arange(length, device=marked.device)
    first = torch.where(marked, places, length).amin(1)
    end = torch.where(marked, places + 1, 0).amax(1)
    return (first + end - length) / 2, ((end - first) / 2).clamp(min=0)


def _brightest(images: Tensor) -> Tensor:
    return F.max_pool2d(images, 3, 1, 1)


def _darkest(images: Tensor) -> Tensor:
    return -F.max_pool2d(-images, 3, 1, 1)


def _uniform(count: int, batch: int, generator: torch.Generator) -> Tensor:
    """(count, batch) from -1 to 1."""
    return torch.rand(count, batch, generator=generator) * 2 - 1
