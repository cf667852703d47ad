"""Class guidance: the logits of a class-conditional model are pushed away from those that it has
without a class (Ho and Salimans 2022, "Classifier-free diffusion guidance", equation 6),

    logits = (1 + g) logits(class) - g logits(no class),

by one stepper whose batch holds every picture twice. What is drawn is then no longer a sample of
the model: it is more typical of its class, and less varied. Figures are always without it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.interface import AutoregressiveModel, Classes, Stepper
from models.likelihoods import Likelihood, inverse_cdf, truncated_softmax
from models.stepping import MaskStepper
from studio.engine.generation.sampling_options import SamplingOptions


def guidance_of(model: AutoregressiveModel, options: SamplingOptions) -> float:
    """How far to push: 0 where there is no class to push towards."""
    towards = isinstance(model.conditioning, Classes) and options.condition is not None
    return options.guidance if towards else 0.0


class Guided(Likelihood):
    """A likelihood whose parameters (..., 2 P) are those with a class and those without."""

    def __init__(self, plain: Likelihood, strength: float) -> None:
        self.plain, self.strength = plain, strength
        self.levels, self.channels, self.draws = plain.levels, plain.channels, plain.draws
        self.parameters = 2 * plain.parameters

    def of_model(self, params: Tensor) -> Tensor:
        """(..., P), what the model says of the class, without guidance."""
        return params[..., : self.plain.parameters]

    def logits(self, params: Tensor, values: Tensor | None = None) -> Tensor:
        with_class, without = params.chunk(2, -1)
        logits = self.plain.logits(with_class, values).log_softmax(-1)
        other = self.plain.logits(without, values).log_softmax(-1)
        return logits + self.strength * (logits - other)

    def log_prob(self, params: Tensor, values: Tensor) -> Tensor:
        log_p = self.logits(params, values).log_softmax(-1)
        return log_p.gather(-1, values.unsqueeze(-1)).squeeze(-1).sum(-1)

    def sample(
        self,
        params: Tensor,
        noise: Tensor,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
    ) -> Tensor:
        # one channel after the other, since later ones may depend on what was drawn of earlier ones
        values = torch.zeros(
            *params.shape[:-1], self.channels, dtype=torch.long, device=params.device
        )
        for channel in range(self.channels):
            logits = self.logits(params, values)[..., channel, :]
            p = truncated_softmax(logits, temperature, top_k, top_p)
            values[..., channel] = inverse_cdf(p, noise[..., channel])
        return values


def likelihood_of(model: AutoregressiveModel, guidance: float) -> Likelihood:
    """By which the parameters of `stepper_of` and `conditionals_of` are read."""
    return Guided(model.likelihood, guidance) if guidance else model.likelihood


def scored(likelihood: Likelihood, params: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """-log p of values (..., channels) in nats, always the model's own, without guidance; and how
    unsure it was when they were drawn, their entropy in nats, with guidance: (...) each."""
    entropies = likelihood.entropy(params)
    if isinstance(likelihood, Guided):
        params, likelihood = likelihood.of_model(params), likelihood.plain
    return -likelihood.log_prob(params, values), entropies


def stepper_of(
    model: AutoregressiveModel,
    rows: int,
    condition: Tensor | None,
    order: Tensor | None,
    guidance: float,
) -> Stepper:
    """The model's stepper, or where it is guided by a class one with and without it."""
    if not guidance:
        return model.stepper(rows, condition, order)
    assert condition is not None
    return GuidedStepper(model, rows, condition, order)


def conditionals_of(
    model: AutoregressiveModel,
    x: Tensor,
    condition: Tensor | None,
    order: Tensor | None,
    guidance: float,
) -> Tensor:
    """The same in one pass, (B, N, P), or (B, N, 2 P) where it is guided."""
    found = model.conditionals(x, condition, order)
    if not guidance:
        return found
    return torch.cat([found, model.conditionals(x, None, order)], -1)


class GuidedStepper(Stepper):
    """Two steppers in one, of `batch` pictures: its conditionals are those with the class beside
    those without, (B, 2 P)."""

    def __init__(
        self, model: AutoregressiveModel, batch: int, condition: Tensor, order: Tensor | None
    ) -> None:
        self.model, self.batch = model, batch
        both = torch.cat([condition, torch.full_like(condition, -1)])
        self.inner = model.stepper(2 * batch, both, order)

    @property
    def position(self) -> int:  # type: ignore[override]
        return self.inner.position

    @property
    def order(self) -> Tensor:  # type: ignore[override]
        return self.inner.order

    def conditional(self) -> Tensor:
        return torch.cat([*self.inner.conditional().chunk(2)], -1)

    def commit(self, values: Tensor) -> None:
        self.inner.commit(values.repeat(2, 1))

    def prime(self, x: Tensor, count: int) -> None:
        self.inner.prime(x.repeat(2, *[1] * (x.ndim - 1)), count)

    def rewind(self, position: int) -> None:
        self.inner.rewind(position)

    def select(self, rows: Tensor) -> None:
        self.inner.select(torch.cat([rows, rows + self.batch]))
        self.batch = len(rows)

    # Of models that predict all unknown sites at once; see `MaskStepper`.

    def hold(self, position: int) -> None:
        self._mask_stepper.hold(position)

    def follow(self, order: Tensor) -> None:
        self._mask_stepper.follow(order)

    def predicted(self) -> Tensor:
        return torch.cat([*self._mask_stepper.predicted().chunk(2)], -1)

    @property
    def _mask_stepper(self) -> MaskStepper:
        assert isinstance(self.inner, MaskStepper)
        return self.inner
