"""Types of the values of options: what a text has to be, and a sentence where it is not."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.shards import Shard
from studio.engine.runtime.typed import decimal, expanded


def python_file(text: str) -> str:
    """Reads the name of a file of Python."""
    if not text.endswith(".py"):
        raise argparse.ArgumentTypeError(f'"{text}" is not a file of Python (.py)')
    return expanded(text)


def path(text: str) -> Path:
    """Reads a path, which may begin with ~; for one that may be a name instead, see `expanded`."""
    return Path(expanded(text))


def several(text: str) -> list[str]:
    """Reads names with commas between them."""
    names = [expanded(name.strip()) for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f'"{text}" is not a list of names with commas between')
    return names


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Reads a whole number from `low` to `high`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'"{text}" is not a whole number') from None
        _within(text, value, low, high)
        return value

    return read


def number(low: float, high: float | None = None) -> Callable[[str], float]:
    """Reads a number from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = decimal(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f'"{text}" is not a number') from None
        if not math.isfinite(value):
            raise argparse.ArgumentTypeError(f'"{text}" is not a number')
        _within(text, value, low, high)
        return value

    return read


def stretch(text: str) -> tuple[float, float]:
    """Reads two times in seconds, with a colon between them."""
    begin, colon, end = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f'"{text}" is not BEGIN:END in seconds, such as 1.20:1.25')
    return number(0)(begin), number(0)(end)


def shard(text: str) -> Shard:
    """Reads the I-th of N shards, I/N."""
    try:
        return Shard.parse(text)
    except StudioError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def _within(text: str, value: float, low: float, high: float | None) -> None:
    if value < low:
        raise argparse.ArgumentTypeError(f"{text} is less than {low:g}")
    if high is not None and value > high:
        raise argparse.ArgumentTypeError(f"{text} is more than {high:g}")
