"""`Score`: what came out of scoring a model on a part of its data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Score:
    """figures: by their names, each the mean over the examples, bits_per_sample over all samples of
    the recordings; see `Model.figures`.

    orders: for a model of any order, how many the ensemble has whose figures these are; None for a
    model with one order.
    completion: for a model conditioned on what is given, bits/dim
    of the hidden half, by the side that is given.
    steps_bits: for a model that predicts all unknown sites at once, bits/dim
    by the number of passes in which it draws, as text; see `studio.engine.scoring.fewer_passes`.
    baselines: of sound, what trivial models need, in bits a sample; see
    `studio.engine.scoring.baselines`.
    """

    figures: dict[str, float]
    examples: int
    seconds: float
    orders: int | None = None
    completion: dict[str, float] = field(default_factory=dict)
    baselines: dict[str, float] = field(default_factory=dict)
    steps_bits: dict[str, float] = field(default_factory=dict)

    @property
    def bits_per_dim(self) -> float:
        """Of pictures, mean over examples and dimensions;
        KeyError where the model has no such figure."""
        return self.figures["bits_per_dim"]

    @property
    def nats(self) -> float:
        """Mean negative log-likelihood of an example, drawn from nothing;
        KeyError where the model has none."""
        return self.figures["nats"]

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values, without what does not apply."""
        besides = {
            "orders": self.orders,
            "completion": self.completion,
            "baselines": self.baselines,
            "steps_bits": self.steps_bits,
        }
        besides = {key: value for key, value in besides.items() if value}
        return {**self.figures, **besides, "examples": self.examples, "seconds": self.seconds}
