"""How many numbers a model multiplies: in a full pass, with its cache, and for a sample of sound.

Counted on the model itself while it computes, whatever it is made of; what is counted, and what is
not, `studio.engine.runtime.operations` says. A count depends on shapes alone, not on the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from models.interface import AudioModel, Stepper
from models.stepping import PrefixStepper
from studio.engine.insights.ways import in_words, share
from studio.engine.runtime.operations import Counter

_LONGEST = 32768  # samples in which the pass of a model for sound is counted


def of(compute: Callable[[], object]) -> int:
    """In what it computes."""
    with torch.inference_mode(), Counter() as counted:
        compute()
    return counted.operations // 2


class Steps:
    """Of a stepper for one picture, made for this: it takes one step after the other, and is given
    level 0 everywhere. A step may need more with every position (attention), or more at some, such
    as at the end of a row."""

    def __init__(self, make: Callable[[], Stepper]) -> None:
        """make: a stepper that stands before the first site; what it prepares is counted too."""
        self._so_far = [of(lambda: self._take(make()))]

    def _take(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._level = torch.zeros(
            1, stepper.model.spec.channels, dtype=torch.long, device=stepper.order.device
        )

    @property
    def cached(self) -> bool:
        """Whether it keeps what it computed, and does not make a full pass for every site."""
        return not isinstance(self._stepper, PrefixStepper)

    def until(self, position: int) -> int:
        """For the first so many sites."""
        while len(self._so_far) <= position:
            self._so_far.append(self._so_far[-1] + of(self._step))
        return self._so_far[position]

    def _step(self) -> None:
        self._stepper.conditional()
        self._stepper.commit(self._level)


@dataclass(frozen=True)
class OfASample:
    """samples: that the network looks back, and that are computed again for each where nothing is
    kept. naive, cached: multiplications for one sample; cached: None where the model keeps
    nothing."""

    samples: int
    naive: int
    cached: int | None

    def __str__(self) -> str:
        again = (
            f"For every sample the naive way computes the last {self.samples:,} again:"
            f" {in_words(self.naive)} multiplications."
        )
        if self.cached is None:
            return f"{again} This model keeps nothing of them, so it has no faster way."
        return (
            f"{again} The cache keeps them and computes one: {in_words(self.cached)}, or"
            f" {share(self.cached, self.naive)} of it."
        )


def of_sample(model: AudioModel) -> OfASample:
    """Of sound, where as many samples came before as the network looks back. Takes as long as a
    pass over them."""
    samples = max(1, min(model.receptive_field, _LONGEST))
    x = torch.zeros(1, model.spec.channels, samples, dtype=torch.long, device=model.device)
    naive = of(lambda: model.conditionals(x))
    with torch.inference_mode():
        stepper = model.stepper(1)
        if isinstance(stepper, PrefixStepper):
            return OfASample(samples, naive, None)
        stepper.prime(x, samples - 1)
        stepper.conditional()  # what it had to prepare
        stepper.commit(x[..., 0])
        return OfASample(samples, naive, of(stepper.conditional))
