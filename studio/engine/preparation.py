"""From grey values to levels and back: the named preparations of a data set.

Likelihoods of one data set prepared in different ways are not comparable, so a preparation has a name and
every figure carries it.
"""

import re
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.engine.errors import StudioError

_GREY = re.compile(r"grey-(\d{1,3})", re.ASCII)


@dataclass(frozen=True)
class Preparation:
    """What is done to 8-bit values before a model sees them.

    `thresholded`: above 127 is 1 (2 levels). `dynamic`: 1 with probability value/255, drawn afresh at every
    call (2 levels). `grey-N`: N equal bins, 2 to 256 levels.
    """

    name: str
    levels: int

    @staticmethod
    def parse(name: str) -> "Preparation":
        """The preparation of this name; StudioError that lists the choices for any other."""
        if name in ("thresholded", "dynamic"):
            return Preparation(name, 2)
        match = _GREY.fullmatch(name)
        if match and 2 <= int(match[1]) <= 256:
            return Preparation(f"grey-{int(match[1])}", int(match[1]))
        raise StudioError(f'"{name}" is not a preparation: choose thresholded, dynamic, or grey-N with N from 2 to 256.')

    @property
    def random(self) -> bool:
        """Whether `apply` gives something else at each call."""
        return self.name == "dynamic"

    def apply(self, images: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Levels 0..levels-1, uint8, of the shape and on the device of `images` (uint8 values 0..255).

        `generator`, which must be on the same device, makes the draw of `dynamic` repeatable.
        """
        if self.name == "thresholded":
            return (images > 127).to(torch.uint8)
        if self.name == "dynamic":
            uniform = torch.rand(images.shape, generator=generator, device=images.device)
            return (uniform * 255 < images).to(torch.uint8)
        return (images.to(torch.int32) * self.levels // 256).to(torch.uint8)


def to_grey(levels: Tensor, count: int) -> Tensor:
    """Levels 0..count-1 as uint8 grey for display: 0 is black, the highest level is white."""
    top = count - 1
    # Twice the value plus one half: rounds to the nearest whole number without leaving the integers.
    return ((levels.to(torch.int32).clamp(max=top) * 510 // top + 1) // 2).to(torch.uint8)
