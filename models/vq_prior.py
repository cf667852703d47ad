"""The second stage: a Transformer that draws the codes of a picture (van den Oord et al. 2017,
section 3.2; with attention as in Esser et al. 2021, "Taming Transformers for High-Resolution Image
Synthesis", section 3.2).

The idea: an autoencoder has told pictures by a small grid of codes (`models.vq_autoencoder`). Which
codes follow on which is learnt by an autoregressive model of them, as if they were pixels; what it
draws is decoded. A picture of 64 x 64 pixels has 12,288 values, but 256 codes: few enough for every
code to look at all earlier ones.

The autoencoder is part of the model, and stays as it was: training starts from its checkpoint.
Bits a code say how well codes are predicted. They are no bits/dim: the codes of another autoencoder
are other data.

Differences from the papers: a Transformer like that on pixels (`models.transformer`) instead of a
PixelCNN; the class is added to what goes in at every place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import LongTensor, Tensor, nn

from models import vq_autoencoder
from models.anatomy import Figure
from models.interface import Classes, Model, ModelConfig, TwoStageModel
from models.layers.cached import CachedStepper
from models.recipe import Recipe
from models.settings import setting
from models.transformer import Layer, NetworkStep
from models.variants import Publication, Variant
from models.vq_autoencoder import VQAutoencoder


@dataclass(frozen=True)
class Config(ModelConfig):
    """shape and levels are those of the codes; what begins with `coder` is of the autoencoder, and
    comes with its weights."""

    GIVEN: ClassVar[tuple[str, ...]] = (
        "shape",
        "coder_channels",
        "coder_levels",
        "coder_patch",
        "coder_width",
        "coder_blocks",
    )

    shape: tuple[int, int, int] = (1, 8, 8)
    levels: int = setting(240, "How many different codes there are", range=(2, 256))
    width: int = setting(192, "Numbers at a place", range=(1, 16384))
    layers: int = setting(6, "Layers of attention", range=(1, 256))
    heads: int = setting(
        4, "Attention heads of a layer, between which width is divided", range=(1, 256)
    )
    hidden: int = setting(512, "Units of the network at each place", range=(1, 65536))
    dropout: float = setting(
        0.1, "Share of what layers add that training leaves out by chance", range=(0, 0.99)
    )
    classes: int = setting(0, "Classes that it can be conditioned on; 0 for none", range=(0, 65536))
    class_names: tuple[str, ...] = setting(
        (), "Names of the classes; empty: their numbers", length=(0, 65536)
    )
    coder_channels: int = setting(3, "Channels of the pictures", range=(1, 65536))
    coder_levels: int = setting(256, "Values that a channel of them can take", range=(2, 65536))
    coder_patch: int = setting(4, "Rows and columns of pixels of a code", range=(1, 16))
    coder_width: int = setting(96, "Channels of the autoencoder", range=(1, 4096))
    coder_blocks: int = setting(2, "Residual blocks of the autoencoder", range=(0, 64))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.shape[0] != 1:
            raise ValueError("there is one code at a place, not several channels")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of heads {self.heads}")
        self.coder()

    def coder(self) -> vq_autoencoder.Config:
        """Of the autoencoder. ValueError where it cannot be."""
        _, height, width = self.shape
        patch = self.coder_patch
        return vq_autoencoder.Config(
            (self.coder_channels, height * patch, width * patch),
            self.coder_levels,
            self.levels,
            patch,
            self.coder_width,
            self.coder_blocks,
        )


class CodePrior(TwoStageModel):
    """Causal self-attention over the codes in raster order."""

    config: Config
    CONDITION_PARTS = ("classes",)
    FROZEN_PARTS = ("autoencoder",)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        width, (height, columns) = config.width, self.spec.space
        self.first = nn.Embedding(config.levels, width)
        self.begin = nn.Parameter(torch.randn(width))
        self.rows = nn.Parameter(0.1 * torch.randn(height, width))
        self.columns = nn.Parameter(0.1 * torch.randn(columns, width))
        if config.classes:
            self.conditioning = Classes(config.classes, config.class_names)
            self.classes = nn.Embedding(config.classes + 1, width)  # the last one: no class
        self.blocks = nn.ModuleList(
            Layer(width, config.heads, config.hidden, config.dropout) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, self.likelihood.parameters)
        self.autoencoder = VQAutoencoder(config.coder()).requires_grad_(False)
        self.pictures = self.autoencoder.spec

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        yield from (self.first, self.blocks, self.norm, self.out)

    # ---- the first stage -------------------------------------------------------------------------

    def encode(self, pictures: Tensor) -> Tensor:
        with torch.no_grad():
            return self.autoencoder.encode(pictures)

    def decode(self, codes: Tensor, known: Tensor | None = None) -> Tensor:
        with torch.no_grad():
            return self.autoencoder.decode(codes, known)

    @classmethod
    def settings_for(cls, source: Model) -> dict[str, Any]:
        if isinstance(source, cls):
            found = {k: v for k, v in source.config.to_dict().items() if k.startswith("coder_")}
            return {"shape": source.spec.shape, "levels": source.spec.levels, **found}
        if not isinstance(source, VQAutoencoder):
            return super().settings_for(source)
        coder, (_, height, width) = source.config, source.config.shape
        if height % coder.patch or width % coder.patch:
            raise ValueError(
                f"the pictures of {source.name}, {width} x {height}, are no whole number of patches"
                f" of {coder.patch}"
            )
        return {
            "shape": source.codes.shape,
            "levels": source.codes.levels,
            "coder_channels": source.spec.channels,
            "coder_levels": source.spec.levels,
            "coder_patch": coder.patch,
            "coder_width": coder.width,
            "coder_blocks": coder.blocks,
        }

    def part_for(self, source: Model) -> str:
        return "autoencoder" if isinstance(source, VQAutoencoder) else ""

    # ---- the second stage ------------------------------------------------------------------------

    def tokens(self, codes: Tensor, condition: Tensor | None) -> Tensor:
        """What goes into the first layer at n places, (B, n, width): the code before, or the start,
        where the place lies, and the class.

        codes: (B, n), of which the last is not looked at.
        """
        begin = self.begin.expand(codes.shape[0], 1, -1)
        before = torch.cat([begin, self.first(codes[:, :-1])], 1)  # shifted once, here
        h = before + self.places()[: codes.shape[1]]
        return h if condition is None else h + self.class_token(condition).unsqueeze(1)

    def places(self) -> Tensor:
        """(N, width)."""
        return (self.rows[:, None] + self.columns).flatten(0, 1)

    def class_token(self, condition: Tensor) -> Tensor:
        """Labels (B,), -1 for none -> (B, width)."""
        found: Tensor = self.classes(condition % self.classes.num_embeddings)
        return found

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        h = self.tokens(x.flatten(1).long(), condition)  # (B, N, width)
        for block in self.blocks:
            h = block(h)
        y: Tensor = self.out(self.norm(h))
        return y  # (B, N, P)

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> CodeStepper:
        token = None if condition is None else self.class_token(condition)
        return CodeStepper(self, batch, token)


class CodeStepper(CachedStepper):
    """The mirror of `CodePrior._conditionals`.

    condition: the token of the class, (B, width).
    """

    model: CodePrior

    def _make(self) -> None:
        model = self.model
        self._codes = self.memory.kept(len(self.order))  # as floats, which hold 256 codes exactly
        self._table, self._begin = model.first.weight.detach(), model.begin.detach()
        self._places = model.places().detach().unbind(0)
        self._network = NetworkStep(model.blocks, model.norm, model.out, self.memory)

    def _take(self, values: Tensor) -> None:
        self._codes[:, self.position] = values[:, 0]

    def _step(self) -> Tensor:
        t = self.position
        before = self._table.index_select(0, self._codes[:, t - 1].long()) if t else self._begin
        h = (before + self._places[t]).expand(self.batch, -1)
        if self.condition is not None:
            h = h + self.condition
        return self._network.step(t, h)

    def _fill(self, x: Tensor, count: int) -> None:
        self._codes.copy_(x.flatten(1))
        if count:
            h = self.model.tokens(x.flatten(1)[:, :count].long(), None)
            self._network.fill(h if self.condition is None else h + self.condition.unsqueeze(1))

    def _forget(self, count: int) -> None:
        """Nothing to do: see `NetworkStep.fill`."""


_TRANSFORMERS = Publication(
    "Esser, Rombach & Ommer",
    2021,
    "Taming Transformers for High-Resolution Image Synthesis",
    "https://arxiv.org/abs/2012.09841",
)

VARIANTS = [
    Variant(
        "vq-prior",
        CodePrior,
        Config(),
        Recipe(
            data="emoji",
            preparation="rgb-256",
            epochs=40,
            batch=32,
            rate=1e-3,
            muon_rate=5e-3,
            flip=True,
            conditional=True,
            label_dropout=0.1,
            start="vq-autoencoder",
        ),
        "Draws the codes of an autoencoder, which become a picture: the second of two stages",
        does=(
            "It draws a small grid of codes, each looking at all earlier ones, and an autoencoder"
            " makes a picture of them."
        ),
        look_for=(
            "Whole patches appear at a time: few codes are enough for a picture, which puts larger"
            " ones within reach."
        ),
        published=_TRANSFORMERS,
    )
]
