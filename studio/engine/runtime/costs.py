"""What a model will take, from its settings alone: it is built, and makes a step, on torch's `meta`
device, where nothing is allocated and nothing computed.

Of a large picture only a piece is tried, and what that takes is carried forward: what grows with
the sites, and what grows with their square (attention). So an estimate takes seconds at most.
"""

from __future__ import annotations

import functools
import json
import math
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, UntypedStorage
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import models
from models.interface import AudioModel, AutoregressiveModel, Classes, Model, Spectrogram
from models.recipe import Recipe
from models.stepping import PrefixStepper
from studio.engine.runtime import courtesy, devices, memory
from studio.engine.runtime.operations import Counter

# one at a time: who wants the same waits for it, instead of working it out beside the other
_estimating = threading.Lock()
_PIECE = 16  # rows and columns of the piece of a large picture that is tried
_STATES = 5  # of each weight in a training: itself, its average, its gradient, two of the optimiser
_FULL_PRECISION = 1.5  # of what is kept, where nothing is computed in bfloat16: measured
_SMALL = 2**32  # batch x sites x bytes: what needs no closer look, as it takes a gigabyte at most
_ROWS = 256  # by which it is found what a row takes
_PASS = 3  # tensors as large as all parameters of a picture that a full pass holds at a time
_LONGEST_STEP = 60.0  # seconds: a training can only be stopped between steps
_LONGEST = 14 * 86400.0  # seconds that a training may take without being asked about
_ADVICE = "Choose a smaller batch, picture or model."
_TRIED = 512  # rows and columns of the matrices by which the speed of a device is measured


class Step(NamedTuple):
    """What a step of training takes for one example: bytes that are kept for its gradient, and
    multiplications and additions."""

    kept: float
    operations: float


@dataclass(frozen=True)
class Training:
    """What a training takes: bytes, and multiplications and additions a step.

    least: bytes with one example of a batch at a time; None for as many as all of it.
    """

    name: str
    size: float
    operations: float = 0.0
    least: float | None = None

    def check_memory(self, device: str, in_parts: bool = False) -> None:
        """TooLargeError, with the estimate, where it does not fit into a device's memory.

        in_parts: whether a batch may be made in parts.
        """
        size = self.size if self.least is None or not in_parts else self.least
        memory.require(size, f"Training {self.name} like this", device, _ADVICE)

    def check_time(self, steps: int, device: str) -> None:
        """TooLargeError, with the estimate, where a step takes minutes, or all of them weeks."""
        if not self.operations:
            return
        each = self.operations / speed(device)
        if each > _LONGEST_STEP or each * steps > _LONGEST:
            raise memory.TooLargeError(
                f"Training {self.name} like this would take about {_duration(each * steps)},"
                f" {_duration(each)} a step. {_ADVICE}"
            )


def weights(name: str, config: dict[str, Any], buffers: bool = True) -> int:
    """Bytes of the weights of a model, and of its tables. Raises ValueError as `models.build`
    does."""
    model = _on_meta(name, config)
    return _size((*model.parameters(), *(model.buffers() if buffers else ())))


def step(name: str, config: dict[str, Any], samples: int = 0) -> Step:
    """What a step of training takes for an example.

    samples: of a window, for a model for sound.
    """
    shape = models.registry.configured(name, **config).shape
    if None in shape:
        return _tried(name, config, (samples,))
    found = _carried(shape, lambda piece: _tried(name, {**config, "shape": piece}, piece[1:]))
    return Step(*found)


