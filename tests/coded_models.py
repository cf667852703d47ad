"""A model of two stages, of no family that the studio has: a code is a shade, and stands for a
patch of 2 x 2 pixels, turned round: black for white."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import LongTensor, Tensor, nn

import models
from models import ModelConfig, Recipe, Variant
from models.data_spec import DataSpec
from models.interface import TwoStageModel
from studio.engine import checkpoints

PATCH = 2
SIDE = 4  # rows and columns of codes
PIXELS = PATCH * SIDE
LEVELS = 4


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, SIDE, SIDE)
    levels: int = LEVELS


class Shades(TwoStageModel):
    """A code is guessed from the one before it.

    decoded: how many pictures were, for who wants to know what was spared.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        _, height, width = config.shape
        self.pictures = DataSpec((1, PATCH * height, PATCH * width), config.levels)
        self.first = nn.Embedding(config.levels + 1, self.likelihood.parameters)
        self.decoded = 0

    def encode(self, pictures: Tensor) -> Tensor:
        return self.spec.levels - 1 - pictures[:, :, ::PATCH, ::PATCH].long()

    def decode(self, codes: Tensor, known: Tensor | None = None) -> Tensor:
        self.decoded += len(codes)
        shades = self.spec.levels - 1 - codes.long()
        if known is not None:
            shades = shades * known
        return shades.repeat_interleave(PATCH, 2).repeat_interleave(PATCH, 3)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        codes = x.flatten(1).long()
        before = torch.cat([torch.full_like(codes[:, :1], self.spec.levels), codes[:, :-1]], 1)
        return self.first(before)


VARIANTS = [Variant("toy-shades", Shades, Config(), Recipe(), "Draws shades, turned round")]


def shades() -> Shades:
    """One with random weights, always the same."""
    torch.manual_seed(0)
    return Shades(Config()).eval().requires_grad_(False)


def coded_checkpoint(folder: Path) -> Path:
    """The same as a checkpoint. Registers it, so the test has `own_models`."""
    models.register(*VARIANTS)
    torch.manual_seed(0)
    checkpoints.save(models.build("toy-shades"), path := folder / "toy-shades.safetensors")
    return path
