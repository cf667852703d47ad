"""The step of a network of dilated layers for sound, whose length is open: the code before and what
each layer has to remember go in, the parameters of the next sample and what to remember come out.
"""

from __future__ import annotations

from dataclasses import fields

import torch
from torch import Tensor, nn

from models.interface import DilatedWeights


class SoundStep(nn.Module):
    """Called with the code before, int64 (B,), as many as there are levels where there is none;
    `added`, (B, layers, 2 * width), what a condition adds before each gate, or nothing; and the
    state, for each layer what went into it at the last `dilation` samples, (dilation, B, width).
    Returns the parameters (B, P) and the new state."""

    def __init__(self, weights: DilatedWeights) -> None:
        super().__init__()
        self.dilations, self.width = weights.dilations, weights.width
        for field in fields(weights):
            if isinstance(value := getattr(weights, field.name), Tensor):
                self.register_buffer(field.name, value.detach().clone())

    def begin(self, batch: int) -> list[Tensor]:
        """The state before the first sample."""
        return [torch.zeros(far, batch, self.width) for far in self.dilations]

    def forward(self, before: Tensor, *given: Tensor) -> tuple[Tensor, ...]:
        w = {name: buffer for name, buffer in self._buffers.items() if buffer is not None}
        layers = len(self.dilations)
        added = given[0] if len(given) > layers else None
        h = w["table"][before]  # (B, width)
        gated, state = [], []
        for i, past in enumerate(given[len(given) - layers :]):
            both = torch.cat([past[0], h], 1) @ w["taps"][i].T + w["taps_bias"][i]
            signal, gate = (both if added is None else both + added[:, i]).chunk(2, 1)
            gated.append(signal.tanh() * gate.sigmoid())
            state.append(torch.cat([past[1:], h[None]]))
            if i < layers - 1:
                h = h + gated[-1] @ w["residual"][i].T + w["residual_bias"][i]
        y = (torch.cat(gated, 1) @ w["skip"].T + w["skip_bias"]).relu()
        y = (y @ w["head"].T + w["head_bias"]).relu()
        return (y @ w["out"].T + w["out_bias"], *state)
