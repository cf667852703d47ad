"""The list of what can be built: one `Entry` a name. A new model joins the studio, and every test,
by being listed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from models import (
    autoencoder,
    gated_pixelcnn,
    made,
    pixelcnn,
    pixelcnn_plus_plus,
    pixelrnn,
    pixelsnail,
    transformer,
    two_stack,
    wavenet,
    wavenet_audio,
)
from models.interface import Model
from models.recipe import Recipe


@dataclass(frozen=True)
class Entry:
    """How a model is built and trained, what it is in one line, and whether it can generate.
    others: recipes made for other data."""

    build: Callable[..., Model]
    config: type[Any]
    recipe: Recipe
    summary: str
    autoregressive: bool = True
    others: tuple[Recipe, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it is made for sound, of any length, and not for pictures."""
        return None in self.config().shape


ENTRIES = {
    "autoencoder": Entry(
        autoencoder.build,
        autoencoder.Config,
        autoencoder.RECIPE,
        "Reconstructs and denoises through a narrow code; not autoregressive: it cannot generate",
        autoregressive=False,
    ),
    "made": Entry(
        made.build, made.Config, made.RECIPE, "Masked autoencoder: one pass gives every conditional"
    ),
    "made-any-order": Entry(
        made.build_any_order,
        made.Config,
        made.ANY_ORDER_RECIPE,
        "MADE that draws in any order, trained over all of them",
    ),
    "pixelcnn": Entry(
        pixelcnn.build,
        pixelcnn.Config,
        pixelcnn.RECIPE,
        "Masked 7x7 convolutions, with a blind spot",
    ),
    "pixelcnn-two-stack": Entry(
        two_stack.build,
        two_stack.Config,
        two_stack.RECIPE,
        "Vertical and horizontal stacks: no blind spot, no gates",
    ),
    "gated-pixelcnn": Entry(
        gated_pixelcnn.build,
        gated_pixelcnn.Config,
        gated_pixelcnn.RECIPE,
        "Two stacks with gates and skip connections",
    ),
    "gated-pixelcnn-class": Entry(
        gated_pixelcnn.build_class,
        gated_pixelcnn.Config,
        gated_pixelcnn.CLASS_RECIPE,
        "Gated PixelCNN that is told the class, as a bias in every gate",
    ),
    "pixelrnn-row": Entry(
        pixelrnn.build_row,
        pixelrnn.Config,
        pixelrnn.ROW_RECIPE,
        "Row LSTM: a state from the three states above, row by row",
    ),
    "pixelrnn-diagonal": Entry(
        pixelrnn.build_diagonal,
        pixelrnn.Config,
        pixelrnn.DIAGONAL_RECIPE,
        "Diagonal BiLSTM: states from the left and above, and from the right, so that every earlier"
        " pixel is seen",
    ),
    "pixelsnail": Entry(
        pixelsnail.build,
        pixelsnail.Config,
        pixelsnail.RECIPE,
        "Gated causal convolutions, and attention to all earlier pixels",
    ),
    "pixelsnail-zigzag": Entry(
        pixelsnail.build_zigzag,
        pixelsnail.Config,
        pixelsnail.ZIGZAG_RECIPE,
        "The same, along anti-diagonals to and fro",
    ),
    "gated-pixelcnn-location": Entry(
        gated_pixelcnn.build_location,
        gated_pixelcnn.Config,
        gated_pixelcnn.LOCATION_RECIPE,
        "Gated PixelCNN that is told the class, as a map: what, and where",
    ),
    "gated-pixelcnn-map": Entry(
        gated_pixelcnn.build_map,
        gated_pixelcnn.Config,
        gated_pixelcnn.MAP_RECIPE,
        "Gated PixelCNN that is told what is painted, wherever it lies, and draws the rest",
    ),
    "pixelcnn-plus-plus": Entry(
        pixelcnn_plus_plus.build,
        pixelcnn_plus_plus.Config,
        pixelcnn_plus_plus.RECIPE,
        "Mixtures of logistics for whole pixels, seen in three resolutions with short-cuts between"
        " them",
        others=(pixelcnn_plus_plus.EMOJI_RECIPE,),
    ),
    "transformer": Entry(
        transformer.build,
        transformer.Config,
        transformer.RECIPE,
        "Causal self-attention, told the row and column of a pixel",
    ),
    "transformer-sinusoidal": Entry(
        transformer.build_sinusoidal,
        transformer.Config,
        transformer.OTHER_LOCATIONS_RECIPE,
        "The same, told a pixel's number by sine waves",
    ),
    "transformer-plain": Entry(
        transformer.build_plain,
        transformer.Config,
        transformer.OTHER_LOCATIONS_RECIPE,
        "The same, not told where a pixel lies",
    ),
    "wavenet-pixels": Entry(
        wavenet.build,
        wavenet.Config,
        wavenet.RECIPE,
        "Dilated causal convolutions over the pixels, one after the other",
    ),
    "wavenet": Entry(
        wavenet_audio.build,
        wavenet_audio.Config,
        wavenet_audio.RECIPE,
        "Dilated causal convolutions over a waveform: sound, sample by sample",
    ),
    "wavenet-mel": Entry(
        wavenet_audio.build_mel,
        wavenet_audio.Config,
        wavenet_audio.MEL_RECIPE,
        "The same, told a spectrogram of what is to be heard: a vocoder",
    ),
}


def available() -> list[str]:
    """Every family and variant, sorted."""
    return sorted(ENTRIES)


def autoregressive() -> list[str]:
    """Those that generate: what `build` makes of these names is an `AutoregressiveModel`.
    Sorted."""
    return [name for name in available() if ENTRIES[name].autoregressive]


def entry(name: str) -> Entry:
    """Raises ValueError, naming what there is, for a name that is not listed."""
    if name not in ENTRIES:
        raise ValueError(f"there is no model {name!r}; there are {', '.join(available())}")
    return ENTRIES[name]


def build(name: str, **overrides: Any) -> Model:
    """A model with fresh weights. Raises ValueError for an unknown name or override, naming it."""
    found = entry(name)
    known = [field.name for field in fields(found.config)]
    overrides = {found.config.FORMER.get(key, key): value for key, value in overrides.items()}
    for key, value in overrides.items():
        if key not in known:
            raise ValueError(f"{name} has no setting {key!r}; it has {', '.join(known)}")
        if isinstance(value, list):
            overrides[key] = tuple(value)
    model = found.build(**overrides)
    model.name = name
    return model


def recipe(name: str, data: str = "") -> Recipe:
    """The recipe of the shipped checkpoint: the one made for these data, where there is one, else
    the usual one."""
    found = entry(name)
    return next((other for other in found.others if other.data == data), found.recipe)


def describe(name: str) -> str:
    """What it is, in one line."""
    return entry(name).summary
