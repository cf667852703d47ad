"""`TrainingStep`: a step of training on a batch that lies on the device. The batch goes through the
network in parts where the memory does not hold more, and on a GPU the step is captured once and
then launched as a whole (see `studio.engine.runtime.graphs`).

A part of a batch is weighed by its share of the examples. So the gradients of all parts add up to
that of the batch, to rounding, with the same noise: it was drawn for the whole batch. Dropout
inside a network is drawn anew for every part.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from models import orders
from models.interface import Model
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.graphs import Captured, captured

_WARM_UP = 3  # steps that are made before one is captured: kernels are chosen, states are there
Form = tuple[tuple[torch.Size, torch.dtype] | None, ...]  # of the tensors that a step works on
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Given:
    """What a step works on, on the device: see `Model.loss`.

    chance: what `Model.chance` has drawn, or the generator, for a model whose loss draws itself.
    weight: what the loss is multiplied by, where a process makes a share of a batch.
    """

    x: Tensor
    condition: Tensor | None
    order: Tensor | None
    known: Tensor | None
    chance: tuple[Tensor, ...] | torch.Generator
    weight: float = 1.0

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All that there are."""
        found = (self.x, self.condition, self.order, self.known)
        drawn = self.chance if isinstance(self.chance, tuple) else ()
        return (*(tensor for tensor in found if tensor is not None), *drawn)

    @property
    def form(self) -> Form:
        """The shapes and types of the tensors: what a captured step is for."""
        found = (self.condition, self.order, self.known)
        there = [None if tensor is None else (tensor.shape, tensor.dtype) for tensor in found]
        return (*there, *((tensor.shape, tensor.dtype) for tensor in self.tensors))

    def of(self, tensors: tuple[Tensor, ...]) -> Given:
        """The same form with other tensors."""
        given = iter(tensors)
        names = [
            name for name in ("x", "condition", "order", "known") if getattr(self, name) is not None
        ]
        found: dict[str, Any] = {name: next(given) for name in names}
        drawn = isinstance(self.chance, tuple)
        return replace(self, **found, chance=tuple(given) if drawn else self.chance)

    def of_rows(self, rows: slice) -> Given:
        """Some of the examples."""
        chance = self.chance
        if isinstance(chance, tuple):
            chance = tuple(drawn[rows] for drawn in chance)
        condition, known = (
            None if tensor is None else tensor[rows] for tensor in (self.condition, self.known)
        )
        return replace(self, x=self.x[rows], condition=condition, known=known, chance=chance)

    def parts(self, count: int) -> Iterator[Given]:
        """The examples in so many parts, all of one size but the last."""
        each = -(-len(self.x) // count)
        for start in range(0, len(self.x), each):
            yield self.of_rows(slice(start, start + each))


class Drawn:
    """What chance has drawn, packed up: Fabric rounds every tensor that it finds, in data classes
    too, to the precision of the pass, and of the ranks among these some would then be the same."""

    def __init__(self, chance: tuple[Tensor, ...] | torch.Generator) -> None:
        self.chance = chance


class Objective(nn.Module):
    """The model's own loss as a forward pass, which is what `Fabric` wraps: precision, and
    gradients of several devices."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(
        self,
        x: Tensor,
        condition: Tensor | None,
        order: Tensor | None,
        known: Tensor | None,
        drawn: Drawn,
    ) -> Tensor:
        with orders.trusted():
            return self.model.loss(x, condition, order, known, drawn.chance)


class TrainingStep:
    """parts: in how many parts a batch goes through the network; 1 until the memory was full.
    captures: whether the step is captured; no longer where that cannot be.
    is_captured: whether one is, and used for every batch of its form."""

    def __init__(
        self,
        objective: nn.Module,
        update: Callable[[], Tensor],
        fabric: Fabric,
        state: Callable[[], list[Tensor]],
        captures: bool,
        say: Callable[[str], object],
    ) -> None:
        """objective: an `Objective` that `fabric` has set up.
        update: changes the weights by their gradients; returns the norm of these ().
        state: every tensor that a step changes, without its history.
        say: is given a sentence for the person, where a batch is made in parts from now on.
        """
        self._objective, self._update, self._fabric = objective, update, fabric
        self._state, self._say = state, say
        self.captures, self.parts = captures, 1
        self._captured: tuple[Form, Captured] | None = None
        self._last: Form | None = None  # of the last batch
        self._alike = 0  # batches of this form, one after the other

    def __call__(self, given: Given) -> tuple[Tensor, Tensor]:
        """The loss, nats an example, and the norm of its gradient; neither is waited for. They are
        overwritten by the next step. StudioError where the memory does not hold the step."""
        form = given.form
        self._alike = self._alike + 1 if form == self._last else 0
        self._last = form
        known = self._captured is not None and self._captured[0] == form
        if self.captures and self._alike >= _WARM_UP and not known:
            self._capture(given)
        if self._captured is not None and self._captured[0] == form:
            found: tuple[Tensor, Tensor] = self._captured[1](*given.tensors)
            return found
        return self._in_parts(given), self._updated()

    @property
    def is_captured(self) -> bool:
        return self._captured is not None

    def forget(self) -> None:
        """Tensors of the state are others now: a captured step would change the old ones."""
        self._captured, self._last, self._alike = None, None, 0

    def gradients(self, given: Given) -> Tensor:
        """The loss, and the gradients of the weights where they are kept."""
        self._objective.zero_grad(set_to_none=True)
        losses = []
        for part in given.parts(self.parts):
            drawn = Drawn(part.chance)
            loss = self._objective(part.x, part.condition, part.order, part.known, drawn)
            loss = loss * (part.weight * len(part.x) / len(given.x))
            self._fabric.backward(loss)
            losses.append(loss.detach())
        return sum(losses[1:], losses[0])

    def step_of(self, given: Given) -> Callable[..., tuple[Tensor, Tensor]]:
        """A step as a function of tensors that are like those that are given."""

        def step(*tensors: Tensor) -> tuple[Tensor, Tensor]:
            return self.gradients(given.of(tensors)), self._update()

        return step

    def _in_parts(self, given: Given) -> Tensor:
        """`gradients`, in as many parts as the memory makes necessary."""
        before = self.parts
        loss: Tensor | None = None
        while loss is None:
            # what the error holds, the tensors of the pass, is gone when this is over
            with suppress(torch.OutOfMemoryError):
                loss = self.gradients(given)
            if loss is None:
                self._halve(len(given.x))
        if self.parts > before:
            size, each = len(given.x), -(-len(given.x) // self.parts)
            self._say(
                f"The memory of {self._fabric.device} does not hold a step of {size} examples: it"
                f" is made in {-(-size // each)} parts of {each} from now on, which comes to the"
                " same."
            )
        return loss

    def _halve(self, size: int) -> None:
        """Twice as many parts, unless a captured step has given its memory back; StudioError where
        there are no smaller ones, or where other processes would wait in vain for what this one
        begins again."""
        if self._captured is not None:  # it holds as much as a whole pass
            self.release()
            return
        each = -(-size // self.parts)
        if each == 1 or self._fabric.world_size > 1:
            advice = "smaller pictures or a smaller model" if each == 1 else "a smaller batch"
            count = "one example" if each == 1 else f"{size} examples"
            raise self._too_large(f"a step of {count}", advice)
        self.parts *= 2
        self.release()

    def _updated(self) -> Tensor:
        try:
            return self._update()
        except torch.OutOfMemoryError:
            raise self._too_large("the averages of a step", "a smaller model") from None

    def _too_large(self, what: str, advice: str) -> StudioError:
        return StudioError(
            f"The memory of {self._fabric.device} does not hold {what}: choose {advice}."
        )

    def release(self) -> None:
        """Give back what is held for later steps; the next ones are made as the first ones were."""
        self.forget()
        if self._fabric.device.type == "cuda":
            torch.cuda.empty_cache()

    def _capture(self, given: Given) -> None:
        """Capture the step for batches of this form, and leave everything as it is. Where that
        cannot be, steps are made one operation at a time, as before."""
        self.release()
        before: list[Tensor] = []
        try:
            own = [tensor.clone() for tensor in given.tensors]
            before = [tensor.clone() for tensor in self._state()]
            # elsewhere than on a GPU the step is made while it is recorded, and draws its dropout
            with torch.random.fork_rng(devices=[]):
                step = captured(self.step_of(given), *own, warm_up=lambda: None)
            self._captured = given.form, step
        except (StudioError, RuntimeError) as error:  # also where its memory is full
            self.captures = False
            _log.info("A step of this training is not captured: %s", error)
        if before:
            torch._foreach_copy_(self._state(), before)
