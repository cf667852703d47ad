"""`Variant`: a model that can be built and trained by its name.
The file of a family ends with its variants,

    VARIANTS = [
        Variant("made", MADE, Config(), Recipe(epochs=30), "One pass gives every conditional"),
    ]

which is all that the studio needs to know of it; `models.registry` finds them. A plain tuple of the
first five fields will do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from models.interface import Model, ModelConfig
from models.recipe import Recipe


@dataclass(frozen=True)
class Article:
    """The figure of the article that this studio goes back to:
    bits/dim on MNIST, thresholded as here.

    leaks: the article's network sees what it has to predict, so the figure is no likelihood.
    """

    bits_per_dim: float
    leaks: bool = False


@dataclass(frozen=True)
class Paper:
    """The figure of a paper: nats an image, where it stands and for which network.

    data: how they differ from those here, if they do.
    dimensions: of one of its images.
    """

    nats: float
    source: str
    data: str = "binarised by chance"
    dimensions: int = 28 * 28

    @property
    def bits_per_dim(self) -> float:
        return self.nats / (self.dimensions * math.log(2))


def dynamically(nats: float) -> Paper:
    """What pytorch-generative reports: "we resample a new binary MNIST dataset on every epoch"."""
    source = "https://github.com/EugenHotaj/pytorch-generative"
    return Paper(nats, source, data="binarised by chance, anew every epoch")


@dataclass(frozen=True)
class Publication:
    """The paper that a model comes from, and where it can be read."""

    authors: str
    year: int
    title: str
    link: str

    def __str__(self) -> str:
        return f"{self.authors} {self.year}: {self.title}"


@dataclass(frozen=True)
class Variant:
    """How a model is built and trained, and what it is in one sentence.

    name: what `models.build` and the commands call it.
    model: its class, built from a config alone.
    config: with what differs from the defaults of its Config,
    or whatever makes one when it is called.
    recipe: of its training.
    others: recipes made for other data.
    article, paper: figures of others.
    dynamic: what others report of it on MNIST whose black and white are drawn anew every epoch, as
    the preparation of that name does.
    does, look_for: two sentences for somebody who has not met it: how it works, and what to see in
    it. published: the paper that it comes from.
    place: where it is declared; filled in when it is registered.

    ValueError, naming the variant, where one of them is of another kind.
    """

    name: str
    model: type[Model]
    config: ModelConfig | Callable[[], ModelConfig]
    recipe: Recipe
    summary: str
    others: tuple[Recipe, ...] = ()
    article: Article | None = None
    paper: Paper | None = None
    dynamic: Paper | None = None
    does: str = ""
    look_for: str = ""
    published: Publication | None = None
    place: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(r"\w[\w.+-]*", self.name):
            raise ValueError(
                f"the name of a model is made of letters, digits and - + . _, not {self.name!r}"
            )
        if not (isinstance(self.model, type) and issubclass(self.model, Model)):
            raise ValueError(f"the model of {self.name!r} is not a class derived from models.Model")
        if not isinstance(self.defaults, ModelConfig):
            raise ValueError(f"the config of {self.name!r} is not a models.ModelConfig")
        if not isinstance(self.recipe, Recipe):
            raise ValueError(f"the recipe of {self.name!r} is not a models.Recipe")
        if not isinstance(self.summary, str):
            raise ValueError(f"what {self.name!r} is, in one sentence, is not a text")

    @classmethod
    def read(cls, declared: Any) -> Self:
        """A variant as it stands in a list of VARIANTS: one, or a tuple of its fields."""
        if isinstance(declared, cls):
            return declared
        if isinstance(declared, tuple) and len(declared) == 5:
            return cls(*declared)
        raise ValueError(
            "a variant is a models.Variant or (name, model class, config, recipe, sentence), not"
            f" {declared!r}"
        )

    @property
    def defaults(self) -> ModelConfig:
        """What is built where nothing else is asked for."""
        return self.config if isinstance(self.config, ModelConfig) else self.config()

    @property
    def words(self) -> tuple[str, ...]:
        """What there is to say of it: how it works, what to see in it, and its paper."""
        published = "" if self.published is None else str(self.published)
        said = (self.does or f"{self.summary}.", self.look_for, published)
        return tuple(text for text in said if text)

    @property
    def built_in(self) -> bool:
        """Whether it comes with the studio, and not from a package or a file of somebody else."""
        return self.place.startswith("models.")

    @property
    def autoregressive(self) -> bool:
        """Whether it can generate: what is built is an `AutoregressiveModel`."""
        return self.model.autoregressive

    @property
    def sound(self) -> bool:
        """Whether it is made for sound, of any length, and not for pictures."""
        return None in self.defaults.shape
