"""Transformer decoder on the pixels of a picture (Vaswani et al. 2017, section 3; for pixels,
Parmar et al. 2018).

The idea: the sequence of pixels, moved on by one behind a start token, goes through layers in which
every position looks at all positions up to its own with weights that it chooses itself (attention),
and through a small network at each position. Where a pixel lies can be given in three ways, as in
the article: `pixel` adds a table of rows and one of columns, `sinusoidal` the waves of Vaswani et
al. over the running number (section 3.5), and `plain` nothing, so that all the network can go by is
how many positions it may look at.

Differences from the papers: layers are normalised before attention and network, not after (as in
GPT-2); the pixels come as numbers, not as one-hot vectors. The attention mask always leaves a
position itself, which holds only what came before: no row of the attention is empty, where a
softmax would look at the future.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.anatomy import Figure
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import Memory, Pointwise
from models.layers.sequence import SequenceStepper
from models.moving_figures import AttentionTriangle
from models.recipe import Recipe
from models.settings import brief, setting
from models.variants import Article, Publication, Variant

LOCATIONS = ("pixel", "sinusoidal", "plain")


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(96, "Numbers at a position", range=(1, 16384))
    layers: int = setting(4, "Layers of attention", range=(1, 256))
    heads: int = setting(
        2, "Attention heads of a layer, between which width is divided", range=(1, 256)
    )
    hidden: int = setting(256, "Units of the network at each position", range=(1, 65536))
    location: str = setting(
        "pixel",
        "How it knows where a pixel lies: pixel (row and column), sinusoidal, or plain: not at all",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.location not in LOCATIONS:
            raise ValueError(
                f"location is {brief(self.location)!r}; it can be {', '.join(LOCATIONS)}"
            )
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of heads {self.heads}")


def waves(positions: int, width: int) -> Tensor:
    """Sines and cosines of the position at wavelengths from 2 pi to 20,000 pi,
    (positions, width) (section 3.5)."""
    number = torch.arange(width)
    angle = torch.arange(positions)[:, None] / 10_000 ** (2 * (number // 2) / width)
    return torch.where(number % 2 == 0, angle.sin(), angle.cos())


class FirstLayer(nn.Module):
    """The pixel before, or the start token, and where the next one lies."""

    waves: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        channels, height, columns = config.shape
        self.location = config.location
        self.before = nn.Linear(channels, config.width)
        self.start = nn.Parameter(torch.randn(config.width))
        if config.location == "pixel":
            self.rows = nn.Parameter(0.1 * torch.randn(height, config.width))
            self.columns = nn.Parameter(0.1 * torch.randn(columns, config.width))
        elif config.location == "sinusoidal":
            self.register_buffer("waves", waves(height * columns, config.width), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """x: scaled levels of the first n sites in the order of generation,
        (B, n, channels) -> (B, n, width)."""
        start = self.start.expand(x.shape[0], 1, -1)
        tokens = torch.cat([start, self.before(x[:, :-1])], 1)  # shifted once, here
        places = self.places()
        return tokens if places is None else tokens + places[: x.shape[1]]

    def places(self) -> Tensor | None:
        """What the position adds, (N, width)."""
        if self.location == "pixel":
            return (self.rows[:, None] + self.columns).flatten(0, 1)
        return self.waves if self.location == "sinusoidal" else None


class FirstLayerStep:
    """Cached twin of `FirstLayer`."""

    def __init__(self, first: FirstLayer, memory: Memory) -> None:
        places = torch.zeros_like(first.start).repeat(memory.sites, 1)
        if (added := first.places()) is not None:
            places += added
        places[0] += first.start
        places[1:] += first.before.bias
        self._start = places[:1].repeat(memory.batch, 1)
        self._places, self._before = places.unbind(0), first.before.weight.T.contiguous()

    def step(self, t: int, x: Tensor) -> Tensor:
        """x: as the layer is given it, at least up to the site before -> (B, width)."""
        if t == 0:
            return self._start
        return torch.addmm(self._places[t], x[:, t - 1], self._before)


class Layer(nn.Module):
    """Attention and a network at each position, each added to what goes in.

    dropout: share of what they add that training leaves out by chance.
    """

    def __init__(self, width: int, heads: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.before_attention = nn.LayerNorm(width)
        self.attend = nn.Linear(width, 3 * width)  # to queries, keys and values
        self.merge = nn.Linear(width, width)
        self.before_network = nn.LayerNorm(width)
        self.widen = nn.Linear(width, hidden)
        self.narrow = nn.Linear(hidden, width)

    def split(self, h: Tensor) -> list[Tensor]:
        """Queries, keys and values of h (B, n, width), each (B, heads, n, width / heads)."""
        parts: Tensor = self.attend(self.before_attention(h))
        return [part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts.chunk(3, 2)]

    def finish(self, h: Tensor, seen: Tensor) -> Tensor:
        """What follows the attention: seen (B, heads, n, width / heads)."""
        h = h + self._thinned(self.merge(seen.transpose(1, 2).flatten(2)))
        return h + self._thinned(self.narrow(F.gelu(self.widen(self.before_network(h)))))

    def _thinned(self, h: Tensor) -> Tensor:
        return F.dropout(h, self.dropout, self.training) if self.dropout else h

    def forward(self, h: Tensor) -> Tensor:
        queries, keys, values = self.split(h)
        return self.finish(h, F.scaled_dot_product_attention(queries, keys, values, is_causal=True))

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        size = self.merge.in_features // self.heads
        yield from (self.before_attention, self.attend)
        yield AttentionTriangle(self.heads, size, size, "input")
        yield from (self.merge, self.before_network, self.widen, self.narrow)


class LayerStep:
    """Cached twin of `Layer`: it keeps the keys and values of all earlier positions, so that a site
    costs the products of one position, and one look back."""

    def __init__(self, layer: Layer, memory: Memory) -> None:
        self.layer = layer
        width = layer.merge.out_features
        self._before_attention, self._before_network = layer.before_attention, layer.before_network
        self._kept = memory.kept(2, layer.heads, memory.sites, width // layer.heads, axis=1)
        self._keys, self._values = self._kept
        self._attend, self._merge = Pointwise(layer.attend), Pointwise(layer.merge)
        self._widen, self._narrow = Pointwise(layer.widen), Pointwise(layer.narrow)

    def step(self, t: int, h: Tensor) -> Tensor:
        """(B, width) -> (B, width)."""
        keys, values = self._keys[:, :, : t + 1], self._values[:, :, : t + 1]
        parts = self._attend(self._before_attention(h))
        query, key, value = parts.view(len(h), 3, self.layer.heads, 1, -1).unbind(1)
        keys[:, :, t:], values[:, :, t:] = key, value
        seen = F.scaled_dot_product_attention(query, keys, values)
        h = h + self._merge(seen.reshape(len(h), -1))
        return h + self._narrow(F.gelu(self._widen(self._before_network(h))))

    def fill(self, h: Tensor) -> Tensor:
        """The layer itself, which remembers its keys and values."""
        queries, keys, values = self.layer.split(h)
        for kept, new in zip(self._kept, (keys, values), strict=True):
            kept[:, :, : h.shape[1]] = new
        return self.layer.finish(
            h, F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        )


class NetworkStep:
    """Cached twin of all layers and of what follows them, of a model that has `blocks`, `norm` and
    `out`."""

    def __init__(self, blocks: nn.ModuleList, norm: nn.LayerNorm, out: nn.Linear, memory: Memory):
        self._layers = [LayerStep(cast(Layer, block), memory) for block in blocks]
        self._norm, self._out = norm, Pointwise(out)

    def step(self, t: int, h: Tensor) -> Tensor:
        """What the first layer gives at a position, (B, width) -> parameters (B, P)."""
        for layer in self._layers:
            h = layer.step(t, h)
        return self._out(self._norm(h))

    def fill(self, h: Tensor) -> None:
        """Remember the first n positions, (B, n, width); later keys and values, which there may be
        from before, are not looked at, and overwritten in time."""
        if h.shape[1]:
            for layer in self._layers:
                h = layer.fill(h)


class Transformer(AutoregressiveModel):
    """Causal self-attention over the pixels in raster order."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first = FirstLayer(config)
        self.blocks = nn.ModuleList(
            Layer(config.width, config.heads, config.hidden) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.width)
        self.out = nn.Linear(config.width, self.likelihood.parameters)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        h = self.first(self.scaled(x).flatten(2).transpose(1, 2))  # (B, N, width)
        for block in self.blocks:
            h = block(h)
        y: Tensor = self.out(self.norm(h))
        return y  # (B, N, P)

    def _stepper(
        self, batch: int, condition: Tensor | None, order: LongTensor
    ) -> TransformerStepper:
        return TransformerStepper(self, batch)


