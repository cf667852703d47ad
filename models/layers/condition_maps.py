"""Maps that a condition is turned into: of a class, of a painting, of a spectrogram. They may look
at all of it, for it is given before the first site is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.precision import full_precision

_SMALLEST = 4  # rows and columns of the map that transposed convolutions begin with, at most


class ClassMap(nn.Module):
    """s = m(h): a class becomes a small map, which is doubled in size until it covers the picture
    (van den Oord et al. 2016b, section 2.3: "what" and "where" are learnt from the class). Without
    a class it is zero."""

    def __init__(self, classes: int, width: int, space: tuple[int, ...]) -> None:
        super().__init__()
        self.space = space
        doublings = 0
        while max(space) > _SMALLEST << doublings:
            doublings += 1
        smallest = [-(-size // 2**doublings) for size in space]
        self.first = nn.ConvTranspose2d(classes, width, (smallest[0], smallest[1]), bias=False)
        nn.init.normal_(self.first.weight)
        self.doubled = nn.ModuleList(_doubling(width) for _ in range(doublings))

    def forward(self, hot: Tensor) -> Tensor:
        """hot: one-hot, (B, classes, 1, 1), or zero for no class -> (B, width, H, W)."""
        classes = hot.shape[1]
        s = self.first(
            torch.eye(classes, device=hot.device, dtype=hot.dtype)[:, :, None, None]
        ).relu()
        for layer in self.doubled:
            s = layer(s).relu()
        # of each class (classes, H, W, width)
        s = s[:, :, : self.space[0], : self.space[1]].permute(0, 2, 3, 1)
        return (hot.flatten(1) @ s.flatten(1)).unflatten(1, s.shape[1:]).permute(0, 3, 1, 2)


class PaintedMap(nn.Module):
    """What is given of a picture: half of the channels say what lies near, the other half read it
    at two coarser scales (down and up again, as in a U-Net), so that every pixel of the map knows
    of strokes far away too."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        near, far = width - width // 2, width // 2
        self.near = _conv(channels, near, kernel=7)
        self.down = nn.ModuleList(
            [_conv(near, 2 * far, stride=2), _conv(2 * far, 2 * far, stride=2)]
        )
        self.deep = nn.ModuleList(_conv(2 * far, 2 * far) for _ in range(3))
        self.up = nn.ModuleList([_conv(2 * far, 2 * far), _conv(2 * far, far)])

    def forward(self, given: Tensor) -> Tensor:
        """given: (B, channels, H, W), see `AutoregressiveModel.painting` -> (B, width, H, W)."""
        if min(given.shape[2:]) <= 2:
            # in bfloat16, oneDNN's gradient of a stride over a single row or column is not a number
            with full_precision(given.device):
                return self._of(given)
        return self._of(given)

    def _of(self, given: Tensor) -> Tensor:
        near = self.near(given).relu()  # (B, width / 2, H, W)
        middle = self.down[0](near).relu()  # (B, width, H / 2, W / 2), rounded up
        coarse = self.down[1](middle).relu()  # (B, width, H / 4, W / 4)
        for layer in self.deep:
            coarse = coarse + layer(coarse).relu()
        middle = middle + _grown(self.up[0](coarse), middle).relu()
        far = _grown(self.up[1](middle), near).relu()
        return torch.cat([near, far], 1)


class FrameMap(nn.Module):
    """A spectrogram becomes one vector a sample: frames are read with their neighbours, and
    transposed convolutions make them longer, stride by stride (van den Oord et al. 2016a, section
    2.5: "learned upsampling").

    Outside the spectrogram there is silence, frames of 0. A stretch of the map, computed alone, is
    what it is in the whole.
    """

    BEFORE, BESIDE = (
        4,
        2,
        # frames on each side that a sample looks at, at most;
        # those that the first convolution looks at
    )

    def __init__(self, mels: int, width: int, strides: Sequence[int]) -> None:
        super().__init__()
        self.strides, self.hop = strides, math.prod(strides)
        self.near = nn.Conv1d(mels, width, 2 * self.BESIDE + 1, padding=self.BESIDE)
        nn.init.kaiming_normal_(self.near.weight, nonlinearity="relu")
        self.longer = nn.ModuleList(_lengthening(width, stride) for stride in strides)

    def forward(self, frames: Tensor, start: int, count: int) -> Tensor:
        """frames (B, mels, F) -> what they say of `count`
        samples from `start` on, (B, count, width)."""
        first, last = start // self.hop - self.BEFORE, -(-(start + count) // self.hop) + self.BEFORE
        inside = frames[:, :, max(first, 0) : max(last, 0)]
        left = max(-first, 0)
        # (B, width, last - first)
        s = self.near(F.pad(inside, (left, last - first - left - inside.shape[2])))
        for layer, stride in zip(self.longer, self.strides, strict=True):
            s = layer(s.relu())[:, :, stride // 2 :][:, :, : s.shape[2] * stride]
        begin = start - first * self.hop
        return s[:, :, begin : begin + count].transpose(1, 2)


# All kinds of layer begin so that a map comes out as lively as it goes in (He et al. 2015); by
# torch's own measure it would fade from layer to layer, and the gates would learn from next to
# nothing.


def _doubling(width: int) -> nn.ConvTranspose2d:
    """Twice as high and wide; four taps of each channel make an output."""
    layer = nn.ConvTranspose2d(width, width, 4, stride=2, padding=1)
    nn.init.normal_(layer.weight, std=math.sqrt(2 / (4 * width)))
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _lengthening(width: int, stride: int) -> nn.ConvTranspose1d:
    """`stride` times as long, and a stride more; two taps of each channel make an output.

    At first those of the same channel, by linear interpolation between the middles of what is made
    longer. Drawn at random, they repeat a pattern every few samples: after half an epoch of speech,
    what the vocoder made was 14.3 dB from the recordings instead of 12.2.
    """
    layer = nn.ConvTranspose1d(width, width, 2 * stride, stride=stride)
    from_middle = torch.arange(2 * stride) - (stride // 2 + (stride - 1) / 2)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(width)[:, :, None] * (1 - from_middle.abs() / stride))
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    layer = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _grown(x: Tensor, like: Tensor) -> Tensor:
    """Every pixel of x twice as high and wide, cut to the size of another map."""
    return F.interpolate(x, scale_factor=2.0)[:, :, : like.shape[2], : like.shape[3]]
