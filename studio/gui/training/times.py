"""How long a training takes, in words."""

from __future__ import annotations

from studio.engine.runtime.durations import about


def time_left(seconds: float) -> str:
    """Such as: about 20 minutes left."""
    return f"{about(seconds)} left"
