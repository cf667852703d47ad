"""The ways to decode, by name: which of them a model has on a device, and which one was the fastest
where it was measured. Free of numpy and torch.

All draw the same pictures from the same noise, but where it falls into what the arithmetic of two
devices or kernels leaves apart, which is counted wherever they are compared. How each of them draws
stands in `by_site`, `at_once` and `by_graph`; how they are measured, in `decoder_choice`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from torch import device as Device

    from models.interface import AutoregressiveModel, Model

SEQUENTIAL, PARALLEL, GRAPH = "sequential", "parallel", "graph"
AUTO = "auto"  # whichever was the fastest when it was measured, else one pixel after the other
DECODERS = {  # and what each means
    SEQUENTIAL: "one pixel after the other",
    PARALLEL: (
        "all pixels at once, again and again until nothing changes: the same pictures in fewer"
        " passes"
    ),
    GRAPH: (
        "one pixel after the other, a row of them captured and run as one: a CUDA graph on a GPU,"
        " compiled on a processor; to capture it takes some seconds, which pay off when it is drawn"
        " again"
    ),
}
CALLED = {  # in a sentence
    SEQUENTIAL: "pixel by pixel",
    PARALLEL: "all at once",
    GRAPH: "captured",
}
CAPTURE_ON = "cuda", "cpu"  # the kinds of devices that capture steps
SLOW_BY_SITE = "cuda"  # the kind on which the other ways are so much faster that all are measured
BATCHES = 1, 4, 16, 64  # for which the fastest one is looked for


@dataclass(frozen=True)
class Choice:
    """decoder: the fastest.
    seconds: of all pictures together, by decoder; None where it was stopped, as another one was
    there long before.
    differing: values that are others than a single pass over the finished pictures finds, by
    decoder, of those that were finished.
    batch: how many pictures were drawn.
    machine: what they were drawn on.
    """

    decoder: str
    seconds: Mapping[str, float | None] = field(default_factory=dict)
    differing: Mapping[str, int] = field(default_factory=dict)
    batch: int = 1
    machine: str = ""

    def fastest(self, given: bool, once: bool = False) -> str:
        """The fastest; where something is given, of those that draw one pixel after the other:
        only there attempts can compete at what is given late.

        once: whether nothing else is drawn so, and captured steps are not worth their while.
        """
        left_out = {PARALLEL: given, GRAPH: once}
        took = {
            name: seconds
            for name, seconds in self.seconds.items()
            if seconds is not None and not left_out.get(name)
        }
        return min(took, key=lambda name: took[name], default=SEQUENTIAL)

    def in_words(self) -> str:
        """A sentence: what each took, and how many values came out otherwise."""
        several = "1 picture takes" if self.batch == 1 else f"{self.batch} pictures take"
        took = [
            f"{'longer' if seconds is None else f'{seconds:.2g} s'} {CALLED[name]}"
            for name, seconds in self.seconds.items()
        ]
        apart = [f"{count} {CALLED[name]}" for name, count in self.differing.items() if count]
        said = f"{several} {', '.join(took)}"
        return (
            f"{said}; values that rounding made others: {', '.join(apart)}."
            if apart
            else f"{said}."
        )


def decoders_for(model: Model, device: Device | None = None) -> list[str]:
    """Those that a model has on a device (None: its own), the plainest first; none for one that
    draws no pictures site by site."""
    if not model.autoregressive or model.spec.sites is None:
        return []
    model = cast("AutoregressiveModel", model)
    if model.predicts_all:
        return [SEQUENTIAL]
    found = [SEQUENTIAL, PARALLEL]
    if (device or model.device).type in CAPTURE_ON and not model.takes_painting:
        found.append(GRAPH)
    return found


def batch_class(count: int) -> int:
    """The batch that is measured for so many pictures."""
    return max(batch for batch in BATCHES if batch <= max(count, BATCHES[0]))
