"""PixelCNN: masked convolutions over the pixels above and to the left (van den Oord et al. 2016a,
section 3.3).

The idea: a convolution whose kernel is zero from the centre on (mask A), followed by convolutions
that may look at their own centre (mask B), sees only earlier pixels, so all 784 conditionals of a
picture train in one pass.

Stacking square masked kernels leaves a blind spot, though: a wedge to the right above the pixel
that no path reaches (van den Oord et al. 2016b, section 2.2). This model keeps it, as the plain
PixelCNN does; `pixelcnn-two-stack` has none.

Differences from the paper: the residual blocks use 7x7 kernels where the paper's have 3x3, a linear
stream with biases, and a channel of ones in the input, so that a blank pixel and "outside" differ.
No residual connection goes round the A layer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import LongTensor, Tensor, nn

from models.interface import AutoregressiveModel, ModelConfig
from models.layers.masked import MaskedConv2d, check_kernel
from models.layers.rows import RowStepper, above_and_left, as_matrix, bias_of, row_of
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Paper, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(64, "Channels of the stream", range=(1, 4096))
    hidden: int = setting(24, "Channels inside a block", range=(1, 4096))
    kernel: int = setting(7, "Rows and columns of the masked square, an odd number", range=(1, 63))
    blocks: int = setting(6, "Residual blocks after the first layer", range=(0, 256))
    head: int = setting(64, "Channels between the last two layers", range=(1, 4096))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_kernel(self.kernel)


class Block(nn.Module):
    """x + up(relu(conv(relu(down(x))))): the residual block of figure 5 (left), with a 7x7 mask B
    kernel."""

    def __init__(self, width: int, hidden: int, kernel: int) -> None:
        super().__init__()
        self.down = nn.Conv2d(width, hidden, 1)
        self.conv = MaskedConv2d(hidden, hidden, kernel, "B")
        self.up = nn.Conv2d(hidden, width, 1)

    def bottleneck(self, x: Tensor) -> Tensor:
        """What the masked convolution looks at: (B, hidden, H, W)."""
        return self.down(x).relu_()

    def forward(self, x: Tensor) -> Tensor:
        return x + self.up(self.conv(self.bottleneck(x)).relu_())  # (B, width, H, W)


class PixelCNN(AutoregressiveModel):
    """The plain PixelCNN with its blind spot."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first = MaskedConv2d(self.spec.channels + 1, config.width, config.kernel, "A")
        self.blocks = nn.ModuleList(
            Block(config.width, config.hidden, config.kernel) for _ in range(config.blocks)
        )
        self.head = nn.Conv2d(config.width, config.head, 1)
        self.out = nn.Conv2d(config.head, self.likelihood.parameters, 1)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.scaled(x)  # (B, channels, H, W)
        h = self.first(torch.cat([x, torch.ones_like(x[:, :1])], 1))  # (B, width, H, W)
        for block in self.blocks:
            h = block(h)
        return self.out(self.head(h.relu_()).relu_()).flatten(2).transpose(1, 2)  # (B, N, P)

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> PixelCNNStepper:
        return PixelCNNStepper(self, batch)

    def dependencies(self) -> Tensor:
        """The wedge that stacked masks reach: per layer up to 3 columns left in the row itself, and
        a square above it.

        A pixel `up` rows higher is reached only by going up, and a step that goes up by u rows goes
        right by at most `reach` columns, while a step within the row goes left only.
        """
        height, width = self.spec.space
        reach, layers = self.config.kernel // 2, self.config.blocks + 1
        row, column = torch.arange(height * width) // width, torch.arange(height * width) % width
        up, right = row[:, None] - row[None], column[None] - column[:, None]
        sideways = reach * layers
        inside = (up >= 0) & (up <= sideways) & (right >= -sideways)
        # each layer that goes up at all (by 1..reach rows) buys `reach` columns to the right, and
        # at most `layers` can; with u rows to climb, at most min(u, layers) layers can go up.
        most_right = torch.where(up > 0, reach * up.clamp(max=layers), -1)
        return inside & (right <= most_right)


