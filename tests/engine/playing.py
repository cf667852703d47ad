"""Waiting for what a player shows, whatever kind of player it is, and models that are slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import torch

from models.interface import AutoregressiveModel, Stepper
from studio.engine.runtime.actor import Actor

PATIENCE = 10.0  # seconds

T = TypeVar("T")


def rested(player: Actor[T]) -> T:
    """What there is to see once the player is at rest."""
    assert player.join(PATIENCE)
    snapshot = player.mailbox.take()
    assert snapshot is not None, player.failures.take()
    return snapshot


def watched(player: Actor[T], until: Callable[[T], bool]) -> T:
    """The first snapshot that is as wanted."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        snapshot = player.mailbox.take()
        if snapshot is not None and until(snapshot):
            return snapshot
        time.sleep(0.002)
    raise AssertionError(f"it never came: {player.failures.take()}")


class Slow:
    """A stepper that takes a while for each site, or fails at one."""

    def __init__(self, stepper: Stepper, seconds: float, fails_at: int | None) -> None:
        self._stepper, self._seconds, self._fails_at = stepper, seconds, fails_at

    def __getattr__(self, name: str):
        return getattr(self._stepper, name)

    def commit(self, values: torch.Tensor) -> None:
        if self._stepper.position == self._fails_at:
            raise MemoryError("nothing left for the picture")
        time.sleep(self._seconds)
        self._stepper.commit(values)


def slowed(
    model: AutoregressiveModel, seconds: float = 0.0, fails_at: int | None = None
) -> AutoregressiveModel:
    """The same model, whose steppers are slow, or fail the first time they are used."""
    original, fails = model.stepper, [fails_at]

    def stepper(batch, condition=None, order=None):
        return Slow(original(batch, condition, order), seconds, fails.pop() if fails else None)

    model.stepper = stepper  # type: ignore[method-assign]
    return model
