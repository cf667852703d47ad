"""Waiting for what a player shows, whatever kind of player it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

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
