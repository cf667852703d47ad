"""`Record`: how the training of a shipped model went, as its card tells it, and what can be said
from that of a training by the clock before it begins. No more is promised than that. Free of torch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from studio.engine.checkpoints.cards import read_card, shipped
from studio.engine.checkpoints.words import in_words
from studio.engine.runtime.durations import rounded
from studio.engine.runtime.errors import StudioError

# settings that change nothing of how long an epoch takes
_AS_FAST = frozenset({
    "epochs", "minutes", "rate", "muon_rate", "warm_up", "weight_decay", "betas", "clip", "ema",
    "label_dropout", "start", "seed",
})  # fmt: skip


@dataclass(frozen=True)
class Record:
    """epochs, seconds: that the training took.
    figure: what came of it, such as "0.1066 bits/dim".
    machine: where; "" where that is not known."""

    epochs: float
    seconds: float
    figure: str
    machine: str = ""

    @classmethod
    def of(cls, card: Mapping[str, Any]) -> Self | None:
        """That of a card; None where it does not say enough."""
        epochs, seconds = card.get("epochs") or 0, card.get("seconds") or 0
        figure = in_words(card.get("metrics"))
        if not (epochs > 0 and seconds > 0 and figure):
            return None
        return cls(epochs, seconds, figure, card.get("machine") or "")

    def promise(self, minutes: float, changed: Collection[str] = ()) -> str:
        """What so many minutes are, in a sentence.

        changed: the settings that are not as they were for it.
        """
        there = (
            f"{rounded(self.seconds)}, {self.machine}" if self.machine else rounded(self.seconds)
        )
        took = f"took {self.epochs:g} epochs ({there}) for {self.figure}"
        if set(changed) - _AS_FAST:
            return (
                f"The shipped model {took}; how many epochs these settings make is not known yet."
            )
        epochs = float(f"{minutes * 60 * self.epochs / self.seconds:.2g}")
        return f"About {epochs:,g} epochs on the machine of the shipped model, which {took}."


def record_of(name: str) -> Record | None:
    """That of the shipped model of a name; None where none ships."""
    path = shipped().get(name)
    try:
        return None if path is None else Record.of(read_card(path))
    except StudioError:
        return None
