"""WaveNet (van den Oord et al. 2016a, section 2), here on the pixels of a picture read as one long sequence.

The idea: causal convolutions with two taps, whose distance ("dilation") doubles from layer to layer, so that a few layers
look far back; gates, residual connections, and skip connections from every layer's gate to the output,

    z = tanh(W_f * h) . sigmoid(W_g * h)                                                            (equation 2)

Differences from the paper: the first layer gets a table of rows and one of columns, so that the network knows where it
stands, which the paper's waveforms have no use for, and whether there is a pixel before, so that a blank pixel and "outside"
differ; the pixels come as numbers, not as one-hot vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.interface import AutoregressiveModel
from models.layers.sequence import SequenceStepper
from models.recipe import Recipe

RECIPE = Recipe(epochs=3)


@dataclass(frozen=True)
class Config:
    """shape, levels: the data.  width: channels of a layer.  dilations: one layer for each, the distance between its two taps
    in sites.  head: channels of the skip connections and between the last two layers."""

    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = 40
    dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1, 2, 4, 8, 16, 32, 64)
    head: int = 64


class FirstLayer(nn.Module):
    """The pixel before, and where the next one lies: (B, N, width)."""

    def __init__(self, channels: int, height: int, columns: int, width: int) -> None:
        super().__init__()
        self.before = nn.Linear(channels + 1, width)
        self.rows = nn.Parameter(0.1 * torch.randn(height, width))
        self.columns = nn.Parameter(0.1 * torch.randn(columns, width))

    def forward(self, x: Tensor) -> Tensor:
        """x: scaled levels of the first n sites in the order of generation, (B, n, channels)."""
        before = F.pad(F.pad(x[:, :-1], (0, 1), value=1.0), (0, 0, 1, 0))  # shifted once, here; zeros before the beginning
        y: Tensor = self.before(before) + self.places()[: x.shape[1]]
        return y

    def places(self) -> Tensor:
        """What the position adds, (N, width)."""
        return (self.rows[:, None] + self.columns).flatten(0, 1)


class DilatedLayer(nn.Module):
    """Two taps, a gate, and the residual connection; of the last layer only the gate is read."""

    def __init__(self, width: int, dilation: int, last: bool) -> None:
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Linear(2 * width, 2 * width)  # of the older and the newer one, side by side
        self.residual = None if last else nn.Linear(width, width)

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """h (B, N, width) -> the next layer's, and the gate's output for the skip connection."""
        older = F.pad(h, (0, 0, self.dilation, 0))[:, : h.shape[1]]  # zeros before the beginning
        signal, door = self.taps(torch.cat([older, h], 2)).chunk(2, 2)
        gated = signal.tanh() * door.sigmoid()
        return h if self.residual is None else h + self.residual(gated), gated


class WaveNetPixels(AutoregressiveModel):
    """Dilated causal convolutions over the pixels in raster order."""

    settings: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        height, columns = config.shape[1:]
        width, last = config.width, len(config.dilations) - 1
        self.first = FirstLayer(self.spec.channels, height, columns, width)
        self.layers = nn.ModuleList(DilatedLayer(width, d, last=i == last) for i, d in enumerate(config.dilations))
        self.skip = nn.Linear(len(config.dilations) * width, config.head)
        self.head = nn.Linear(config.head, config.head)
        self.out = nn.Linear(config.head, self.likelihood.parameters)

    def conditionals(self, x: Tensor, condition: Tensor | None = None, order: Tensor | None = None) -> Tensor:
        self.no_condition(condition)
        self.fixed_order(order)
        h = self.first(self.scaled(x).flatten(2).transpose(1, 2))
        skips = []
        for layer in self.layers:
            h, gated = layer(h)
            skips.append(gated)
        y: Tensor = self.out(self.head(self.skip(torch.cat(skips, 2)).relu()).relu())
        return y  # (B, N, P)

    def stepper(self, batch: int, condition: Tensor | None = None, order: Tensor | None = None) -> WaveNetStepper:
        self.no_condition(condition)
        self.fixed_order(order)
        return WaveNetStepper(self, batch)

    def dependencies(self) -> Tensor:
        """Every site as far back as a sum of some of the dilations, after the first shift by one."""
        sites = len(self.order)
        back = torch.zeros(sites + 1, dtype=torch.bool)  # whether a site so far back is seen
        back[1] = True
        for dilation in self.settings.dilations:
            if dilation <= sites:
                back[dilation:] |= back[: sites + 1 - dilation].clone()
        distance = torch.arange(sites)[:, None] - torch.arange(sites)
        return back[distance.clamp_min(0)] & (distance > 0)


class WaveNetStepper(SequenceStepper):
    """A ring for each layer holds what its older tap is going to read (Le Paine et al. 2016), so a site costs two small
    products a layer whatever its dilation.

    A ring has `dilation` slots (B, 2 * width), the older tap beside the newer one. The newer one is written in place by the
    layer below, the product reads both, and then it becomes the older one of the site `dilation` on, whose slot it is.
    sigmoid(b) = (1 + tanh(b / 2)) / 2 lets one tanh serve both halves of a gate, as in the Gated PixelCNN's stepper.
    """

    model: WaveNetPixels

    def __init__(self, model: WaveNetPixels, batch: int) -> None:
        width = model.settings.width
        half = torch.ones(2 * width, device=model.device, dtype=model.dtype)
        half[width:] = 0.5
        layers = [cast(DilatedLayer, layer) for layer in model.layers]
        self._taps = [
            (layer.taps.bias.detach() * half, (layer.taps.weight.detach().T * half).contiguous()) for layer in layers
        ]
        self._residual = [
            (layer.residual.bias.detach(), (layer.residual.weight.detach().T / 2).contiguous())
            for layer in layers
            if layer.residual is not None
        ]
        before = model.first.before
        self._before = before.weight.detach().T[:-1].contiguous()  # (channels, width): what the pixel before adds
        places = model.first.places().detach() + before.bias.detach()
        places[1:] += before.weight.detach()[:, -1]
        self._places = places.unbind(0)
        self._skip = model.skip.bias.detach(), (model.skip.weight.detach().T / 2).contiguous()
        self._head = model.head.bias.detach(), model.head.weight.detach().T.contiguous()
        self._out = model.out.bias.detach(), model.out.weight.detach().T.contiguous()
        super().__init__(model, batch)

    def _allocate(self) -> None:
        """Empty rings: zeros, as the parallel pass has them before the beginning; each slot and its halves, made once."""
        model, settings = self.model, self.model.settings
        width = settings.width
        zeros = partial(torch.zeros, device=model.device, dtype=model.dtype)
        self.rings = [zeros(d, self.batch, 2 * width) for d in settings.dilations]
        self._slots = [list(ring.unbind(0)) for ring in self.rings]
        self._older = [[slot[:, :width] for slot in slots] for slots in self._slots]
        self._newer = [[slot[:, width:] for slot in slots] for slots in self._slots]
        self._pixels = list(self.x.unbind(1))
        self._gates = zeros(self.batch, len(settings.dilations) * width)
        self._gated = list(self._gates.split(width, 1))

    def _step(self) -> Tensor:
        t, width, last = self.position, self.model.settings.width, len(self.rings) - 1
        at = [t % len(slots) for slots in self._slots]
        newer = self._newer[0][at[0]]
        if t == 0:
            newer.copy_(self._places[0])
        else:
            torch.addmm(self._places[t], self._pixels[t - 1], self._before, out=newer)
        for i, gated in enumerate(self._gated):
            bias, weight = self._taps[i]
            both = torch.addmm(bias, self._slots[i][at[i]], weight).tanh_()  # (B, 2 * width)
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
        return torch.addmm(self._out[0], torch.addmm(self._head[0], y, self._head[1]).relu_(), self._out[1])

    def _fill(self, count: int) -> None:
        width = self.model.settings.width
        for ring in self.rings:
            ring.zero_()
        if count == 0:
            return
        h = self.model.first(self.x[:, :count])
        for layer, ring in zip(self.model.layers, self.rings, strict=True):
            kept = min(len(ring), count)
            slots = torch.arange(count - kept, count, device=ring.device) % len(ring)
            ring[:, :, :width].index_copy_(0, slots, h[:, count - kept :].transpose(0, 1))
            h, _ = layer(h)

    def _memory(self) -> list[tuple[Tensor, int]]:
        return [(ring, 1) for ring in self.rings]


def build(**overrides: object) -> WaveNetPixels:
    return WaveNetPixels(Config(**overrides))  # type: ignore[arg-type]
