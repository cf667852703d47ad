"""A step captured once and run again as a whole: CUDA graphs, and the `Recorder` that says beforehand
whether a step can be one.

Small steps cost a GPU more to be told of than to compute: every operation is launched by the
processor, which takes longer than a small kernel. A graph holds the kernels of a whole step, with
the addresses that they read and write, and is launched once (NVIDIA, CUDA C++ Programming Guide,
"CUDA Graphs"). So it repeats exactly what was captured: a step must not wait for the device, must
take the same way every time, in the same shapes, and must leave behind what it leaves in the same
tensors.

Where there is no CUDA device, a captured step is a rehearsal: it is run, on the same static
tensors, and the recorder shows what capture would refuse. See `studio.engine.generation.graphed`
and `tests/engine/runtime/test_graphs.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from studio.engine.runtime.errors import StudioError

Step = Callable[..., Any]  # tensors -> tensors, or nothing

CAPTURING = "cuda"  # the kind of device that can

_FROM_HOST = ("aten::lift_fresh", "aten::lift_fresh_copy")  # what torch.tensor([...]) comes to
_BY_INDEX = ("aten::index.Tensor", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_")
_MASKS = (torch.bool, torch.uint8)


class UncapturableError(StudioError):
    """A step that cannot be captured; the sentence names the operation."""


class Recorder(TorchDispatchMode):
    """Follows the operations of a step on the processor, or on torch's `meta` device, which has
    shapes and no values; raises `UncapturableError` where capture would fail, or would repeat
    something else than the step does.

    operations: their names, in order, since it was opened last.
    """

    def __init__(self, device: torch.device | str = "cpu", keep: bool = True) -> None:
        """device: on which the step computes.
        keep: hold on to what the step makes, so that a later run cannot mistake something else for
        it; what it reads is held in any case, as a graph reads it again at the same address.
        """
        super().__init__()
        self.operations: list[str] = []
        self._kind, self._keep = torch.device(device).type, keep
        self._read: dict[int, Tensor] = {}  # by its storage: what was there before the step
        self._made: dict[int, Tensor | None] = {}  # and what was not
        self._before: dict[int, Tensor | None] = {}  # what the run before made
        self._run: list[_Call] = []

    def check(self, step: Step, *tensors: Tensor) -> list[str]:
        """Run a step three times, and compare the last two, after whatever is made only once is
        there. Returns the operations of one run.

        UncapturableError, one sentence with the name of the operation, for one that waits for the
        device, makes a tensor from numbers of the host or moves one between devices, whose shape
        depends on values, or that is another one or reads other tensors in the last run.
        """
        step(*tensors)
        runs: list[list[_Call]] = []
        for _ in range(2):
            self._begin()
            with self:
                step(*tensors)
            runs.append(self._run)
        _compare(*runs)
        return self.operations

    @property
    def held(self) -> list[Tensor]:
        """What the step read that was there before it."""
        return list(self._read.values())

    def _begin(self) -> None:
        self._before, self._made, self._read = self._made, {}, {}
        self._run, self.operations = [], []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name, given = func.name(), list(_tensors((args, kwargs)))
        if refusal := self._refusal(func, name, given, args, kwargs):
            raise UncapturableError(f"A step that {refusal} cannot be captured: {name}.")
        seen = []
        for tensor in given:
            key = _storage(tensor)
            if key in self._before and key not in self._made:
                raise UncapturableError(
                    "A step that reads what its last run left behind in a new tensor cannot be"
                    f" captured, for a graph reads the old one: {name}."
                )
            outside = key not in self._made
            if outside:
                self._read.setdefault(key, tensor)
            seen.append((tuple(tensor.shape), tensor.dtype, key if outside else 0))
        found = func(*args, **kwargs)
        for tensor in _tensors(found):
            if (key := _storage(tensor)) not in self._read:
                self._made[key] = tensor if self._keep else None
        self.operations.append(name)
        if self._keep:
            self._run.append((name, seen))
        return found

    def _refusal(
        self, func: Any, name: str, given: list[Tensor], args: Any, kwargs: dict[str, Any]
    ) -> str:
        """Why an operation cannot be captured; "" where it can."""
        if name in _FROM_HOST:
            return "makes a tensor from numbers of the host"
        if torch.Tag.data_dependent_output in func.tags:
            return "waits for the device to read a value"
        if name in _BY_INDEX:
            by_mask = any(index.dtype in _MASKS for index in _tensors(args[1]))
            return "picks by a mask" if by_mask else ""
        if torch.Tag.dynamic_output_shape in func.tags:
            return "has shapes that depend on values"
        kinds = {tensor.device.type for tensor in given if not _is_number(tensor)}
        if (asked := kwargs.get("device")) is not None:
            kinds.add(torch.device(asked).type)
        if kinds - {self._kind}:
            return "moves numbers between the host and the device"
        return ""


# the name of an operation, and of the tensors that it reads shape, type and storage, 0 for what was
# made in the same run
_Call = tuple[str, list[tuple[tuple[int, ...], torch.dtype, int]]]


def _compare(first: list[_Call], second: list[_Call]) -> None:
    """UncapturableError where two runs differ."""
    for (name, before), (other, after) in zip(first, second, strict=False):
        if name != other:
            raise UncapturableError(
                "A step that takes another way the second time cannot be captured:"
                f" {other} instead of {name}."
            )
        if [each[:2] for each in before] != [each[:2] for each in after]:
            raise UncapturableError(
                f"A step that has other shapes the second time cannot be captured: {name}."
            )
        if before != after:
            raise UncapturableError(
                f"A step that reads other tensors the second time cannot be captured: {name}."
            )
    if len(first) != len(second):
        longer = max(first, second, key=len)
        raise UncapturableError(
            "A step that takes another way the second time cannot be captured:"
            f" {longer[min(len(first), len(second))][0]} is there only once."
        )


def _tensors(found: Any) -> Iterator[Tensor]:
    """All in what an operation is given or gives back."""
    if isinstance(found, Tensor):
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from _tensors(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _tensors(each)


def _storage(tensor: Tensor) -> int:
    """What tells its memory from that of others, also where it has none."""
    return int(tensor.untyped_storage()._cdata)


def _is_number(tensor: Tensor) -> bool:
    """Whether it is a number of Python, which becomes an argument of the kernel."""
    return tensor.ndim == 0 and tensor.device.type == "cpu"


# ---- captured ------------------------------------------------------------------------------------


class Captured:
    """A step that runs as a whole; called with tensors of the shapes that it was captured with, it
    returns what the step returned, in the same tensors each time."""

    def __init__(self, run: Callable[[], Any], static: tuple[Tensor, ...]) -> None:
        self._run, self._static = run, static

    def __call__(self, *tensors: Tensor) -> Any:
        for own, new in zip(self._static, tensors, strict=True):
            if own is not new:
                own.copy_(new, non_blocking=True)
        return self._run()


def captured(
    step: Step,
    *tensors: Tensor,
    device: torch.device | str | None = None,
    warm_up: Callable[[], object] | None = None,
    pool: Any = None,
) -> Captured:
    """A step as a CUDA graph; on another device, as it is.

    tensors: what it is given, of the shapes of all later calls; they stay the step's own, and each
    call writes into them.
    device: where it computes; that of the tensors, where there are any.
    warm_up: run before it is captured, so that nothing is made for the first time meanwhile; None
    for the step itself, three times.
    pool: memory shared with other graphs (`shared_memory`), which must run in the order in which
    they were captured.
    UncapturableError, one sentence, where an operation cannot be captured.
    """
    where = torch.device(device) if device is not None else tensors[0].device
    if where.type != CAPTURING:
        return Captured(lambda: step(*tensors), tensors)
    return Captured(_Graph(step, tensors, where, warm_up, pool), tensors)


def shared_memory(device: torch.device) -> Any:
    """What several graphs take their memory from; None where none are made."""
    return torch.cuda.graph_pool_handle() if device.type == CAPTURING else None


class _Graph:
    """Captured by hand: the context `torch.cuda.graph` collects garbage, which must not happen in
    another thread than the window's."""

    def __init__(
        self,
        step: Step,
        tensors: tuple[Tensor, ...],
        device: torch.device,
        warm_up: Callable[[], object] | None,
        pool: Any,
    ) -> None:
        self._graph = torch.cuda.CUDAGraph()
        recorder = Recorder(device, keep=False)
        with torch.cuda.device(device):
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                if warm_up is not None:
                    warm_up()
                for _ in range(3 if warm_up is None else 0):
                    step(*tensors)
                torch.cuda.synchronize()
                # other threads may use the device meanwhile
                self._graph.capture_begin(pool=pool, capture_error_mode="thread_local")
                try:
                    with recorder:
                        self._outputs = step(*tensors)
                except BaseException:
                    self._give_up()
                    raise
                self._graph.capture_end()
            torch.cuda.current_stream().wait_stream(stream)
        self._held = recorder.held

    def _give_up(self) -> None:
        try:
            self._graph.capture_end()
        except RuntimeError:
            pass  # it has failed already, and why is known

    def __call__(self) -> Any:
        self._graph.replay()
        return self._outputs
