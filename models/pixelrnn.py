"""PixelRNN: the Row LSTM and the Diagonal BiLSTM (van den Oord et al. 2016a, sections 3.1, 3.2 and
3.4).

The idea: a two-dimensional LSTM carries a state over the picture, so that a pixel sees far. The
*Row LSTM* goes from the top down, a whole row at a time: each state comes from three states of the
row above, so what a pixel sees widens upwards like a triangle. The *Diagonal BiLSTM* goes over the
diagonals, each state coming from the pixel to the left and the one above; a second one, mirrored,
goes from right to left. Its map goes down one row before both are added, since in their own row its
states hold pixels that come later. Together they see every earlier pixel.

Differences from the paper: a linear stream with biases of its own width runs past the layers, as in
`pixelcnn`; the candidate is tanh(z / 2) (see `ConvLSTM`); the input has a channel of ones, so that
a blank pixel and "outside" differ. The first right-to-left map also reads the pixel itself, which
its move down makes an earlier one: without it, nothing would tell a row of the last pixel of the
row above until its end.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import LongTensor, Tensor, nn

from models.interface import AutoregressiveModel, ModelConfig
from models.layers.masked import MaskedConv2d, check_kernel
from models.layers.recurrence import through_gates
from models.layers.recurrent_blocks import DiagonalBlock, RowBlock, rows_first, sites_first
from models.layers.rows import RowStepper, above_and_left, as_kernel, row_of
from models.recipe import Recipe
from models.settings import setting
from models.variants import Paper, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(64, "Channels of the stream", range=(1, 4096))
    hidden: int = setting(48, "Channels of an LSTM's state", range=(1, 4096))
    kernel: int = setting(
        7, "Rows and columns of the first layer's masked square, an odd number", range=(1, 63)
    )
    blocks: int = setting(3, "Layers of LSTMs", range=(1, 256))
    head: int = setting(64, "Channels between the last two layers", range=(1, 4096))

    def __post_init__(self) -> None:
        super().__post_init__()
        check_kernel(self.kernel)


class PixelRNN(AutoregressiveModel):
    """What both have in common: the first layer, the stream and the head. Inside, sites come first:
    (N, B, channels)."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first = MaskedConv2d(self.spec.channels + 1, config.width, config.kernel, "A")
        self.head = nn.Linear(config.width, config.head)
        self.out = nn.Linear(config.head, self.likelihood.parameters)

    @abstractmethod
    def stream(self, x: Tensor) -> Tensor:
        """x (B, channels + 1, H, W) -> what the head reads, (N, B, width)."""

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.scaled(x)
        h = self.stream(torch.cat([x, torch.ones_like(x[:, :1])], 1))
        return self.out(self.head(h.relu_()).relu_()).transpose(0, 1)  # (B, N, P)


def pair(linear: nn.Linear) -> tuple[Tensor, Tensor]:
    """A linear layer's matrix (inputs, outputs) and bias, as `torch.addmm` takes them."""
    return linear.weight.detach().T.contiguous(), linear.bias.detach()


class FirstLayerStepper(RowStepper):
    """What both steppers have in common: the first layer, whose part from above is computed a row
    at a time, and the head."""

    model: PixelRNN

    def __init__(self, model: PixelRNN, batch: int) -> None:
        self._first_above, self._first_left = above_and_left(model.first)
        self._head, self._out = pair(model.head), pair(model.out)
        super().__init__(model, batch, model.first.reach)

    def columns(self, found: Tensor) -> tuple[Tensor, ...]:
        """(B * W, C) -> of each column (B, C)."""
        return found.unflatten(0, (self.batch, self.width)).unbind(1)

    def _open(self, row: int) -> None:
        self._above = self.columns(row_of(self.grid, row, self._first_above))

    def first(self, column: int) -> Tensor:
        """The stream as it begins, (B, width)."""
        return torch.addmm(self._above[column], self.left[column], self._first_left)

    def last(self, stream: Tensor) -> Tensor:
        """The parameters (B, P) that come of the stream as it ends, which is overwritten."""
        (head, head_bias), (out, out_bias) = self._head, self._out
        return torch.addmm(out_bias, torch.addmm(head_bias, stream.relu_(), head).relu_(), out)


