"""`Learner`: a model, its averaged twin and its optimisers; one call is one step of training.

Everything random in a step (dropout, what `TrainingSource` leave to chance, hidden labels, what is
given of a picture, the order) comes from generators seeded with the recipe's seed and the number of
the step: no generator's state needs keeping, and a resumed run goes on bit for bit.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from models.interface import Classes, Model
from models.orders import varied
from models.recipe import Recipe
from models.sending import sent
from studio.engine.data import inpainting_masks
from studio.engine.runtime import graphs
from studio.engine.training import optimisers
from studio.engine.training.schedule import Schedule
from studio.engine.training.training_source import TrainingSource
from studio.engine.training.training_step import Given, Objective, TrainingStep

# odd, so that (seed, number) pairs land far apart (Knuth's multiplicative hashing)
_LARGE = 0x9E3779B97F4A7C15


class Learner:
    """model: what is trained.
    averaged: the same network with the moving average of the weights (evaluation mode), which is
    what is scored, drawn with and kept.
    step: how many steps have been made.
    slowed: what the learning rates are multiplied by, 1 unless the loss was no number before.
    fixed: a share of the peak learning rates that takes the place of the schedule; None for none.
    gradient_norm: of the last step (), before it was clipped, on the device."""

    def __init__(
        self,
        model: Model,
        recipe: Recipe,
        fabric: Fabric,
        schedule: Schedule,
        source: TrainingSource,
        captures: bool | None = None,
        say: Callable[[str], object] | None = None,
    ) -> None:
        """captures: whether a step is captured; None where it can be, which is on one GPU.
        say: see `TrainingStep`; None for the log.
        """
        self.recipe, self.fabric, self.schedule, self.source = recipe, fabric, schedule, source
        if fabric.device.type != "mps":
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.step, self.slowed = 0, 1.0
        self.fixed: float | None = None
        self.gradient_norm = torch.zeros((), device=fabric.device)
        self.model = model.to(fabric.device).train()
        self.averaged = copy.deepcopy(self.model).requires_grad_(False).eval()
        if captures is None:
            captures = fabric.device.type == graphs.CAPTURING and fabric.world_size == 1
        objective, *self._optimisers = fabric.setup(
            Objective(self.model), *optimisers.make(self.model, recipe, on_device=captures)
        )
        self._peaks = [
            [group["lr"] for group in optimiser.param_groups] for optimiser in self._optimisers
        ]
        # numbers of a step that a captured one reads: they change, and so lie on the device
        self._on_device = captures
        self._rates = [
            [torch.zeros((), device=fabric.device) for _ in peaks] for peaks in self._peaks
        ]
        self._pulling = torch.zeros((), device=fabric.device)
        self._pull: Tensor | float = 1.0  # of the weights on their average
        self.making = TrainingStep(
            objective,
            self._update,
            fabric,
            lambda: [tensor.detach() for tensor in self.state().values()],
            captures,
            say or logging.getLogger(__name__).warning,
        )

    @property
    def rate(self) -> float:
        """The share of the peak learning rates that the next step uses."""
        if self.fixed is not None:
            return self.fixed
        return self.schedule.rate(self.step) * self.slowed

    @property
    def sound(self) -> bool:
        """Whether every weight is a number."""
        networks = (self.model, self.averaged)
        return all(
            bool(torch.stack(torch._foreach_norm(list(network.parameters()))).isfinite().all())
            for network in networks
        )

    def learn(self, rows: Tensor) -> Tensor:
        """One step on the examples of these numbers (B,), on the processor; the loss in nats an
        example, which is not waited for. Where several processes train together, each learns from a
        share of them, and the mean of what they return is the loss. See `TrainingStep` for the
        errors."""
        given = self.given(rows)
        self._set_numbers()
        loss, self.gradient_norm = self.making(given)
        self.step += 1
        return loss.clone()

    def given(self, rows: Tensor) -> Given:
        """The examples, and all that is left to chance in a step: of this process its share."""
        generator = seeded(self.recipe.seed, self.step)
        # for the dropout inside the network
        dropout = int(torch.randint(2**62, (), generator=generator))
        torch.manual_seed(dropout + self.fabric.global_rank)
        x, condition, known = self.source.batch(rows, generator)
        if isinstance(self.model.conditioning, Classes):
            condition = self._some_hidden(condition, generator)
        if self.model.takes_painting:
            known = inpainting_masks.draw(x, self.model.spec, generator)
            condition = self.model.painted(x, known)
        order = self._order(generator)
        if _draws_before(self.model):
            chance = self.model.chance(x, order, known, generator)
            return self._own(Given(x, condition, order, known, chance))
        return self._own(Given(x, condition, order, known, generator))

    def _set_numbers(self) -> None:
        """The rates of the step that comes, and how far the averages follow it."""
        numbers = zip(self._optimisers, self._peaks, self._rates, strict=True)
        for optimiser, peaks, rates in numbers:
            for group, peak, rate in zip(optimiser.param_groups, peaks, rates, strict=True):
                group["lr"] = rate.fill_(peak * self.rate) if self._on_device else peak * self.rate
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        self._pull = self._pulling.fill_(1 - decay) if self._on_device else 1 - decay

    def _update(self) -> Tensor:
        """Change the weights by their gradients, and the averages by the weights; the norm of the
        gradient before it was clipped."""
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip, foreach=True)
        for optimiser in self._optimisers:
            optimiser.step()
        with torch.no_grad():
            averaged: list[Tensor] = list(self.averaged.parameters())
            weights: list[Tensor] = list(self.model.parameters())
            if isinstance(self._pull, Tensor):
                for average, weight in zip(averaged, weights, strict=True):
                    average.lerp_(weight, self._pull)
            else:
                torch._foreach_lerp_(averaged, weights, self._pull)
        return norm

    def _own(self, given: Given) -> Given:
        """What this process takes of a batch, which is drawn whole in each of them, so that it is
        the same however many there are: every so-many-th example, weighed so that the mean over the
        processes is the mean over the examples. Where there are fewer examples than processes, one
        that does not count."""
        rank, processes = self.fabric.global_rank, self.fabric.world_size
        if processes == 1:
            return given
        mine = len(range(len(given.x))[rank::processes])
        rows = slice(rank, None, processes) if mine else slice(0, 1)
        return replace(given.of_rows(rows), weight=mine * processes / len(given.x))

    def _some_hidden(self, labels: Tensor | None, generator: torch.Generator) -> Tensor | None:
        if labels is None:
            return None
        hidden = torch.rand(labels.shape, generator=generator) < self.recipe.label_dropout
        return labels.masked_fill(sent(hidden, labels.device), -1)

    def _order(self, generator: torch.Generator) -> Tensor | None:
        """The order of a step, for models that take any: of its own, or one of the recipe's few."""
        if not self.model.any_order:
            return None
        if self.recipe.orders:
            generator = seeded(self.recipe.seed, 1 + self.step % self.recipe.orders)
        height, width = self.model.spec.space
        return sent(varied(height, width, generator), self.fabric.device)

    # ---- keeping it ------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """Every tensor that is needed to go on, by name."""
        tensors: dict[str, Tensor] = {
            f"model.{name}": p for name, p in self.model.named_parameters()
        }
        tensors |= {f"averaged.{name}": p for name, p in self.averaged.named_parameters()}
        for number, optimiser in enumerate(self._optimisers):
            for index, entries in optimiser.state_dict()["state"].items():
                tensors |= {
                    f"optimiser.{number}.{index}.{key}": value for key, value in entries.items()
                }
        return tensors

    @torch.no_grad()
    def load_state(self, tensors: dict[str, Tensor], step: int) -> None:
        """Go on from what `state` gave after `step` steps; KeyError
        or RuntimeError where it is of another model."""
        self.step = step
        self.making.forget()  # optimisers come to have other tensors
        tensors = self.model.current_names(tensors)
        for prefix, network in (("model", self.model), ("averaged", self.averaged)):
            for name, p in network.named_parameters():
                p.copy_(tensors[f"{prefix}.{name}"])
        for number, optimiser in enumerate(self._optimisers):
            kept: dict[int, dict[str, Any]] = {}
            for name, tensor in tensors.items():
                if name.startswith(f"optimiser.{number}."):
                    _, _, index, key = name.split(".", 3)
                    # the optimiser takes the tensor itself, and changes it
                    kept.setdefault(int(index), {})[key] = tensor.clone()
            optimiser.load_state_dict(
                {"state": kept, "param_groups": optimiser.state_dict()["param_groups"]}
            )


def _draws_before(model: Model) -> bool:
    """Whether the loss of a model takes what its `chance` has drawn. One whose class has a loss of
    its own, and leaves `chance` to a class above, may draw from the generator itself."""
    chance, loss = (
        next(cls for cls in type(model).__mro__ if name in vars(cls)) for name in ("chance", "loss")
    )
    return issubclass(chance, loss)


def seeded(seed: int, number: int) -> torch.Generator:
    """A CPU generator of its own for each (seed, number)."""
    return torch.Generator().manual_seed((seed * _LARGE + number * 2 + 1) % 2**63)
