"""The step of a model as a function: the state and the value before go in, the parameters of the
next site and the new state come out.

Made of recorded steps, one module for each kind of step. What differs from site to site within a
kind, where in a memory something lies, and how large it is, stands in a table with a row for each
site. A memory is a row of numbers; what is read of it is gathered, and what is written is scattered
into a copy: nothing is written in place, so that any exporter or compiler can follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from models.interface import AutoregressiveModel
from studio.engine.exports.recording import NotRecorded, Operation, Place, mapped, record
from studio.engine.exports.step_kinds import Kind, Kinds, Role, kinds_of, step_operations

# What lies in a memory during a step, by the key of that memory: all of it, (length,), or the
# tensor that was written there last, where that is all of it.
Held = dict[Role, Tensor]
Row = Tensor  # of the table: int64, what differs from site to site
Reads = Callable[[Held, Row], Tensor]
Does = Callable[[Held, Row], None]


class StepFunction(nn.Module):
    """kinds: of each site. parts: how many tensors the state has.

    Called with the number of the site in the order of generation, (); the value before, int64
    (B, channels); the condition, where the model takes one; and the state.
    Returns the parameters (B, P) and the new state. At site 0, value and state are not looked at.
    """

    def __init__(self, kinds: Kinds, condition: Tensor | None) -> None:
        super().__init__()
        self.condition, self.kinds = condition, kinds.of_sites
        made = [KindOfStep(kinds, kind) for kind in kinds.kinds]
        # what every step writes before it reads it is nobody's state
        read = sorted(set[int]().union(*(each.read for each in made)))
        self.parts = [kinds.parts[number] for number in read]
        for each in made:
            each.state = read
        self.of_kind = nn.ModuleList(made)

    def begin(self) -> list[Tensor]:
        """A state for site 0."""
        return [torch.zeros(part.length, dtype=part.dtype) for part in self.parts]

    def forward(self, position: Tensor, values: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        made: tuple[Tensor, ...] = self.of_kind[int(self.kinds[position])](position, values, *given)
        return made


def step_function(
    model: AutoregressiveModel, batch: int = 1, condition: Tensor | None = None
) -> StepFunction:
    """That of a model with a fixed number of sites. NotRecorded where there is none.

    condition: an example, for `batch` rows, where the model takes one."""
    kinds = kinds_of(record(model, batch, condition))
    return StepFunction(kinds, condition).requires_grad_(False).eval()


@dataclass(frozen=True)
class Layout:
    """How a tensor lies in its memory, in each step of a kind."""

    size: tuple[tuple[int, ...], ...]
    stride: tuple[tuple[int, ...], ...]
    offset: tuple[int, ...]

    @classmethod
    def of(cls, places: Sequence[Place]) -> Layout:
        return cls(
            tuple(place.size for place in places),
            tuple(place.stride for place in places),
            tuple(place.offset for place in places),
        )

    @property
    def one_size(self) -> bool:
        return len(set(self.size)) == 1

    @property
    def is_fixed(self) -> bool:
        return self.one_size and len(set(self.stride)) == 1 and len(set(self.offset)) == 1

    def fills(self, lengths: Sequence[int]) -> bool:
        """Whether it is all of its memory, in every step, each element once."""
        return all(
            offset == 0 and _is_dense(size, stride, length)
            for size, stride, offset, length in zip(
                self.size, self.stride, self.offset, lengths, strict=True
            )
        )

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes in the order in which the elements lie, the one that changes last first."""
        found = {_axes(size, stride) for size, stride in zip(self.size, self.stride, strict=True)}
        if len(found) > 1:
            raise NotRecorded("what a step makes lies otherwise at each site")
        return found.pop()


