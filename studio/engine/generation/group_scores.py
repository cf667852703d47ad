"""`GroupScores`: how probable the given pixels are under every class of a model that predicts all
unknown sites at once, by a few passes instead of one for each pixel."""

from __future__ import annotations

import torch
from torch import Tensor

from models.interface import OrderAgnosticModel
from studio.engine.editing.evidence import Evidence

GROUPS = 4  # of the given sites, each given the ones before it


class GroupScores:
    """For a class-conditional model. Sites of a group are taken not to know of one another.

    The groups come from a fixed permutation, so that a stroke changes them as little as it can, and
    grow: with little known each site more helps most. What the model says with nothing known is
    asked once.
    """

    def __init__(self, model: OrderAgnosticModel, classes: Tensor) -> None:
        """classes: LongTensor (rows,), those that are scored."""
        self._model, self._classes = model, classes.to(model.device)
        sites = len(model.order)
        self._mixed = torch.randperm(sites, generator=torch.Generator().manual_seed(0))
        self._from_nothing: Tensor | None = None

    @torch.inference_mode()
    def log_probs(self, given: Evidence) -> Tensor:
        """log p of the given pixels under each class, nats, float64 (rows,)."""
        model, rows = self._model, len(self._classes)
        x = torch.from_numpy(given.values).to(model.device).expand(rows, -1, -1, -1)
        values = x.flatten(2).transpose(1, 2).long()
        there = self._mixed[torch.from_numpy(given.known).flatten()[self._mixed]]
        known = torch.zeros(len(self._mixed), dtype=torch.bool)
        total = torch.zeros(rows, dtype=torch.float64, device=model.device)
        for group in groups_of(there):
            params = self._predicted(x, known)
            log_p = model.likelihood.log_prob(params, values)
            total += log_p[:, group.to(model.device)].double().sum(1)
            known[group] = True
        return total

    def _predicted(self, x: Tensor, known: Tensor) -> Tensor:
        """(rows, N, P), by raster index."""
        nothing = not bool(known.any())
        if nothing and self._from_nothing is not None:
            return self._from_nothing
        seen = known.to(x.device).expand(len(x), -1).unflatten(1, self._model.spec.space)
        params = self._model.predict(x, seen, self._classes).float()
        if nothing:
            self._from_nothing = params
        return params


def groups_of(there: Tensor) -> list[Tensor]:
    """The given sites (n,) in `GROUPS` groups, or fewer: of 1, 2, 4, 8 parts."""
    count = len(there)
    parts = 2**GROUPS - 1
    ends = [max(step + 1, round(count * (2 ** (step + 1) - 1) / parts)) for step in range(GROUPS)]
    ends = sorted({min(end, count) for end in ends})
    return [there[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