class TransformerStepper(SequenceStepper):
    """The mirror of `Transformer._conditionals`."""

    model: Transformer

    def _make(self) -> None:
        super()._make()
        model = self.model
        self._first = FirstLayerStep(model.first, self.memory)
        self._network = NetworkStep(model.blocks, model.norm, model.out, self.memory)

    def _step(self) -> Tensor:
        return self._network.step(self.position, self._first.step(self.position, self.x))

    def _recall(self, count: int) -> None:
        if count:
            self._network.fill(self.model.first(self.x[:, :count]))

    def _forget(self, count: int) -> None:
        """Nothing to do: see `NetworkStep.fill`."""


_PAPER = Publication(
    "Vaswani et al.",
    2017,
    "Attention Is All You Need",
    "https://arxiv.org/abs/1706.03762",
)
_FOR_PIXELS = Publication(
    "Parmar et al.",
    2018,
    "Image Transformer",
    "https://arxiv.org/abs/1802.05751",
)

VARIANTS = [
    Variant(
        "transformer",
        Transformer,
        Config(),
        Recipe(epochs=1.3, muon_rate=6e-3),
        "Causal self-attention, given the row and column of a pixel",
        # By the gradient, the first output of the article's listing depends on all 783 other pixels
        article=Article(0.1486, leaks=True),
        does=(
            "Every pixel looks at all earlier ones, with weights that it chooses itself, and"
            " is told its row and its column."
        ),
        look_for=(
            "Its bits/dim beside those of transformer-plain say what it is worth to know"
            " where a pixel lies."
        ),
        published=_FOR_PIXELS,
    ),
    Variant(
        "transformer-sinusoidal",
        Transformer,
        Config(location="sinusoidal"),
        Recipe(epochs=0.9, muon_rate=6e-3),
        "The same, given a pixel's number as sine waves",
        does="The same network is given the running number of a pixel, as sine waves.",
        look_for=(
            "It has to find out by itself where a row begins: look whether strokes stay in"
            " line from row to row."
        ),
        published=_PAPER,
    ),
    Variant(
        "transformer-plain",
        Transformer,
        Config(location="plain"),
        Recipe(epochs=0.9, muon_rate=6e-3),
        "The same, not given where a pixel lies",
        does=(
            "The same network is not told where a pixel lies; it can only tell how many came"
            " before."
        ),
        look_for="Look whether strokes stay in line from row to row: it has to count.",
        published=_PAPER,
    ),
]
