"""`Learner`: a model, its averaged twin and its optimisers; one call is one step of training.

Everything random in a step (dropout, mirrored pictures, hidden labels, the draw of a `dynamic` preparation) comes from
generators seeded with the recipe's seed and the number of the step: no generator's state needs keeping, and a resumed run
goes on bit for bit.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from models.interface import AutoregressiveModel
from models.recipe import Recipe
from studio.engine import optimisers
from studio.engine.preparation import Preparation

_LARGE = 0x9E3779B97F4A7C15  # odd, so that (seed, number) pairs land far apart (Knuth's multiplicative hashing)


class Objective(nn.Module):
    """The mean negative log-likelihood of a batch, in nats an image: what a step lowers."""

    def __init__(self, model: AutoregressiveModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor, condition: Tensor | None, order: Tensor | None) -> Tensor:
        params = self.model.conditionals(x, condition, order)
        nats: Tensor = -self.model.likelihood.log_prob(params.float(), self.model.sites(x, order)).sum(1)
        return nats.mean()


class Learner:
    """model: what is trained.  averaged: the same network with the moving average of the weights (evaluation mode), which is
    what is scored, drawn with and kept.  step: how many steps have been made, of `steps`."""

    def __init__(self, model: AutoregressiveModel, recipe: Recipe, fabric: Fabric, steps: int) -> None:
        self.recipe, self.fabric, self.steps = recipe, fabric, steps
        self.preparation = Preparation.parse(recipe.preparation)
        if fabric.device.type != "mps":
            model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.step = 0
        self.model = model.to(fabric.device).train()
        self.averaged = copy.deepcopy(self.model).requires_grad_(False).eval()
        self._objective, *self._optimisers = fabric.setup(Objective(self.model), *optimisers.make(self.model, recipe))
        self._peaks = [[group["lr"] for group in optimiser.param_groups] for optimiser in self._optimisers]
        self._orders = [
            torch.randperm(len(model.order), generator=generator(recipe.seed, 1 + k)).to(fabric.device)
            for k in range(recipe.orders if model.any_order else 0)
        ]

    @property
    def rate(self) -> float:
        """The share of the peak learning rates that the next step uses."""
        return optimisers.rate_at(self.recipe, self.step, self.steps)

    def learn(self, images: Tensor, labels: Tensor | None) -> Tensor:
        """One step on uint8 images (B, C, H, W) and labels (B,), on the device; the loss in nats an image, not waited for."""
        draws = generator(self.recipe.seed, self.step)
        torch.manual_seed(int(torch.randint(2**62, (), generator=draws)))  # for the dropout inside the network
        x = self._prepared(images, draws)
        condition = self._some_hidden(labels, draws)
        order = self._orders[self.step % len(self._orders)] if self._orders else None
        for optimiser, peaks in zip(self._optimisers, self._peaks, strict=True):
            optimiser.zero_grad(set_to_none=True)
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * self.rate
        loss: Tensor = self._objective(x, condition, order)
        self.fabric.backward(loss)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip, foreach=True)
        for optimiser in self._optimisers:
            optimiser.step()
        self._average()
        self.step += 1
        return loss.detach()

    def _prepared(self, images: Tensor, draws: torch.Generator) -> Tensor:
        if self.recipe.flip:
            mirrored = torch.rand(len(images), 1, 1, 1, generator=draws).to(images.device) < 0.5
            images = torch.where(mirrored, images.flip(-1), images)
        if not self.preparation.random:
            return self.preparation.apply(images)
        return self.preparation.apply(images.cpu(), draws).to(images.device)

    def _some_hidden(self, labels: Tensor | None, draws: torch.Generator) -> Tensor | None:
        if labels is None:
            return None
        hidden = torch.rand(labels.shape, generator=draws).to(labels.device) < self.recipe.label_dropout
        return labels.masked_fill(hidden, -1)

    @torch.no_grad()
    def _average(self) -> None:
        decay = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - decay)

    # ---- keeping it ----------------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """Every tensor that going on needs, by name."""
        tensors: dict[str, Tensor] = {f"model.{name}": p for name, p in self.model.named_parameters()}
        tensors |= {f"averaged.{name}": p for name, p in self.averaged.named_parameters()}
        for number, optimiser in enumerate(self._optimisers):
            for index, entries in optimiser.state_dict()["state"].items():
                tensors |= {f"optimiser.{number}.{index}.{key}": value for key, value in entries.items()}
        return tensors

    @torch.no_grad()
    def load_state(self, tensors: dict[str, Tensor], step: int) -> None:
        """Go on from what `state` gave after `step` steps; KeyError or RuntimeError where it is of another model."""
        self.step = step
        for prefix, network in (("model", self.model), ("averaged", self.averaged)):
            for name, p in network.named_parameters():
                p.copy_(tensors[f"{prefix}.{name}"])
        for number, optimiser in enumerate(self._optimisers):
            kept: dict[int, dict[str, Any]] = {}
            for name, tensor in tensors.items():
                if name.startswith(f"optimiser.{number}."):
                    _, _, index, key = name.split(".", 3)
                    kept.setdefault(int(index), {})[key] = tensor
            optimiser.load_state_dict({"state": kept, "param_groups": optimiser.state_dict()["param_groups"]})


def generator(seed: int, number: int) -> torch.Generator:
    """A CPU generator of its own for each (seed, number)."""
    return torch.Generator().manual_seed((seed * _LARGE + number * 2 + 1) % 2**63)
