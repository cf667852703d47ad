"""The layers of a PixelRNN: how the stream reaches an LSTM, the lines it goes over, and what it
adds to the stream (van den Oord et al. 2016a, sections 3.1 to 3.3).

Both kinds keep the sites first, (N, B, channels), since a line then lies in one piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.anatomy import Figure
from models.layers.cached import Memory, Pointwise
from models.layers.raster import Grid, LeftwardStep, Line, RasterStepper, UpwardStep
from models.layers.recurrence import ConvLSTM, through_gates
from models.layers.recurrence import Line as Scanned
from models.moving_figures import Diagonals, RowTriangle


def sites_first(h: Tensor) -> Tensor:
    """(B, C, H, W) -> (N, B, C)."""
    return h.flatten(2).permute(2, 0, 1).contiguous()


def rows_first(h: Tensor, width: int) -> Tensor:
    """(N, B, C) -> (B, H, W, C)."""
    return h.unflatten(0, (-1, width)).permute(2, 0, 1, 3)


def entrance(inputs: int, hidden: int) -> nn.Linear:
    """From the input to the gates, the forget gate a little open at first,
    so that what is seen lasts."""
    enter = nn.Linear(inputs, 4 * hidden)
    nn.init.constant_(enter.bias[hidden : 2 * hidden], 1.0)
    return enter


def rows_of(height: int, width: int) -> list[Scanned]:
    """Rows from the top, for sites in raster order: cells are columns."""
    return [Scanned(row * width, (row + 1) * width, 0) for row in range(height)]


class RowBlock(nn.Module):
    """h + up(LSTM(h)), row by row (section 3.1). The input reaches the gates through a 1x3 kernel
    with mask B, of which two columns are left: that of the left neighbour and the site's own."""

    def __init__(self, width: int, hidden: int, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.enter = entrance(2 * width, hidden)
        self.lstm = ConvLSTM(hidden, offsets=(-1, 0, 1))
        self.up = nn.Linear(hidden, width)

    def scan(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """h (N, B, width) -> both states of the LSTM, (N, B, hidden)."""
        rows = h.unflatten(0, (-1, self.columns))
        left = F.pad(rows[:, :-1], (0, 0, 0, 0, 1, 0)).flatten(0, 1)
        return self.lstm(self.enter(torch.cat([left, h], 2)), rows_of(len(rows), self.columns))

    def forward(self, h: Tensor) -> Tensor:
        return h + self.up(self.scan(h)[0])  # (N, B, width)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        yield from (self.enter, RowTriangle(self.columns, self.up.in_features), self.up)


class RowBlockStep:
    """Cached twin of `RowBlock`: the state-to-state product
    is computed for a whole row when the row opens."""

    def __init__(self, block: RowBlock, picture: RasterStepper) -> None:
        memory, hidden = picture.memory, block.up.in_features
        self.block, self._up = block, Pointwise(block.up)
        self.h, self.c = Grid(memory, hidden, 1, 1, 1), Grid(memory, hidden, 1, 0, 0)
        self._h_line, self._c_line = Line(memory, hidden, 0, 1), Line(memory, hidden, 0, 1)
        kernel = block.lstm.kernel.T.unflatten(1, (3, hidden)).mT  # (4 * hidden, hidden, columns)
        self._recur = UpwardStep(self.h, kernel[:, :, None], block.enter.bias)
        enter = block.enter.weight.unflatten(1, (2, -1)).mT  # (4 * hidden, width, columns)
        line = Line(memory, enter.shape[1], left=1, columns=2)
        self._enter = LeftwardStep(line, enter[:, :, None], block.enter.bias)
        self._gates, self._squashed = memory.scratch(4 * hidden), memory.scratch(hidden)
        self._stream = memory.scratch(enter.shape[1])

    def open(self, row: int) -> None:
        self._above = self._recur.row(row).unbind(1)
        self._c_line.inside.copy_(self.c.all[:, row])

    def pixel(self, column: int, stream: Tensor) -> Tensor:
        """(B, width) -> (B, width)."""
        gates = self._enter(column, stream, self._above[column], out=self._gates)
        h = self._h_line.slots[column]
        through_gates(gates, self._c_line.slots[column], self._squashed, h)
        return self._up.added(stream, h, out=self._stream)

    def close(self, row: int) -> None:
        """Remember the row, which is complete."""
        self.h.write(row, self._h_line.inside)
        self.c.write(row, self._c_line.inside)

    def fill(self, stream: Tensor) -> Tensor:
        """The block itself, which remembers the rows of its states."""
        h, c = self.block.scan(stream)
        for grid, states in ((self.h, h), (self.c, c)):
            grid.fill(rows_first(states, self.block.columns).permute(0, 3, 1, 2))
        y: Tensor = stream + self.block.up(h)
        return y


def diagonals_of(height: int, width: int) -> list[Scanned]:
    """Diagonals from the top left, for sites in the order of `by_diagonals`: cells are rows."""
    lines: list[Scanned] = []
    first = 0
    for diagonal in range(height + width - 1):
        top, bottom = max(0, diagonal - width + 1), min(height, diagonal + 1)
        lines.append(Scanned(first, first + bottom - top, top))
        first += bottom - top
    return lines


def by_diagonals(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The raster indices of the sites in the order of their diagonals, LongTensor (N,), and the
    same of the mirrored picture.

    Where each row is skewed, one further to the right than the one above,
    a diagonal is a column (figure 3).
    """
    site = torch.arange(height * width, device=device)
    row, column = site // width, site % width
    order = ((row + column) * height + row).argsort()
    return order, (row * width + width - 1 - column)[order]


def down_a_row(h: Tensor, width: int) -> Tensor:
    """h (N, B, C) in raster order, moved down one row."""
    return F.pad(h[:-width], (0, 0, 0, 0, width, 0))


class DiagonalBlock(nn.Module):
    """h + up(LSTM(h) + mirrored LSTM(h), moved down a row), diagonal by diagonal (section 3.2)."""

    def __init__(self, width: int, hidden: int, columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.enter_right = entrance(width, hidden)  # of the LSTM that goes to the right
        self.enter_left = entrance(width, hidden)
        self.right = ConvLSTM(hidden, offsets=(-1, 0))
        self.left = ConvLSTM(hidden, offsets=(-1, 0))
        self.up = nn.Linear(hidden, width)

    def scan(self, h: Tensor, own: Tensor | None) -> tuple[Tensor, Tensor]:
        """h (N, B, width) -> states of the LSTM to the right and of the one to the left, (N, B,
        hidden), not yet moved down.

        own: what the gates of the one to the left get besides, (N, B, 4 * hidden)."""
        height = len(h) // self.columns
        lines, states = diagonals_of(height, self.columns), []
        orders = by_diagonals(height, self.columns, h.device)
        for order, enter, lstm in zip(
            orders, (self.enter_right, self.enter_left), (self.right, self.left), strict=True
        ):
            gates = enter(h.index_select(0, order))
            if lstm is self.left and own is not None:
                gates = gates + own.index_select(0, order)
            states.append(lstm(gates, lines)[0].index_select(0, order.argsort()))
        return states[0], states[1]

    def add(self, h: Tensor, right: Tensor, left: Tensor) -> Tensor:
        """h with what the LSTMs found, (N, B, width)."""
        y: Tensor = h + self.up(right + down_a_row(left, self.columns))
        return y

    def forward(self, h: Tensor, own: Tensor | None) -> Tensor:
        return self.add(h, *self.scan(h, own))  # (N, B, width)

    def anatomy(self) -> Iterator[Figure | nn.Module]:
        scans = Diagonals(self.columns, self.up.in_features)
        yield from (self.enter_right, self.enter_left, scans, self.up)


class DiagonalBlockStep:
    """Cached twin of `DiagonalBlock`: the LSTM to the right goes along with the pixels; what the
    one to the left found in the row above is in `left`, see `LeftwardRows`.

    left: (B, 1 + H, W, hidden).
    """

    def __init__(self, block: DiagonalBlock, picture: RasterStepper, left: Tensor) -> None:
        memory, (width, hidden) = picture.memory, (block.up.out_features, block.up.in_features)
        self.block, self._up, self._left = block, Pointwise(block.up), left
        self.right = Grid(memory, hidden, 1, 0, 0)
        above, beside = block.right.kernel.split(hidden)
        self._above = above, block.enter_right.bias
        # (width + hidden, 4 * hidden)
        self._enter = torch.cat([block.enter_right.weight.T, beside])
        line = memory.scratch(block.columns + 1, width + hidden)  # the stream, and the state beside
        self.line, self._states = line[:, :-1, :width], line[:, 1:, width:]
        self._windows, self._slots = line.unbind(1), self.line.unbind(1)
        self._state_slots = self._states.unbind(1)
        self._carried, self._squashed = memory.scratch(hidden), memory.scratch(hidden)
        self._gates, self._stream = memory.scratch(4 * hidden), memory.scratch(width)

    def open(self, row: int) -> None:
        above, bias = self._above
        gates = torch.addmm(bias, self.right.all[:, row].flatten(0, 1), above)
        self._gates_above = gates.unflatten(0, self.line.shape[:2]).unbind(1)
        self._from_left = self._up.row(self._left[:, row]).unbind(1)
        self._carried.zero_()

    def pixel(self, column: int, stream: Tensor) -> Tensor:
        """(B, width) -> (B, width)."""
        self._slots[column].copy_(stream)
        torch.addmm(self._gates_above[column], self._windows[column], self._enter, out=self._gates)
        h = self._state_slots[column]
        through_gates(self._gates, self._carried, self._squashed, h)
        found = torch.addmm(self._from_left[column], h, self._up.weight, out=self._stream)
        return found.add_(stream)

    def close(self, row: int) -> None:
        """Remember the row, which is complete."""
        self.right.write(row, self._states)

    def fill(self, stream: Tensor, own: Tensor | None) -> Tensor:
        """The block itself, which remembers the rows of its states."""
        right, left = self.block.scan(stream, own)
        states = rows_first(left, self.block.columns)  # (B, rows, W, hidden)
        self._left[:, 1 : 1 + states.shape[1]] = states
        self.right.fill(rows_first(right, self.block.columns).permute(0, 3, 1, 2))
        return self.block.add(stream, right, left)


class LeftwardRows:
    """Twin of the LSTMs to the left of all blocks: they go over a row as soon as it is complete,
    all at once, since the rows of their inputs are there. That is one product a pixel instead of
    one for each block, and saves a quarter of the time that a picture of the shipped model takes.

    states: (B, blocks, 1 + H, W, hidden), behind an empty row.
    """

    def __init__(self, blocks: Sequence[DiagonalBlock], memory: Memory) -> None:
        height, width = memory.space
        hidden = blocks[0].up.in_features
        self.states = memory.kept(len(blocks), 1 + height, width, hidden)
        kernels = [block.left.kernel.split(hidden) for block in blocks]  # above, beside
        # (blocks, width + hidden, 4 * hidden)
        self._enter = torch.stack(
            [
                torch.cat([block.enter_left.weight.T, above])
                for block, (above, _) in zip(blocks, kernels, strict=True)
            ]
        )
        self._bias = torch.stack([block.enter_left.bias for block in blocks])[:, None]
        self._beside = torch.stack([beside for _, beside in kernels])
        new = self.states.new_zeros
        self._seen = new(len(blocks), width, memory.batch, self._enter.shape[1])
        self._x = self._seen[..., :-hidden].transpose(1, 2).unbind(0)  # of each block (B, W, width)
        self._above = self._seen[..., -hidden:]
        self._state = new(3, len(blocks), memory.batch, hidden)

    def close(self, row: int, inputs: Sequence[Tensor], own: Tensor) -> None:
        """inputs: what goes into each block in this row, (B, W, width).
        own: what the first one gets besides, (B, W, 4 * hidden)."""
        for seen, x, above in zip(
            self._seen, inputs, self.states[:, :, row].unbind(1), strict=True
        ):
            torch.cat([x, above], 2, out=seen.transpose(0, 1))
        gates = torch.baddbmm(self._bias, self._seen.flatten(1, 2), self._enter)
        gates = gates.unflatten(1, self._seen.shape[1:3])  # (blocks, W, B, 4 * hidden)
        gates[0] += own.transpose(0, 1)
        h, c, squashed = self._state.zero_()
        for column in reversed(range(len(gates[0]))):
            through_gates(torch.baddbmm(gates[:, column], h, self._beside), c, squashed, h)
            self.states[:, :, 1 + row, column] = h.transpose(0, 1)
