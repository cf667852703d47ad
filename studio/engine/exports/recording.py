"""What a stepper computes at each site, recorded: its operations, and where in which memory each of
them reads and writes.

A stepper keeps its memory to itself, and takes another part of it at every site, by a number of
Python's; an exporter of torch would follow the step of one site only. So the steps of all sites are
recorded here, one after the other. What they have in common is found in
`studio.engine.exports.step_kinds`.

What depends on nothing that is given is computed along the way and kept as a constant: matrices
that a stepper makes of the weights when it begins, masks that it makes of numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode

from models.interface import AutoregressiveModel

BEFORE = -1  # when a memory was made that is there before the first step
_aten: Any = torch.ops.aten

# whose result depends on the shapes of what they are given alone
_BY_SHAPE = {
    f"aten::{name}"
    for name in (
        "empty_like",
        "full_like",
        "new_empty",
        "new_empty_strided",
        "new_full",
        "new_ones",
        "new_zeros",
        "ones_like",
        "zeros_like",
    )
}
_WAITS = {"aten::_local_scalar_dense", "aten::is_nonzero", "aten::nonzero", "aten::masked_select"}


Given = tuple[tuple[Any, ...], dict[str, Any]]  # arguments, and those that are named


class NotRecorded(Exception):  # noqa: N818 - it is no error
    """A stepper that cannot be written down as steps that are alike; says why, in some words."""


@dataclass(frozen=True)
class Place:
    """Where a tensor lies: in which memory, and how, in elements."""

    memory: int
    size: tuple[int, ...]
    stride: tuple[int, ...]
    offset: int

    @property
    def count(self) -> int:
        return math.prod(self.size)


@dataclass
class Memory:
    """What one or several tensors lie in.

    length: in elements.
    born: the number of the step that made it, or `BEFORE`.
    fixed: whether it depends on nothing that is given.
    content: (length,), of what is fixed, or was until a step wrote into it; else None.
    """

    dtype: torch.dtype
    length: int
    born: int
    fixed: bool
    content: Tensor | None = None
    live: Tensor | None = None  # of what is fixed: as it is now


@dataclass(frozen=True)
class Operation:
    """compute: of what is given, as torch's own functions take it; it writes nowhere.
    given: its arguments, and those that are named, with a `Place` for each tensor.
    made: where its results lie, each in a new memory; None for a result that is none.
    into: where its one result is written instead.
    """

    name: str
    compute: Callable[..., Any]
    given: Given
    made: tuple[Place | None, ...] = ()
    into: Place | None = None

    @cached_property
    def read(self) -> list[Place]:
        """The places among what is given, in their order."""
        return [leaf for leaf in leaves(self.given) if isinstance(leaf, Place)]

    @cached_property
    def form(self) -> str:
        """What is given but for the places."""
        return repr(mapped(lambda leaf: "a place" if isinstance(leaf, Place) else leaf, self.given))


@dataclass
class Step:
    """Of one site: the value before is committed, and the conditional computed.

    values: the memory of that value, (B, channels) int64; None at the first site.
    parameters: the conditional.
    """

    values: int | None
    operations: list[Operation] = field(default_factory=list)
    parameters: Place | None = None


@dataclass(frozen=True)
class Recording:
    """batch: rows. condition: the memory of the condition, as the model was given it, or None."""

    batch: int
    memories: list[Memory]
    steps: list[Step]
    condition: int | None


class Recorder(TorchDispatchMode):
    """A context in which torch computes as ever, and what it computes is written down."""

    def __init__(self, weights: Iterable[Tensor]) -> None:
        super().__init__()
        self.memories: list[Memory] = []
        self.steps = [Step(None)]
        self._numbers: dict[int, tuple[StorageWeakRef, int]] = {}
        self._beginning = True  # the stepper is being made
        for weight in weights:
            memory = self.memories[self._number(weight)]
            memory.content = memory.live  # it is not written into

    def constructed(self) -> None:
        """From here on steps are made."""
        self._beginning = False

    def give(self, tensor: Tensor) -> int:
        """Note that this tensor is given from outside; the number of its memory."""
        return self._number(tensor, given=True)

    def begin(self, values: Tensor) -> None:
        """The next step, in which these values are committed."""
        self.steps.append(Step(None))
        self.steps[-1].values = self.give(values)

    def end(self, parameters: Tensor) -> None:
        """This is the conditional of the step."""
        self.steps[-1].parameters = self._place(parameters)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if _made_of_others(func):
            with self:
                return func.decompose(*args, **kwargs)
        name = func._schema.name
        if name in _WAITS:
            raise NotRecorded("a step waits for a value")
        given: Given = mapped(self._placed, (args, kwargs))
        into = _written(func, given)
        read = [] if name in _BY_SHAPE else _read(given, name)
        touched = {place.memory for place in (*read, *([into] if into else []))}
        fixed = all(self._is_fixed(number) for number in touched)
        if not fixed:
            for number in touched:
                self._settle(number)
        elif into is not None and self.memories[into.memory].content is not None:
            raise NotRecorded("a constant is written into after it was used")
        found = func(*args, **kwargs)
        if into is None and self._are_views(found):
            return found
        if name.startswith(("aten::empty", "aten::new_empty")):
            found.zero_()  # so that it is the same in every step
        if into is not None:
            self.memories[into.memory].fixed &= fixed
        made = () if into is not None else tuple(map(self._new(fixed), _several(found)))
        if not fixed:
            compute, given = _without_writing(name, given, into)
            operation = Operation(func.name(), compute, given, made, into)
            self.steps[-1].operations.append(operation)
        return found

    # ---- memories --------------------------------------------------------------------------------

    def _placed(self, leaf: Any) -> Any:
        return self._place(leaf) if isinstance(leaf, Tensor) else leaf

    def _place(self, tensor: Tensor) -> Place:
        number = self._number(tensor)
        if self.memories[number].dtype != tensor.dtype:
            raise NotRecorded("a memory is read as numbers of another kind")
        return Place(number, tuple(tensor.shape), tensor.stride(), int(tensor.storage_offset()))

    def _number(self, tensor: Tensor, given: bool = False) -> int:
        """Of its memory. One that nobody has seen before was made of numbers of Python's, unless it
        is given from outside."""
        storage = tensor.untyped_storage()
        if (known := self._numbers.get(storage._cdata)) is not None:
            return known[1]
        length = storage.nbytes() // tensor.element_size()
        born = BEFORE if self._beginning else len(self.steps) - 1
        memory = Memory(tensor.dtype, length, born, fixed=not given)
        if memory.fixed:
            with torch.no_grad():
                memory.live = tensor.detach().as_strided((length,), (1,), 0)
        self.memories.append(memory)
        number = len(self.memories) - 1
        # the reference keeps the address from being given to another one
        self._numbers[storage._cdata] = StorageWeakRef(storage), number
        return number

    def _new(self, fixed: bool) -> Callable[[Any], Place | None]:
        """Notes a result, which depends on nothing given, or does."""

        def noted(tensor: Any) -> Place | None:
            if not isinstance(tensor, Tensor):
                return None
            place = self._place(tensor)
            if not fixed:
                memory = self.memories[place.memory]
                memory.fixed, memory.live = False, None
                memory.born = max(memory.born, 0)
            return place

        return noted

    def _is_fixed(self, number: int) -> bool:
        """Whether what is computed of it is another constant. What a step makes of the weights is
        none: it would be one for every site."""
        memory = self.memories[number]
        return memory.fixed and (self._beginning or memory.born == len(self.steps) - 1)

    def _settle(self, number: int) -> None:
        """Keep what a constant is, now that a step reads it or writes into it."""
        memory = self.memories[number]
        if memory.live is not None and memory.content is None:
            memory.content = memory.live.clone()

    def _are_views(self, found: Any) -> bool:
        """Whether nothing was computed."""
        tensors = [each for each in leaves(found) if isinstance(each, Tensor)]
        return all(each.untyped_storage()._cdata in self._numbers for each in tensors)


def record(model: AutoregressiveModel, batch: int, condition: Tensor | None) -> Recording:
    """All steps of a model in its own order, with values by chance: nothing that is recorded
    depends on them.

    condition: for `batch` rows, None for a model that takes none.
    NotRecorded where its steps cannot be written down.
    """
    sites, channels = len(model.order), model.spec.channels
    generator = torch.Generator().manual_seed(0)
    values = [
        torch.randint(model.spec.levels, (batch, channels), generator=generator)
        for _ in range(sites)
    ]
    recorder = Recorder([*model.parameters(), *model.buffers()])
    given = None if condition is None else recorder.give(condition)
    # by its parts, as kernels of attention have no counterpart outside torch
    with torch.inference_mode(), sdpa_kernel(SDPBackend.MATH), recorder:
        stepper = model.stepper(batch, condition)
        recorder.constructed()
        recorder.end(stepper.conditional())
        for committed in values[:-1]:
            recorder.begin(committed)
            stepper.commit(committed)
            recorder.end(stepper.conditional())
    return Recording(batch, recorder.memories, recorder.steps, given)


# ---- what an operation reads and writes ----------------------------------------------------------


def mapped(do: Callable[[Any], Any], value: Any) -> Any:
    """The same with something done to each leaf of tuples, lists and dicts; torch's own way to do
    that takes ten times as long as what is recorded."""
    if isinstance(value, (tuple, list)):
        return type(value)([mapped(do, each) for each in value])
    if isinstance(value, dict):
        return {key: mapped(do, each) for key, each in value.items()}
    return do(value)


def leaves(value: Any) -> list[Any]:
    found: list[Any] = []
    mapped(found.append, value)
    return found


@cache
def _made_of_others(func: Any) -> bool:
    """Whether an operation is carried out by others."""
    found: bool = func._can_decompose()
    return found


@cache
def _written_arguments(func: Any) -> tuple[tuple[int, str], ...]:
    """The numbers and names of the arguments that an operation writes into."""
    return tuple(
        (number, argument.name)
        for number, argument in enumerate(func._schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )


def _written(func: Any, given: Given) -> Place | None:
    """Where it writes, instead of making something new."""
    args, kwargs = given
    found = [
        args[number] if number < len(args) else kwargs[name]
        for number, name in _written_arguments(func)
        if number < len(args) or name in kwargs
    ]
    if not found:
        return None
    if len(found) > 1 or not isinstance(found[0], Place):
        raise NotRecorded(f"{func._schema.name} writes to several places")
    return found[0]


def _read(given: Given, name: str) -> list[Place]:
    args, kwargs = given
    if name in ("aten::copy_", "aten::fill_", "aten::zero_"):
        args = args[1:]
    named = [value for key, value in kwargs.items() if key != "out"]
    return [leaf for leaf in leaves((args, named)) if isinstance(leaf, Place)]


def _without_writing(
    name: str, given: Given, into: Place | None
) -> tuple[Callable[..., Any], Given]:
    """The function that gives the same as its result, and its arguments."""
    args, kwargs = given
    kwargs = {key: value for key, value in kwargs.items() if key != "out"}
    short = name.removeprefix("aten::")
    if short in _PLAINLY:
        return _PLAINLY[short], (args, kwargs)
    if short == "copy_":
        return _same, (args[1:2], {})
    if short == "zero_" and into is not None:
        return torch.zeros, ((into.size,), {})
    if not name.startswith("aten::") or short == "fill_":
        raise NotRecorded(f"{name} has no form that could be written down")
    return getattr(_aten, short.removesuffix("_")), (args, kwargs)


def _several(found: Any) -> tuple[Any, ...]:
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)


def _same(x: Tensor) -> Tensor:
    return x


# operations that no exporter knows, by those that it does
_PLAINLY: dict[str, Callable[..., Any]] = {
    "_softmax": lambda x, axis, half: x.softmax(axis),
    "_safe_softmax": lambda x, axis, dtype=None: x.softmax(axis),  # no row is empty
    "_unsafe_index": _aten.index,
    "_log_softmax": lambda x, axis, half: x.log_softmax(axis),
    "_to_copy": lambda x, dtype=None, **how: x if dtype is None else x.to(dtype),
    "clone": lambda x, **how: x,
    "native_layer_norm": lambda x, shape, weight, bias, eps: (
        torch.nn.functional.layer_norm(x, shape, weight, bias, eps),
        None,
        None,
    ),
}
