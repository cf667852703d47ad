"""How long a training takes, in words."""

from __future__ import annotations


def time_left(seconds: float) -> str:
    """Such as: about 20 minutes left."""
    return f"{about(seconds)} left"


def about(seconds: float) -> str:
    """Such as: about 20 minutes. No more exact than it can be known."""
    if seconds < 50:
        return "less than a minute"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"about {_counted(minutes, 'minute')}"
    hours, minutes = divmod(5 * round(minutes / 5), 60)
    rest = f" {_counted(minutes, 'minute')}" if minutes else ""
    return f"about {_counted(hours, 'hour')}{rest}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
