"""Pictures drawn by captured steps: a stepper's steps over a row of sites are captured as one, with
what is drawn from them and committed. On a GPU a row is then a CUDA graph, and costs one launch
instead of some forty for each of its sites, with nothing for the host to do between them. On a
processor it is a compiled program, which does not call torch some forty times for each; see
`studio.engine.runtime.graphs`.

The graphs of all rows are captured in turn, for a step is another one at every site, and run in
that order; the first begins by standing before the first site. What is given, the noise and what
comes out lie in tensors of their own. So the same graphs draw any picture that is sampled alike,
and to go on from anywhere the rows before are run again with what is there: some milliseconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from models.likelihoods import Likelihood
from models.stepping import Stepper
from studio.engine.generation.stretches import Sampling
from studio.engine.runtime import courtesy
from studio.engine.runtime.graphs import CAPTURING, Captured, captured, shared_memory
from studio.engine.runtime.threads import one_thread


class GraphDecoding:
    """Draws so many rows of pictures. All that it is given and has is in the order of generation.

    width: sites that are drawn together.
    """

    def __init__(
        self,
        stepper: Callable[[], Stepper],
        likelihood: Likelihood,
        sampling: Sampling,
        sites: int,
    ) -> None:
        """stepper: makes one that stands before the first of so many sites."""
        self._make, self._likelihood, self._sampling = stepper, likelihood, sampling
        self._stepper, self._scout = stepper(), stepper()
        model, rows = self._stepper.model, self._stepper.batch
        spec = model.spec
        self._sites, self.width = sites, spec.space[-1]
        with torch.device(model.device):
            self._noise = torch.zeros(sites, rows, likelihood.draws)
            self._held = torch.zeros(sites, rows, 1, dtype=torch.bool)
            self._values = torch.zeros(sites, rows, spec.channels, dtype=torch.long)
            self._params = torch.zeros(sites, rows, likelihood.parameters, dtype=model.dtype)
            self._nothing = torch.zeros(rows, spec.channels, *spec.space, dtype=torch.long)
        self._device, self._memory = model.device, shared_memory(model.device)
        self._runs: list[Captured] = []
        self._owner: object = None  # whose noise is there
        self._done = 0  # rows of sites that its stepper stands behind
        self._latest: torch.cuda.Event | None = None
        self._lock = threading.Lock()

    @property
    def captured(self) -> bool:
        """Whether all rows are."""
        return len(self._runs) * self.width >= self._sites

    @torch.inference_mode()
    def capture(self, interrupted: Callable[[], bool]) -> bool:
        """Go on to capture the rows; whether all are, False where it was interrupted.
        UncapturableError, one sentence, where the model's step cannot be captured."""
        with self._lock, one_thread():
            while (begin := len(self._runs) * self.width) < self._sites:
                if interrupted():
                    return False
                draw, warm_up = (
                    partial(self._draw, stepper, begin) for stepper in (self._stepper, self._scout)
                )
                try:
                    run = captured(draw, device=self._device, warm_up=warm_up, pool=self._memory)
                except BaseException:  # the steppers stand anywhere within the row
                    self._runs.clear()
                    self._stepper, self._scout = self._make(), self._make()
                    raise
                self._runs.append(run)
        return True

    def _draw(self, stepper: Stepper, begin: int) -> None:
        """A row of sites: what is captured."""
        if begin == 0:
            stepper.prime(self._nothing, 0)
        for site in range(begin, min(begin + self.width, self._sites)):
            courtesy.window.give_way()  # Python all along, for as long as a row
            params = stepper.conditional()
            self._params[site].copy_(params)
            drawn = self._likelihood.sample(params, self._noise[site], *self._sampling)
            values = self._values[site]
            values.copy_(values.where(self._held[site], drawn))
            stepper.commit(values)

    @torch.inference_mode()
    def run(
        self, owner: object, noise: Tensor, settled: Tensor, held: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Draw the first site that is not there, and the rest of its row. All rows were captured.

        owner: of the pictures; where it is another than the last time, all of them are others.
        noise: (N, rows, draws).
        settled: what is there, levels (front, rows, C).
        held, values: where a row keeps a value whatever is drawn, bool (N, rows), and these, levels
        (N, rows, C).
        Returns what was drawn, int64 (sites, rows, C), and its parameters, (sites, rows, P).
        """
        front = len(settled)
        this = front // self.width
        with self._lock, one_thread():
            if self._owner is not owner or self._done > this:
                self._owner, self._done = owner, 0
                self._noise.copy_(noise)
            self._held.copy_(held[..., None])
            self._held[:front] = True
            self._values.copy_(values)
            self._values[:front] = settled
            for run in self._runs[self._done : this + 1]:
                run()
            self._done = this + 1
            drawn = slice(front, min(self._done * self.width, self._sites))
            found = self._values[drawn].clone(), self._params[drawn].clone()
            self._wait()
        return found

    def _wait(self) -> None:
        """For the row before: the host is one row ahead of the device at most, so that who stops
        it need not wait for rows that nobody wants."""
        if self._device.type == CAPTURING:
            before, self._latest = self._latest, torch.cuda.Event(blocking=True)
            self._latest.record(torch.cuda.current_stream(self._device))
            if before is not None:
                before.synchronize()
