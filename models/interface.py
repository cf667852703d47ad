"""What every model of the zoo offers: `Model`; and those that generate: `AutoregressiveModel` and
its incremental twin, the `Stepper`.

An autoregressive model writes the joint distribution of a picture (or a waveform) as a product of
conditionals,

    p(x) = prod_i p(x[order[i]] | x[order[0]], ..., x[order[i - 1]]),

one for each *site* (a pixel with all its channels, an audio sample). `conditionals` computes all of
them in one parallel pass, as training needs it; a `Stepper` computes one at a time, as generation
needs it, from the same weights.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, ClassVar, cast

import torch
from torch import LongTensor, Tensor, nn

from models import likelihoods
from models.likelihoods import Likelihood


@dataclass(frozen=True)
class DataSpec:
    """The kind of data a model is made for.

    shape: (channels, height, width) for pictures, (1, None) for audio of any length.
    levels: how many integer values a channel can take, 0..levels-1.
    """

    shape: tuple[int | None, ...]
    levels: int

    @property
    def channels(self) -> int:
        channels = self.shape[0]
        assert channels is not None
        return channels

    @property
    def space(self) -> tuple[int, ...]:
        """(height, width) of a picture, () for audio of open length."""
        return tuple(size for size in self.shape[1:] if size is not None)

    @property
    def sites(self) -> int | None:
        """How many sites there are, None where the length is open."""
        return None if None in self.shape[1:] else math.prod(self.space)

    @property
    def dimensions(self) -> int | None:
        """Sites times channels: what bits/dim divides by."""
        return None if self.sites is None else self.sites * self.channels


@dataclass(frozen=True)
class Classes:
    """Conditioning on one of `count` classes; a condition is a LongTensor (B,), where -1 means "no
    label"."""

    count: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Map:
    """Conditioning on a painting, the pixels that are given and where they lie; a condition is a
    float tensor (B, channels, *space), see `AutoregressiveModel.painted`, and None for "nothing is
    given"."""

    channels: int


@dataclass(frozen=True)
class Spectrogram:
    """Conditioning on a spectrogram of what is to be heard; a condition is a float tensor (B, mels,
    frames), of which frame i belongs to the samples from i * hop to (i + 1) * hop; 0 is silence,
    which is also what comes after the last frame, and None."""

    mels: int
    hop: int


Conditioning = Classes | Map | Spectrogram | None


@dataclass(frozen=True)
class ModelConfig:
    """What a model is built from. Every family has a `Config` of its own kind, with its defaults.

    shape, levels: the data, as in `DataSpec`.
    """

    # names that fields had in earlier versions, and what they are called now
    FORMER: ClassVar[Mapping[str, str]] = MappingProxyType({})

    shape: tuple[int | None, ...]
    levels: int

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values: what `models.build(name, **values)` makes the same model of."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }


