"""The kinds of condition that a model can be given, and how a condition of each is read: on the
model's device, for every row, and "none" as a value of its own."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Classes:
    """Conditioning on one of `count` classes; a condition is a LongTensor (B,), where -1 means "no
    label". names: of each; one without a name is called by its number."""

    count: int
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        numbers = (str(number) for number in range(len(self.names), self.count))
        # set around the frozen dataclass, as `dataclasses` does it itself
        object.__setattr__(self, "names", (*self.names[: self.count], *numbers))

    def checked(
        self, condition: Tensor | None, batch: int, space: tuple[int, ...], like: Tensor
    ) -> Tensor:
        """Labels (B,) on the device of `like`, -1 for None. ValueError where they do not fit."""
        if condition is None:
            return torch.full((batch,), -1, dtype=torch.long, device=like.device)
        if condition.shape != (batch,):
            raise ValueError(
                f"a condition on classes has shape ({batch},), not {tuple(condition.shape)}"
            )
        return condition.to(like.device).long()


@dataclass(frozen=True)
class Map:
    """Conditioning on a painting, the pixels that are given and where they lie; a condition is a
    float tensor (B, channels, *space), see `Model.painted`, and None for "nothing is given"."""

    channels: int

    def checked(
        self, condition: Tensor | None, batch: int, space: tuple[int, ...], like: Tensor
    ) -> Tensor:
        """The painting with the device and dtype of `like`,
        zeros for None. ValueError where it does not fit."""
        shape = (batch, self.channels, *space)
        if condition is None:
            return like.new_zeros(shape)
        if condition.shape != shape:
            raise ValueError(
                f"a condition on a painting has shape {shape}, not {tuple(condition.shape)}"
            )
        return condition.to(like)


@dataclass(frozen=True)
class Spectrogram:
    """Conditioning on a spectrogram of what is to be heard; a condition is a float tensor (B, mels,
    frames), of which frame i belongs to the samples from i * hop to (i + 1) * hop; 0 is silence,
    which is also what comes after the last frame, and None."""

    mels: int
    hop: int

    def checked(
        self, condition: Tensor | None, batch: int, space: tuple[int, ...], like: Tensor
    ) -> Tensor:
        """The spectrogram with the device and dtype of `like`, without a frame for None. ValueError
        where it does not fit."""
        if condition is None:
            return like.new_zeros(batch, self.mels, 0)
        if condition.ndim != 3 or condition.shape[:2] != (batch, self.mels):
            raise ValueError(
                f"a spectrogram has shape ({batch}, {self.mels}, frames), not"
                f" {tuple(condition.shape)}"
            )
        return condition.to(like)


Conditioning = Classes | Map | Spectrogram | None
