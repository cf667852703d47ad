"""A step captured once and run again as a whole: CUDA graphs; and the `Recorder`, which says
beforehand whether a step can be one, and does what a graph does where there is no GPU.

To tell a GPU of a small operation takes longer than the operation. A graph holds a whole step, with
the addresses that it reads and writes, and is launched once (NVIDIA, CUDA C++ Programming Guide,
"CUDA Graphs"). It repeats exactly what was captured. So a step must not wait for the device, must
take the same way in the same shapes every time, and must leave what it leaves in the same tensors.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from studio.engine.runtime.programs import Arena, Program

Step = Callable[..., Any]  # tensors -> tensors, or nothing

CAPTURING = "cuda"  # the kind of device that can

_FROM_HOST = ("aten::lift_fresh", "aten::lift_fresh_copy")  # what torch.tensor([...]) comes to
_BY_INDEX = ("aten::index.Tensor", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")
_MASKS = (torch.bool, torch.uint8)


class UncapturableError(StudioError):
    """A step that cannot be captured; the sentence names the operation."""


@dataclass(frozen=True, eq=False)
class Call:
    """An operation with what it was given and gave back.

    given: all tensors that it was given.
    read: of each its shape, type and storage, 0 for what the step made.
    """

    operation: Any
    args: Any
    kwargs: dict[str, Any]
    found: Any
    given: list[Tensor]
    read: list[tuple[tuple[int, ...], torch.dtype, int]]

    @property
    def name(self) -> str:
        return name_of(self.operation)

    def repeat(self) -> None:
        """The same again, into the same tensors."""
        again = self.operation(*self.args, **self.kwargs)
        for old, new in zip(tensors_in(self.found), tensors_in(again), strict=True):
            if storage_of(old) != storage_of(new):
                old.copy_(new)


class Recorder(TorchDispatchMode):
    """Follows the operations of a step, on the processor, on torch's `meta` device, which has
    shapes and no values, or while it is captured; raises `UncapturableError` where capture would
    fail, or would repeat something else than the step does."""

    def __init__(self, device: torch.device | str = "cpu", keep: bool = True) -> None:
        """device: on which the step computes.
        keep: the operations; without that, only what the step read.
        """
        super().__init__()
        self._kind, self._keep = torch.device(device).type, keep
        self._calls: list[Call] = []
        self._read: dict[int, Tensor] = {}  # by its storage: what was there before the step
        self._made: set[int] = set()  # storages of what was not
        self._made_before: set[int] = set()  # by the run before

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Asked by torch, which else imports its compiler for the first operation: seconds."""
        return False

    def check(self, step: Step, *tensors: Tensor) -> list[str]:
        """Run a step three times: once so that what is made only once is there, and twice to
        compare. Returns the operations of one run.

        UncapturableError, one sentence with the name of the operation, for a step that waits for
        the device, moves numbers between it and the host, has shapes that depend on values, or is
        another one or reads other tensors the second time.
        """
        with suppress(NotImplementedError, RuntimeError):  # the recorded run says which operation
            step(*tensors)
        with self:
            step(*tensors)
        first, self._calls, self._read = self._calls, [], {}
        self._made_before, self._made = self._made, set()
        with self:
            step(*tensors)
        _compare(first, self._calls)
        return [call.name for call in self._calls]

    @property
    def read(self) -> list[Tensor]:
        """What the step read that was there before it: a graph reads it again, wherever it was."""
        return list(self._read.values())

    def program(self, arena: Arena) -> Program:
        """What was recorded, compiled; its operations are used up. arena: see there."""
        from studio.engine.runtime.programs import Program  # numba takes a second

        return Program(self._calls, self._made, arena)

    def replay(self) -> None:
        """Run what was recorded again as a graph would: the same operations, on the same tensors,
        into the same tensors."""
        with torch._C._AutoDispatchBelowAutograd():
            for call in self._calls:
                call.repeat()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = tensors_in((args, kwargs))
        if refusal := self._refusal(func, given, args, kwargs):
            raise UncapturableError(f"A step that {refusal} cannot be captured: {func.name()}.")
        read = []
        for tensor in given:
            key = storage_of(tensor)
            if inside := key in self._made:
                pass
            elif key in self._made_before:
                raise UncapturableError(
                    "A step that leaves something behind in a new tensor cannot be captured, for a"
                    f" graph reads the old one again: {func.name()}."
                )
            else:
                self._read.setdefault(key, tensor)
            read.append((tuple(tensor.shape), tensor.dtype, 0 if inside else key))
        found = func(*args, **kwargs)
        self._made.update({storage_of(tensor) for tensor in tensors_in(found)} - self._read.keys())
        if self._keep:
            self._calls.append(Call(func, args, kwargs, found, given, read))
        return found

    def _refusal(self, func: Any, given: list[Tensor], args: Any, kwargs: dict[str, Any]) -> str:
        """Why an operation cannot be captured; "" where it can."""
        name = name_of(func)
        if name in _FROM_HOST:
            return "makes a tensor from numbers of the host"
        if torch.Tag.data_dependent_output in func.tags:
            return "waits for the device to read a value"
        if name in _BY_INDEX:
            if any(index.dtype in _MASKS for index in tensors_in(args[1])):
                return "picks by a mask"
        elif torch.Tag.dynamic_output_shape in func.tags:
            return "has shapes that depend on values"
        kinds = {tensor.device.type for tensor in given if not _is_number(tensor)}
        if (asked := kwargs.get("device")) is not None:
            kinds.add(torch.device(asked).type)
        return "moves numbers between the host and the device" if kinds - {self._kind} else ""


