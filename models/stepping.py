"""`Stepper`: one site after the other, as generation needs it; and `PrefixStepper`, which any model
has for nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel


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
