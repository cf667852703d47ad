"""How long something takes, in words, no more exact than it can be known."""

from __future__ import annotations


def about(seconds: float) -> str:
    """Such as: about 20 minutes; less than a minute."""
    return f"{'about ' if seconds >= _MINUTE else ''}{rounded(seconds)}"


def rounded(seconds: float) -> str:
    """Such as: 20 minutes; less than a minute."""
    if seconds < _MINUTE:
        return "less than a minute"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return _counted(minutes, "minute")
    hours, minutes = divmod(5 * round(minutes / 5), 60)
    rest = f" {_counted(minutes, 'minute')}" if minutes else ""
    return f"{_counted(hours, 'hour')}{rest}"


_MINUTE = 50  # seconds that are called one


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
