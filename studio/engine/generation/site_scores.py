"""`SiteScores`: how probable each pixel of a picture is under every class, kept from one picture to
the next.

A picture that is being painted or drawn changes by a few pixels at a time, and what comes before
the first of them in the order holds. So a stepper with a row for each class goes back to it and on
to the last pixel that counts; where these are far apart, one parallel pass costs less.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AutoregressiveModel, Stepper
from models.stepping import PrefixStepper
from studio.engine.editing.evidence import Evidence

_STEPS = 64  # that cost less than a pass


class SiteScores:
    """For a class-conditional model that draws in an order of its own.

    passes: how many parallel passes it took so far.
    """

    def __init__(self, model: AutoregressiveModel, classes: int) -> None:
        self._model, self._classes = model, torch.arange(classes, device=model.device)
        length, channels = len(model.order), model.spec.channels
        self._order = model.order.cpu().numpy()
        # in the order of generation: the picture that is scored, as far as it is, and log p
        self._x = np.zeros((length, channels), np.int64)
        self._scored = 0
        self._log_p = torch.zeros(classes, length, dtype=torch.float64, device=model.device)
        self._stepper: Stepper | None = None
        self._held = np.zeros((0, channels), np.int64)  # what the stepper has committed
        self.passes = 0

    @torch.inference_mode()
    def log_probs(self, given: Evidence) -> Tensor:
        """The sum of log p of the given pixels under each class, nats, float64 (classes,), unknown
        ones before them being taken for level 0."""
        x = given.values.reshape(len(given.values), -1)[:, self._order].T.astype(np.int64)
        known = given.known.ravel()[self._order]
        end = int(known.nonzero()[0].max()) + 1 if known.any() else 0
        holds = min(self._scored, _alike(self._x, x))
        self._x, self._scored = x, holds
        if end > holds:
            begin = min(holds, _alike(self._held, x))
            if end - begin <= self._most_steps:
                self._step(begin, end)
            elif end - holds <= self._most_steps:
                self._prime(holds)
                self._step(holds, end)
            else:
                self._pass()
        return self._log_p[:, torch.from_numpy(known).to(self._log_p.device)].sum(1)

    @property
    def _most_steps(self) -> int:
        """One that remembers nothing takes a pass for each."""
        return 1 if isinstance(self._stepper, PrefixStepper) else _STEPS

    def _picture(self) -> Tensor:
        """A row for each class, (classes, C, H, W)."""
        flat = np.zeros_like(self._x.T)
        flat[:, self._order] = self._x.T
        picture = torch.from_numpy(flat).to(self._model.device).unflatten(1, self._model.spec.space)
        return picture.expand(len(self._classes), -1, -1, -1)

    def _pass(self) -> None:
        picture = self._picture()
        params = self._model.conditionals(picture, self._classes).float()
        self._log_p.copy_(self._model.likelihood.log_prob(params, self._model.sites(picture)))
        self._scored = len(self._x)
        self.passes += 1

    def _prime(self, position: int) -> None:
        self._stepper = self._model.stepper(len(self._classes), self._classes)
        if position:
            self._stepper.prime(self._picture(), position)
            self.passes += 1
        self._held = self._x[:position]

    def _step(self, begin: int, end: int) -> None:
        """From a position that the stepper has reached with these values."""
        if self._stepper is None:
            self._prime(begin)
        stepper = self._stepper
        assert stepper is not None
        if stepper.position > begin:
            stepper.rewind(begin)
        values = torch.from_numpy(self._x[begin:end]).to(self._model.device)
        for site, value in enumerate(values, begin):
            value = value.expand(len(self._classes), -1)
            params = stepper.conditional().float()
            self._log_p[:, site] = self._model.likelihood.log_prob(params, value)
            stepper.commit(value)
        self._held, self._scored = self._x[:end], end


def _alike(one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """How many sites from the first on are the same in both, of those that both have."""
    length = min(len(one), len(other))
    different = (one[:length] != other[:length]).any(1)
    return int(different.argmax()) if different.any() else length
