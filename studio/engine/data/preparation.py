"""From 8-bit values to levels and back, in grey or in colour: the named preparations of a data set;
and the one of sound.

Likelihoods of one data set prepared in different ways are not comparable, so a preparation has a
name and every figure carries it.
"""

import re
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.sending import sent
from studio.engine.runtime.errors import StudioError

_BINS = re.compile(r"(grey|rgb|levels)-(\d{1,3})", re.ASCII)
MU_LAW = "mu-law-256"
_COLOUR = {"grey": False, "rgb": True, "levels": None}


@dataclass(frozen=True)
class Preparation:
    """What is done to 8-bit values before a model sees them.

    `thresholded`: above 127 is 1 (2 levels). `dynamic`: 1 with probability value/255, drawn afresh
    at every call (2 levels). `grey-N`: N equal bins, 2 to 256 levels. `rgb-N`: the same for red,
    green and blue. `levels-N`: grey-N or rgb-N, as the data are; `settled` says which.
    `mu-law-256`: the codes of sound, which its data sets are read as
    (`studio.engine.data.audio_data`).

    colour: whether it is for images in colour, None where the data decide; others are converted
    when they are opened.
    """

    name: str
    levels: int
    colour: bool | None = False

    @staticmethod
    def parse(name: str) -> "Preparation":
        """The preparation of this name; StudioError that lists the choices for any other."""
        if name in ("thresholded", "dynamic"):
            return Preparation(name, 2)
        if name == MU_LAW:
            return Preparation(name, 256)
        match = _BINS.fullmatch(name)
        if match and 2 <= int(match[2]) <= 256:
            return Preparation(f"{match[1]}-{int(match[2])}", int(match[2]), _COLOUR[match[1]])
        raise StudioError(
            f'"{name}" is not a preparation: choose thresholded, dynamic, grey-N or rgb-N with N'
            " from 2 to 256, or levels-N, which is grey or in colour as the data are; for sound"
            f" there is {MU_LAW}."
        )

    def settled(self, colour: bool) -> "Preparation":
        """The same for data of this kind: `levels-N` becomes grey-N or rgb-N."""
        if self.colour is not None:
            return self
        return replace(self, name=f"{'rgb' if colour else 'grey'}-{self.levels}", colour=colour)

    @property
    def sound(self) -> bool:
        """Whether it is for sound, and not for pictures."""
        return self.name == MU_LAW

    def check(self, model: str, sound: bool) -> None:
        """StudioError unless it is one for what a model,
        by its name, is made for: sound or pictures."""
        if self.sound != sound:
            made, other = ("sound", "pictures") if sound else ("pictures", "sound")
            raise StudioError(
                f"{model} is made for {made}, and {self.name} is a preparation of {other}."
            )

    @property
    def random(self) -> bool:
        """Whether `apply` gives something else at each call."""
        return self.name == "dynamic"

    def apply(self, images: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Levels 0..levels-1, uint8, of the shape and on
        the device of `images` (uint8 values 0..255).

        `generator`, of the processor, makes the draw of `dynamic` repeatable, and the same on every
        device.
        """
        if self.name == "thresholded":
            return (images > 127).to(torch.uint8)
        if self.name == "dynamic":
            uniform = sent(torch.rand(images.shape, generator=generator), images.device)
            return (uniform * 255 < images).to(torch.uint8)
        return (images.to(torch.int32) * self.levels // 256).to(torch.uint8)


def to_grey(levels: Tensor, count: int) -> Tensor:
    """Levels 0..count-1 as uint8 grey for display: 0 is black, the highest level is white."""
    top = count - 1
    # Twice the value plus one half: rounds to the nearest
    # whole number without leaving the integers.
    return ((levels.to(torch.int32).clamp(max=top) * 510 // top + 1) // 2).to(torch.uint8)


def to_luminance(images: Tensor) -> Tensor:
    """Colour as grey: uint8 (N, 3, H, W) -> (N, 1, H, W), by the weights of ITU-R BT.601, rounded,
    as Pillow does it."""
    red, green, blue = images.to(torch.int32).unbind(1)
    return (
        ((19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16).to(torch.uint8).unsqueeze(1)
    )
