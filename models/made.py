"""MADE: a masked autoencoder whose outputs are the
conditionals of its inputs (Germain et al. 2015).

The idea: give every input its rank in the order and every hidden unit a degree, and let a weight
pass only from lower to higher (equations 8 to 13); output i then depends on inputs of rank below i
alone. One pass gives all conditionals.

Masks are a function of the order, computed from ranks and degrees when they are needed, so the same
weights serve any order: with `any_order` the model is trained with an order of its own in every
step (section 4.2) and generates in whichever the caller asks for. `models.order_agnostic` averages
the probabilities over several orders.

Differences from the paper: degrees are spread evenly instead of drawn at random, so that every rank
gets its share and a stepper meets the hidden units in sorted order; inputs also connect directly to
outputs (section 4.3's direct connections). With `any_order` the masks change with the order alone,
and two things are added. The outputs see both hidden layers. And a learnt number is subtracted from
each input: a masked weight adds nothing to a sum, and without that number neither would a black
pixel, so that one which is not seen yet would look black (the paper's conditioning weights, a
second set that sees ones instead of pixels, tell them apart too; one number an input trains faster
here). Training takes random orders in half of the steps and raster, zigzag and their like, from all
sides, in the others: with random ones alone, a picture cost a third more bits in raster order than
in a random one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import CachedStepper
from models.layers.masked import MaskedLinear
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Paper, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    hidden: int = setting(1024, "Units of each of the two hidden layers", range=(1, 65536))
    dropout: float = setting(0.3, "Share of hidden units left out in training", range=(0, 0.99))
    any_order: bool = setting(
        False, "Whether it draws in any order; training then varies it, and the network differs"
    )


class MADE(AutoregressiveModel):
    """Two masked hidden layers, with direct connections from inputs to outputs."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.any_order = config.any_order
        sites, inputs = len(self.order), self.spec.channels * len(self.order)
        self.first = MaskedLinear(inputs, config.hidden)
        self.second = MaskedLinear(config.hidden, config.hidden)
        self.out = MaskedLinear(config.hidden, sites * self.likelihood.parameters)
        self.direct = nn.Parameter(torch.zeros(sites * self.likelihood.parameters, inputs))
        if config.any_order:
            self.skip = nn.Parameter(torch.zeros(sites * self.likelihood.parameters, config.hidden))
            self.resting = nn.Parameter(torch.zeros(inputs))
        self.dropout = nn.Dropout(config.dropout)
        # A unit of degree d sees the inputs of rank below d: degrees 1..N-1, spread evenly and
        # sorted (0 sees nothing).
        degrees = 1 + torch.arange(config.hidden) * (sites - 1) // config.hidden
        self.register_buffer("degrees", degrees, persistent=False)

    degrees: Tensor

    def ranks(self, order: Tensor) -> tuple[Tensor, Tensor]:
        """Rank of each input (channels * N) and of each output
        (N * P), laid out as x.flatten(1) and (N, P) are."""
        rank = torch.empty_like(order).scatter_(
            0, order, torch.arange(len(order), device=order.device)
        )
        return rank.repeat(self.spec.channels), rank.repeat_interleave(self.likelihood.parameters)

    def inputs(self, x: Tensor) -> Tensor:
        """x (B, channels, H, W) as the network is fed with it, (B, channels * N)."""
        x = self.scaled(x).flatten(1)
        return x - self.resting if self.any_order else x

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        inputs, outputs = self.ranks(order)
        x = self.inputs(x)  # (B, channels * N)
        below = outputs[:, None] >= self.degrees  # (N * P, hidden)
        first = self.dropout(self.first(x, self.degrees[:, None] > inputs).relu_())  # (B, hidden)
        # (B, hidden)
        second = self.dropout(self.second(first, self.degrees[:, None] >= self.degrees).relu_())
        # (B, N * P)
        y = self.out(second, below) + F.linear(x, self.direct * (outputs[:, None] > inputs))
        if self.any_order:
            y = y + F.linear(first, self.skip * below)
        # (B, N, P), in the order of generation
        return y.unflatten(1, (len(order), -1)).index_select(1, order)

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> MADEStepper:
        return MADEStepper(self, batch, order)


