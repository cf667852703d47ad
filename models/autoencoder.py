"""The autoencoder, plain and denoising: a picture is pressed through a narrow code and given back,
all pixels at once.

The idea: a network that has to give back what it was shown, but may keep only `code` numbers of it,
finds out what pictures have in common (Hinton and Salakhutdinov 2006). Shown a corrupted picture
and asked for the whole one, it learns to tell a digit from the noise on it: the denoising
autoencoder (Vincent et al. 2008, section 2.3, and 2010, section 3). Both are one network here,
trained on whole pictures and corrupted ones alike.

It is the starting point of the other models, and cannot do what they can. `why` says so in words:
there is no distribution to draw from. The code has none, so a code made up at random gives no
digit; and the output at a pixel has seen that very pixel and all later ones, so that the product of
the outputs is no likelihood of the picture. MADE is this network with the weights cut that let it
see them.

Differences from the papers: nothing is trained layer by layer; the noise is replaced pixels (2010,
section 3.3: salt and pepper) and blank boxes, their share drawn afresh for each picture, so that
one network knows little noise and much.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from models.anatomy import Figure
from models.interface import ModelConfig, Reconstructor
from models.recipe import Recipe
from models.sending import sent
from models.settings import setting
from models.variants import Publication, Variant

_WHOLE = 0.2  # share of the pictures that training leaves as they are


@dataclass(frozen=True)
class Config(ModelConfig):
    FORMER: ClassVar[Mapping[str, str]] = {"noise": "corruption"}

    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    hidden: tuple[int, ...] = setting(
        (512,),
        "Units of each layer from the picture to the code, and back again",
        range=(1, 65536),
        length=(0, 64),
    )
    code: int = setting(64, "Numbers that a picture has to pass through", range=(1, 65536))
    corruption: float = setting(
        0.5,
        "Largest share of a picture's pixels that training replaces; 0 and no boxes make a plain"
        " autoencoder",
        range=(0, 1),
    )
    boxes: float = setting(
        0.25, "Share of the training pictures in which a box is blanked", range=(0, 1)
    )


class Autoencoder(Reconstructor):
    """Fully connected, from the picture to the code and back."""

    config: Config
    why = (
        "An autoencoder cannot generate: its output at a pixel has seen that very pixel and all the"
        " others, so its outputs are no distribution over pictures that one could draw from."
    )
    explanation = """\
It gives back what it is shown. Each pixel on the right has seen the whole picture on the left, \
that very pixel too: multiplied, such probabilities are no likelihood, and there is no order in \
which to draw.

It squeezes a picture into a few numbers, its code, and does not know which codes are digits: \
made-up ones give a smudge.

MADE is such a network without the connections by which a pixel sees itself and later ones. \
It can draw.\
"""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        dimensions, sites = self.spec.dimensions, self.spec.sites
        assert dimensions is not None
        assert sites is not None
        self.first, *inner = _layers([dimensions, *config.hidden, config.code])
        self.encoder = nn.ModuleList(inner)
        *inner, self.out = _layers(
            [config.code, *reversed(config.hidden), sites * self.likelihood.parameters]
        )
        self.decoder = nn.ModuleList(inner)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        yield from (self.first, self.encoder, self.decoder, self.out)

    def encode(self, x: Tensor) -> Tensor:
        """x: integer (B, channels, *space) -> the code, (B, code)."""
        h = self.first(self.scaled(x).flatten(1))
        for layer in self.encoder:
            h = layer(h.relu())
        return h

    def decode(self, code: Tensor) -> Tensor:
        """code (B, code) -> parameters of every site by raster index, (B, N, P)."""
        h = code
        for layer in self.decoder:
            h = layer(h).relu()
        return self.out(h).unflatten(1, (-1, self.likelihood.parameters))

    def reconstruct(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        self.checked_condition(condition, len(x))
        return self.decode(self.encode(x))

    def shown(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Noise in most pictures, a blank box in some."""
        share = (torch.rand(len(x), 1, generator=generator) - _WHOLE).clamp_min(0) / (1 - _WHOLE)
        shown = self.corrupt(x, self.config.corruption * share, generator)
        return shown.masked_fill(sent(self._boxes(len(x), generator), x.device), 0)

    def _boxes(self, batch: int, generator: torch.Generator | None) -> Tensor:
        """A box anywhere, of any size up to half the picture each way, in some of the pictures:
        bool (B, 1, H, W)."""
        inside = torch.rand(batch, 1, 1, 1, generator=generator) < self.config.boxes
        for axis, size in enumerate(self.spec.space):
            middle, reach = (
                torch.rand(2, batch, 1, generator=generator)
                * size
                * torch.tensor([1.0, 0.25]).view(2, 1, 1)
            )
            along = (torch.arange(size) + 0.5 - middle).abs() <= reach  # (B, size)
            inside = inside & along.view(batch, 1, *(size if axis == i else 1 for i in range(2)))
        return inside


def _layers(sizes: list[int]) -> list[nn.Linear]:
    return [nn.Linear(before, after) for before, after in itertools.pairwise(sizes)]


_PAPER = Publication(
    "Vincent, Larochelle, Bengio & Manzagol",
    2008,
    "Extracting and Composing Robust Features with Denoising Autoencoders",
    "https://doi.org/10.1145/1390156.1390294",
)

VARIANTS = [
    Variant(
        "autoencoder",
        Autoencoder,
        Config(),
        Recipe(epochs=60, batch=256),
        "Reconstructs and denoises through a narrow code; not autoregressive: it cannot generate",
        does="It presses a picture through a narrow code and gives it back, all pixels at once.",
        look_for=(
            "Paint over a picture and see the noise go; it cannot draw one of its own, for"
            " nothing says which codes are pictures."
        ),
        published=_PAPER,
    )
]