class Model(nn.Module, ABC):
    """A network for data of one kind, which can be trained, scored, kept and loaded again.

    spec: what the data look like.  likelihood: how the network's output at a site becomes a
    distribution over its levels. conditioning: what else it can be given.  any_order: whether the
    caller may give it an order of the sites. autoregressive: whether it is an
    `AutoregressiveModel`, which can generate; why: in one sentence, why it cannot. measure: which
    of its `figures` a training watches, low being good. name, config: `models.build(name,
    **config)` builds it again; config is its `Config` as plain JSON values. card: what its
    checkpoint says of it, where it was loaded from one.
    """

    spec: DataSpec
    likelihood: Likelihood
    conditioning: Conditioning = None
    any_order: bool = False
    autoregressive: bool = False
    why: str = ""
    measure: str
    name: str = ""
    config: ModelConfig
    card: dict[str, Any] | None = None
    # parts of the names of weights in checkpoints of earlier versions, and what they are now
    FORMER_WEIGHTS: ClassVar[Mapping[str, str]] = MappingProxyType({})
    # parts of the network, such as "out" or "layers.0" (see `weights_of`): those that meet the data
    # or a condition, which Muon leaves to AdamW, and those that nothing but the condition uses,
    # which may be missing where training starts from other weights
    OUTER_PARTS: ClassVar[tuple[str, ...]] = ("first", "out")
    CONDITION_PARTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.spec = DataSpec(tuple(config.shape), config.levels)
        self.likelihood = likelihoods.for_levels(config.levels, self.spec.channels)

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    @property
    def takes_painting(self) -> bool:
        """Whether its condition is a painting: what is given, and where."""
        return isinstance(self.conditioning, Map)

    @property
    def sees_all_given(self) -> bool:
        """Whether everything that a person gives is known from the first site on, wherever it lies:
        it comes first in the order, or the model is told of it besides."""
        return self.any_order or self.takes_painting

    @property
    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())

    def weights_of(self, parts: tuple[str, ...]) -> set[str]:
        """Names of the weights in some parts of the network; a part that it does not have has
        none."""
        return {
            name
            for name in self.state_dict()
            if any(name == part or name.startswith(f"{part}.") for part in parts)
        }

    def current_names(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of a checkpoint, which an earlier version may have named otherwise."""
        return {
            ".".join(self.FORMER_WEIGHTS.get(part, part) for part in name.split(".")): tensor
            for name, tensor in weights.items()
        }

    def initialise(self, x: Tensor, condition: Tensor | None = None) -> None:
        """Asked once, before training: fit fresh weights to some of the pictures that it begins
        with, where that helps."""

    @abstractmethod
    def loss(
        self,
        x: Tensor,
        condition: Tensor | None = None,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """What a training step lowers: a scalar in nats an image.

        x: integer (B, channels, *space), levels 0..K-1.  known: bool (B, *space), what is given and
        so not counted, None for nothing.  generator: of the processor, for whatever the step leaves
        to chance.
        """

    @abstractmethod
    def figures(
        self, x: Tensor, condition: Tensor | None = None, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """How well it does on each row of x, (B,) a figure, by name; the score of a data set is the
        mean over its images."""

    def scaled(self, x: Tensor) -> Tensor:
        """Levels as floats in 0..1: what networks are fed with."""
        return x.to(self.dtype) / (self.spec.levels - 1)

    def labels(self, condition: Tensor | None, batch: int) -> Tensor:
        """A condition on classes as LongTensor (B,) on the model's device, -1 for "no label".

        Raises ValueError where the condition does not fit the model.
        """
        if condition is None:
            return torch.full((batch,), -1, dtype=torch.long, device=self.device)
        if not isinstance(self.conditioning, Classes):
            self.no_condition(condition)
        if condition.shape != (batch,):
            raise ValueError(
                f"a condition on classes has shape ({batch},), not {tuple(condition.shape)}"
            )
        return condition.to(self.device).long()

    def painted(self, x: Tensor, known: Tensor) -> Tensor:
        """What is given of x as a condition, float (B, channels + 1, *space): the scaled levels, 0
        where they are not given, and a channel that is 1 where they are.

        x: integer (B, channels, *space).  known: bool (B, *space).
        """
        known = known.unsqueeze(1).to(x.device)
        return torch.cat([self.scaled(x) * known, known.to(self.dtype)], 1)

    def painting(self, condition: Tensor | None, batch: int) -> Tensor:
        """A condition on a painting, (B, channels, *space) on the model's device; zeros for None.

        Raises ValueError where the condition does not fit the model.
        """
        assert isinstance(self.conditioning, Map)
        shape = (batch, self.conditioning.channels, *self.spec.space)
        if condition is None:
            return torch.zeros(shape, dtype=self.dtype, device=self.device)
        if condition.shape != shape:
            raise ValueError(
                f"a condition on a painting has shape {shape}, not {tuple(condition.shape)}"
            )
        return condition.to(self.device, self.dtype)

    def frames(self, condition: Tensor | None, batch: int) -> Tensor:
        """A condition on a spectrogram, (B, mels, frames) on the model's device; no frames for
        None.

        Raises ValueError where the condition does not fit the model.
        """
        assert isinstance(self.conditioning, Spectrogram)
        mels = self.conditioning.mels
        if condition is None:
            return torch.zeros(batch, mels, 0, dtype=self.dtype, device=self.device)
        if condition.ndim != 3 or condition.shape[:2] != (batch, mels):
            raise ValueError(
                f"a spectrogram has shape ({batch}, {mels}, frames), not {tuple(condition.shape)}"
            )
        return condition.to(self.device, self.dtype)

    def no_condition(self, condition: Tensor | None) -> None:
        """Refuse a condition that a model without conditioning cannot use (ValueError)."""
        if condition is not None:
            raise ValueError(f"{self.name or type(self).__name__} takes no class as condition")


class AutoregressiveModel(Model):
    """A network whose output at a site depends only on the sites before it in `order`.

    order: LongTensor (N,), order[i] = raster index of the i-th site; empty for data of open length,
    whose sites run from the first to the last, as many as there are.  any_order: whether another
    one may be given.
    """

    autoregressive = True
    measure = "bits_per_dim"
    order: LongTensor

    def __init__(self, config: ModelConfig, order: LongTensor | None = None) -> None:
        """order: None for raster."""
        super().__init__(config)
        order = cast(LongTensor, torch.arange(self.spec.sites or 0)) if order is None else order
        self.register_buffer("order", order, persistent=False)

    @abstractmethod
    def conditionals(
        self, x: Tensor, condition: Tensor | None = None, order: Tensor | None = None
    ) -> Tensor:
        """All conditionals in one pass.

        x: integer (B, channels, *space), levels 0..K-1.  condition: see `conditioning`. Returns (B,
        N, P): row i holds the parameters of site order[i] and depends on x[order[:i]] only.
        """

    @abstractmethod
    def stepper(
        self, batch: int, condition: Tensor | None = None, order: Tensor | None = None
    ) -> Stepper:
        """The cached, incremental form for `batch` rows, standing before the first site."""

    @abstractmethod
    def dependencies(self) -> Tensor:
        """What can be seen: bool (N, N), entry [i, j] is True where conditional i can depend on the
        j-th site of the order.

        Strictly lower triangular. Models with a limited reach or a blind spot have gaps below the
        diagonal. Of open length, N sites are as many as show the whole reach.
        """

    def log_prob(
        self, x: Tensor, condition: Tensor | None = None, order: Tensor | None = None
    ) -> Tensor:
        """Log-likelihood of each row of x, (B,), in nats."""
        params = self.conditionals(x, condition, order)
        return self.likelihood.log_prob(params, self.sites(x, order)).sum(1)

    def loss(
        self,
        x: Tensor,
        condition: Tensor | None = None,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """The mean negative log-likelihood of what is not given, in float32 whatever the network
        computed in."""
        params = self.conditionals(x, condition, order)
        nats = -self.likelihood.log_prob(params.float(), self.sites(x, order))  # (B, N)
        if known is not None:
            nats = nats * ~self.sites(known.unsqueeze(1), order).squeeze(2).bool()
        return nats.sum(1).mean()

    def figures(
        self, x: Tensor, condition: Tensor | None = None, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """bits_per_dim (or what `measure` calls it), and nats: the negative log-likelihood."""
        nats = -self.log_prob(x, condition)
        return {self.measure: nats / (math.prod(x.shape[1:]) * math.log(2)), "nats": nats}

    def sites(self, x: Tensor, order: Tensor | None = None) -> Tensor:
        """x (B, channels, *space) as values in the order of generation, (B, N, channels) int64."""
        if order is not None or self.spec.sites is not None:
            x = x.flatten(2).index_select(2, self.order if order is None else order.to(x.device))
        return x.flatten(2).transpose(1, 2).long()

    def fixed_order(self, order: Tensor | None) -> None:
        """Refuse an order that a model with one order cannot follow (ValueError)."""
        if order is None:
            return
        own = (
            torch.arange(len(order), device=self.device) if self.spec.sites is None else self.order
        )
        if not torch.equal(order.to(own.device), own):
            raise ValueError(f"{self.name or type(self).__name__} generates in its own order only")


class Stepper(ABC):
    """Generates one site after the other, remembering what it has computed.

    The same weights as `conditionals`, agreeing with it to 1e-4 in float32 at every prefix length.
    Steppers run under `torch.inference_mode` and never wait for the device.
    """

    model: AutoregressiveModel
    batch: int
    position: int
    order: Tensor

    @abstractmethod
    def conditional(self) -> Tensor:
        """(B, P), the parameters of site order[position]. Valid until the next call of `commit`."""

    @abstractmethod
    def commit(self, values: Tensor) -> None:
        """Fix the current site to values (B, channels), integer levels, and move on to the next."""

    @abstractmethod
    def prime(self, x: Tensor, count: int) -> None:
        """Take the first `count` sites of x (B, channels, *space), in the order of generation, in
        one parallel pass."""

    @abstractmethod
    def rewind(self, position: int) -> None:
        """Go back to `position` and forget what came after."""

    @abstractmethod
    def select(self, rows: Tensor) -> None:
        """Make row b what row rows[b] was (LongTensor (new batch,)): reorder, duplicate or drop
        rows."""
