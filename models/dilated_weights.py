"""`DilatedWeights`: a network of dilated layers as plain tensors,
for what runs it faster than its stepper does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class DilatedWeights:
    """A network of dilated layers over the codes of samples, as plain tensors; L layers of width W,
    H channels before the output, K levels.

    table (K + 1, W): what the first layer makes of the code of the sample before; the last row is
    for "before the beginning".
    dilations: of the L layers.
    taps (L, 2 W, 2 W), taps_bias (L, 2 W): from [older tap, newer tap] to [signal, gate].
    residual (L - 1, W, W), residual_bias (L - 1, W): what a gated signal adds to the next layer's
    input.
    skip (H, L W), head (H, H), out (K, H): each with its bias, and a ReLU before the last two.
    condition: called with a condition of a batch of one, the first sample and a count; what it adds
    to `taps_bias` at these samples, (1, count or 1, L, 2 W), None for nothing.
    """

    table: Tensor
    dilations: tuple[int, ...]
    taps: Tensor
    taps_bias: Tensor
    residual: Tensor
    residual_bias: Tensor
    skip: Tensor
    skip_bias: Tensor
    head: Tensor
    head_bias: Tensor
    out: Tensor
    out_bias: Tensor
    condition: Callable[[Tensor | None, int, int], Tensor | None]

    @property
    def width(self) -> int:
        return self.table.shape[1]
