"""`Shard`: the I-th of N processes that do a large piece of work, on one machine or on many. None
knows of the others. Free of torch."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.engine.runtime.errors import StudioError

MOST = 100_000  # shards of one piece of work


@dataclass(frozen=True)
class Shard:
    """number: from 1 to `of`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From "I/N"; StudioError, one sentence, for anything else."""
        found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text, re.ASCII)
        if found is None:
            raise StudioError(f'"{text}" is not I/N, the I-th of N shards, such as 1/4.')
        number, of = map(int, found.groups())
        if not 1 <= of <= MOST:
            raise StudioError(f"{of} is no number of shards: choose 1 to {MOST}.")
        if not 1 <= number <= of:
            raise StudioError(f"There is no shard {text}: they go from 1/{of} to {of}/{of}.")
        return cls(number, of)

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def share(self, count: int) -> range:
        """Which of so many things are its own: the shards follow one another, and no two differ by
        more than one."""
        return range(count * (self.number - 1) // self.of, count * self.number // self.of)
