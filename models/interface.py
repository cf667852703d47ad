"""What every model of the zoo offers: `Model`; and those that generate: `AutoregressiveModel` and
its incremental twin, the `Stepper`.

An autoregressive model writes the joint distribution of a picture
(or a waveform) as a product of conditionals,

    p(x) = prod_i p(x[order[i]] | x[order[0]], ..., x[order[i - 1]]),

one for each *site* (a pixel with all its channels, an audio sample). `conditionals` computes all of
them in one parallel pass, as training needs it; a `Stepper` computes one at a time, as generation
needs it, from the same weights.

All that a model may promise stands in this one file, which is longer for it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, cast

import torch
from torch import LongTensor, Tensor, nn

from models import likelihoods, orders

# DataSpec, ModelConfig, Stepper and the kinds of condition are parts of the interface, and imported
# from here; each has a file of its own.
from models.conditioning import Classes, Conditioning, Map, Spectrogram
from models.data_spec import DataSpec
from models.dilated_weights import DilatedWeights
from models.likelihoods import Likelihood
from models.sending import sent
from models.settings import ModelConfig
from models.stepping import MaskStepper, PrefixStepper, Stepper

__all__ = [
    "AudioModel",
    "AutoregressiveModel",
    "Classes",
    "Coder",
    "Conditioning",
    "DataSpec",
    "DilatedWeights",
    "DiscreteAutoencoder",
    "Map",
    "Model",
    "ModelConfig",
    "OrderAgnosticModel",
    "Reconstructor",
    "Spectrogram",
    "Stepper",
    "TwoStageModel",
]

_ENDLESS = 64  # sites that stand for an open length in which everything earlier is seen
_MASKS = 4  # of each picture, by which an order-agnostic model is scored
_PASS = 128  # pictures that an order-agnostic model sees at once for all of its conditionals

# what a step of training leaves to chance: where it is drawn from, or, by `Model.chance`, what was
Chance = torch.Generator | tuple[Tensor, ...] | None


class Model(nn.Module, ABC):
    """A network for data of one kind, which can be trained, scored, kept and loaded again.

    spec: what the data look like.
    pictures: what people see and give, and what it learns from: as `spec`, unless it models codes
    that stand for them.
    likelihood: how the network's output at a site becomes a distribution over its levels.
    conditioning: what else it can be given.
    any_order: whether the caller may give it an order of the sites.
    autoregressive: whether it is an `AutoregressiveModel`, which can generate;
    why: in one sentence, why it cannot.
    measure: which of its `figures` counts in a training, low being good.
    name, config: `models.build(name, **config)` builds it again;
    config is its `Config` as plain JSON values.
    card: what its checkpoint says of it, where it was loaded from one.
    """

    spec: DataSpec
    pictures: DataSpec
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
    # parts that training leaves as they are, for they come from another checkpoint
    FROZEN_PARTS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.spec = self.pictures = DataSpec(tuple(config.shape), config.levels)
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
        it comes first in the order, or the model is conditioned on it."""
        return self.any_order or self.takes_painting

    @property
    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())

    def weights_of(self, parts: tuple[str, ...]) -> set[str]:
        """Names of the weights in some parts of the network;
        a part that it does not have has none."""
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

    def part_for(self, source: Model) -> str:
        """The part of the network that another model is made to be, such as the autoencoder of a
        model of codes: training begins with its weights there. "" for none."""
        return ""

    def initialise(self, x: Tensor, condition: Tensor | None = None) -> None:
        """Asked once, before training: fit fresh weights to some of the pictures that it begins
        with, where that helps."""

    def chance(
        self,
        x: Tensor,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, ...]:
        """What a training step leaves to chance, drawn before its pass: tensors (B, ...) on the
        device of x, which `loss` takes in the place of the generator. So a step that a GPU has
        recorded can be made again with other noise, and a batch go through the network in parts.
        Nothing, unless a subclass overrides it; x, order, known and generator as for `loss`."""
        return ()

    def _drawn(
        self, x: Tensor, order: Tensor | None, known: Tensor | None, chance: Chance
    ) -> tuple[Tensor, ...]:
        """What `loss` was given, or else draws now."""
        return chance if isinstance(chance, tuple) else self.chance(x, order, known, chance)

    @abstractmethod
    def loss(
        self,
        x: Tensor,
        condition: Tensor | None = None,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: Chance = None,
    ) -> Tensor:
        """What a training step lowers: a scalar in nats an image, the mean over x.

        x: integer (B, channels, *space), levels 0..K-1.
        known: bool (B, *space), what is given and so not counted, None for nothing.
        generator: of the processor, for whatever the step leaves to chance; or what
        `chance` has drawn with it.
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

    def painted(self, x: Tensor, known: Tensor) -> Tensor:
        """What is given of x as a condition, float (B, channels + 1, *space): the scaled levels, 0
        where they are not given, and a channel that is 1 where they are.

        x: integer (B, channels, *space).
        known: bool (B, *space).
        """
        known = known.unsqueeze(1).to(x.device)
        return torch.cat([self.scaled(x) * known, known.to(self.dtype)], 1)

    def checked_condition(self, condition: Tensor | None, batch: int) -> Tensor | None:
        """A condition for so many rows as its kind reads it (see `models.conditioning`): on the
        model's device, "nothing" as a value of its own; None for a model that takes none.

        Raises ValueError where the condition does not fit the model.
        """
        if self.conditioning is not None:
            like = next(self.parameters())
            return self.conditioning.checked(condition, batch, self.spec.space, like)
        if condition is not None:
            raise ValueError(f"{self.name or type(self).__name__} takes no class as condition")
        return None


class AutoregressiveModel(Model):
    """A network whose output at a site depends only on the sites before it in `order`.

    order: LongTensor (N,), order[i] = raster index of the i-th site; empty for data of open length,
    whose sites run from the first to the last, as many as there are.
    any_order: whether another one may be given.
    predicts_all: whether it is an `OrderAgnosticModel`.
    """

    autoregressive = True
    measure = "bits_per_dim"
    predicts_all: bool = False
    order: LongTensor

    def __init__(self, config: ModelConfig, order: LongTensor | None = None) -> None:
        """order: None for raster."""
        super().__init__(config)
        order = cast(LongTensor, torch.arange(self.spec.sites or 0)) if order is None else order
        self.register_buffer("order", order, persistent=False)

    def conditionals(
        self, x: Tensor, condition: Tensor | None = None, order: Tensor | None = None
    ) -> Tensor:
        """All conditionals in one pass.

        x: integer (B, channels, *space), levels 0..K-1.
        condition: see `conditioning`.
        order: LongTensor (N,), None for the model's own.
        Returns (B, N, P): row i holds the parameters of site
        order[i] and depends on x[order[:i]] only.

        Raises ValueError where condition or order do not fit the model.
        """
        condition = self.checked_condition(condition, len(x))
        return self._conditionals(x, condition, self.checked_order(order))

    def stepper(
        self, batch: int, condition: Tensor | None = None, order: Tensor | None = None
    ) -> Stepper:
        """The incremental form for `batch` rows, standing before the first site. Raises ValueError
        as `conditionals` does."""
        condition = self.checked_condition(condition, batch)
        return self._stepper(batch, condition, self.checked_order(order))

    # What a subclass says: the condition as `checked_condition` returns it, the order to follow.

    @abstractmethod
    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        """See `conditionals`. Where it attends by torch's functions, or by those of
        `models.layers.attending`, others can look at its attention."""

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> Stepper:
        """See `stepper`. This one makes a full pass a site; a subclass that remembers what it has
        computed is faster."""
        return PrefixStepper(self, batch, condition, order)

    def dependencies(self) -> Tensor:
        """What can be seen: bool (N, N), entry [i, j] is True where conditional i can depend on the
        j-th site of the order; everything earlier, where a subclass does not say that it is less.

        Strictly lower triangular. Models with a limited reach or a blind spot have gaps below the
        diagonal. Of open length, N sites are as many as show the whole reach.
        """
        sites = self.spec.sites or _ENDLESS
        return torch.ones(sites, sites, dtype=torch.bool).tril(-1)

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
        generator: Chance = None,
    ) -> Tensor:
        """The mean negative log-likelihood of what is not given,
        in float32 whatever the network computed in."""
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
        x = x.flatten(2)
        if self.spec.sites is not None:
            x = x.index_select(2, self.order if order is None else order.to(x.device))
        return x.transpose(1, 2).long()

    def checked_order(self, order: Tensor | None) -> LongTensor:
        """The order to follow, on the model's device: the caller's, or for None the model's own.

        Raises ValueError for another one than its own where the model takes no other, and where it
        does, for one that is no permutation of the sites.
        """
        if order is None:
            return self.order
        order, own = order.to(self.device), self.order
        if self.any_order:
            if not orders.is_trusted(order) and not orders.is_permutation(order, len(own)):
                raise ValueError(f"an order names each of the {len(own)} sites exactly once")
            return cast(LongTensor, order)
        of_this_length = torch.arange(len(order), device=self.device)
        if not torch.equal(order, of_this_length if self.spec.sites is None else own):
            raise ValueError(f"{self.name or type(self).__name__} generates in its own order only")
        return own


class OrderAgnosticModel(AutoregressiveModel):
    """Predicts every unknown site from any known ones in one pass, and so draws in any order
    (Hoogeboom et al. 2021, "Autoregressive Diffusion Models"), one site after the other or several
    from one pass.

    One pass says nothing of the sites that it was given: all conditionals of an order take N
    passes, and the likelihood is estimated by a few of them.
    """

    any_order = True
    predicts_all = True

    def predict(self, x: Tensor, known: Tensor, condition: Tensor | None = None) -> Tensor:
        """The parameters of every site given the known ones, (B, N, P), by raster index; those of
        known sites mean nothing.

        x: integer (B, channels, *space); what it holds at unknown sites is not looked at.
        known: bool (B, *space).
        """
        return self._predict(x, known, self.checked_condition(condition, len(x)))

    @abstractmethod
    def _predict(self, x: Tensor, known: Tensor, condition: Tensor | None) -> Tensor:
        """See `predict`; the condition as `checked_condition` returns it."""

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        sites = len(order)
        rank = order.argsort()
        found = []
        # one picture and position after the other, as many together as a pass takes
        for pairs in torch.arange(len(x) * sites, device=x.device).split(_PASS):
            row, position = pairs // sites, pairs % sites
            known = (rank < position[:, None]).unflatten(1, self.spec.space)
            given = None if condition is None else condition[row]
            params = self._predict(x[row], known, given)
            found.append(params[torch.arange(len(pairs), device=x.device), order[position]])
        return torch.cat(found).unflatten(0, (len(x), sites))

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> Stepper:
        return MaskStepper(self, batch, condition, order)

    def chance(
        self,
        x: Tensor,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, ...]:
        """The mask of each picture: `rank` and `share` of `_estimated_nats`."""
        rank = sent(torch.rand(len(x), len(self.order), generator=generator), x.device)
        if order is not None:
            rank[: len(x) // 2] = order.to(x.device).argsort() / len(self.order)
        if known is not None:
            rank = rank.masked_fill(known.flatten(1).to(x.device), -1.0)
        # evenly spread over the batch, so that the mean of a step varies less
        share = (
            torch.randperm(len(x), generator=generator) + torch.rand(1, generator=generator)
        ) / len(x)
        return rank, sent(share, x.device)

    def loss(
        self,
        x: Tensor,
        condition: Tensor | None = None,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: Chance = None,
    ) -> Tensor:
        """An estimate of the negative log-likelihood of what is not given, from one mask a picture:
        half of them follow `order`, the others orders of their own."""
        rank, share = self._drawn(x, order, known, generator)
        return self._estimated_nats(x, condition, rank, share).mean()

    def figures(
        self, x: Tensor, condition: Tensor | None = None, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """bits_per_dim and nats, the mean over all orders, estimated by a few masks a picture that
        are spread evenly from nothing known to nearly all."""
        nats = torch.stack(
            [
                self._estimated_nats(
                    x,
                    condition,
                    torch.rand(len(x), len(self.order), generator=generator),
                    (mask + torch.rand(len(x), generator=generator)) / _MASKS,
                )
                for mask in range(_MASKS)
            ]
        ).mean(0)
        return {self.measure: nats / (math.prod(x.shape[1:]) * math.log(2)), "nats": nats}

    def _estimated_nats(
        self, x: Tensor, condition: Tensor | None, rank: Tensor, share: Tensor
    ) -> Tensor:
        """-log p of what is not given, (B,), without bias where `share` is uniform: with t sites
        known, the others say what all would that are drawn one after the other (Hoogeboom et al.
        2021, equation 4).

        rank: of each site in the order of its picture, in any numbers, below 0 what is given,
        float (B, N).
        share: of the sites that are not given, how many are known, (B,) in [0, 1).
        """
        sites = len(self.order)
        rank, given = rank.argsort(1).argsort(1), (rank < 0).sum(1)
        count = given + (share * (sites - given)).long()  # (B,)
        known = (rank < count[:, None]).to(x.device)
        params = self.predict(x, known.unflatten(1, self.spec.space), condition)
        values = x.flatten(2).transpose(1, 2).long()
        nats = -(self.likelihood.log_prob(params.float(), values) * ~known).sum(1)
        weight = (sites - given) / (sites - count).clamp_min(1)
        return nats * weight.to(nats)


class AudioModel(AutoregressiveModel):
    """Makes sound, sample by sample, from the codes of the samples before; see `models.companding`.

    sample_rate: samples a second.
    frames_ahead: how many frames after its own a sample looks at, and before it, at most, where the
    condition is a spectrogram.
    """

    measure = "bits_per_sample"
    sample_rate: int
    frames_ahead: int = 0

    @property
    @abstractmethod
    def receptive_field(self) -> int:
        """How many samples back a conditional can look."""

    def compiled_network(self) -> DilatedWeights | None:
        """The network as the studio's compiled code runs it, much faster than the stepper on a
        processor; None where it is not of that form: then the stepper makes the sound."""
        return None


class Reconstructor(Model):
    """Gives back whole pictures, also from corrupted ones, all pixels at once; it cannot generate.

    why: in one sentence, why not.
    explanation: the same at length, for who wants to know.
    scored_corruption: share of the pixels that are replaced
    where its figures speak of corrupted pictures.
    """

    measure = "reconstruction_bits"
    explanation: str = ""
    scored_corruption: float = 0.3

    @abstractmethod
    def reconstruct(self, x: Tensor, condition: Tensor | None = None) -> Tensor:
        """What the network makes of a whole picture or a corrupted one.

        x: integer (B, channels, *space).
        Returns (B, N, P): row i holds the parameters of the site of raster index i, each of which
        depends on all of x.
        """

    def restored(self, x: Tensor) -> Tensor:
        """Whole pictures from whole or corrupted ones, integer levels (B, channels, *space): the
        most probable level of each value."""
        levels = self.likelihood.logits(self.reconstruct(x)).argmax(-1)  # (B, N, channels)
        return levels.transpose(1, 2).unflatten(2, self.spec.space)

    def corrupt(
        self, x: Tensor, share: Tensor | float, generator: torch.Generator | None = None
    ) -> Tensor:
        """x, integer (B, channels, *space), with a share of its sites replaced by levels drawn at
        random, each as likely as any.

        share: of all pictures, or (B, 1).
        generator: of the processor; the noise is the same on every device.
        """
        levels = self.spec.levels
        noise = torch.rand(x.shape[0], x.shape[1] + 1, x[0, 0].numel(), generator=generator)
        hit = sent(noise[:, :1] < torch.as_tensor(share)[..., None], x.device)  # (B, 1, N)
        drawn = (noise[:, 1:] * levels).to(x.dtype).clamp_max(levels - 1)  # (B, channels, N)
        return torch.where(hit, sent(drawn, x.device), x.flatten(2)).view_as(x)

    def shown(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """x as a training step shows it to the network."""
        return self.corrupt(x, self.scored_corruption, generator)

    def chance(
        self,
        x: Tensor,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, ...]:
        """The pictures as they are shown."""
        return (self.shown(x, generator),)

    def loss(
        self,
        x: Tensor,
        condition: Tensor | None = None,
        order: Tensor | None = None,
        known: Tensor | None = None,
        generator: Chance = None,
    ) -> Tensor:
        """The mean cross-entropy of the whole picture, given the corrupted one (Vincent et al.
        2010, equation 5)."""
        (shown,) = self._drawn(x, order, known, generator)
        params = self.reconstruct(shown, condition)
        return -self.likelihood.log_prob(params.float(), _by_raster(x)).sum(1).mean()

    def figures(
        self, x: Tensor, condition: Tensor | None = None, generator: torch.Generator | None = None
    ) -> dict[str, Tensor]:
        """Given the picture with `scored_corruption`, and as "plain_..." given the picture as it
        is: reconstruction_bits, the cross-entropy of the whole picture in bits a dimension, and
        pixels_right, the share of values whose most probable level is the right one. Neither is a
        likelihood: the network is shown what it is asked for."""
        values, found = _by_raster(x), {}
        corrupted = self.corrupt(x, self.scored_corruption, generator)
        for prefix, shown in (("", corrupted), ("plain_", x)):
            params = self.reconstruct(shown, condition)
            nats = -self.likelihood.log_prob(params, values).sum(1)
            bits = nats / (values[0].numel() * math.log(2))
            right = self.likelihood.logits(params).argmax(-1) == values
            found[f"{prefix}reconstruction_bits"] = bits
            found[f"{prefix}pixels_right"] = right.flatten(1).to(bits.dtype).mean(1)
        return found


class Coder(ABC):
    """What turns pictures into a small grid of codes, each of them one of a few, and back."""

    @abstractmethod
    def encode(self, pictures: Tensor) -> Tensor:
        """Pictures, integer levels (B, C, H, W) -> their codes, int64 (B, 1, h, w)."""

    @abstractmethod
    def decode(self, codes: Tensor, known: Tensor | None = None) -> Tensor:
        """Codes, integer (B, 1, h, w) -> pictures, int64 levels (B, C, H, W).

        known: bool (B or 1, 1, h, w), None for all; elsewhere a neutral code is decoded.
        """


class DiscreteAutoencoder(Reconstructor, Coder):
    """Gives back a picture through a grid of codes (van den Oord et al. 2017, section 3.1): the
    first of two stages, whose codes a `TwoStageModel` learns.

    codes: what the codes of a picture look like: shape (1, h, w), levels = how many there are.
    """

    codes: DataSpec

    def restored(self, x: Tensor) -> Tensor:
        """What the codes of x stand for."""
        return self.decode(self.encode(x))


class TwoStageModel(AutoregressiveModel, Coder):
    """An autoregressive model of codes that stand for a picture (van den Oord et al. 2017, section
    3.2). All that draws, steps or inspects works on its codes as on any picture; what people give
    it and look at are pictures.

    spec: of the codes: shape (1, h, w), levels = how many there are.
    pictures: of the pictures that they stand for, whose sides are multiples of h and w.
    """

    measure = "bits_per_code"

    @property
    def patch(self) -> tuple[int, int]:
        """Rows and columns of pixels that a code stands for."""
        (rows, columns), (height, width) = self.pictures.space, self.spec.space
        return rows // height, columns // width

    @classmethod
    def settings_for(cls, source: Model) -> dict[str, Any]:
        """What such a model is built with to start from the weights of another: of an autoencoder
        whose codes it then learns, or of one like itself. ValueError where it can learn nothing
        from that."""
        raise ValueError(f"the codes of {source.name} are none that it can learn")

    def codes_of(self, picture: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """The codes of pictures of which a part is given, int64 (B, 1, h, w), and which of them are
        known, bool of the same shape: those whose whole patch of pixels is.

        picture: integer (B, C, H, W); what it holds elsewhere is not looked at.
        known: bool (B or 1, H, W), the pixels that are given.
        """
        known = known.to(picture.device).expand(len(picture), *picture.shape[2:]).unsqueeze(1)
        # what is not given looks like the mean of what is: codes at its edge may see some of it
        count = known.sum((2, 3), keepdim=True).clamp_min(1)
        mean = (picture * known).sum((2, 3), keepdim=True) // count
        codes = self.encode(torch.where(known, picture, mean.to(picture.dtype)))
        (height, width), (rows, columns) = self.spec.space, self.patch
        patches = known.unflatten(3, (width, columns)).unflatten(2, (height, rows))
        return codes, patches.all(5).all(3)


def _by_raster(x: Tensor) -> Tensor:
    """(B, channels, *space) -> (B, N, channels) int64, by raster index."""
    return x.flatten(2).transpose(1, 2).long()
