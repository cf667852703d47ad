"""`Stepper`: one site after the other, as generation needs it; `PrefixStepper`, which any model has
for nothing; and `MaskStepper`, for those that predict all unknown sites at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, OrderAgnosticModel


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
        """Make row b what row rows[b] was (LongTensor (new batch,)):
        reorder, duplicate or drop rows."""


class PrefixStepper(Stepper):
    """Remembers nothing but the values: right for every model, and slow, for each site costs a full
    pass over the picture (or over all samples so far).

    x: the levels that are committed, int64 (B, channels, position), in the order of generation.
    """

    order: LongTensor

    def __init__(
        self, model: AutoregressiveModel, batch: int, condition: Tensor | None, order: LongTensor
    ) -> None:
        """condition, order: as `AutoregressiveModel._stepper` is given them."""
        self.model, self.batch, self.condition, self.order = model, batch, condition, order
        self._keep(order.new_zeros(batch, model.spec.channels, 0))

    def _keep(self, x: Tensor) -> None:
        self.x, self.position = x, x.shape[2]
        self._params: Tensor | None = None

    def conditional(self) -> Tensor:
        if self._params is None:
            model, condition, order = self.model, self.condition, self.order
            self._params = model._conditionals(self._whole(), condition, order)[:, self.position]
        return self._params

    def _whole(self) -> Tensor:
        """What is committed as the model reads it, (B, channels, *space), with zeros at the sites
        that follow; of open length, up to the current site."""
        if self.model.spec.sites is None:
            return F.pad(self.x, (0, 1))
        x = self.x.new_zeros(self.batch, self.model.spec.channels, len(self.order))
        x.index_copy_(2, self.order[: self.position], self.x)
        return x.unflatten(2, self.model.spec.space)

    def commit(self, values: Tensor) -> None:
        self._keep(torch.cat([self.x, values[..., None].to(self.x)], 2))

    def prime(self, x: Tensor, count: int) -> None:
        x = self.model.sites(x.to(self.model.device), self.order)  # (B, N, channels)
        self._keep(x[:, :count].transpose(1, 2))

    def rewind(self, position: int) -> None:
        if not 0 <= position <= self.position:
            raise ValueError(f"cannot rewind to {position}: {self.position} sites are committed")
        self._keep(self.x[:, :, :position])

    def select(self, rows: Tensor) -> None:
        rows = rows.to(self.model.device)
        if self.condition is not None:
            self.condition = self.condition.index_select(0, rows)
        self.batch = len(rows)
        self._keep(self.x.index_select(0, rows))


class MaskStepper(Stepper):
    """Of a model that predicts every unknown site in one pass: a pass a site, or one for the next
    few sites, see `hold`. It remembers the values, and the latest pass.

    x: the levels that are committed, int64 (B, channels, N), by raster index.
    """

    model: OrderAgnosticModel

    def __init__(
        self, model: OrderAgnosticModel, batch: int, condition: Tensor | None, order: LongTensor
    ) -> None:
        """condition, order: as `AutoregressiveModel._stepper` is given them."""
        self.model, self.batch, self.condition = model, batch, condition
        self.order, self.position = order.clone(), 0
        self.x = order.new_zeros(batch, model.spec.channels, len(order))
        self.known = torch.zeros(len(order), dtype=torch.bool, device=order.device)
        self._until = 0  # sites before this position are drawn from the latest pass
        self._seen: tuple[int, Tensor] | None = None  # sites known in that pass, and its result

    def hold(self, position: int) -> None:
        """Draw the sites from here to `position` from one pass, as if none of them knew of the
        others."""
        self._until = position
        if self._seen is not None and self._seen[0] < self.position:
            self._seen = None

    def follow(self, order: Tensor) -> None:
        """Another order (N,) of the sites that are not there yet."""
        self.order = order

    def predicted(self) -> Tensor:
        """(B, N, P), the parameters of all sites by raster index, given what is known now or was
        when the present sites began to be held."""
        if self._seen is None or (self._seen[0] < self.position and self.position >= self._until):
            known = self.known.expand(self.batch, -1).unflatten(1, self.model.spec.space)
            x = self.x.unflatten(2, self.model.spec.space)
            self._seen = self.position, self.model._predict(x, known, self.condition)
        return self._seen[1]

    def conditional(self) -> Tensor:
        here = self.order[self.position : self.position + 1]
        return self.predicted().index_select(1, here).squeeze(1)

    def commit(self, values: Tensor) -> None:
        here = self.order[self.position : self.position + 1]
        self.x.index_copy_(2, here, values[..., None].to(self.x))
        self.known.index_fill_(0, here, True)
        self.position += 1

    def prime(self, x: Tensor, count: int) -> None:
        self.x = x.to(self.x).flatten(2).clone()
        self._stand(count)

    def rewind(self, position: int) -> None:
        if not 0 <= position <= self.position:
            raise ValueError(f"cannot rewind to {position}: {self.position} sites are committed")
        self._stand(position)

    def _stand(self, position: int) -> None:
        self.position, self._until, self._seen = position, 0, None
        self.known.zero_()[self.order[:position]] = True

    def select(self, rows: Tensor) -> None:
        rows = rows.to(self.model.device)
        if self.condition is not None:
            self.condition = self.condition.index_select(0, rows)
        if self._seen is not None:
            self._seen = self._seen[0], self._seen[1].index_select(0, rows)
        self.batch, self.x = len(rows), self.x.index_select(0, rows)
