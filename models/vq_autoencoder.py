"""The discrete autoencoder: a picture becomes a small grid of codes, each of them one of a few, and
a picture again (van den Oord et al. 2017, "Neural Discrete Representation Learning").

The idea: a patch of pixels is told by one code of some hundreds. What is lost is detail that nobody
misses; what is left is a picture of few sites, short enough for an autoregressive model that looks
at all of them at once. That is the second stage: see `models.vq_prior`.

Differences from the paper: the codes are those of finite scalar quantisation (see
`models.layers.finite_scalars`), so that there is no table to be learnt, no loss but that of the
picture, and no code that is never used. The loss is -log p of the picture given its codes, where
every value is a discretised logistic around what the network says, as wide as one number, learnt
with the rest, says for all (as in Rybkin et al. 2021, "Simple and Effective VAE Training with
Calibrated Decoders", for normal distributions). Some pictures are shown with a part of their codes
hidden, so that a picture that is not yet whole can be looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Figure
from models.data_spec import DataSpec
from models.interface import Chance, DiscreteAutoencoder, ModelConfig
from models.layers.finite_scalars import FiniteScalars
from models.likelihoods import DiscretizedLogisticMixture
from models.recipe import Recipe
from models.sending import sent
from models.settings import setting
from models.variants import Publication, Variant

_HIDDEN = 0.25  # share of the training pictures of which some codes are hidden
_NARROWEST = 16  # channels at the size of the picture, at least
_SWIFT = 10.0  # times as fast as a weight the width of the logistics is learnt


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (3, 32, 32)
    levels: int = 256
    codes: int = setting(240, "How many different codes there are", range=(2, 256))
    patch: int = setting(
        4, "Rows and columns of pixels that a code stands for: 1, 2, 4, 8 or 16", range=(1, 16)
    )
    width: int = setting(96, "Channels where the codes are", range=(1, 4096))
    blocks: int = setting(
        2, "Residual blocks before the codes, and again after them", range=(0, 64)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.patch & (self.patch - 1):
            raise ValueError(f"patch is {self.patch}, but must be 1, 2, 4, 8 or 16")

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of codes; the patches of the last ones may lie partly outside."""
        _, height, width = self.shape
        return -(-height // self.patch), -(-width // self.patch)


class Block(nn.Module):
    """What is around a place, and a network at it, added to what is there."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.around = nn.Conv2d(width, width, 3, padding=1)
        self.at = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.at.weight)  # it begins as nothing: there is no normalisation

    def forward(self, h: Tensor) -> Tensor:
        return h + self.at(F.gelu(self.around(F.gelu(h))))


class Finer(nn.Module):
    """Twice as many rows and columns."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.spread = nn.Conv2d(inputs, 4 * outputs, 1)
        self.block = Block(outputs)

    def forward(self, h: Tensor) -> Tensor:
        return self.block(F.pixel_shuffle(self.spread(h), 2))


class VQAutoencoder(DiscreteAutoencoder):
    """Convolutions from the patches to the codes, and back to the pixels."""

    config: Config
    scored_corruption = 0.0
    OUTER_PARTS = ("first", "out")
    why = (
        "This autoencoder gives pictures back through a grid of codes, and does not know which"
        " codes are pictures: a model of its codes, which learns that, draws."
    )
    explanation = """\
It tells a picture by a small grid of codes, each one of a few hundred, and gives back what \
they stand for: on the right is what is left of the picture on the left.

Which codes follow on which it does not know: codes drawn by chance give a quilt of patches.

That is learnt in a second stage, by an autoregressive model of the codes.\
"""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        channels, width = self.spec.channels, config.width
        self.codes = DataSpec((1, *config.grid), config.codes)
        self.likelihood: DiscretizedLogisticMixture = DiscretizedLogisticMixture(
            config.levels, channels, mixtures=1
        )
        self.first = nn.Conv2d(channels, width, config.patch, config.patch)
        self.encoder = nn.ModuleList(Block(width) for _ in range(config.blocks))
        self.quantiser = FiniteScalars(config.codes)
        self.narrow = nn.Conv2d(width, self.quantiser.count, 1)
        self.widen = nn.Conv2d(self.quantiser.count, width, 1)
        self.hidden = nn.Parameter(torch.zeros(width))  # in the place of a code that is not known
        self.decoder = nn.ModuleList(Block(width) for _ in range(config.blocks))
        finer = []
        for _ in range(int(math.log2(config.patch))):
            finer.append(Finer(width, width := max(_NARROWEST, width // 2)))
        self.finer = nn.ModuleList(finer)
        self.out = nn.Conv2d(width, channels, 3, padding=1)
        # of the logistics, on -1..1, divided by `_SWIFT`
        self.log_scale = nn.Parameter(torch.tensor(-1.5 / _SWIFT))

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        yield from (self.first, self.encoder, self.narrow, self.widen, self.decoder)
        yield from (self.finer, self.out)

    # ---- to codes and back -----------------------------------------------------------------------

    def encode(self, pictures: Tensor) -> Tensor:
        return self.quantiser.codes(self._quantised(pictures))

    def decode(self, codes: Tensor, known: Tensor | None = None) -> Tensor:
        half = (self.spec.levels - 1) / 2
        means = self._means(self.quantiser.numbers(codes), known)
        levels = (means * half + half).round().clamp(0, 2 * half).long()
        if known is None:
            return levels
        return levels.where(self._of_pixels(known), round(half))

    def _quantised(self, x: Tensor) -> Tensor:
        """Levels (B, C, H, W) -> the numbers of their codes, in -1..1, (B, count, h, w)."""
        patch, (height, width) = self.config.patch, self.spec.space
        rows, columns = self.config.grid
        edges = (0, columns * patch - width, 0, rows * patch - height)
        h = self.first(F.pad(2 * self.scaled(x) - 1, edges, "replicate"))
        for block in self.encoder:
            h = block(h)
        return self.quantiser(self.narrow(F.gelu(h)).float())

    def _means(self, z: Tensor, known: Tensor | None = None) -> Tensor:
        """Numbers of codes (B, count, h, w) -> the middles of the logistics, on -1..1,
        (B, C, H, W).

        known: bool (B or 1, 1, h, w), see `decode`.
        """
        h = self.widen(z.to(self.dtype))
        if known is not None:
            h = h.where(known, self.hidden[:, None, None].to(h))
        for block in self.decoder:
            h = block(h)
        for layer in self.finer:
            h = layer(h)
        height, width = self.spec.space
        means: Tensor = self.out(F.gelu(h))[:, :, :height, :width]
        return means

    def _params(self, means: Tensor) -> Tensor:
        """Means (B, C, H, W) as parameters of the likelihood, (B, N, P)."""
        means = means.flatten(2).transpose(1, 2).float()
        nothing = means.new_zeros(*means.shape[:2], 1)
        pairs = self.likelihood.parameters - 1 - 2 * self.spec.channels
        scales = (_SWIFT * self.log_scale.float()).expand_as(means)
        rest = means.new_zeros(*means.shape[:2], pairs)
        return torch.cat([nothing, means, scales, rest], 2)

    def _of_pixels(self, known: Tensor) -> Tensor:
        """Which pixels lie in the patch of a known code: bool (B or 1, 1, h, w) ->
        (B or 1, 1, H, W)."""
        patch, (height, width) = self.config.patch, self.spec.space
        whole = known.repeat_interleave(patch, 2).repeat_interleave(patch, 3)
        return whole[:, :, :height, :width]

    # ---- what it is measured by ------------------------------------------------------------------

    def reconstruct(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        self.checked_condition(condition, len(x))
        return self._params(self._means(self._quantised(x)))

    def chance(
        self,
        x: Tensor,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, ...]:
        """Which codes are shown; and how much a pixel that is counted weighs, (B,)."""
        shown = sent(self._some_shown(len(x), generator), x.device)
        counted = self._of_pixels(shown)
        return shown, (counted.numel() / counted.sum()).expand(len(x))

    def loss(
        self,
        x: Tensor,
        condition: Tensor | None = None,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: Chance = None,
    ) -> Tensor:
        """-log p of a picture given its codes; pixels whose code is hidden are not counted, the
        others for them as well."""
        shown, weight = self._drawn(x, order, known, generator)
        params = self._params(self._means(self._quantised(x), shown))
        values = x.flatten(2).transpose(1, 2).long()
        nats = -self.likelihood.log_prob(params, values)  # (B, N)
        counted = self._of_pixels(shown).flatten(1)
        return ((nats * counted).sum(1) * weight).mean()

    def _some_shown(self, batch: int, generator: torch.Generator | None) -> Tensor:
        """Which codes are shown in a training step, bool (B, 1, h, w): all of them, or in some
        pictures the first ones, as they are while they are drawn, or any."""
        rows, columns = self.config.grid
        some, share, chance = (
            torch.rand(batch, size, generator=generator) for size in (1, 1, rows * columns)
        )
        running = torch.arange(rows * columns).expand(batch, -1) / (rows * columns)
        shown = torch.where(some < _HIDDEN / 2, running, chance) <= share
        shown |= some >= _HIDDEN
        shown[:, 0] = True  # so that there is something to count
        return shown.view(batch, 1, rows, columns)

    def figures(
        self, x: Tensor, condition: Tensor | None = None, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """reconstruction_bits, -log p of the picture given its codes in bits a dimension, and
        squared_error, the mean square by which what comes back is off, where 1 is from the lowest
        level to the highest."""
        means = self._means(self._quantised(x))
        values = x.flatten(2).transpose(1, 2).long()
        nats = -self.likelihood.log_prob(self._params(means), values).sum(1)
        off = (means.float().clamp(-1, 1) + 1) / 2 - self.scaled(x)
        return {
            "reconstruction_bits": nats / (values[0].numel() * math.log(2)),
            "squared_error": off.square().flatten(1).mean(1),
        }


PAPER = Publication(
    "van den Oord, Vinyals & Kavukcuoglu",
    2017,
    "Neural Discrete Representation Learning",
    "https://arxiv.org/abs/1711.00937",
)
_RECIPE = Recipe(
    data="emoji",
    preparation="rgb-256",
    epochs=60,
    batch=32,
    rate=1e-3,
    muon_rate=2e-2,
    flip=True,
)
_DOES = "It presses a picture through a small grid of codes, each of them one of a few hundred."
_LOOK_FOR = "See what is left of a picture when a whole patch of it is told by one code."

VARIANTS = [
    Variant(
        "vq-autoencoder",
        VQAutoencoder,
        Config(),
        _RECIPE,
        "Makes a small grid of codes of a picture, and a picture of codes: first of two stages",
        does=_DOES,
        look_for=_LOOK_FOR,
        published=PAPER,
    ),
    Variant(
        "vq-autoencoder-64",
        VQAutoencoder,
        Config(shape=(3, 64, 64)),
        _RECIPE.with_changes(data="", batch=16, config={"shape": (3, 64, 64)}),
        "The same for a folder of your own pictures, resized to 64 x 64",
        does=_DOES,
        look_for=_LOOK_FOR,
        published=PAPER,
    ),
]
