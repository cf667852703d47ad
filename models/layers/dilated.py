"""Dilated causal convolutions over a sequence (van den Oord et al. 2016a, section 2): what the
WaveNets for pixels and for sound have in common, in one parallel pass and one site at a time.

Each layer has two taps, whose distance ("dilation") doubles from layer to layer, a gate, a residual
connection, and a skip connection from its gate to the output,

    z = tanh(W_f * h + V_f s) . sigmoid(W_g * h + V_g s)    (equations 2 and 3)

where s is what the network is told besides, if anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.interface import AutoregressiveModel, ModelConfig

Told = tuple[
    Tensor, Tensor
]  # s (B, N, channels), or (B, 1, channels), and V of every layer, (channels, layers, 2 * width)


class DilatedLayer(nn.Module):
    """Two taps, a gate, and the residual connection; of the last layer only the gate is read."""

    def __init__(self, width: int, dilation: int, last: bool) -> None:
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Linear(2 * width, 2 * width)  # of the older and the newer one, side by side
        self.residual = None if last else nn.Linear(width, width)

    def forward(self, h: Tensor, told: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """h (B, N, width) -> the next layer's, and the gate's output for the skip connection.

        told: V s, (B, N or 1, 2 * width), or None for nothing.
        """
        older = F.pad(h, (0, 0, self.dilation, 0))[:, : h.shape[1]]  # zeros before the beginning
        both = self.taps(torch.cat([older, h], 2))
        signal, gate = (both if told is None else both + told).chunk(2, 2)
        gated = signal.tanh() * gate.sigmoid()
        return h if self.residual is None else h + self.residual(gated), gated


class DilatedNetwork(AutoregressiveModel):
    """A first layer, which a subclass makes and feeds; layers that look further and further back;
    and the output."""

    layers: nn.ModuleList

    def __init__(
        self,
        config: ModelConfig,
        first: nn.Module,
        width: int,
        dilations: Sequence[int],
        head: int,
    ) -> None:
        """head: channels of the skip connections and between the last two layers."""
        super().__init__(config)
        self.width, self.dilations = width, tuple(dilations)
        self.first = first
        last = len(dilations) - 1
        self.layers = nn.ModuleList(
            DilatedLayer(width, d, last=i == last) for i, d in enumerate(dilations)
        )
        self.skip = nn.Linear(
            len(dilations) * width, head
        )  # of all gates at once: the sum of one product a layer
        self.head = nn.Linear(head, head)
        self.out = nn.Linear(head, self.likelihood.parameters)

    @property
    def receptive_field(self) -> int:
        """How many sites back a conditional can look."""
        return 1 + sum(self.dilations)

    def through(self, h: Tensor, told: Told | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """What goes into each layer, (B, N, width), and what comes out of its gate; h: what goes
        into the first."""
        for i, layer in enumerate(self.layers):
            above, gated = layer(h, None if told is None else told[0] @ told[1][:, i])
            yield h, gated
            h = above

    def outputs(self, h: Tensor, told: Told | None = None) -> Tensor:
        """The parameters (B, N, P) of N sites, from what the first layer makes of them, (B, N,
        width), and what is told."""
        skips = [gated for _, gated in self.through(h, told)]
        y: Tensor = self.out(self.head(self.skip(torch.cat(skips, 2)).relu()).relu())
        return y

    def dependencies(self) -> Tensor:
        """Every site as far back as a sum of some of the dilations, after the first shift by one.

        Of open length: for as many sites as show all of it.
        """
        sites = self.receptive_field + 1 if self.spec.sites is None else self.spec.sites
        back = torch.zeros(sites + 1, dtype=torch.bool)  # whether a site so far back is seen
        back[1] = True
        for dilation in self.dilations:
            if dilation <= sites:
                back[dilation:] |= back[: sites + 1 - dilation].clone()
        distance = torch.arange(sites)[:, None] - torch.arange(sites)
        return back[distance.clamp_min(0)] & (distance > 0)


class Rings:
    """The network above its first layer, one site at a time: a ring for each layer holds what its
    older tap is going to read (Le Paine et al. 2016), so a site costs two small products a layer
    whatever its dilation.

    A ring has `dilation` slots (B, 2 * width), the older tap beside the newer one. The newer one is
    written in place by the layer below, the product reads both, and then it becomes the older one
    of the site `dilation` on, whose slot it is. sigmoid(b) = (1 + tanh(b / 2)) / 2 lets one tanh
    serve both halves of a gate, as in the Gated PixelCNN's stepper.
    """

    def __init__(self, network: DilatedNetwork, batch: int) -> None:
        self.network, width = network, network.width
        half = torch.ones(2 * width, device=network.device, dtype=network.dtype)
        half[width:] = 0.5
        self._half = half
        layers = [cast(DilatedLayer, layer) for layer in network.layers]
        self._bias = torch.stack([layer.taps.bias.detach() * half for layer in layers])
        self._taps = [(layer.taps.weight.detach().T * half).contiguous() for layer in layers]
        self._residual = [
            (layer.residual.bias.detach(), (layer.residual.weight.detach().T / 2).contiguous())
            for layer in layers
            if layer.residual is not None
        ]
        self._skip = network.skip.bias.detach(), (network.skip.weight.detach().T / 2).contiguous()
        self._head = network.head.bias.detach(), network.head.weight.detach().T.contiguous()
        self._out = network.out.bias.detach(), network.out.weight.detach().T.contiguous()
        self.allocate(batch)

    def allocate(self, batch: int) -> None:
        """Empty rings: zeros, as the parallel pass has them before the beginning; each slot and its
        halves, made once."""
        network, width = self.network, self.network.width
        zeros = partial(torch.zeros, device=network.device, dtype=network.dtype)
        self.rings = [zeros(d, batch, 2 * width) for d in network.dilations]
        self._slots = [list(ring.unbind(0)) for ring in self.rings]
        self._older = [[slot[:, :width] for slot in slots] for slots in self._slots]
        self._newer = [[slot[:, width:] for slot in slots] for slots in self._slots]
        self._gates = zeros(batch, len(network.dilations) * width)
        self._gated = list(self._gates.split(width, 1))

    def first(self, position: int) -> Tensor:
        """Where the first layer writes what it makes of the site at `position`, (B, width), before
        `step`."""
        newer = self._newer[0]
        return newer[position % len(newer)]

    def biases(self, told: Tensor | None = None) -> Tensor:
        """For `step`: what is added before the gate of each layer, (layers, 2 * width), or in the
        shape of `told`.

        told: V s of all layers, (..., layers, 2 * width).
        """
        return self._bias if told is None else torch.addcmul(self._bias, told, self._half)

    def step(self, position: int, biases: Sequence[Tensor]) -> Tensor:
        """The parameters (B, P) of the site at `position`; leaves behind what later sites read.

        biases: what is added before the gate of each layer, (2 * width,) or (B, 2 * width).
        """
        width, last = self.network.width, len(self.rings) - 1
        at = [position % len(slots) for slots in self._slots]
        newer = self._newer[0][at[0]]
        for i, gated in enumerate(self._gated):
            both = torch.addmm(
                biases[i], self._slots[i][at[i]], self._taps[i]
            ).tanh_()  # (B, 2 * width)
            signal = both[:, :width]
            torch.addcmul(signal, signal, both[:, width:], out=gated)
            if i < last:
                bias, weight = self._residual[i]
                above = self._newer[i + 1][at[i + 1]]
                torch.addmm(newer, gated, weight, out=above).add_(bias)
                self._older[i][at[i]].copy_(newer)
                newer = above
        self._older[last][at[last]].copy_(newer)
        y = torch.addmm(self._skip[0], self._gates, self._skip[1]).relu_()  # (B, head)
        return torch.addmm(
            self._out[0], torch.addmm(self._head[0], y, self._head[1]).relu_(), self._out[1]
        )

    def fill(self, h: Tensor, count: int, told: Told | None = None) -> None:
        """Make the rings what they are after the first `count` sites, by one parallel pass.

        h (B, n, width): what the first layer makes of the last n of them; n is `count`, or at least
        the sum of the dilations. told: at these n.
        """
        width = self.network.width
        for ring in self.rings:
            ring.zero_()
        if count == 0:
            return
        for ring, (inside, _) in zip(self.rings, self.network.through(h, told), strict=True):
            kept = min(len(ring), inside.shape[1])
            slots = torch.arange(count - kept, count, device=ring.device) % len(ring)
            ring[:, :, :width].index_copy_(
                0, slots, inside[:, inside.shape[1] - kept :].transpose(0, 1)
            )
