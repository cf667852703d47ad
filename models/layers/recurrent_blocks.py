"""The layers of a PixelRNN: how the stream reaches an LSTM, the lines it goes over, and what it
adds to the stream (van den Oord et al. 2016a, sections 3.1 to 3.3).

Both kinds keep the sites first, (N, B, channels), since a line then lies in one piece.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.recurrence import ConvLSTM, Line


def sites_first(h: Tensor) -> Tensor:
    """(B, C, H, W) -> (N, B, C)."""
    return h.flatten(2).permute(2, 0, 1).contiguous()


def rows_first(h: Tensor, width: int) -> Tensor:
    """(N, B, C) -> (B, H, W, C)."""
    return h.unflatten(0, (-1, width)).permute(2, 0, 1, 3)


def entrance(inputs: int, hidden: int) -> nn.Linear:
    """From the input to the gates, the forget gate a little open at first, so that what is
    seen lasts."""
    enter = nn.Linear(inputs, 4 * hidden)
    nn.init.constant_(enter.bias[hidden : 2 * hidden], 1.0)
    return enter


def rows_of(height: int, width: int) -> list[Line]:
    """Rows from the top, for sites in raster order: cells are columns."""
    return [Line(row * width, (row + 1) * width, 0) for row in range(height)]


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


def diagonals_of(height: int, width: int) -> list[Line]:
    """Diagonals from the top left, for sites in the order of `by_diagonals`: cells are rows."""
    lines: list[Line] = []
    first = 0
    for diagonal in range(height + width - 1):
        top, bottom = max(0, diagonal - width + 1), min(height, diagonal + 1)
        lines.append(Line(first, first + bottom - top, top))
        first += bottom - top
    return lines


def by_diagonals(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """The raster indices of the sites in the order of their diagonals, LongTensor (N,), and the
    same of the mirrored picture.

    Where each row is skewed, one further to the right than the one above, a diagonal is a column
    (figure 3).
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
