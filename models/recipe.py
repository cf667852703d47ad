"""`Recipe`: every hyperparameter of a training, so that `studio train NAME` makes the shipped
checkpoint again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self


@dataclass(frozen=True)
class Recipe:
    """How a model is trained.

    data, labels, preparation: what it learns from (see `studio.engine.data.data_sets`); labels:
    their file, if not beside the data. validation: a file or folder of its own for the validation
    part, "" for a fixed share of the training part. epochs: passes over what is learnt from (of
    MNIST 55,000 images, the other 5,000 are for validation).  batch: images, or
    windows of sound, a step.  window: how many seconds of one count, beside its context (see
    `studio.engine.data.audio_windows`). optimiser: "muon" (inner weights by Muon, others by AdamW;
    see `studio.engine.training.optimisers`) or "adamw" (all by AdamW). rate: peak learning rate of
    AdamW, muon_rate: of Muon; both rise linearly over the first `warm_up` part of the steps and
    fall to zero along half a cosine.  weight_decay, betas: AdamW's.  clip: largest norm of the
    gradient of nats / example. ema: decay of the moving average of the weights, which is what is
    scored and shipped; it warms up as (1 + t) / (10 + t). flip: whether an example is shown
    mirrored, left for right, every other time. conditional: whether a model that can be built with
    or without classes is told the labels of the data as its condition. label_dropout: share of the
    examples that are shown without their label, for models conditioned on classes. orders: for
    models of any order, how many orders training takes turns with (0: every step has one of its
    own). start: name of a shipped checkpoint whose weights are the starting point, "" for fresh
    ones. config: of the model, where they are not the defaults of its Config.
    """

    data: str = "mnist"
    labels: str = ""
    validation: str = ""
    preparation: str = "thresholded"
    epochs: float = 3
    batch: int = 32
    window: float = 1.0
    optimiser: str = "muon"
    rate: float = 2e-3
    muon_rate: float = 1e-2
    warm_up: float = 0.05
    weight_decay: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 100.0
    ema: float = 0.999
    flip: bool = False
    conditional: bool = False
    label_dropout: float = 0.0
    orders: int = 0
    start: str = ""
    seed: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)

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
