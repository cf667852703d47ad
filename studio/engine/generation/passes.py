"""`Passes`: which sites are drawn from one answer of a model that predicts all unknown sites.

Drawn from one pass, sites take no account of each other (Hoogeboom et al. 2021, section 4): the
fewer passes a picture is drawn in, the sooner it is there and the less its pixels agree.
"""

from __future__ import annotations

import bisect

from torch import Tensor

from models.interface import AutoregressiveModel, Stepper
from models.likelihoods import Likelihood
from models.stepping import MaskStepper
from studio.engine.generation.guidance import GuidedStepper
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions

GROWTH = 2.0  # sites that are there after a share s of the passes, as a share: s to this power

AllAtOnce = MaskStepper | GuidedStepper  # steppers of models that predict all unknown sites


def all_at_once(stepper: Stepper) -> AllAtOnce:
    """The same, as the stepper of a model that predicts all unknown sites."""
    assert isinstance(stepper, AllAtOnce)
    return stepper


def schedule(sites: int, steps: int, growth: float = GROWTH) -> list[int]:
    """How many of `sites` sites are there when each of `steps` passes begins, ascending, and all of
    them at the end: few in the first passes, which know little, more in later ones; the larger
    `growth` is, the more uneven."""
    steps = min(steps, sites)
    spread = [round(sites * (step / steps) ** growth) for step in range(steps + 1)]
    for step in range(1, steps):  # a site each at least
        most = sites - (steps - step)
        spread[step] = min(max(spread[step], spread[step - 1] + 1), most)
    return spread


class Passes:
    """Of a generation of `length` sites, `start` of which are given."""

    def __init__(
        self, model: AutoregressiveModel, options: SamplingOptions, start: int, length: int
    ) -> None:
        self.certain = options.order == CERTAIN  # the site that the model is surest of comes next
        # where passes begin, ascending, and the end; empty where each site has its own
        self._begins: list[int] = []
        if model.predicts_all and 0 < options.steps < length - start:
            self._begins = [start + at for at in schedule(length - start, options.steps)]

    def of(self, site: int) -> tuple[int, int]:
        """Between which positions the pass that draws the `site`-th site draws."""
        after = bisect.bisect_right(self._begins, site)
        if after in (0, len(self._begins)):
            return site, site + 1
        return self._begins[after - 1], self._begins[after]

    def open(
        self, stepper: AllAtOnce, likelihood: Likelihood, site: int, rank: Tensor
    ) -> tuple[int, Tensor]:
        """Before the `site`-th site is drawn: where its pass begins, say how far it reaches, and
        which sites come in it.

        rank: the order so far, raster indices (N,).
        Returns the position up to which the order is settled, and the order.
        """
        begin, end = self.of(site)
        if begin == site and self._begins:
            stepper.hold(end)
        if begin == site and self.certain:
            entropies = likelihood.entropy(stepper.predicted()).mean(0)  # (N,)
            left = rank[site:].sort().values  # equals come as they lie, however it came to this
            rank = rank.clone()
            rank[site:] = left[entropies[left].argsort(stable=True)]
            stepper.follow(rank)
        return (end if self._begins or self.certain else len(rank)), rank

    def stand(self, stepper: Stepper, pictures: Tensor, at: int) -> None:
        """Stand at `at`, which lies within a pass, as that pass left it: it had not seen those of
        its sites that are there.

        pictures: levels (rows, C, H, W).
        """
        begin, end = self.of(at)
        stepper.prime(pictures, begin)
        predicting = all_at_once(stepper)
        predicting.hold(end)
        predicting.predicted()
        for values in pictures.flatten(2).index_select(2, stepper.order[begin:at]).unbind(2):
            stepper.commit(values.long())
