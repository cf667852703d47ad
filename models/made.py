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

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models.anatomy import MOST_UNITS, Connection, Figure, MaskedUnits, UnitLayer, spread
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import CachedStepper
from models.layers.masked import MaskedLinear, OrderedLinearStep
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Paper, Publication, Variant, dynamically


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
        self.unit_degrees = [1 + i * (sites - 1) // config.hidden for i in range(config.hidden)]
        self.register_buffer("degrees", torch.tensor(self.unit_degrees), persistent=False)

    degrees: Tensor

    def ranks(self, order: Tensor) -> tuple[Tensor, Tensor]:
        """Rank of each input (channels * N) and of each output
        (N * P), laid out as x.flatten(1) and (N, P) are."""
        rank = torch.empty_like(order).scatter_(
            0, order, torch.arange(len(order), device=order.device)
        )
        return rank.repeat(self.spec.channels), rank.repeat_interleave(self.likelihood.parameters)

    def numbers(self, order: Tensor) -> tuple[Tensor, Tensor]:
        """Which inputs (channels * N) and outputs (N * P) come one after the other."""
        channels = torch.arange(self.spec.channels, device=order.device)
        parameters = torch.arange(self.likelihood.parameters, device=order.device)
        inputs = order[:, None] + len(order) * channels
        outputs = order[:, None] * len(parameters) + parameters
        return inputs.flatten(), outputs.flatten()

    def inputs(self, x: Tensor) -> Tensor:
        """x (B, channels, H, W) as the network is fed with it, (B, channels * N)."""
        x = self.scaled(x).flatten(1)
        return x - self.resting if self.any_order else x

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        """With the numbers of the paper: inputs and outputs are numbered from 1 in the order of
        generation, a hidden unit by the highest input it sees."""
        inputs, outputs = self.numbers(self.order)
        seen, drawn = (ranks + 1 for ranks in self.ranks(self.order))
        hidden = torch.arange(len(self.degrees), device=self.device)

        def layer(called: str, numbers: Tensor, units: Tensor) -> UnitLayer:
            some = units[torch.from_numpy(spread(len(units), MOST_UNITS)).to(units.device)]
            return UnitLayer(called, numbers[some].cpu().numpy(), some.cpu().numpy(), len(units))

        layers = (
            layer("inputs", seen, inputs),
            layer("first hidden layer", self.degrees, hidden),
            layer("second hidden layer", self.degrees, hidden),
            layer("outputs", drawn, outputs),
        )

        def between(called: str, earlier: int, later: int, strict: bool) -> Connection:
            low, high = layers[earlier].numbers, layers[later].numbers[:, None]
            return Connection(called, earlier, later, high > low if strict else high >= low)

        connections = [
            between("inputs to first hidden layer", 0, 1, strict=False),
            between("first to second hidden layer", 1, 2, strict=False),
            between("second hidden layer to outputs", 2, 3, strict=True),
            between("inputs to outputs, directly", 0, 3, strict=True),
        ]
        if self.any_order:
            connections.append(between("first hidden layer to outputs", 1, 3, strict=True))
        rule = (
            "A weight leads from a number to one that is no smaller; into an output, to a greater"
            " one."
        )
        yield MaskedUnits(layers, tuple(connections), self.order.cpu().numpy(), rule)

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
    """The mirror of `MADE._conditionals`, which uses every weight once for a whole picture: a
    committed value is added to all sums it belongs to, and a hidden unit fires when the last input
    of its degree is there. Units are sorted by degree, so those that fire are a slice."""

    model: MADE

    def __init__(self, model: MADE, batch: int, order: LongTensor) -> None:
        self._order, self._channels = order, model.spec.channels
        self._inputs, self._outputs = model.numbers(order)
        super().__init__(model, batch)
        self.order = order

    def _make(self) -> None:
        model, inputs, outputs = self.model, self._inputs, self._outputs
        p, units, sites = model.likelihood.parameters, model.unit_degrees, len(self._order)
        seen, drawn = (
            [i // self._channels for i in range(len(inputs))],
            [i // p for i in range(len(outputs))],
        )
        self._fired = [bisect_right(units, i) for i in range(sites + 1)]  # once i sites are there
        self.x = self.memory.kept(len(inputs))  # as the network is fed with it
        self._biases = model.first.bias, model.second.bias, model.out.bias[outputs]
        self._sums = first, second, y = [self.memory.kept(len(bias)) for bias in self._biases]
        self._first = OrderedLinearStep(
            model.first.weight.T[inputs], seen, units, first, strict=True
        )
        self._second = OrderedLinearStep(model.second.weight.T, units, units, second)
        self._out = OrderedLinearStep(model.out.weight[outputs].T, units, drawn, y)
        direct = model.direct[outputs][:, inputs].T
        self._direct = OrderedLinearStep(direct, seen, drawn, y, strict=True)
        if model.any_order:
            self._skip = OrderedLinearStep(model.skip[outputs].T, units, drawn, y)
            self._resting = model.resting.detach()[inputs]
        self._forget(0)

    def _step(self) -> Tensor:
        p = self.model.likelihood.parameters
        return self._sums[2][:, self.position * p : (self.position + 1) * p].clone()

    def _take(self, values: Tensor) -> None:
        here = slice(self.position * self._channels, (self.position + 1) * self._channels)
        x = self.model.scaled(values)  # (B, channels)
        self.x[:, here] = x - self._resting[here] if self.model.any_order else x
        self._add(self.position, self.position + 1)

    def _fill(self, x: Tensor, count: int) -> None:
        self.x.copy_(self.model.inputs(x).index_select(1, self._inputs))
        self._forget(count)

    def _forget(self, count: int) -> None:
        for sums, bias in zip(self._sums, self._biases, strict=True):
            sums.copy_(bias.expand_as(sums))
        if count:
            self._add(0, count)

    def _add(self, begin: int, end: int) -> None:
        """Add the values of sites begin..end to the sums, and the units that then fire."""
        inputs = begin * self._channels, end * self._channels
        for layer in (self._direct, self._first):
            layer.add(*inputs, self.x[:, slice(*inputs)])
        begin, end = self._fired[begin], self._fired[end]
        if begin == end:
            return
        first = self._sums[0][:, begin:end].relu()
        self._second.add(begin, end, first)
        self._out.add(begin, end, self._sums[1][:, begin:end].relu())
        if self.model.any_order:
            self._skip.add(begin, end, first)


_PAPER = Publication(
    "Germain, Gregor, Murray & Larochelle",
    2015,
    "MADE: Masked Autoencoder for Distribution Estimation",
    "https://arxiv.org/abs/1502.03509",
)

VARIANTS = [
    Variant(
        "made",
        MADE,
        Config(),
        Recipe(epochs=30, batch=128, optimiser="adamw"),
        "Masked autoencoder: one pass gives every conditional",
        article=Article(0.2096),
        paper=Paper(88.04, "Germain et al. 2015, table 6: one hidden layer, 32 masks"),
        dynamic=dynamically(84.867),
        does=(
            "It is an autoencoder without the weights that would let a pixel see itself or"
            " later ones, so that one pass gives every conditional."
        ),
        look_for=(
            "It knows pixels by their place and not by their neighbours: its strokes are"
            " rougher than those of convolutions."
        ),
        published=_PAPER,
    ),
    Variant(
        "made-any-order",
        MADE,
        Config(any_order=True, dropout=0.0),
        Recipe(epochs=80, batch=128, optimiser="adamw", rate=8e-3),
        "MADE that draws in any order, trained over all of them",
        paper=Paper(86.64, "Germain et al. 2015, table 6: two hidden layers, 32 masks"),
        does="The same weights draw in any order, because the masks follow from the order.",
        look_for=(
            "Choose a spiral or a random order, or paint anywhere: what is given comes first,"
            " and all the rest sees it."
        ),
        published=_PAPER,
    ),
]