def _compare(first: list[Call], second: list[Call]) -> None:
    """UncapturableError where two runs differ."""
    for before, after in zip(first, second, strict=False):
        if before.name != after.name:
            raise UncapturableError(
                "A step that takes another way the second time cannot be captured:"
                f" {after.name} instead of {before.name}."
            )
        if [each[:2] for each in before.read] != [each[:2] for each in after.read]:
            what = "has other shapes"
        elif before.read != after.read:
            what = "reads other tensors"
        else:
            continue
        raise UncapturableError(
            f"A step that {what} the second time cannot be captured: {after.name}."
        )
    if len(first) != len(second):
        longer, both = max(first, second, key=len), min(len(first), len(second))
        raise UncapturableError(
            "A step that takes another way the second time cannot be captured:"
            f" {longer[both].name} is there only once."
        )


@functools.cache
def name_of(operation: Any) -> str:
    """Such as "aten::add_.Tensor"."""
    return str(operation.name())


@functools.cache
def written_by(operation: Any) -> tuple[bool, ...]:
    """Into which of its arguments an operation writes."""
    arguments = operation._schema.arguments
    return tuple(bool(each.alias_info and each.alias_info.is_write) for each in arguments)


def tensors_in(found: Any) -> list[Tensor]:
    """All in what an operation is given or gives back."""
    tensors: list[Tensor] = []
    _collect((found,), tensors)
    return tensors


def _collect(among: Iterable[Any], tensors: list[Tensor]) -> None:
    for each in among:
        if isinstance(each, Tensor):
            tensors.append(each)
        elif isinstance(each, dict):
            _collect(each.values(), tensors)
        elif isinstance(each, list | tuple):
            _collect(each, tensors)


def storage_of(tensor: Tensor) -> int:
    """What tells its memory from that of others, also where it has none."""
    return int(tensor.untyped_storage()._cdata)


def _is_number(tensor: Tensor) -> bool:
    """Whether it is a number of Python, which becomes an argument of the kernel."""
    return tensor.ndim == 0 and tensor.device.type == "cpu"


# ---- captured ------------------------------------------------------------------------------------


class Captured:
    """A step that runs as a whole. Called with tensors of the shapes that it was captured with, it
    returns what the step returned, in the same tensors each time."""

    def __init__(
        self,
        run: Callable[[], object],
        static: tuple[Tensor, ...],
        found: Any,
        read: Sequence[Tensor] = (),
    ) -> None:
        """read: what a graph reads besides, which so stays where it is."""
        self._run, self._static, self._found, self._read = run, static, found, read

    def __call__(self, *tensors: Tensor) -> Any:
        for own, new in zip(self._static, tensors, strict=True):
            if own is not new:
                own.copy_(new, non_blocking=True)
        self._run()
        return self._found


def captured(
    step: Step,
    *tensors: Tensor,
    device: torch.device | str | None = None,
    warm_up: Callable[[], object] | None = None,
    pool: Any = None,
) -> Captured:
    """A step as a CUDA graph; on another device, as a recording that does the same.

    Capturing changes what the step leaves behind: reset that before it counts.

    tensors: what it is given, of the shapes of all later calls. They become the step's own: each
    call writes into them.
    device: where it computes; that of the tensors, where there are any.
    warm_up: run on a GPU before it is captured, so that nothing is made for the first time
    meanwhile; None for the step itself, three times.
    pool: memory shared with other graphs (see `shared_memory`), which must be run in the order in
    which they were captured.
    UncapturableError, one sentence, where an operation cannot be captured.
    """
    where = torch.device(device) if device is not None else tensors[0].device
    if where.type != CAPTURING:
        recorder = Recorder(where)
        with recorder:
            found = step(*tensors)
        run = recorder.replay if pool is None else recorder.program(pool).run
        return Captured(run, tensors, found)
    graph = torch.cuda.CUDAGraph()
    recorder = Recorder(where, keep=False)
    with torch.cuda.device(where):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            if warm_up is not None:
                warm_up()
            for _ in range(3 if warm_up is None else 0):
                step(*tensors)
            stream.synchronize()
            # By hand: the context `torch.cuda.graph` collects garbage, which must not happen in
            # another thread than the window's. Other threads may use the device meanwhile.
            graph.capture_begin(pool=pool, capture_error_mode="thread_local")
            try:
                with recorder:
                    found = step(*tensors)
                graph.capture_end()
            except (UncapturableError, torch.OutOfMemoryError):
                _give_up(graph)
                raise
            except RuntimeError as error:  # what the driver refuses
                _give_up(graph)
                said = str(error).partition("\n")[0]
                raise UncapturableError(f"A step cannot be captured: {said}") from error
            except BaseException:
                _give_up(graph)
                raise
        torch.cuda.current_stream().wait_stream(stream)
    return Captured(graph.replay, tensors, found, recorder.read)


def _give_up(graph: torch.cuda.CUDAGraph) -> None:
    with suppress(RuntimeError):  # it has failed already, and why is known
        graph.capture_end()
    # Where the driver refused, the generator still believes that it is captured, and whatever draws
    # from it would fail from now on: it goes on with a copy of its state, which does not.
    generator = torch.cuda.default_generators[torch.cuda.current_device()]
    generator.graphsafe_set_state(generator.clone_state())


def shared_memory(device: torch.device) -> Any:
    """What several captured steps take their memory from; None where there is nothing to take."""
    if device.type == CAPTURING:
        return torch.cuda.graph_pool_handle()
    if device.type == "cpu":
        from studio.engine.runtime.programs import Arena

        return Arena()
    return None