class PixelCNNStepper(RowStepper):
    """A pixel costs two small products a block, one for its bottleneck and one with its left
    neighbours; the squares above are done a row.

    The stream that runs past the blocks is a sum, h = f + U_1 z_1 + ... + U_i z_i, of the first
    layer's features f and what each block's masked convolution found, z; so the bottleneck of block
    i, D_i h, is one product of [f, z_1, ..., z_(i-1)] with the matrix [D_i, D_i U_1, ..., D_i
    U_(i-1)], and the stream itself is only needed at the end.
    """

    model: PixelCNN

    def __init__(self, model: PixelCNN, batch: int) -> None:
        first = model.first
        self._first_above, self._first_left = above_and_left(first)
        width = model.config.width
        stream = torch.eye(
            width, device=model.device, dtype=model.dtype
        )  # (features so far, width)
        stream_bias = torch.zeros(width, device=model.device, dtype=model.dtype)
        self._down, self._left, self._above_kernels = [], [], []
        for block in model.blocks:
            assert isinstance(block, Block)
            down = as_matrix(block.down.weight)
            self._down.append((stream @ down, stream_bias @ down + bias_of(block.down)))
            above, left = above_and_left(block.conv)
            self._above_kernels.append(above)
            self._left.append(left)
            stream = torch.cat([stream, as_matrix(block.up.weight)])
            stream_bias = stream_bias + bias_of(block.up)
        self._stream = stream, stream_bias
        self._head = as_matrix(model.head.weight), bias_of(model.head)
        self._out = as_matrix(model.out.weight), bias_of(model.out)
        super().__init__(model, batch, first.reach)

    def _allocate(self) -> None:
        reach, width, config = self.reach, self.width, self.model.config
        # of every block, the bottleneck features: of the finished rows, and of the current one
        self.seen = [
            self.zeros(reach + self.height, width + 2 * reach, config.hidden) for _ in self._down
        ]
        self.current = [self.zeros(reach + width, config.hidden) for _ in self._down]
        self._slots = [[line[:, reach + c] for c in range(width)] for line in self.current]
        self._windows = [
            [line[:, c : c + reach + 1].flatten(1) for c in range(width)] for line in self.current
        ]
        # of the current pixel: what the first layer found, then what each block did
        self._found = self.zeros(len(self._stream[0]))
        ends = [config.width + i * config.hidden for i in range(len(self._down) + 1)]
        self._first_found = self._found[:, : ends[0]]
        self._before = [self._found[:, :end] for end in ends[:-1]]
        self._inner = [self._found[:, end : end + config.hidden] for end in ends[:-1]]

    def _buffers(self) -> list[Tensor]:
        return self.seen

    def _open(self, row: int) -> None:
        def columns(grid: Tensor, kernel: tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
            return (
                row_of(grid, row, kernel).unflatten(0, (self.batch, self.width)).unbind(1)
            )  # of each (B, channels)

        self._above_first = columns(self.grid, self._first_above)
        self._above = [
            columns(seen, kernel)
            for seen, kernel in zip(self.seen, self._above_kernels, strict=True)
        ]

    def _pixel(self, column: int) -> Tensor:
        torch.addmm(
            self._above_first[column], self.left[column], self._first_left, out=self._first_found
        )
        for i, (down, bias) in enumerate(self._down):
            slot, inner = self._slots[i][column], self._inner[i]
            torch.addmm(bias, self._before[i], down, out=slot)
            slot.relu_()
            torch.addmm(self._above[i][column], self._windows[i][column], self._left[i], out=inner)
            inner.relu_()
        h = torch.addmm(self._stream[1], self._found, self._stream[0]).relu_()
        return torch.addmm(
            self._out[1], torch.addmm(self._head[1], h, self._head[0]).relu_(), self._out[0]
        )

    def _close(self, row: int) -> None:
        for seen, line in zip(self.seen, self.current, strict=True):
            seen[:, self.reach + row, self._inside] = line[:, self.reach :]

    def _prime(self, x: Tensor, rows: int) -> None:
        h = self.model.first(x[:, :, :rows])
        for block, seen in zip(self.model.blocks, self.seen, strict=True):
            assert isinstance(block, Block)
            seen[:, self.reach : self.reach + rows, self._inside] = block.bottleneck(h).permute(
                0, 2, 3, 1
            )
            h = block(h)


VARIANTS = [
    Variant(
        "pixelcnn",
        PixelCNN,
        Config(),
        Recipe(epochs=3),
        "Masked 7x7 convolutions, with a blind spot",
        article=Article(0.1177),
        paper=Paper(81.30, "van den Oord et al. 2016a, table 4"),
    )
]
