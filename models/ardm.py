"""ARDM, order-agnostic autoregressive diffusion (Hoogeboom et al. 2021): one network that sees some
pixels, wherever they lie, and predicts all the others at once.

The idea: a mask says which pixels are known, and the output at every other one is its distribution
given just these. A picture is drawn by asking again after each pixel, in whatever order, or with
fewer questions by drawing several pixels from one answer, as if they had nothing to do with one
another. In training the known pixels are the first t of an order, t drawn anew for every picture,
and the loss of the others counts N / (N - t) times, which on average is the negative log-likelihood
of the picture (section 3, algorithm 2).

Differences from the paper: the network is a small U-Net over cells of 2 x 2 pixels without
normalisation or attention; what is known, and how much, is told by the mask alone, and the mean of
all the coarse cells goes to each of them, so that it can be counted. Half of the pictures of a step
follow a permutation of their own, as in the paper; the other half share an order that may also be a
regular one, or begin with a rectangle: the parts that people give are seldom scattered pixels, and
masks are better learnt as often as they are met (Shih et al. 2022, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Figure
from models.interface import Classes, ModelConfig, OrderAgnosticModel
from models.moving_figures import Scale, Scales, Way
from models.recipe import Recipe
from models.settings import setting
from models.variants import Publication, Variant

_CELL = 2  # rows and columns of pixels that make a cell of the fine grid


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(64, "Channels of the fine grid, of cells of 2 x 2 pixels", range=(1, 2048))
    coarse: int = setting(96, "Channels of the coarse grid, of 4 x 4 pixels", range=(1, 2048))
    blocks: tuple[int, int, int] = setting(
        (2, 4, 3),
        "Residual blocks: on the fine grid, on the coarse one, and on the fine one again",
        range=(1, 64),
    )
    dropout: float = setting(
        0.0, "Share of channels that each block leaves out in training", range=(0, 0.99)
    )
    classes: int = setting(0, "Classes that it can be conditioned on; 0 for none", range=(0, 65536))
    class_names: tuple[str, ...] = setting(
        (), "Names of the classes; empty: their numbers", length=(0, 65536)
    )


class Block(nn.Module):
    """x + what two convolutions make of it and of a vector that is the same for the picture."""

    def __init__(self, width: int, told: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.told = nn.Linear(told, width)
        self.dropout = nn.Dropout2d(dropout)
        nn.init.zeros_(self.second.weight)
        assert self.second.bias is not None
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """x (B, width, H, W), told (B, told) -> (B, width, H, W)."""
        h = self.first(F.silu(self.norm(x))) + self.told(told)[:, :, None, None]
        added: Tensor = self.second(self.dropout(F.silu(h)))
        return x + added


class ARDM(OrderAgnosticModel):
    """A U-Net of two grids, the fine one of cells of 2 x 2 pixels."""

    OUTER_PARTS = ("first", "out", "class_vectors")
    CONDITION_PARTS = ("class_vectors",)
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        fine, coarse, cell = config.width, config.coarse, _CELL**2
        told = coarse
        before, middle, after = config.blocks
        self.first = nn.Conv2d((self.spec.channels + 1) * cell, fine, 3, padding=1)
        self.count = nn.Linear(1, told)
        self.told = nn.Linear(told, told)
        if config.classes:
            self.conditioning = Classes(config.classes, config.class_names)
            self.class_vectors = nn.Parameter(torch.zeros(config.classes, told))

        def stage(width: int, count: int) -> nn.ModuleList:
            return nn.ModuleList(Block(width, told, config.dropout) for _ in range(count))

        self.before, self.middle, self.after = (
            stage(fine, before),
            stage(coarse, middle),
            stage(fine, after),
        )
        self.down = nn.Conv2d(fine, coarse, 2, stride=2)
        self.everywhere = nn.Linear(coarse, coarse)
        self.up = nn.Conv2d(coarse, fine * 4, 1)
        self.out = nn.Conv2d(fine, self.likelihood.parameters * cell, 3, padding=1)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        yield self.scales()
        yield from (self.count, self.told, self.first, self.before, self.down, self.everywhere)
        yield from (self.middle, self.up, self.after, self.out)

    def scales(self) -> Scales:
        """The mirror of `_predict`: what the parts make, and what they make it of."""
        fine = [-(-size // (2 * _CELL)) * 2 for size in self.spec.space]  # whole coarse cells
        coarse = [size // 2 for size in fine]
        before, middle, after = self.config.blocks
        on_fine, on_coarse = self.config.width, self.config.coarse
        grids = [Scale(fine[0], fine[1], on_fine, "cells of 2 × 2 pixels, and what is known")]
        grids += [Scale(fine[0], fine[1], on_fine, "block")] * before
        grids += [Scale(coarse[0], coarse[1], on_coarse, "half the rows and columns")]
        grids += [Scale(coarse[0], coarse[1], on_coarse, "block")] * middle
        grids += [Scale(fine[0], fine[1], on_fine, "twice the rows and columns, and the short-cut")]
        grids += [Scale(fine[0], fine[1], on_fine, "block")] * after
        down, up = before + 1, before + middle + 2
        ways = [
            Way(end - 1, end, "down" if end == down else "up" if end == up else "on")
            for end in range(1, len(grids))
        ]
        ways.append(Way(before, up, "short-cut"))
        height, width = self.spec.space
        return Scales((height, width), tuple(grids), tuple(ways), streams=1, cached=False)

    def _predict(self, x: Tensor, known: Tensor, condition: Tensor | None) -> Tensor:
        height, width = self.spec.space
        seen = self.painted(x, known)  # (B, channels + 1, H, W)
        share = seen[:, -1].mean((1, 2))[:, None]
        told = self.count(share)
        if isinstance(self.conditioning, Classes):
            assert condition is not None
            told = told + F.pad(self.class_vectors, (0, 0, 1, 0))[condition + 1]
        told = self.told(F.silu(told))
        # whole cells of both grids: what lies outside is not known
        seen = F.pad(seen, (0, -width % (2 * _CELL), 0, -height % (2 * _CELL)))
        cells = F.pixel_unshuffle(seen, _CELL)
        # a processor takes a fifth less time with the channels of a cell side by side
        fine = self.first(cells.contiguous(memory_format=torch.channels_last))
        for block in self.before:
            fine = block(fine, told)
        coarse = self.down(fine)
        coarse = coarse + self.everywhere(coarse.mean((2, 3)))[:, :, None, None]
        for block in self.middle:
            coarse = block(coarse, told)
        fine = fine + F.pixel_shuffle(self.up(coarse), 2)
        for block in self.after:
            fine = block(fine, told)
        y = F.pixel_shuffle(self.out(F.silu(fine)), _CELL)[:, :, :height, :width]
        return y.flatten(2).transpose(1, 2)  # (B, N, P)


_PAPER = Publication(
    "Hoogeboom, Gritsenko, Bastings, Poole, van den Berg & Salimans",
    2021,
    "Autoregressive Diffusion Models",
    "https://arxiv.org/abs/2110.02037",
)

VARIANTS = [
    Variant(
        "ardm",
        ARDM,
        Config(),
        Recipe(epochs=10, batch=64, muon_rate=4e-3),
        "Predicts all unknown pixels from any known ones, and draws in any order",
        does=(
            "It sees which pixels are known and predicts all the others at once; asked again after"
            " each pixel, or after several, it draws in any order."
        ),
        look_for=(
            "Paint anything anywhere and see what it expects of the rest before it draws; then let"
            " it draw with fewer steps."
        ),
        published=_PAPER,
    ),
    Variant(
        "ardm-class",
        ARDM,
        Config(classes=10),
        Recipe(
            epochs=3, batch=64, muon_rate=2e-3, label_dropout=0.1, conditional=True, start="ardm"
        ),
        "ARDM conditioned on the class",
        does="The same network with a class as one more thing that is known.",
        look_for="Choose a class and paint a stroke: the class decides what becomes of it.",
        published=_PAPER,
    ),
]
