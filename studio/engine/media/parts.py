"""`Parts`: a folder of the parts of one large piece of work, which many processes do, and the index
that says what they are.

    index.json          {"format": "autoregressive-studio parts", "version": 1, "studio": "0.4.0",
                         "kind": "samples", "asked": {...}, "total": 1000000, "size": 1024,
                         "shards": 8, "parts": [{"file": "part-000000.npz", "begin": 0, "end": 1024,
                         "shard": 1}, ...]}
    part-000000.npz     arrays, and under "index" the fingerprint of the index that they belong to

The index is written before the first part, by whoever comes first, and never changes: all would
write the same, so nobody waits for anybody. A part is done when its file is there, and that is
written whole or not at all: a process that is killed loses the part that it was at, and nothing
that is done is done again. A part does not depend on how many shards there are.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio import __version__
from studio.engine.media.arrays import read_arrays
from studio.engine.media.attached import attach
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import clear_leftovers, in_json, reason, write_atomically
from studio.engine.runtime.memory import TooLargeError
from studio.engine.runtime.shards import MOST as MOST_SHARDS
from studio.engine.runtime.shards import Shard
from studio.engine.runtime.texts import shortened

INDEX = "index.json"
FORMAT = "autoregressive-studio parts"
VERSION = 1
MOST = 100_000  # parts of a folder
_LARGEST = 64 << 20  # bytes of an index that is read
_LONGEST = 40  # characters of a value in a sentence
_FEW = 5  # shards that a sentence names
_OWN = "index"  # the array that says to which index a part belongs


@dataclass(frozen=True)
class Part:
    """From `begin` up to before `end`, of the whole."""

    number: int
    begin: int
    end: int

    @property
    def file(self) -> str:
        return f"part-{self.number:06d}.npz"


@dataclass(frozen=True)
class Parts:
    """kind: what they are, such as "samples".
    asked: all that they depend on, as plain JSON values.
    total: how many things there are in all, and size: in a part, the last one may have fewer.
    shards: into how many the work is divided.
    """

    folder: Path
    kind: str
    asked: Mapping[str, Any]
    total: int
    size: int
    shards: int

    def begun(self) -> Parts:
        """The same as its folder has them, which is made, and the index written, where there is
        none; the size is that of the index. StudioError, one sentence, where the folder is of other
        work, is divided otherwise, or cannot be written."""
        if self.count > MOST:
            raise StudioError(
                f"At most {MOST * self.size:,} of these go into one folder, not {self.total:,}:"
                " divide them among several."
            )
        try:
            self.folder.mkdir(exist_ok=True)
            names = os.listdir(self.folder)
            if (fresh := INDEX not in names) and any(name[0] != "." for name in names):
                raise StudioError(
                    f'The folder "{self.folder}" is not empty, and has no index of parts: choose'
                    " another one."
                )
        except OSError as error:
            raise StudioError(
                f'The folder "{self.folder}" cannot be made: {reason(error)}.'
            ) from error
        if fresh:
            write_atomically(self.folder / INDEX, json.dumps(self.to_dict(), indent=1).encode())
        found = Parts.open(self.folder)
        found._check_same(self)
        return found

    @classmethod
    def open(cls, folder: Path) -> Parts:
        """The parts of a folder; StudioError, one sentence, where it has no index that can be
        read."""
        path = folder / INDEX
        try:
            with path.open("rb") as file:
                document = json.loads(file.read(_LARGEST))
        except FileNotFoundError:
            raise StudioError(f'"{folder}" is no folder of parts: it has no {INDEX}.') from None
        except OSError as error:
            raise StudioError(f'"{path}" cannot be read: {reason(error)}.') from error
        except (ValueError, RecursionError) as error:
            raise StudioError(f'"{path}" cannot be read: it is no JSON.') from error
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise StudioError(f'"{path}" is no index of parts of this studio.')
        if isinstance(version := document.get("version"), int) and version > VERSION:
            raise StudioError(
                f'"{path}" is of version {version}, and this studio reads up to {VERSION}: install'
                " a newer one."
            )
        kind, asked = document.get("kind"), document.get("asked")
        numbers = [document.get(name) for name in ("total", "size", "shards")]
        whole = all(type(number) is int and 1 <= number < 2**53 for number in numbers)
        if not (whole and isinstance(kind, str) and isinstance(asked, dict)):
            raise StudioError(f'"{path}" is damaged.')
        found = cls(folder, kind, asked, *numbers)  # type: ignore[arg-type]
        if found.count > MOST or found.shards > MOST_SHARDS:
            raise StudioError(f'"{path}" is damaged.')
        return found

    @property
    def count(self) -> int:
        """How many parts there are."""
        return math.ceil(self.total / self.size)

    def part(self, number: int) -> Part:
        begin = number * self.size
        return Part(number, begin, min(self.total, begin + self.size))

    def of(self, shard: Shard) -> list[Part]:
        """Those of a shard, in order."""
        return [self.part(number) for number in shard.share(self.count)]

    def is_done(self, part: Part) -> bool:
        return (self.folder / part.file).is_file()

    def missing(self) -> list[Part]:
        """Those that are not done yet."""
        there = set(os.listdir(self.folder))
        return [part for part in map(self.part, range(self.count)) if part.file not in there]

    def check_whole(self) -> None:
        """StudioError, one sentence, where parts are missing: which shards have to run again."""
        if not (missing := self.missing()):
            return
        of = sorted({self._shard_of(part) for part in missing})
        named = ", ".join(f"{number}/{self.shards}" for number in of[:_FEW])
        more = f" and {len(of) - _FEW} more" if len(of) > _FEW else ""
        raise StudioError(
            f'{len(missing):,} of {self.count:,} parts are missing in "{self.folder}": run'
            f" --shard {named}{more} again."
        )

    def write(self, part: Part, arrays: Mapping[str, NDArray[Any]], scene: str = "") -> None:
        """Keep what a part is; scene: a document that the file carries."""
        path = self.folder / part.file
        clear_leftovers(path)  # of a process that was killed while it wrote this part

        def put(to: Path) -> None:
            own = np.array(self._fingerprint)
            np.savez_compressed(to, allow_pickle=False, **{_OWN: own, **arrays})
            if scene:
                attach(to, scene)

        write_atomically(path, put)

    def read(self, part: Part) -> dict[str, NDArray[Any]]:
        """The arrays of a part that is done; StudioError, one sentence, where it is damaged, or was
        made for another index."""
        path, again = self.folder / part.file, f"--shard {self._shard_of(part)}/{self.shards}"
        try:
            found = read_arrays(path)
        except TooLargeError:  # it is not at fault
            raise
        except StudioError as error:
            raise StudioError(f"{error} Remove it, and run {again} again.") from error
        if str(found.pop(_OWN, "")) != self._fingerprint:
            raise StudioError(
                f'"{path}" was made for another index: remove it, and run {again} again.'
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """The index, as plain JSON values."""
        parts = [self.part(number) for number in range(self.count)]
        return {
            "format": FORMAT,
            "version": VERSION,
            "studio": __version__,
            **self._meaning,
            "shards": self.shards,
            "parts": [
                {
                    "file": part.file,
                    "begin": part.begin,
                    "end": part.end,
                    "shard": self._shard_of(part),
                }
                for part in parts
            ],
        }

    @property
    def _meaning(self) -> dict[str, Any]:
        """What the parts depend on."""
        asked = in_json(dict(self.asked))
        return {"kind": self.kind, "asked": asked, "total": self.total, "size": self.size}

    @property
    def _fingerprint(self) -> str:
        return hashlib.sha256(json.dumps(self._meaning, sort_keys=True).encode()).hexdigest()

    def _shard_of(self, part: Part) -> int:
        # the first shard whose share ends after it
        return ((part.number + 1) * self.shards - 1) // self.count + 1

    def _check_same(self, wanted: Parts) -> None:
        if self.shards != wanted.shards:
            raise StudioError(
                f'"{self.folder}" is divided into {self.shards} shards, not {wanted.shards}: write'
                f" --shard I/{self.shards}, or choose another folder."
            )
        own, other = self._meaning, wanted._meaning
        own["size"] = other["size"]  # the one in the index holds
        if difference := _difference(own, other):
            raise StudioError(
                f'The parts in "{self.folder}" are of other work: {difference}. Choose another'
                " folder."
            )


def _difference(own: Any, other: Any, name: str = "") -> str:
    """In a few words, in what the first value differs from the second one; "" where it does not."""
    if isinstance(own, dict) and isinstance(other, dict):
        keys = sorted(own.keys() | other.keys())
        found = (_difference(own.get(key), other.get(key), key) for key in keys)
        return next(filter(None, found), "")
    if own == other:
        return ""
    there, here = (shortened(json.dumps(value), _LONGEST) for value in (own, other))
    return f"{name} is {there} there, and {here} here"
