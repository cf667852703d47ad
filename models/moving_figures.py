"""Figures of what a network remembers while it draws: they move with the picture. See
`models.anatomy`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from models.anatomy import Figure


@dataclass(frozen=True, eq=False)
class DilatedTree(Figure):
    """Layers of two taps each, and the queue from which each takes its older one (van den Oord et
    al. 2016a, figure 3; Le Paine et al. 2016, figure 2).

    Row 0 are the states of the first layer, row l those of dilated layer l.
    dilations: distance of the taps, of each layer.
    width: numbers of a state.
    """

    dilations: tuple[int, ...]
    width: int

    title = "Dilated convolutions"
    about = "Each layer has two taps; what the older one reads waits in a queue."

    def queue(self, layer: int, position: int) -> range:
        """The sites whose states of the row below are in the queue of a layer, 1 for the first,
        once `position` sites are drawn, the oldest first; its other places hold zeros."""
        return range(max(0, position - self.dilations[layer - 1]), position)

    def sources(self, row: int, site: int) -> list[tuple[int, int]]:
        """(row, site) of what a state is made of, the older one first."""
        if row == 0:
            return []
        older = site - self.dilations[row - 1]
        return [(row - 1, each) for each in (older, site) if each >= 0]

    def tree(self, row: int, site: int) -> set[tuple[int, int]]:
        """A state and all that flows into it, (row, site)."""
        reached = {(row, site)}
        for below in range(row, 0, -1):
            for _, each in [one for one in reached if one[0] == below]:
                reached.update(self.sources(below, each))
        return reached

    def drawable(self, sites: int) -> int:
        """How many layers look back less than so many sites; at least 1."""
        reach, count = 0, 0
        for dilation in self.dilations:
            reach += dilation
            if reach >= sites:
                break
            count += 1
        return max(1, count)


@dataclass(frozen=True, eq=False)
class Diagonals(Figure):
    """Two LSTMs that go over a picture by its diagonals (van den Oord et al. 2016a, section 3.2 and
    figure 3).

    columns: of the picture.
    hidden: numbers of a state.
    """

    columns: int
    hidden: int

    title = "Diagonal BiLSTM"
    about = "Two LSTMs go over the diagonals; the one to the left is moved down a row and added."

    @staticmethod
    def sources(row: int, column: int, way: int) -> list[tuple[int, int]]:
        """The pixels of whose states that of a pixel is made, of the LSTM to the right (way 1) or
        to the left (-1); some may lie outside."""
        return [(row, column - way), (row - 1, column)]


@dataclass(frozen=True, eq=False)
class RowTriangle(Figure):
    """An LSTM that goes down row by row (van den Oord et al. 2016a, section 3.1).

    columns: of the picture.
    hidden: numbers of a state.
    """

    columns: int
    hidden: int

    title = "Row LSTM"
    about = "Each state is made of the three above it, so what is seen widens to a triangle."

    @staticmethod
    def sources(row: int, column: int) -> list[tuple[int, int]]:
        """The pixels of whose states that of a pixel is made; some may lie outside."""
        return [(row - 1, column + beside) for beside in (-1, 0, 1)]


@dataclass(frozen=True, eq=False)
class AttentionTriangle(Figure):
    """Every site looks at a start and at all sites before it, not at itself.

    heads: how many look apart from each other.
    key, value: numbers of a key and of a value, of each head.
    shifted: where the shift by one is made that keeps a site itself out: of what goes into the
    first layer, or of keys and values.
    """

    heads: int
    key: int
    value: int
    shifted: Literal["input", "keys"]

    title = "Causal attention"
    about = "Each site looks at the start and at all sites before it, and never at itself."

    @staticmethod
    def seen(query: int) -> range:
        """The ranks that the site of a rank looks at, besides the start."""
        return range(query)


class Scale(NamedTuple):
    """What one part makes: rows, columns and channels; says: which part it is."""

    rows: int
    columns: int
    channels: int
    says: str


class Way(NamedTuple):
    """From one grid to another, by their numbers: on, to a coarser or a finer one, or past all
    that is between, as a short-cut."""

    begin: int
    end: int
    kind: Literal["on", "down", "up", "short-cut"]


@dataclass(frozen=True, eq=False)
class Scales(Figure):
    """A network that sees the picture at several resolutions, as in figure 2 of Salimans et al.
    2017.

    space: (height, width) of the picture.
    grids: in the order in which they are computed.
    streams: of features on each of them.
    cached: whether a grid keeps what it computed for earlier sites; else all is computed anew in
    every pass.
    """

    space: tuple[int, int]
    grids: tuple[Scale, ...]
    ways: tuple[Way, ...]
    streams: int
    cached: bool

    title = "Resolutions and short-cuts"
    about = "The picture at several resolutions; short-cuts bring back the details of the way down."

    def stride(self, number: int) -> int:
        """How many rows of the picture a row of a grid stands for."""
        return -(-self.space[0] // self.grids[number].rows)

    def computed(self, number: int, row: int, column: int) -> bool:
        """Whether a grid is computed at this pixel, not taken from what it keeps."""
        stride = self.stride(number)
        return not self.cached or (row % stride == 0 and column % stride == 0)