class RowLSTM(PixelRNN):
    """Layers of LSTMs that go down row by row."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        sizes = config.width, config.hidden, config.shape[2]
        self.blocks = nn.ModuleList(RowBlock(*sizes) for _ in range(config.blocks))

    def stream(self, x: Tensor) -> Tensor:
        h = sites_first(self.first(x))
        for block in self.blocks:
            h = block(h)
        return h

    def dependencies(self) -> Tensor:
        """The paper's triangle, which widens by a column a row, wider by what the first layer and
        the rows add.

        A path goes up by any number of rows and sideways by at most as many columns, a column to
        the left in each layer, and ends in the first layer's square, which must be entered a row up
        to go right.
        """
        height, width = self.spec.space
        row, column = torch.arange(height * width) // width, torch.arange(height * width) % width
        up, right = row[:, None] - row[None], column[None] - column[:, None]
        reach = self.config.kernel // 2
        most_right = torch.where(up > 0, up - 1 + reach, -1)
        return (up >= 0) & (right <= most_right) & (right >= -(up + reach + self.config.blocks))

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> RowLSTMStepper:
        return RowLSTMStepper(self, batch)


class RowLSTMStepper(FirstLayerStepper):
    """The state-to-state product is computed for a whole row when the row opens; a pixel costs two
    small products a layer."""

    model: RowLSTM

    def __init__(self, model: RowLSTM, batch: int) -> None:
        self._kernels, self._enter, self._up = [], [], []
        for block in model.blocks:
            assert isinstance(block, RowBlock)
            hidden = block.lstm.kernel.shape[1] // 4
            kernel = block.lstm.kernel.T.unflatten(1, (3, hidden)).permute(0, 2, 1)[
                :, :, None
            ]  # (4 * hidden, hidden, 1, 3)
            self._kernels.append(as_kernel(kernel, block.enter.bias))
            self._enter.append(block.enter.weight.detach().T.contiguous())
            self._up.append(pair(block.up))
        super().__init__(model, batch)

    def _allocate(self) -> None:
        config, columns = self.model.config, range(self.width)
        blocks = range(config.blocks)
        # of every layer, both states of all rows, behind an empty row; of the current row its input
        # and both states
        self.h = [self.zeros(1 + self.height, self.width + 2, config.hidden) for _ in blocks]
        self.c = [self.zeros(1 + self.height, self.width, config.hidden) for _ in blocks]
        self._lines = [self.zeros(1 + self.width, config.width) for _ in blocks]
        self._h_lines = [self.zeros(self.width, config.hidden) for _ in blocks]
        self._c_lines = [self.zeros(self.width, config.hidden) for _ in blocks]
        self._slots = [[line[:, c + 1] for c in columns] for line in self._lines]
        self._windows = [[line[:, c : c + 2].flatten(1) for c in columns] for line in self._lines]
        self._states = [
            list(zip(h.unbind(1), c.unbind(1), strict=True))
            for h, c in zip(self._h_lines, self._c_lines, strict=True)
        ]
        self._squashed = self.zeros(config.hidden)

    def _buffers(self) -> list[Tensor]:
        return [*self.h, *self.c]

    def _open(self, row: int) -> None:
        super()._open(row)
        self._gates = []
        for h, c, line, kernel in zip(self.h, self.c, self._c_lines, self._kernels, strict=True):
            self._gates.append(self.columns(row_of(h, row, kernel)))
            line.copy_(c[:, row])

    def _pixel(self, column: int) -> Tensor:
        stream = self.first(column)
        for i, (weight, bias) in enumerate(self._up):
            self._slots[i][column].copy_(stream)
            gates = torch.addmm(self._gates[i][column], self._windows[i][column], self._enter[i])
            h, c = self._states[i][column]
            through_gates(gates, c, self._squashed, h)
            stream = torch.addmm(bias, h, weight).add_(stream)
        return self.last(stream)

    def _close(self, row: int) -> None:
        for i, (h, c) in enumerate(zip(self.h, self.c, strict=True)):
            h[:, 1 + row, 1:-1] = self._h_lines[i]
            c[:, 1 + row] = self._c_lines[i]

    def _prime(self, x: Tensor, rows: int) -> None:
        stream = sites_first(self.model.first(x[:, :, :rows]))
        for block, h, c in zip(self.model.blocks, self.h, self.c, strict=True):
            assert isinstance(block, RowBlock)
            states = block.scan(stream)
            h[:, 1 : 1 + rows, 1:-1], c[:, 1 : 1 + rows] = (
                rows_first(state, self.width) for state in states
            )
            stream = stream + block.up(states[0])


class DiagonalBiLSTM(PixelRNN):
    """Layers of two LSTMs each that go over the diagonals, to the right and to the left."""

    OUTER_PARTS = ("first", "first_own", "out")

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first_own = nn.Linear(self.spec.channels + 1, 4 * config.hidden, bias=False)
        sizes = config.width, config.hidden, config.shape[2]
        self.blocks = nn.ModuleList(DiagonalBlock(*sizes) for _ in range(config.blocks))

    def stream(self, x: Tensor) -> Tensor:
        h, own = sites_first(self.first(x)), self.first_own(sites_first(x))
        for i, block in enumerate(self.blocks):
            h = block(h, own if i == 0 else None)
        return h

    def _stepper(
        self, batch: int, condition: Tensor | None, order: LongTensor
    ) -> DiagonalBiLSTMStepper:
        return DiagonalBiLSTMStepper(self, batch)


class DiagonalBiLSTMStepper(FirstLayerStepper):
    """The LSTM to the right goes along with the pixels, two small products a layer and pixel; the
    one to the left goes over a row as soon as it is complete, in all layers at once, since the rows
    of their inputs are there."""

    model: DiagonalBiLSTM

    def __init__(self, model: DiagonalBiLSTM, batch: int) -> None:
        hidden = model.config.hidden
        self._enter, self._up, self._right_above = [], [], []
        to_left = []
        for block in model.blocks:
            assert isinstance(block, DiagonalBlock)
            above, beside = block.right.kernel.detach().split(hidden)
            self._right_above.append((above, block.enter_right.bias.detach()))
            self._enter.append(
                torch.cat([block.enter_right.weight.detach().T, beside])
            )  # (width + hidden, 4 * hidden)
            self._up.append(pair(block.up))
            to_left.append((*pair(block.enter_left), *block.left.kernel.detach().split(hidden)))
        enter, bias, above, self._left_beside = (
            torch.stack(parts) for parts in zip(*to_left, strict=True)
        )
        self._left_enter = torch.cat([enter, above], 1)  # (blocks, width + hidden, 4 * hidden)
        self._left_bias = bias[:, None]
        self._own = model.first_own.weight.detach().T.contiguous()
        super().__init__(model, batch)

    def _allocate(self) -> None:
        config, columns = self.model.config, range(self.width)
        blocks, width, hidden = config.blocks, config.width, config.hidden
        # the states h of all rows, behind an empty row; of the current row, the input of each layer
        # and the state beside it
        self.right = self.zeros(blocks, 1 + self.height, self.width, hidden)
        self.left_map = self.zeros(blocks, 1 + self.height, self.width, hidden)
        self._line = self.zeros(blocks, self.width + 1, width + hidden)
        self._windows = [[line[:, c] for c in columns] for line in self._line.unbind(1)]
        self._slots = [[line[:, c, :width] for c in columns] for line in self._line.unbind(1)]
        self._states = [[line[:, c + 1, width:] for c in columns] for line in self._line.unbind(1)]
        self._carried = [self.zeros(hidden) for _ in range(blocks)]  # c of the LSTM to the right
        self._squashed = self.zeros(hidden)

    def _buffers(self) -> list[Tensor]:
        return [self.right, self.left_map]

    def _open(self, row: int) -> None:
        super()._open(row)
        self._gates, self._from_right = [], []
        for i, (above, bias) in enumerate(self._right_above):
            self._gates.append(
                self.columns(torch.addmm(bias, self.right[:, i, row].flatten(0, 1), above))
            )
            up, up_bias = self._up[i]
            self._from_right.append(
                self.columns(torch.addmm(up_bias, self.left_map[:, i, row].flatten(0, 1), up))
            )
            self._carried[i].zero_()

    def _pixel(self, column: int) -> Tensor:
        stream = self.first(column)
        for i, (up, _) in enumerate(self._up):
            self._slots[i][column].copy_(stream)
            gates = torch.addmm(self._gates[i][column], self._windows[i][column], self._enter[i])
            h = self._states[i][column]
            through_gates(gates, self._carried[i], self._squashed, h)
            stream = torch.addmm(self._from_right[i][column], h, up).add_(stream)
        return self.last(stream)

    def _close(self, row: int) -> None:
        blocks, _, inputs = self._line.shape[1:]
        hidden = self.model.config.hidden
        self.right[:, :, 1 + row] = self._line[:, :, 1:, -hidden:]
        seen = torch.cat(
            [self._line[:, :, :-1, :-hidden], self.left_map[:, :, row]], 3
        )  # (B, blocks, W, width + hidden)
        seen = seen.permute(1, 2, 0, 3).reshape(blocks, -1, inputs)
        gates = torch.baddbmm(self._left_bias, seen, self._left_enter).unflatten(
            1, (self.width, self.batch)
        )
        gates[0] += (self.grid[:, self.reach + row, self._inside] @ self._own).transpose(0, 1)
        h, c, squashed = gates.new_zeros(3, blocks, self.batch, hidden)
        for column in reversed(range(self.width)):
            through_gates(torch.baddbmm(gates[:, column], h, self._left_beside), c, squashed, h)
            self.left_map[:, :, 1 + row, column] = h.transpose(0, 1)

    def _prime(self, x: Tensor, rows: int) -> None:
        x = x[:, :, :rows]
        stream, own = sites_first(self.model.first(x)), self.model.first_own(sites_first(x))
        for i, block in enumerate(self.model.blocks):
            assert isinstance(block, DiagonalBlock)
            right, left = block.scan(stream, own if i == 0 else None)
            self.right[:, i, 1 : 1 + rows] = rows_first(right, self.width)
            self.left_map[:, i, 1 : 1 + rows] = rows_first(left, self.width)
            stream = block.add(stream, right, left)


VARIANTS = [
    Variant(
        "pixelrnn-row",
        RowLSTM,
        Config(),
        Recipe(epochs=4),
        "Row LSTM: a state from the three states above, row by row",
        paper=Paper(80.54, "van den Oord et al. 2016a, table 4"),
    ),
    Variant(
        "pixelrnn-diagonal",
        DiagonalBiLSTM,
        Config(),
        Recipe(epochs=3),
        "Diagonal BiLSTM: states from the left and above, and from the right, so that every earlier"
        " pixel is seen",
        paper=Paper(79.20, "van den Oord et al. 2016a, table 4: 7 layers; with one, 80.75"),
    ),
]
