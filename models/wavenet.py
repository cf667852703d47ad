"""WaveNet (van den Oord et al. 2016a, section 2), here
on the pixels of a picture read as one long sequence.

The idea: causal convolutions with two taps, whose distance doubles from layer to layer, so that a
few layers look far back; gates, residual connections, and skip connections from every layer's gate
to the output: see `models.layers.dilated`. For sound, see `models.wavenet_audio`.

Differences from the paper: the first layer gets a table of rows and one of columns, so that the
network knows where it stands, which the paper's waveforms have no use for, and whether there is a
pixel before, so that a blank pixel and "outside" differ; the pixels come as numbers, not as one-hot
vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.interface import ModelConfig
from models.layers.dilated import DilatedNetwork, DilatedNetworkStep
from models.layers.sequence import SequenceStepper
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Publication, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(40, "Channels of a layer", range=(1, 4096))
    dilations: tuple[int, ...] = setting(
        (1, 2, 4, 8, 16, 32, 64, 128, 256, 1, 2, 4, 8, 16, 32, 64),
        "One layer for each: the distance between its two taps",
        unit="pixels",
        range=(1, 65536),
        length=(1, 256),
    )
    head: int = setting(
        64, "Channels of the skip connections and between the last two layers", range=(1, 4096)
    )


class FirstLayer(nn.Module):
    """The pixel before, and where the next one lies: (B, N, width)."""

    def __init__(self, channels: int, height: int, columns: int, width: int) -> None:
        super().__init__()
        self.before = nn.Linear(channels + 1, width)
        self.rows = nn.Parameter(0.1 * torch.randn(height, width))
        self.columns = nn.Parameter(0.1 * torch.randn(columns, width))

    def forward(self, x: Tensor) -> Tensor:
        """x: scaled levels of the first n sites in the order of generation, (B, n, channels)."""
        # shifted once, here; zeros before the beginning
        before = F.pad(F.pad(x[:, :-1], (0, 1), value=1.0), (0, 0, 1, 0))
        y: Tensor = self.before(before) + self.places()[: x.shape[1]]
        return y

    def places(self) -> Tensor:
        """What the position adds, (N, width)."""
        return (self.rows[:, None] + self.columns).flatten(0, 1)


class FirstLayerStep:
    """Cached twin of `FirstLayer`."""

    def __init__(self, first: FirstLayer, batch: int) -> None:
        before = first.before.weight.T  # (channels + 1, width), the last of "there is one"
        places = first.places() + first.before.bias
        places[1:] += before[-1]
        self._start = places[:1].repeat(batch, 1)
        self._places, self._before = places.unbind(0), before[:-1].contiguous()

    def step(self, position: int, x: Tensor) -> Tensor:
        """x: as the layer is given it, at least up to the site before -> (B, width)."""
        if position == 0:
            return self._start
        return torch.addmm(self._places[position], x[:, position - 1], self._before)


class WaveNetPixels(DilatedNetwork):
    """Dilated causal convolutions over the pixels in raster order."""

    OUTER_PARTS = ("first", "layers.0", "out")
    config: Config
    first: FirstLayer

    def __init__(self, config: Config) -> None:
        super().__init__(
            config,
            FirstLayer(*config.shape, config.width),
            config.width,
            config.dilations,
            config.head,
        )

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        return self.outputs(self.first(self.scaled(x).flatten(2).transpose(1, 2)))

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> WaveNetStepper:
        return WaveNetStepper(self, batch)


class WaveNetStepper(SequenceStepper):
    """The mirror of `WaveNetPixels._conditionals`."""

    model: WaveNetPixels

    def _make(self) -> None:
        super()._make()
        self._first = FirstLayerStep(self.model.first, self.batch)
        self._network = DilatedNetworkStep(self.model, self.memory)
        # (B, 2 * width) of each layer: a product takes longer with one for all rows
        self._biases = self._network.biases()[:, None].repeat(1, self.batch, 1).unbind(0)

    def _step(self) -> Tensor:
        h = self._first.step(self.position, self.x)
        return self._network.step(self.position, h, self._biases)

    def _recall(self, count: int) -> None:
        self._network.fill(self.model.first(self.x[:, :count]), count)


PAPER = Publication(
    "van den Oord et al.",
    2016,
    "WaveNet: A Generative Model for Raw Audio",
    "https://arxiv.org/abs/1609.03499",
)

VARIANTS = [
    Variant(
        "wavenet-pixels",
        WaveNetPixels,
        Config(),
        Recipe(epochs=3),
        "Dilated causal convolutions over the pixels, one after the other",
        article=Article(0.1240),
        does=(
            "It reads a picture as one long sequence, by convolutions whose taps are twice as"
            " far apart in every layer."
        ),
        look_for="Rows mean nothing to its convolutions: the pixel above lies a whole row back.",
        published=PAPER,
    )
]
