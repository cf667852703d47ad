"""Dilated causal convolutions over a sequence (van den Oord et al. 2016a, section 2): what the
WaveNets for pixels and for sound have in common, in one parallel pass and one site at a time.

Each layer has two taps, whose distance ("dilation") doubles from layer to layer, a gate, a residual
connection, and a skip connection from its gate to the output,

    z = tanh(W_f * h + V_f s) . sigmoid(W_g * h + V_g s)    (equations 2 and 3)

where s is what the condition says, if there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Figure, Gate
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.cached import Memory, Pointwise
from models.layers.gates import DoubledGateStep, gate
from models.moving_figures import DilatedTree

# s (B, N, channels), or (B, 1, channels), and V of every layer, (channels, layers, 2 * width)
Condition = tuple[Tensor, Tensor]


class DilatedLayer(nn.Module):
    """Two taps, a gate, and the residual connection; of the last layer only the gate is read."""

    def __init__(self, width: int, dilation: int, last: bool) -> None:
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Linear(2 * width, 2 * width)  # of the older and the newer one, side by side
        self.residual = None if last else nn.Linear(width, width)

    def forward(self, h: Tensor, added: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """h (B, N, width) -> the next layer's, and the gate's output for the skip connection.

        added: V s, (B, N or 1, 2 * width), or None for nothing.
        """
        older = F.pad(h, (0, 0, self.dilation, 0))[:, : h.shape[1]]  # zeros before the beginning
        both = self.taps(torch.cat([older, h], 2))
        gated = gate(both if added is None else both + added, 2)
        return h if self.residual is None else h + self.residual(gated), gated

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        stream = () if self.residual is None else ("residual connection",)
        after = *stream, "skip connection"
        yield Gate("tanh", self.taps.out_features // 2, ("from both taps",), after=after)


class DilatedLayerStep:
    """Cached twin of `DilatedLayer`: a ring holds what its older tap is going to read (Le Paine et
    al. 2016), so a site costs two small products whatever the dilation.

    The ring has `dilation` slots (B, 2 * width), the older tap beside the newer one. A site's slot
    has the older one from the site `dilation` before; its own becomes the older one of the site
    `dilation` on, whose slot is the same.

    gated: where twice the gate's output is written, for the skip connection, (B, width).
    """

    def __init__(self, layer: DilatedLayer, memory: Memory, gated: Tensor) -> None:
        width = gated.shape[1]
        self.taps, self.gated = Pointwise(layer.taps), gated
        self.residual = None if layer.residual is None else Pointwise(layer.residual)
        self._ring = memory.kept(layer.dilation, 2 * width, axis=1)
        self._slots = self._ring.unbind(0)
        self._older, self._newer = (half.unbind(0) for half in self._ring.chunk(2, 2))
        self._gate, self._h = DoubledGateStep(memory, width), memory.scratch(width)
        self.taps.weight = self._gate.halved(self.taps.weight)
        if self.residual is not None:
            self.residual.weight /= 2

    def step(self, position: int, h: Tensor, bias: Tensor) -> Tensor:
        """h (B, width) -> the next layer's, or after the last one nothing of use."""
        at = position % len(self._slots)
        self._newer[at].copy_(h)
        torch.addmm(bias, self._slots[at], self.taps.weight, out=self._gate.both)
        self._gate(out=self.gated)
        self._older[at].copy_(h)
        return h if self.residual is None else self.residual.added(h, self.gated, out=self._h)

    def fill(self, h: Tensor, count: int) -> None:
        """As after `count` sites, of which h (B, n, width) are the last."""
        self._ring.zero_()
        kept = min(len(self._ring), h.shape[1])
        slots = torch.arange(count - kept, count, device=h.device) % len(self._ring)
        older = self._ring[:, :, : h.shape[2]]
        older.index_copy_(0, slots, h[:, h.shape[1] - kept :].transpose(0, 1))


class DilatedNetwork(AutoregressiveModel):
    """A first layer, which a subclass makes and feeds; layers
    that look further and further back; and the output."""

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
        # of all gates at once: the sum of one product a layer
        self.skip = nn.Linear(len(dilations) * width, head)
        self.head = nn.Linear(head, head)
        self.out = nn.Linear(head, self.likelihood.parameters)

    @property
    def receptive_field(self) -> int:
        """How many sites back a conditional can look."""
        return 1 + sum(self.dilations)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        for part in self.children():
            if part is self.layers:
                yield DilatedTree(self.dilations, self.width)
            yield part

    def through(
        self, h: Tensor, condition: Condition | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """What goes into each layer, (B, N, width), and what comes out of its gate;
        h: what goes into the first."""
        for i, layer in enumerate(self.layers):
            added = None if condition is None else condition[0] @ condition[1][:, i]
            above, gated = layer(h, added)
            yield h, gated
            h = above

    def outputs(self, h: Tensor, condition: Condition | None = None) -> Tensor:
        """The parameters (B, N, P) of N sites, from what the first layer makes of them, (B, N,
        width), and the condition."""
        skips = [gated for _, gated in self.through(h, condition)]
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


class DilatedNetworkStep:
    """Cached twin of `DilatedNetwork`, but for its first layer."""

    def __init__(self, network: DilatedNetwork, memory: Memory) -> None:
        self.network = network
        self._gates = memory.scratch(len(network.layers) * network.width)
        self._layers = [
            DilatedLayerStep(cast(DilatedLayer, layer), memory, gated)
            for layer, gated in zip(
                network.layers, self._gates.split(network.width, 1), strict=True
            )
        ]
        self._skip, self._head = Pointwise(network.skip), Pointwise(network.head)
        self._skip.weight /= 2  # it reads doubled gates
        self._out = Pointwise(network.out)
        bias = torch.stack([layer.taps.bias for layer in self._layers])
        self._halves = DoubledGateStep.halved(torch.ones_like(bias[0]))
        self._bias = bias * self._halves

    def biases(self, added: Tensor | None = None) -> Tensor:
        """For `step`: what is added before the gate of each layer, (layers, 2 * width), or in the
        shape of `added`.

        added: V s of all layers, (..., layers, 2 * width).
        """
        return self._bias if added is None else torch.addcmul(self._bias, added, self._halves)

    def step(self, position: int, h: Tensor, biases: Sequence[Tensor]) -> Tensor:
        """The parameters (B, P) of the site at `position`; leaves behind what later sites read.

        h: what the first layer makes of the site, (B, width).
        biases: what is added before the gate of each layer, (2 * width,) or (B, 2 * width).
        """
        for layer, bias in zip(self._layers, biases, strict=True):
            h = layer.step(position, h, bias)
        return self._out(self._head(self._skip(self._gates).relu_()).relu_())

    def fill(self, h: Tensor, count: int, condition: Condition | None = None) -> None:
        """Make the rings what they are after the first `count` sites, by one parallel pass.

        h (B, n, width): what the first layer makes of the last n of them; n is `count`, or at least
        the sum of the dilations.
        condition: at these n.
        """
        if count == 0:
            h = h[:, :0]
        for layer, (inside, _) in zip(
            self._layers, self.network.through(h, condition), strict=True
        ):
            layer.fill(inside, count)
