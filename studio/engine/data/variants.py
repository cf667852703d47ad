"""`Variants`: other looks of pictures that are learnt from, such as the skin tones of an emoji."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from models.sending import sent


@dataclass(frozen=True, eq=False)
class Variants:
    """images: uint8 (M, C, H, W), like the pictures.
    of: the number of the picture that each is a variant of, int64 (M,), in rising order."""

    images: Tensor
    of: Tensor

    def to(self, device: torch.device) -> Variants:
        """The same with the images on a device; the numbers stay on the processor."""
        return Variants(self.images.to(device), self.of)

    def by_chance(self, pictures: Tensor, rows: Tensor, generator: torch.Generator) -> Tensor:
        """The pictures (B, C, H, W) of these numbers (B,), some of them in the look of a variant:
        each look of a picture, its own among them, is as likely as any other.

        rows: of the processor, and so is the generator.
        """
        first = torch.searchsorted(self.of, rows)
        count = torch.searchsorted(self.of, rows, right=True) - first
        look = (torch.rand(len(rows), generator=generator) * (count + 1)).long()
        (places,) = torch.nonzero(look, as_tuple=True)
        chosen = sent((first + look - 1)[places], self.images.device)
        return pictures.index_copy(0, sent(places, pictures.device), self.images[chosen])
