"""`Learner`: a model, its averaged twin and its optimisers; one call is one step of training.

Everything random in a step (dropout, what `TrainingSource` leave to chance, hidden labels, what is
given of a picture, the order) comes from generators seeded with the recipe's seed and the number of
the step: no generator's state needs keeping, and a resumed run goes on bit for bit.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from models.interface import Classes, Model
from models.orders import varied
from models.recipe import Recipe
from studio.engine.data import inpainting_masks
from studio.engine.training import optimisers
from studio.engine.training.schedule import Schedule
from studio.engine.training.training_source import TrainingSource

# odd, so that (seed, number) pairs land far apart (Knuth's multiplicative hashing)
_LARGE = 0x9E3779B97F4A7C15


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
        generator: torch.Generator,
    ) -> Tensor:
        return self.model.loss(x, condition, order, known, generator)


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
    ) -> None:
        self.recipe, self.fabric, self.schedule, self.source = recipe, fabric, schedule, source
        if fabric.device.type != "mps":
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.step, self.slowed = 0, 1.0
        self.fixed: float | None = None
        self.gradient_norm = torch.zeros((), device=fabric.device)
        self.model = model.to(fabric.device).train()
        self.averaged = copy.deepcopy(self.model).requires_grad_(False).eval()
        self._objective, *self._optimisers = fabric.setup(
            Objective(self.model), *optimisers.make(self.model, recipe)
        )
        self._peaks = [
            [group["lr"] for group in optimiser.param_groups] for optimiser in self._optimisers
        ]

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
        """One step on the examples of these numbers (B,); the loss in nats an example, which is not
        waited for. Where several processes train together, each learns from a share of them, and
        the mean of what they return is the loss."""
        generator = seeded(self.recipe.seed, self.step)
        # for the dropout inside the network
        dropout = int(torch.randint(2**62, (), generator=generator))
        torch.manual_seed(dropout + self.fabric.global_rank)
        x, condition, known = self.source.batch(rows, generator)
        if isinstance(self.model.conditioning, Classes):
            condition = self._some_hidden(condition, generator)
        if self.model.takes_painting:
            known = inpainting_masks.draw(x.cpu(), self.model.spec, generator).to(x.device)
            condition = self.model.painted(x, known)
        order = self._order(generator)
        x, condition, known, counts = self._own(x, condition, known)
        for optimiser, peaks in zip(self._optimisers, self._peaks, strict=True):
            optimiser.zero_grad(set_to_none=True)
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * self.rate
        loss: Tensor = self._objective(x, condition, order, known, generator) * counts
        self.fabric.backward(loss)
        self.gradient_norm = nn.utils.clip_grad_norm_(
            self.model.parameters(), self.recipe.clip, foreach=True
        )
        for optimiser in self._optimisers:
            optimiser.step()
        self._average()
        self.step += 1
        return loss.detach()

    def _own(
        self, x: Tensor, condition: Tensor | None, known: Tensor | None
    ) -> tuple[Tensor, Tensor | None, Tensor | None, float]:
        """What this process takes of a batch, which is drawn whole in each of them, so that it is
        the same however many there are: every so-many-th example, and how much its loss counts, so
        that the mean over the processes is the mean over the examples. Where there are fewer
        examples than processes, one that does not count."""
        rank, processes = self.fabric.global_rank, self.fabric.world_size
        if processes == 1:
            return x, condition, known, 1.0
        mine = range(len(x))[rank::processes]
        rows = slice(rank, None, processes) if mine else slice(0, 1)
        condition = None if condition is None else condition[rows]
        known = None if known is None else known[rows]
        return x[rows], condition, known, len(mine) * processes / len(x)

    def _some_hidden(self, labels: Tensor | None, generator: torch.Generator) -> Tensor | None:
        if labels is None:
            return None
        hidden = (
            torch.rand(labels.shape, generator=generator).to(labels.device)
            < self.recipe.label_dropout
        )
        return labels.masked_fill(hidden, -1)

    def _order(self, generator: torch.Generator) -> Tensor | None:
        """The order of a step, for models that take any: of its own, or one of the recipe's few."""
        if not self.model.any_order:
            return None
        if self.recipe.orders:
            generator = seeded(self.recipe.seed, 1 + self.step % self.recipe.orders)
        height, width = self.model.spec.space
        return varied(height, width, generator).to(self.fabric.device)

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(
            list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay
        )

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
        tensors = self.model.current_names(tensors)
        for prefix, network in (("model", self.model), ("averaged", self.averaged)):
            for name, p in network.named_parameters():
                p.copy_(tensors[f"{prefix}.{name}"])
        for number, optimiser in enumerate(self._optimisers):
            kept: dict[int, dict[str, Any]] = {}
            for name, tensor in tensors.items():
                if name.startswith(f"optimiser.{number}."):
                    _, _, index, key = name.split(".", 3)
                    kept.setdefault(int(index), {})[key] = tensor
            optimiser.load_state_dict(
                {"state": kept, "param_groups": optimiser.state_dict()["param_groups"]}
            )


def seeded(seed: int, number: int) -> torch.Generator:
    """A CPU generator of its own for each (seed, number)."""
    return torch.Generator().manual_seed((seed * _LARGE + number * 2 + 1) % 2**63)
