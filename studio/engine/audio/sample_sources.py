"""What makes samples, and stands behind those that there are.

It is the model's own stepper, on any device, or the compiled engine, which is much faster on a
processor. Given the same noise, both make the same of it.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AudioModel
from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.runtime.threads import one_thread


class Source(Protocol):
    """chunk: samples that are made together, between two looks at whether to go on."""

    chunk: int

    def run(
        self,
        noise: NDArray[np.float32],
        sampling: tuple[float, int, float],
        nats: NDArray[np.float32] | None = None,
    ) -> NDArray[np.uint8]:
        """The next codes (takes, n), from noise (takes, n).

        nats: (takes, n), filled in with what the model itself says of each, -log p at temperature
        1.
        """

    def expected(self, take: int) -> Tensor:
        """The parameters (P,) of the next sample of a take."""


class Stepping:
    """All takes together, by the model's own stepper, on the model's device."""

    chunk = 16  # that go to the host together

    @torch.inference_mode()
    def __init__(
        self, model: AudioModel, condition: Tensor | None, codes: NDArray[np.uint8]
    ) -> None:
        """codes: what is there already, (takes, n)."""
        self.model = model
        self._stepper = model.stepper(len(codes), condition)
        self._stepper.prime(torch.from_numpy(codes).unsqueeze(1), codes.shape[1])

    @torch.inference_mode()
    def run(
        self,
        noise: NDArray[np.float32],
        sampling: tuple[float, int, float],
        nats: NDArray[np.float32] | None = None,
    ) -> NDArray[np.uint8]:
        stepper, likelihood = self._stepper, self.model.likelihood
        uniform = torch.from_numpy(noise.T.copy()).to(self.model.device)  # (n, takes)
        made: list[Tensor] = []
        costs: list[Tensor] = []
        with one_thread():
            for each in uniform.unsqueeze(2).unbind(0):
                params = stepper.conditional()
                values = likelihood.sample(params, each, *sampling)
                if nats is not None:
                    costs.append(-likelihood.log_prob(params, values))
                stepper.commit(values)
                made.append(values)
        if nats is not None:
            nats[:] = torch.stack(costs, 1).cpu().numpy()
        return torch.cat(made, 1).to(torch.uint8).cpu().numpy()

    @torch.inference_mode()
    def expected(self, take: int) -> Tensor:
        return self._stepper.conditional()[take]


class Streaming:
    """Take after take, by the compiled engine."""

    # some milliseconds: after each of them it may have to wait
    # as long until another thread lets Python go on
    chunk = 512

    def __init__(
        self, engine: CompiledNetwork, condition: Tensor | None, codes: NDArray[np.uint8]
    ) -> None:
        """codes: what is there already, (takes, n)."""
        conditions = [None] * len(codes) if condition is None else condition.split(1)
        self._streams = [engine.stream(condition) for condition in conditions]
        for stream, take in zip(self._streams, codes, strict=True):
            stream.prime(take)

    def run(
        self,
        noise: NDArray[np.float32],
        sampling: tuple[float, int, float],
        nats: NDArray[np.float32] | None = None,
    ) -> NDArray[np.uint8]:
        costs = np.zeros((len(noise), 0), np.float32) if nats is None else nats
        each = zip(self._streams, noise, costs, strict=True)
        return np.stack([stream.run(take, *sampling, own) for stream, take, own in each])

    def expected(self, take: int) -> Tensor:
        return torch.from_numpy(self._streams[take].logits())
