"""Recorded steps that are alike, and what one step hands on to the next.

Of a picture that is drawn row by row, all steps but the first of a row compute the same, from
another part of the same memories: they are of one *kind*. Kinds are told apart by the operations
and by what these read and write, and not by where in a memory that lies.

What a step finds of earlier ones is the *state*: memories that the stepper has made when it began
and writes into since, and memories that a step makes for later ones, such as what the rows above
say of a row. Those that later steps use alike are one and the same part of the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from studio.engine.exports.recording import BEFORE, NotRecorded, Operation, Place, Recording, Step

MOST = 32  # kinds; a picture with more of them has no step that is the same from site to site

# Of a memory, as a step knows it: ("weights", its number), ("state", its number) where the stepper
# made it, ("earlier", n), ("new", n) or ("constant", n) where it is the n-th of its sort that the
# step meets, ("values", 0) or ("condition", 0).
Role = tuple[str, int]


@dataclass
class Part:
    """A part of the state: (length,). initial: before the first step; None for zeros."""

    dtype: torch.dtype
    length: int
    initial: Tensor | None = None


@dataclass
class Kind:
    """Steps that are alike. numbers: which ones. roles: of each the memory in every role."""

    numbers: list[int] = field(default_factory=list)
    roles: list[dict[Role, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Kinds:
    """parts: of the state.
    part_of: by the number of a memory, which of them it is."""

    recording: Recording
    kinds: list[Kind]
    parts: list[Part]
    part_of: dict[int, int]

    @property
    def of_sites(self) -> Tensor:
        """The kind of each site in the order of generation, int64 (N,)."""
        found = torch.zeros(len(self.recording.steps), dtype=torch.long)
        for number, kind in enumerate(self.kinds):
            found[kind.numbers] = number
        return found


def places(operation: Operation) -> Iterator[Place]:
    """Those of an operation, in an order that is the same for operations that are alike."""
    yield from operation.read
    yield from (place for place in operation.made if place is not None)
    if operation.into is not None:
        yield operation.into


def kinds_of(recording: Recording) -> Kinds:
    """NotRecorded where the steps have too little in common."""
    found: dict[Any, Kind] = {}
    for number, step in enumerate(recording.steps):
        roles = _Roles(recording, number)
        signature = tuple(_signature(roles, operation) for operation in step.operations)
        assert step.parameters is not None
        kind = found.setdefault((signature, roles.of(step.parameters.memory)), Kind())
        kind.numbers.append(number)
        kind.roles.append(roles.memories)
        if len(found) > MOST:
            raise NotRecorded("its steps have too little in common")
    kinds = sorted(found.values(), key=lambda kind: -len(kind.numbers))
    parts, part_of = _state(recording, kinds)
    return Kinds(recording, kinds, parts, part_of)


class _Roles:
    """The roles of the memories that a step meets, given out as it meets them."""

    def __init__(self, recording: Recording, number: int) -> None:
        self.recording, self.number = recording, number
        self.memories: dict[Role, int] = {}
        self._roles: dict[int, Role] = {}
        self._counts = {"earlier": 0, "new": 0, "constant": 0}

    def of(self, memory: int) -> Role:
        if memory not in self._roles:
            self._roles[memory] = role = self._new(memory)
            self.memories[role] = memory
        return self._roles[memory]

    def _new(self, number: int) -> Role:
        if number == self.recording.steps[self.number].values:
            return "values", 0
        if number == self.recording.condition:
            return "condition", 0
        memory = self.recording.memories[number]
        if memory.born == BEFORE:
            return "weights" if memory.fixed else "state", number
        of_step = "constant" if memory.fixed else "new"
        sort = of_step if memory.born == self.number else "earlier"
        self._counts[sort] += 1
        return sort, self._counts[sort] - 1


def _signature(roles: _Roles, operation: Operation) -> Any:
    met = tuple((roles.of(place.memory), len(place.size)) for place in places(operation))
    return operation.name, operation.form, met, operation.into is None


def _state(recording: Recording, kinds: list[Kind]) -> tuple[list[Part], dict[int, int]]:
    same = _Same()
    handed_on: set[int] = set()
    last_use: dict[int, int] = {}
    for kind in kinds:
        first = kind.roles[0]
        for number, roles in zip(kind.numbers, kind.roles, strict=True):
            for role, met in roles.items():
                if role[0] in ("earlier", "new"):
                    same.join(met, first[role])
                    last_use[met] = max(last_use.get(met, 0), number)
                if role[0] == "earlier":
                    handed_on.add(met)
    parts: list[Part] = []
    part_of: dict[int, int] = {}
    for place, memory in enumerate(recording.memories):
        if memory.born == BEFORE and not memory.fixed and place != recording.condition:
            part_of[place] = len(parts)
            parts.append(Part(memory.dtype, memory.length, memory.content))
    groups: dict[int, list[int]] = {}
    for number in last_use:
        groups.setdefault(same.of(number), []).append(number)
    for members in groups.values():
        if handed_on.isdisjoint(members):
            continue
        members.sort(key=lambda number: recording.memories[number].born)
        memories = [recording.memories[number] for number in members]
        if len({(memory.dtype, memory.length) for memory in memories}) > 1:
            raise NotRecorded("what a step hands on has another size at each site")
        for before, later in zip(members, memories[1:], strict=False):
            if last_use[before] > later.born:
                raise NotRecorded("a step hands on several things that later steps use alike")
        part_of |= dict.fromkeys(members, len(parts))
        parts.append(Part(memories[0].dtype, memories[0].length))
    return parts, part_of


class _Same:
    """Which memories are one part of the state: union-find."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def of(self, number: int) -> int:
        above = self._above.setdefault(number, number)
        if above != number:
            self._above[number] = above = self.of(above)
        return above

    def join(self, one: int, other: int) -> None:
        self._above[self.of(one)] = self.of(other)


def step_operations(kinds: Kinds, kind: Kind) -> list[list[Operation]]:
    """Of each operation of a kind, what it is in every step of that kind."""
    steps: list[Step] = [kinds.recording.steps[number] for number in kind.numbers]
    return [list(each) for each in zip(*(step.operations for step in steps), strict=True)]
