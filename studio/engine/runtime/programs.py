"""A recorded step as a program: what its operations read and write, written down as instructions
for `program_kernel`, and run as a whole.

What the step makes and nobody holds when it is over lies in an `Arena`, which the programs that run
one after the other share: a few kilobytes, which stay in the processor's nearest cache. Whatever
there is no instruction for (a convolution of a whole row, say) is done by torch in between.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from studio.engine.runtime import program_kernel as kernel
from studio.engine.runtime.graphs import Call, storage_of, tensors_in, written_by
from studio.engine.runtime.instructions import (
    MADE_FROM_NOTHING,
    NoInstruction,
    Storage,
    Writing,
    base_name,
    write,
)
from studio.engine.runtime.program_kernel import WIDTH

_LINE = 64  # bytes in a line of the cache: where what is made begins


class Arena:
    """Memory for what is made on the way, shared by programs that run one after the other.

    It may move when a program needs more.
    """

    def __init__(self) -> None:
        self._room = np.empty(0, np.uint8)

    def __len__(self) -> int:
        return len(self._room)

    def reserve(self, size: int) -> None:
        if size + _LINE > len(self._room):
            self._room = np.empty(size + _LINE, np.uint8)

    @property
    def address(self) -> int:
        return -(-self._room.ctypes.data // _LINE) * _LINE


class Program:
    """What was recorded, run again by `run`: the same operations on the same tensors, and what was
    left in a tensor is left in it again."""

    def __init__(self, calls: list[Call], made: set[int], arena: Arena) -> None:
        """calls: of a `Recorder`, which are used up. made: storages of what the step made."""
        writing = Writing(made=made)
        self._parts: list[tuple[int, int] | Call] = []
        begin = 0
        constant = _constants(calls)
        for number, call in enumerate(calls):
            if number in constant or _only_looks(call):
                continue
            try:
                write(call, writing)
            except NoInstruction:
                if len(writing.rows) > begin:
                    self._parts.append((begin, len(writing.rows)))
                begin = len(writing.rows)
                self._parts.append(call)
                for tensor in (*call.given, *tensors_in(call.found)):
                    writing.storages[writing.storage(tensor)].kept = True
        if len(writing.rows) > begin:
            self._parts.append((begin, len(writing.rows)))
        constants = [calls[number].found for number in constant]
        del call
        calls.clear()
        writing.passing.clear()
        self._held = [writing.held, constants, *_held_by_others(writing)]
        self._table = np.array(writing.rows, np.int64).reshape(-1, WIDTH)
        self._numbers = np.array(writing.numbers, np.float64).reshape(-1, 2)
        self._arena, self._base = arena, 0
        places, size = _placed(writing.storages)
        moved = [
            (row, column, places[key] - writing.storages[key].address)
            for row, column, key in writing.cells
            if key in places
        ]
        rows, columns, distances = np.array(moved, np.int64).reshape(-1, 3).T
        self._moving = rows, columns
        self._table[self._moving] += distances
        arena.reserve(size)

    @property
    def by_torch(self) -> list[str]:
        """The operations that there is no instruction for."""
        return [part.name for part in self._parts if not isinstance(part, tuple)]

    def run(self) -> None:
        if self._base != (base := self._arena.address):
            self._table[self._moving] += base - self._base
            self._base = base
        with torch._C._AutoDispatchBelowAutograd():
            for part in self._parts:
                if isinstance(part, tuple):
                    kernel.run(self._table, self._numbers, *part)
                else:
                    part.repeat()


# ---- where things lie ----------------------------------------------------------------------------


def _held_by_others(writing: Writing) -> list[Any]:
    """What somebody still holds of all that the step made stays where it is."""
    found = []
    for storage in writing.storages.values():
        if not storage.kept and not storage.alive.expired():
            storage.kept = True
            found.append(torch.UntypedStorage._new_with_weak_ptr(storage.alive.cdata))
    return found


def _placed(storages: dict[int, Storage]) -> tuple[dict[int, int], int]:
    """A place in the arena for each that does not stay where it is, from its first use to its last;
    and how many bytes all take together."""
    moving = sorted(
        (key for key, storage in storages.items() if not storage.kept),
        key=lambda key: storages[key].first,
    )
    places: dict[int, int] = {}
    free: list[tuple[int, int]] = []  # (place, size)
    taken: list[tuple[int, int, int]] = []  # (last use, place, size)
    end = 0
    for key in moving:
        storage = storages[key]
        size = -(-max(1, storage.size) // _LINE) * _LINE
        over = [entry for entry in taken if entry[0] < storage.first]
        if over:
            taken = [entry for entry in taken if entry[0] >= storage.first]
            free += [(place, room) for _, place, room in over]
        fitting = [entry for entry in free if entry[1] >= size]
        if fitting:
            place, room = min(fitting, key=lambda entry: entry[1])
            free.remove((place, room))
        else:
            place, room, end = end, size, end + size
        places[key] = place
        taken.append((storage.last, place, room))
    return places, end


# ---- what is done --------------------------------------------------------------------------------


def _only_looks(call: Call) -> bool:
    """Whether all it comes to is another view of what it was given."""
    if any(written_by(call.operation)):
        return False
    given = {storage_of(tensor) for tensor in call.given}
    found = [storage_of(tensor) for tensor in tensors_in(call.found)]
    return bool(found) and given.issuperset(found)


def _constants(calls: list[Call]) -> set[int]:
    """Those that make the same from nothing each time, into which nothing is written."""
    made: dict[int, int] = {}
    for number, call in enumerate(calls):
        if any(written_by(call.operation)):
            for tensor in tensors_in(call.found):
                made.pop(storage_of(tensor), None)
        elif base_name(call) in MADE_FROM_NOTHING:
            made.update({storage_of(tensor): number for tensor in tensors_in(call.found)})
    return set(made.values())
