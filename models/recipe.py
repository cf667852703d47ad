"""`Recipe`: every hyperparameter of a training, so that `studio train NAME` makes the shipped
checkpoint again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from models.settings import setting


@dataclass(frozen=True)
class Recipe:
    """How a model is trained: what each value means stands beside it (see `models.settings`)."""

    data: str = setting(
        "mnist",
        "What to learn from: mnist, emoji, kanji, for sound speech, or files of your own",
    )
    labels: str = setting(
        "", "A file with one label a picture, where the data do not bring their own"
    )
    validation: str = setting(
        "",
        "A file or folder to validate with; empty: the last 5,000 training images of mnist, a fixed"
        " twentieth of the training part of other data",
    )
    skip_damaged: bool = setting(
        False, "Whether files of the data that cannot be read are left out, and counted"
    )
    preparation: str = setting(
        "thresholded",
        "thresholded (black or white), dynamic (black or white by chance, drawn each time), grey-N"
        " (N shades, 2 to 256), rgb-N (N of red, green and blue) or levels-N (grey or colour, as"
        " the pictures are); for sound mu-law-256",
    )
    epochs: float = setting(
        3,
        "Passes over the training part (of mnist 55,000 images); may be a fraction",
        range=(1e-6, 1e6),
    )
    minutes: float = setting(
        0.0,
        "How long to train, instead of epochs: a faster machine makes more of them, and the rates"
        " fall to zero by the clock; 0: epochs count",
        unit="minutes",
        range=(0, 1e6),
    )
    batch: int = setting(32, "Pictures, or windows of sound, in each step", range=(1, 1e6))
    window: float = setting(
        1.0,
        "How much of each window of sound counts, beside what is heard before it",
        unit="seconds",
        range=(1e-3, 600),
    )
    optimiser: str = setting(
        "muon", "muon (inner weights by Muon, the others by AdamW) or adamw (all by AdamW)"
    )
    rate: float = setting(
        2e-3, "Peak learning rate of AdamW; a lower one is slower and steadier", range=(0, 10)
    )
    muon_rate: float = setting(1e-2, "Peak learning rate of Muon", range=(0, 10))
    warm_up: float = setting(
        0.05,
        "Share of the steps in which the rates rise to their peaks; then they fall to zero along"
        " half a cosine",
        range=(0, 1),
        label="Warm-up",
    )
    weight_decay: float = setting(
        1e-4, "How strongly AdamW pulls the weights to zero", range=(0, 100)
    )
    betas: tuple[float, float] = setting(
        (0.9, 0.98),
        "How slowly AdamW forgets earlier gradients and their squares",
        range=(0, 0.999999),
    )
    clip: float = setting(
        100.0,
        "Largest norm that a gradient may have",
        unit="nats an example",
        range=(1e-9, math.inf),
    )
    ema: float = setting(
        0.999,
        "Decay of the moving average of the weights, which is what is scored and kept; it warms up"
        " as (1 + step) / (10 + step)",
        range=(0, 1),
        label="EMA decay",
    )
    flip: bool = setting(False, "Whether every other picture is shown mirrored, left for right")
    shift: float = setting(
        0.0,
        "How far a picture is moved at most, each time it is shown",
        unit="pixels",
        range=(0, 64),
    )
    rotation: float = setting(
        0.0, "How far a picture is turned at most, to either side", unit="degrees", range=(0, 180)
    )
    zoom: float = setting(
        0.0, "By what share a picture is made larger or smaller at most", range=(0, 1)
    )
    stroke: float = setting(
        0.0,
        "How much thicker or thinner strokes become at most; 1 is a whole pixel on each side",
        range=(0, 1),
    )
    conditional: bool = setting(
        False, "Whether the model is conditioned on the classes of the examples, where it can be"
    )
    label_dropout: float = setting(
        0.0, "Share of the examples that are shown without their label", range=(0, 1)
    )
    orders: int = setting(
        0,
        "For models that draw in any order: how many of them training uses in turn; 0: a new one"
        " in every step",
        range=(0, 1e4),
    )
    start: str = setting(
        "",
        "Checkpoint whose weights training starts from, as far as they fit; empty: fresh weights",
        label="Start from",
    )
    seed: int = setting(
        0,
        "Decides everything left to chance: the same seed gives the same model",
        range=(0, 2**53),
    )
    config: Mapping[str, Any] = field(
        default_factory=dict,
        metadata={"help": "Settings of the model, where they are not the defaults of its Config"},
    )

    def with_changes(self, **changes: Any) -> Self:
        """A copy with some fields changed; TypeError names an unknown field."""
        known = {field.name for field in fields(self)}
        for key in changes:
            if key not in known:
                raise TypeError(f"a recipe has no field {key!r}; it has {', '.join(sorted(known))}")
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        config = {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in self.config.items()
        }
        return {**asdict(self), "betas": list(self.betas), "config": config}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The inverse of `to_dict`; fields that are missing keep their defaults."""
        values = dict(values)
        if "settings" in values:  # its name before format 2 of the cards
            values["config"] = values.pop("settings")
        return cls().with_changes(**{**values, "betas": tuple(values.get("betas", cls.betas))})
