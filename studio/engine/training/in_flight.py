"""What is on its way between the host and a GPU: numbers that are read when they are there, and
steps that the host has asked for and the GPU has still to make. On a processor nothing is."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

_MOST = 4  # steps that the host is ahead: enough that the GPU never waits, few enough to be stopped


class Reading:
    """The numbers of a tensor as it is now, which come over while the device goes on."""

    def __init__(self, tensor: Tensor) -> None:
        self._event = None
        if tensor.device.type == "cuda":
            self._numbers = torch.empty_like(tensor, device="cpu", pin_memory=True)
            self._numbers.copy_(tensor, non_blocking=True)
            self._event = _marked()
        else:
            self._numbers = tensor.clone()

    @property
    def there(self) -> bool:
        """Whether `numbers` need not wait."""
        return self._event is None or self._event.query()

    def numbers(self) -> list[float]:
        """As they were; waits until they are there."""
        if self._event is not None:
            self._event.synchronize()
        found: list[float] = self._numbers.tolist()
        return found


class InFlight:
    """The steps that a GPU has still to make. The host waits for the oldest of them where there are
    more than a few: so that a training ends soon after it is stopped, and its clock says how far
    the GPU is."""

    def __init__(self, device: torch.device) -> None:
        self._on_gpu = device.type == "cuda"
        self._steps: deque[torch.cuda.Event] = deque()

    def add(self) -> None:
        """A step was asked for."""
        if not self._on_gpu:
            return
        self._steps.append(_marked())
        if len(self._steps) > _MOST:
            self._steps.popleft().synchronize()


def _marked() -> torch.cuda.Event:
    """All that the GPU was asked for so far; who waits for it leaves the processor to others."""
    event = torch.cuda.Event(blocking=True)
    event.record()
    return event