class MADEStepper(CachedStepper):
    """Uses every weight once for a whole picture: a committed value is added to all sums it belongs
    to, and a hidden unit fires when the last input of its degree is there. Units are sorted by
    degree, so those that fire are a slice."""

    model: MADE

    def __init__(self, model: MADE, batch: int, order: LongTensor) -> None:
        parameters, channels, sites = model.likelihood.parameters, model.spec.channels, len(order)
        # (N, channels), into x.flatten(1)
        by_site = order[:, None] + sites * torch.arange(channels, device=order.device)
        # (N, P)
        by_output = order[:, None] * parameters + torch.arange(parameters, device=order.device)
        # Rows and columns in the order of generation, so that what a step needs lies together.
        first = model.first.weight.detach().T[by_site]  # (N, channels, hidden)
        # (N, channels, N * P)
        self._direct = model.direct.detach().T[by_site][:, :, by_output.flatten()]
        self._first, self._second = first.contiguous(), model.second.weight.detach().T.contiguous()
        outs = [model.out.weight, model.skip] if model.any_order else [model.out.weight]
        # hidden layers that the outputs see; units of the same number lie together
        self._layers = len(outs)
        # (hidden * layers, N * P)
        out = torch.stack([weight.detach().T for weight in outs], 1).flatten(0, 1)
        self._out = out[:, by_output].permute(1, 0, 2).contiguous()  # (N, hidden * layers, P)
        self._out_bias = model.out.bias.detach()[by_output]  # (N, P)
        # fired[i]: how many units have degree at most i, known
        # from the configuration and not from the device
        hidden, span = model.config.hidden, sites - 1
        degrees = [1 + unit * span // hidden for unit in range(hidden)]
        self._fired = [0] * (sites + 1)
        for degree in degrees:
            self._fired[degree] += 1
        for i in range(sites):
            self._fired[i + 1] += self._fired[i]
        self._scale = 1.0 / (model.spec.levels - 1)
        # (N, channels)
        self._resting = model.resting.detach()[by_site] if model.any_order else None
        self._channels, self._parameters = channels, parameters
        super().__init__(model, batch)
        self.order = order

    def _make(self) -> None:
        kept, (sites, _, hidden) = self.memory.kept, self._first.shape
        self.x = kept(sites, self._channels)  # scaled, in the order of generation
        self.sums_first, self.sums_second = kept(hidden), kept(hidden)
        self.sums_first += self.model.first.bias
        self.sums_second += self.model.second.bias
        self.units = kept(hidden, self._layers)  # of the second layer, the first
        self.sums_direct = kept(sites * self._parameters)

    def _step(self) -> Tensor:
        i, p = self.position, self._parameters
        fired = self._fired[i] * self._layers
        direct = self.sums_direct[:, i * p : (i + 1) * p] + self._out_bias[i]
        return (
            torch.addmm(direct, self.units.flatten(1)[:, :fired], self._out[i, :fired])
            if fired
            else direct
        )

    def _take(self, values: Tensor) -> None:
        i, p = self.position, self._parameters
        x = values * self._scale  # (B, channels)
        self.x[:, i] = x = x if self._resting is None else x - self._resting[i]
        rest, before, after = (i + 1) * p, self._fired[i], self._fired[i + 1]
        self.sums_direct[:, rest:].addmm_(x, self._direct[i, :, rest:])
        self.sums_first[:, before:].addmm_(x, self._first[i, :, before:])
        self._fire(before, after)

    def _fire(self, before: int, after: int) -> None:
        """Units before..after have all their inputs: the first layer's feed the second, and the
        second's are ready then."""
        if after > before:
            fresh = self.sums_first[:, before:after].relu()
            self.sums_second[:, before:].addmm_(fresh, self._second[before:after, before:])
            self._keep(before, after, fresh)

    def _keep(self, before: int, after: int, first: Tensor) -> None:
        """Units before..after as the outputs see them; first
        (B, after - before): those of the first layer."""
        self.units[:, before:after, 0] = self.sums_second[:, before:after].relu()
        if self._layers > 1:
            self.units[:, before:after, 1] = first

    def _fill(self, x: Tensor, count: int) -> None:
        x = self.model.inputs(x).unflatten(1, (self._channels, -1))  # (B, channels, N)
        self.x[:] = x.index_select(2, self.order).transpose(1, 2)
        self._forget(count)

    def _forget(self, count: int) -> None:
        """All sums from the first `count` sites of self.x, each layer in one product."""
        model, x = self.model, self.x[:, :count].flatten(1)
        fired = self._fired[count]
        self.sums_direct[:] = x @ self._direct[:count].flatten(0, 1)
        # A unit of degree d does not see inputs of rank d or more,
        # even where they are known already.
        ranks = torch.arange(count, device=x.device).repeat_interleave(self._channels)
        mask = model.degrees > ranks[:, None]
        self.sums_first[:] = (
            x @ (self._first[:count].flatten(0, 1) * mask) + model.first.bias.detach()
        )
        ready = self.sums_first[:, :fired].relu()
        mask = model.degrees >= model.degrees[:fired, None]
        self.sums_second[:] = ready @ (self._second[:fired] * mask) + model.second.bias.detach()
        self._keep(0, fired, ready)


VARIANTS = [
    Variant(
        "made",
        MADE,
        Config(),
        Recipe(epochs=30, batch=128, optimiser="adamw"),
        "Masked autoencoder: one pass gives every conditional",
        article=Article(0.2096),
        paper=Paper(88.04, "Germain et al. 2015, table 6: one hidden layer, 32 masks"),
    ),
    Variant(
        "made-any-order",
        MADE,
        Config(any_order=True, dropout=0.0),
        Recipe(epochs=80, batch=128, optimiser="adamw", rate=8e-3),
        "MADE that draws in any order, trained over all of them",
        paper=Paper(86.64, "Germain et al. 2015, table 6: two hidden layers, 32 masks"),
    ),
]
