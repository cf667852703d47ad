"""A score that many processes have a part in, each by itself: `ShardShare` is what `evaluate` is
given for it, see `studio.engine.scoring.shares` and `studio.engine.media.parts`.

The sums of each unit are kept, and added up in their order: so the score is the one that a process
alone would find, to the last digit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine.media.parts import Part, Parts
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.runtime.shards import Shard
from studio.engine.scoring.shares import Report, Share, Sums, add, summed

KIND = "scores"
_PARTS = 100  # that a score is divided into, where there is so much to do
# the arrays of a part: a JSON list with the sums of each unit, and how long they took
_SUMS, _SECONDS = "sums", "seconds"


@dataclass(frozen=True)
class ShardShare(Share):
    """folder: of the parts.
    asked: what the score depends on, as plain JSON values.
    shard: None for whoever only adds up what is there.
    """

    folder: Path = field(default_factory=Path)
    asked: Mapping[str, Any] = field(default_factory=dict)
    shard: Shard | None = None

    def totals(
        self,
        work: Sequence[float],
        score: Callable[[int, Report], Sums | None],
        progress: Report | None = None,
        token: CancelToken | None = None,
    ) -> Sums | None:
        """Score what is not there yet of the shard. The sums over all units, where all shards are
        there by then, else None."""
        units = len(work)
        if self.shard is None:
            parts = opened(self.folder)
            parts.check_whole()
            if parts.total != units:
                raise StudioError(
                    f'The parts in "{self.folder}" were scored on other data: score them again in'
                    " another folder."
                )
            return _added(parts)
        size = max(1, units // _PARTS)
        parts = Parts(self.folder, KIND, self.asked, units, size, self.shard.of).begun()
        if not self._score(parts, self.shard, work, score, progress, token) or parts.missing():
            return None
        return _added(parts)

    def _score(
        self,
        parts: Parts,
        shard: Shard,
        work: Sequence[float],
        score: Callable[[int, Report], Sums | None],
        progress: Report | None,
        token: CancelToken | None,
    ) -> bool:
        """Keep the parts of a shard that are not there; False where the token was cancelled."""
        mine = [part for part in parts.of(shard) if not parts.is_done(part)]
        for place, part in enumerate(mine):

            def report(share: float, before: int = place) -> None:
                if progress is not None:
                    progress((before + share) / len(mine))

            rows: list[Sums] = []
            began, units = time.monotonic(), range(part.begin, part.end)
            if summed(units, work, score, report, token, rows.append) is None:
                return False
            seconds = np.array(time.monotonic() - began)
            parts.write(part, {_SUMS: np.array(json.dumps(rows)), _SECONDS: seconds})
        return True


def opened(folder: Path) -> Parts:
    """The parts of a score; StudioError, one sentence, where the folder has none."""
    parts = Parts.open(folder)
    if parts.kind != KIND:
        raise StudioError(f'The parts in "{folder}" are no scores, but {parts.kind}.')
    return parts


def seconds_of(parts: Parts) -> float:
    """How long it took to score all of them, one after the other."""
    return sum(float(parts.read(part).get(_SECONDS, 0.0)) for part in _all(parts))


def _all(parts: Parts) -> list[Part]:
    return [parts.part(number) for number in range(parts.count)]


def _added(parts: Parts) -> Sums:
    """Unit by unit, as one process adds them up."""
    total = Sums()
    for part in _all(parts):
        for sums in _read(parts, part):
            add(total, sums)
    return total


def _read(parts: Parts, part: Part) -> list[Sums]:
    """The sums of each unit of a part."""
    text = str(parts.read(part).get(_SUMS, ""))
    try:
        rows = [
            {str(name): float(value) for name, value in row.items()} for row in json.loads(text)
        ]
    except (ValueError, TypeError, AttributeError, RecursionError):
        rows = []
    if len(rows) != part.end - part.begin:
        raise StudioError(f'"{parts.folder / part.file}" does not hold what the index says.')
    return rows
