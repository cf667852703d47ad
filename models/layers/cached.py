"""What cached twins have in common. A layer's *twin* computes the same from the same weights, one
site at a time, and remembers of earlier sites what the layer would look at again.

A stepper is the mirror of its model's forward pass: the twins of the same layers in the same order.
Twins take their memory from the `Memory` of the stepper, which so can reorder the rows of all of
them without knowing any. Views and results are made once, when the twin is: at batch 1 making a
view costs as much as a small product.
"""

from __future__ import annotations

import copy
import math
from abc import abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor, nn

from models.interface import AutoregressiveModel
from models.stepping import Stepper

P = ParamSpec("P")
T = TypeVar("T")


class Memory:
    """Tensors for `batch` rows, on the model's device. `kept` ones hold what was computed at
    earlier sites, `scratch` ones nothing that outlives a step or is not computed again.

    space: the (height, width) of pictures, () of open length.
    """

    def __init__(self, model: AutoregressiveModel, batch: int) -> None:
        self.batch, self.space = batch, model.spec.space
        self._device, self._dtype = model.device, model.dtype
        self._kept: list[tuple[Tensor, int]] = []

    def of_size(self, space: tuple[int, ...]) -> Memory:
        """The same memory for maps of another size."""
        other = copy.copy(self)
        other.space = space
        return other

    @property
    def sites(self) -> int:
        return math.prod(self.space)

    def scratch(self, *shape: int) -> Tensor:
        """Zeros (B, *shape)."""
        return torch.zeros(self.batch, *shape, device=self._device, dtype=self._dtype)

    def kept(self, *shape: int, axis: int = 0) -> Tensor:
        """Zeros (*shape[:axis], B, *shape[axis:]), whose rows `select` reorders."""
        shape = (*shape[:axis], self.batch, *shape[axis:])
        self._kept.append((torch.zeros(shape, device=self._device, dtype=self._dtype), axis))
        return self._kept[-1][0]

    def select(self, other: Memory, rows: Tensor) -> None:
        """Make row b what row rows[b] is in `other`, this memory itself or one of another batch
        whose tensors were asked for in the same order."""
        for (to, axis), (tensor, _) in zip(self._kept, other._kept, strict=True):
            to.copy_(tensor.index_select(axis, rows))


def bias_of(layer: nn.Conv2d | nn.Linear) -> Tensor:
    """A layer's bias, apart from the graph."""
    assert layer.bias is not None
    return layer.bias.detach()


class Pointwise:
    """Twin of a 1x1 convolution or a linear layer: (B, inputs) -> (B, outputs)."""

    def __init__(self, layer: nn.Conv2d | nn.Linear) -> None:
        self.bias = bias_of(layer)
        # (inputs, outputs)
        self.weight = (
            layer.weight.detach().flatten(1).T.clone(memory_format=torch.contiguous_format)
        )

    def __call__(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        return torch.addmm(self.bias, x, self.weight, out=out)

    def row(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        """Of several sites at once: (B, W, inputs) -> (B, W, outputs)."""
        flat = None if out is None else out.view(-1, out.shape[2])
        return self(x.flatten(0, 1), flat).unflatten(0, x.shape[:2])

    def added(self, h: Tensor, x: Tensor, out: Tensor) -> Tensor:
        """Write h + layer(x) into `out`."""
        return torch.addmm(h, x, self.weight, out=out).add_(self.bias)


def _in_inference_mode(method: Callable[P, T]) -> Callable[P, T]:
    """Run it in inference mode, wherever it is called: tensors that are made in it are cheaper to
    write into and to cut, and may not be written into outside. To ask is cheaper than to enter."""

    @wraps(method)
    def run(*given: P.args, **named: P.kwargs) -> T:
        if torch.is_inference_mode_enabled():
            return method(*given, **named)
        with torch.inference_mode():
            return method(*given, **named)

    return run


class CachedStepper(Stepper):
    """Every site is computed once, at the latest when it is committed, for later ones read what its
    twins remember of it. A subclass says what a site computes.

    condition: what the model makes of the condition, batch first, if anything.
    """

    memory: Memory

    def __init__(
        self, model: AutoregressiveModel, batch: int, condition: Tensor | None = None
    ) -> None:
        self.model, self.order = model, model.order
        self.condition = None if condition is None else condition.detach()
        self._start(batch)

    # What a subclass says.

    @abstractmethod
    def _make(self) -> None:
        """Make the twins, with `self.memory`, as before the first site."""

    @abstractmethod
    def _step(self) -> Tensor:
        """The parameters (B, P) of the site at `self.position`, in a tensor of their own; leaves
        behind what later sites read."""

    @abstractmethod
    def _take(self, values: Tensor) -> None:
        """Remember values (B, channels) of the site at `self.position`, whose step was made."""

    @abstractmethod
    def _fill(self, x: Tensor, count: int) -> None:
        """Stand behind the first `count` sites of x (B, channels, *space), by one parallel pass."""

    @abstractmethod
    def _forget(self, count: int) -> None:
        """Stand behind the first `count` sites of those that are committed."""

    # Shared.

    @_in_inference_mode
    def _start(self, batch: int) -> None:
        self.batch, self.position = batch, 0
        self._params: Tensor | None = None
        self.memory = Memory(self.model, batch)
        self._make()

    @_in_inference_mode
    def conditional(self) -> Tensor:
        if self._params is None:
            self._params = self._step()
        return self._params

    @_in_inference_mode
    def commit(self, values: Tensor) -> None:
        if self._params is None:
            self._step()  # an evidence site leaves something behind too
        self._take(values)
        self.position += 1
        self._params = None

    @_in_inference_mode
    def prime(self, x: Tensor, count: int) -> None:
        self._params = None
        self._fill(x.to(self.model.device), count)
        self.position = count

    @_in_inference_mode
    def rewind(self, position: int) -> None:
        if not 0 <= position <= self.position:
            raise ValueError(f"cannot rewind to {position}: {self.position} sites are committed")
        if position < self.position:
            self._params = None
            self._forget(position)
            self.position = position

    @_in_inference_mode
    def select(self, rows: Tensor) -> None:
        self._select(rows.to(self.model.device))

    def _select(self, rows: Tensor) -> None:
        """`select`; rows are on the model's device."""
        old, position = self.memory, self.position
        if self.condition is not None:
            self.condition = self.condition.index_select(0, rows)
        params = None if self._params is None else self._params.index_select(0, rows)
        if len(rows) != self.batch:
            self._start(len(rows))
        self.memory.select(old, rows)
        self.position, self._params = position, params