def _axes(size: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    # axes of length 1 say nothing: they stay where they are, in front
    return tuple(sorted(range(len(size)), key=lambda axis: (size[axis] != 1, -stride[axis], axis)))


def _is_dense(size: tuple[int, ...], stride: tuple[int, ...], length: int) -> bool:
    expected = 1
    for axis in reversed(_axes(size, stride)):
        if size[axis] != 1:
            if stride[axis] != expected:
                return False
            expected *= size[axis]
    return expected == length


class KindOfStep(nn.Module):
    """The steps of one kind; see `StepFunction`."""

    table: Tensor

    def __init__(self, kinds: Kinds, kind: Kind) -> None:
        super().__init__()
        self._kinds, self._kind = kinds, kind
        self._memories = kinds.recording.memories
        self._columns: dict[tuple[int, ...], int] = {}
        self._constants: dict[Any, str] = {}
        self._roles = {number: role for role, number in kind.roles[0].items()}
        self._layouts: dict[Role, Layout | None] = {}  # None: as a row of numbers
        self._does: list[Does] = []
        self._written: set[Role] = set()
        self.read: set[int] = set()  # parts of the state that are read as they come
        self.state: list[int] = []  # those that come
        self.has_condition = kinds.recording.condition is not None
        self.begins = 0 in kind.numbers
        if self.begins and len(kind.numbers) > 1:
            raise NotRecorded("the first step is one like others")
        self._begin()
        for operations in step_operations(kinds, kind):
            self._add(operations)
        steps = [kinds.recording.steps[number] for number in kind.numbers]
        parameters = [step.parameters for step in steps if step.parameters is not None]
        self._conditional = self._reader(parameters)
        self._ends = [self._end(number) for number in range(len(kinds.parts))]
        table = torch.zeros(
            len(kinds.recording.steps), max(1, len(self._columns)), dtype=torch.long
        )
        for column, number in self._columns.items():
            table[kind.numbers, number] = torch.tensor(column)
        self.register_buffer("table", table)

    def forward(self, position: Tensor, values: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        row = self.table.index_select(0, position.reshape(1)).squeeze(0)
        held: Held = {("values", 0): values}
        if self.has_condition:
            held["condition", 0], *given_state = given
        else:
            given_state = list(given)
        for number, part in zip(self.state, given_state, strict=True):
            held["part", number] = part
        if self.begins:
            for number, constant in enumerate(self._initial):
                held["part", number] = self._buffers[constant]  # type: ignore[assignment]
        for do in self._does:
            do(held, row)
        new = (self._ends[number](held, row) for number in self.state)
        return (self._conditional(held, row), *new)

    # ---- how it is made --------------------------------------------------------------------------

    def _begin(self) -> None:
        """What is there before the first operation."""
        if self.begins:
            self._initial = [
                self._constant(
                    ("initial", number),
                    torch.zeros(part.length, dtype=part.dtype)
                    if part.initial is None
                    else part.initial,
                )
                for number, part in enumerate(self._kinds.parts)
            ]
        for number in range(len(self._kinds.parts)):
            self._layouts["part", number] = None
        for role, memory in self._kind.roles[0].items():
            if role[0] in ("values", "condition"):
                self._layouts[role] = None
                length = self._memories[memory].length
                self._does.append(_flattened(role, length))
            if role[0] == "new" and (content := self._memories[memory].content) is not None:
                # a constant, until a step writes into it
                contents = [self._memories[roles[role]].content for roles in self._kind.roles]
                if not all(each is not None and torch.equal(each, content) for each in contents):
                    raise NotRecorded("a step begins with other numbers at each site")
                name = self._constant(("begins", role), content)
                self._layouts[role] = None
                self._does.append(self._kept(role, name))

    def _kept(self, role: Role, name: str) -> Does:
        def do(held: Held, row: Row) -> None:
            held[role] = self._buffers[name]  # type: ignore[assignment]

        return do

    def _role(self, memory: int) -> Role:
        """Of a memory of the first step of this kind: what it is held under."""
        role = self._roles[memory]
        if role[0] in ("state", "earlier"):
            return "part", self._kinds.part_of[memory]
        return role

    def _add(self, operations: list[Operation]) -> None:
        first = operations[0]
        read = list(zip(*(each.read for each in operations), strict=True))
        readers = [self._reader(places) for places in read]
        compute, given = first.compute, first.given

        def result(held: Held, row: Row) -> Any:
            found = (reader(held, row) for reader in readers)
            args, kwargs = mapped(
                lambda leaf: next(found) if isinstance(leaf, Place) else leaf, given
            )
            return compute(*args, **kwargs)

        if first.into is not None:
            into = [each.into for each in operations if each.into is not None]
            self._write(into, result, [tuple(each.size for each in places) for places in read])
            return
        targets: list[Role | None] = []
        for number, place in enumerate(first.made):
            if place is None:
                targets.append(None)
                continue
            made = [each.made[number] for each in operations]
            role = self._role(place.memory)
            self._layouts[role] = layout = Layout.of([each for each in made if each is not None])
            lengths = self._lengths(place.memory)
            if not layout.fills(lengths):
                raise NotRecorded("what a step makes has gaps")
            targets.append(role)

        def do(held: Held, row: Row) -> None:
            found = result(held, row)
            several = found if isinstance(found, (tuple, list)) else (found,)
            for role, each in zip(targets, several, strict=True):
                if role is not None and each is not None:
                    held[role] = each

        self._does.append(do)

    def _write(self, into: list[Place], result: Reads, shown: list[Any]) -> None:
        """Into part of a memory, or all of it. shown: the shapes of what it may come from."""
        role, layout = self._role(into[0].memory), Layout.of(into)
        dtype = self._memories[into[0].memory].dtype
        size = layout.size[0] if layout.one_size else None

        def value(held: Held, row: Row) -> Tensor:
            found = result(held, row)
            found = found if found.dtype == dtype else found.to(dtype)
            # what is copied may be spread over the place
            return found if size is None or found.shape == size else found.expand(size)

        if layout.fills(self._lengths(into[0].memory)):
            self._layouts[role] = layout
            self._written.add(role)

            def keep(held: Held, row: Row) -> None:
                held[role] = value(held, row)

            self._does.append(keep)
            return
        if size is None and layout.size not in shown:
            raise NotRecorded("what a step writes is spread over places of several sizes")
        whole, index = self._whole(role), self._index(layout)
        self._layouts[role] = None
        self._written.add(role)

        def scatter(held: Held, row: Row) -> None:
            held[role] = whole(held, row).scatter(
                0, index(held, row).reshape(-1), value(held, row).reshape(-1)
            )

        self._does.append(scatter)

    def _reader(self, places: Sequence[Place]) -> Reads:
        layout, first = Layout.of(places), places[0]
        role = self._role(first.memory)
        if role[0] == "weights":
            return self._of_constant(("weights", first.memory), layout, [first.memory])
        if role[0] == "constant":
            return self._of_constant(role, layout, [place.memory for place in places])
        if layout == self._layouts[role]:
            return lambda held, row: held[role]
        whole = self._whole(role)
        lengths = self._lengths(first.memory)
        if layout.is_fixed and layout.fills(lengths):  # all of it, in another shape
            size, axes = layout.size[0], layout.axes
            laid, back = [size[axis] for axis in axes], _inverse(axes)
            return lambda held, row: whole(held, row).reshape(laid).permute(back)
        index = self._index(layout)
        return lambda held, row: whole(held, row)[index(held, row)]

    def _of_constant(self, key: Any, layout: Layout, memories: list[int]) -> Reads:
        contents = [self._memories[number].content for number in memories]
        different = {id(each): each for each in contents}
        first = contents[0]
        assert first is not None
        if len(different) == 1 or all(
            each is not None and torch.equal(first, each) for each in different.values()
        ):
            if layout.is_fixed:
                size, stride, offset = layout.size[0], layout.stride[0], layout.offset[0]
                seen = first.as_strided(size, stride, offset)
                name = self._constant((key, size, stride, offset), seen)
                return lambda held, row: self._buffers[name]  # type: ignore[return-value]
            name = self._constant(key, first)
        else:  # one after the other
            begins, total = [], 0
            for each in contents:
                assert each is not None
                begins.append(total)
                total += len(each)
            name = self._constant(key, torch.cat([each for each in contents if each is not None]))
            offsets = (b + o for b, o in zip(begins, layout.offset, strict=True))
            layout = replace(layout, offset=tuple(offsets))
        index = self._index(layout)
        return lambda held, row: self._buffers[name][index(held, row)]  # type: ignore[index]

    def _whole(self, role: Role) -> Reads:
        """A memory as a row of numbers."""
        layout = self._layouts[role]
        if layout is None:
            self._note(role)
            return lambda held, row: held[role]
        axes = layout.axes
        return lambda held, row: held[role].permute(axes).reshape(-1)

    def _index(self, layout: Layout) -> Reads:
        """Where in a memory the elements lie, int64 of the size of the tensor."""
        offset = self._varying(layout.offset)
        if layout.one_size and len(set(layout.stride)) == 1:
            base = _offsets(layout.size[0], layout.stride[0])
            if isinstance(offset, int):
                base = base + offset
            fixed = offset if isinstance(offset, int) else None
            name = self._constant(("index", layout.size[0], layout.stride[0], fixed), base)
            if isinstance(offset, int):
                return lambda held, row: self._buffers[name]  # type: ignore[return-value]
            column = offset[0]
            return lambda held, row: self._buffers[name] + row[column]  # type: ignore[operator]
        sizes = [self._varying(axis) for axis in zip(*layout.size, strict=True)]
        strides = [self._varying(axis) for axis in zip(*layout.stride, strict=True)]

        def number(what: int | tuple[int], row: Row) -> Any:
            return what if isinstance(what, int) else row[what[0]]

        def index(held: Held, row: Row) -> Tensor:
            found: Any = number(offset, row)
            for axis, (size, stride) in enumerate(zip(sizes, strides, strict=True)):
                along = torch.arange(number(size, row), device=row.device) * number(stride, row)
                found = found + along.reshape((-1, *(1,) * (len(sizes) - 1 - axis)))
            return found if isinstance(found, Tensor) else row.new_full((), found)

        return index

    def _varying(self, numbers: Sequence[int]) -> int | tuple[int]:
        """A number that is the same in all steps, or in brackets its column of the table."""
        if len(set(numbers)) == 1:
            return numbers[0]
        return (self._columns.setdefault(tuple(numbers), len(self._columns)),)

    def _constant(self, key: Any, tensor: Tensor) -> str:
        """The name of a buffer, one for each key."""
        if key not in self._constants:
            self._constants[key] = name = f"constant_{len(self._constants)}"
            # apart from inference mode, in which it was recorded
            self.register_buffer(name, tensor.detach().clone().contiguous())
        return self._constants[key]

    def _note(self, role: Role) -> None:
        """That a memory is read now: a part of the state as it comes, unless it was written."""
        if role[0] == "part" and role not in self._written:
            self.read.add(role[1])

    def _lengths(self, memory: int) -> list[int]:
        """Of this memory of the first step, and of those in the same role in the others."""
        role = self._roles[memory]
        return [self._memories[roles[role]].length for roles in self._kind.roles]

    def _end(self, part: int) -> Reads:
        """The state after the step: what it made for later ones, or what it holds now."""
        made = [
            role
            for role, memory in self._kind.roles[0].items()
            if role[0] == "new" and self._kinds.part_of.get(memory) == part
        ]
        if len(made) > 1:
            raise NotRecorded("a step hands on several things that later steps use alike")
        role = made[0] if made else ("part", part)
        if self._layouts[role] is None:  # as it is held, be it as it came
            return lambda held, row: held[role]
        return self._whole(role)


def _flattened(role: Role, length: int) -> Does:
    def do(held: Held, row: Row) -> None:
        held[role] = held[role].reshape(length)

    return do


def _offsets(size: tuple[int, ...], stride: tuple[int, ...]) -> Tensor:
    found = torch.zeros((), dtype=torch.long)
    for count, step in zip(size, stride, strict=True):
        found = found[..., None] + torch.arange(count) * step
    return found


def _inverse(axes: tuple[int, ...]) -> list[int]:
    found = [0] * len(axes)
    for number, axis in enumerate(axes):
        found[axis] = number
    return found