def _carried(
    shape: tuple[int | None, ...], tried: Callable[[tuple[int, ...]], tuple[float, ...]]
) -> list[float]:
    """Figures for a picture of this shape, from those of two pieces of it."""
    channels, *space = (size or 1 for size in shape)
    near, half = ([min(size, _PIECE // part) for size in space] for part in (1, 2))
    found = tried((channels, *near))
    if near == space:
        return [*found]
    less = tried((channels, *half))
    few, some, every = math.prod(half), math.prod(near), math.prod(space)
    carried = []
    for at_few, at_some in zip(less, found, strict=True):
        square = max(0.0, (at_some / some - at_few / few) / (some - few))
        carried.append(every * (at_some / some + square * (every - some)))
    return carried


def training(name: str, config: dict[str, Any], recipe: Recipe, device: str = "cpu") -> Training:
    """What a training will take. Raises ValueError as `models.build` does."""
    model = _on_meta(name, config)
    fixed = _size((*model.parameters(), *model.buffers())) * float(_STATES)
    sites, samples = model.spec.sites or 0, 0
    if isinstance(model, AudioModel) and not sites:
        sites = samples = round(recipe.window * model.sample_rate) + model.receptive_field
    small = recipe.batch * sites * max(fixed, sites) < _SMALL
    if small or fixed > memory.free(device):  # then the weights alone are too much
        return Training(name, fixed)
    one = step(name, config, samples)
    more = 1.0 if devices.supports_bf16(device) else _FULL_PRECISION
    kept = more * one.kept
    return Training(
        name, fixed + kept * recipe.batch, one.operations * recipe.batch, least=fixed + kept
    )


def remembered(model: AutoregressiveModel) -> float:
    """Bytes that the stepper of a model of pictures takes for each of them."""
    with _estimating:
        return _remembered(model.name, json.dumps(model.config.to_dict()), model.spec.shape)


@functools.lru_cache(64)
def _remembered(name: str, written: str, shape: tuple[int | None, ...]) -> float:
    """The same, of a config as JSON: asked whenever other options are chosen."""
    config = json.loads(written)

    def tried(piece: tuple[int, ...]) -> tuple[float, ...]:
        twin = _on_meta(name, {**config, "shape": piece})
        assert isinstance(twin, AutoregressiveModel)
        # What is made once for all of them, such as weights in another form, is not counted. So
        # many rows take more than that, which may be what takes the most where there are few.
        some, twice = (_most_while_drawing(twin, rows) for rows in (_ROWS, 2 * _ROWS))
        return ((twice - some) / _ROWS,)

    return _carried(shape, tried)[0]


def _most_while_drawing(model: AutoregressiveModel, rows: int) -> float:
    """Bytes that a stepper takes at most at once, at its first site."""
    with torch.inference_mode(), _Made() as made:
        stepper = model.stepper(rows)
        if isinstance(stepper, PrefixStepper):  # it makes everything anew at each step
            return rows * len(model.order) * model.likelihood.parameters * 4 * _PASS
        stepper.conditional()
        stepper.commit(torch.zeros(rows, model.spec.channels, dtype=torch.long, device="meta"))
    return made.most


def speed(device: str) -> float:
    """Multiplications and additions that a device makes in a second, roughly: measured."""
    a = torch.rand(_TRIED, _TRIED, device=device)
    (a @ a).sum().item()
    began, times = time.perf_counter(), 4
    for _ in range(times):
        a = a @ a / _TRIED
    a.sum().item()
    return times * 2 * _TRIED**3 / (time.perf_counter() - began)


def _on_meta(name: str, config: dict[str, Any]) -> Model:
    with torch.device("meta"):
        return models.build(name, **config)


def _size(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tried(name: str, config: dict[str, Any], space: tuple[int, ...]) -> Step:
    """What a second example of a batch adds to what a step keeps, and the operations of one."""
    model = _on_meta(name, config).train()
    with Counter() as counted:
        model.loss(*_given(model, 1, space), generator=torch.Generator())
    kept = _kept(model, 2, space) - _kept(model, 1, space)
    return Step(kept, 3 * counted.operations)  # a pass, and two for the gradients


def _given(model: Model, batch: int, space: tuple[int, ...]) -> tuple[Tensor, Tensor | None]:
    """A batch of examples, and a condition for them."""
    x = torch.zeros(batch, model.spec.channels, *space, dtype=torch.long, device="meta")
    condition: Tensor | None = None
    if isinstance(model.conditioning, Classes):
        condition = torch.zeros(batch, dtype=torch.long, device="meta")
    elif isinstance(model.conditioning, Spectrogram):
        frames = -(-space[0] // model.conditioning.hop)
        condition = torch.zeros(batch, model.conditioning.mels, frames, device="meta")
    elif model.takes_painting:
        condition = model.painted(x, torch.ones(batch, *space, dtype=torch.bool, device="meta"))
    return x, condition


def _kept(model: Model, batch: int, space: tuple[int, ...]) -> int:
    """Bytes that a pass over a batch keeps for its gradient, beside the weights."""
    own = {t.untyped_storage()._cdata for t in (*model.parameters(), *model.buffers())}
    kept: dict[int, Tensor] = {}  # held, so that no storage takes the number of another

    def keep(tensor: Tensor) -> Tensor:
        kept.setdefault(tensor.untyped_storage()._cdata, tensor)
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor), _FusedAttention():
        model.loss(*_given(model, batch, space), generator=torch.Generator())
    return sum(t.untyped_storage().nbytes() for key, t in kept.items() if key not in own)


class _FusedAttention(TorchFunctionMode):
    """Attention as processors make it, which keep queries, keys and values, but no table of all
    pairs; on `meta` torch would make that."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is F.scaled_dot_product_attention:
            query, key, value = args[:3]
            return query * key.mean() * value.mean(-1, keepdim=True).expand_as(query)
        return func(*args, **(kwargs or {}))


class _Made(TorchDispatchMode):
    """Counts the bytes of the tensors that are made in it.

    bytes: of those that are still there; most: that were there at once.
    """

    def __init__(self) -> None:
        super().__init__()
        self._there: dict[int, weakref.ref[UntypedStorage]] = {}
        self.bytes = self.most = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        courtesy.window.give_way()  # Python all along
        found = func(*args, **(kwargs or {}))
        for tensor in found if isinstance(found, (tuple, list)) else (found,):
            if isinstance(tensor, Tensor) and tensor.device.type == "meta":
                self._see(tensor.untyped_storage())
        return found

    def _see(self, storage: UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self._there:  # what stands there stays there until it goes
            return

        def gone(_: object) -> None:
            del self._there[key]
            self.bytes -= size

        self._there[key] = weakref.ref(storage, gone)
        self.bytes += size
        self.most = max(self.most, self.bytes)


def _duration(seconds: float) -> str:
    for unit, name in ((86400 * 365, "years"), (86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:.0f} seconds"
