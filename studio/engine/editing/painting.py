"""The picture that the person paints: levels where they are known,
nothing elsewhere, and a way back.

Coordinates are sites: rows from the top, columns from the left. No Qt and no torch in here, so that
painting works (and is tested) without either.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Site = tuple[int, int]
# a level for all channels, one for each of them, or None: make it unknown
Ink = int | tuple[int, ...] | None
State = tuple[NDArray[np.uint8], NDArray[np.bool_], object]
MOST_BYTES = 32 << 20  # that the history takes, however large the painting


@dataclass(frozen=True, eq=False)
class History:
    """What a painting is, and was. Its arrays are never changed, so that another thread can read
    them.

    done: the oldest first. undone: what is redone first comes last.
    """

    levels: int
    now: State
    done: tuple[State, ...] = ()
    undone: tuple[State, ...] = ()


class Painting:
    """Levels (C, H, W) uint8 with a mask of what is known (H, W), and a history of strokes.

    A stroke is everything between `begin` and `end`: it is undone as one, and left out of the
    history where it changed nothing. `revision` goes up with every change of the picture.

    beside: what goes with the present state, whatever it is to the one who paints; the history
    keeps it, and brings it back.
    """

    def __init__(
        self, channels: int, height: int, width: int, levels: int, history: int = 200
    ) -> None:
        self.levels = levels
        self.values = np.zeros((channels, height, width), np.uint8)
        self.known = np.zeros((height, width), np.bool_)
        self.revision = 0
        self.beside: object = None
        fitting = MOST_BYTES // max(1, self.values.nbytes + self.known.nbytes)
        self._done: deque[State] = deque(maxlen=max(1, min(history, fitting)))
        self._undone: list[State] = []
        self._before: State | None = None

    @property
    def space(self) -> tuple[int, int]:
        """(height, width)."""
        return self.known.shape[0], self.known.shape[1]

    @property
    def empty(self) -> bool:
        """Whether nothing is known."""
        return not self.known.any()

    # ---- history ---------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def kept(self) -> int:
        """Bytes that the way back takes."""
        return sum(state[0].nbytes + state[1].nbytes for state in (*self._done, *self._undone))

    @property
    def history(self) -> History:
        """As if a stroke that is open ended now. Cheap: only the present state is copied."""
        done, undone = tuple(self._done), tuple(self._undone)
        if self._before is not None and self._differs(self._before):
            done, undone = (*done, self._before), ()
        return History(self.levels, self._state(), done, undone)

    def take_up(self, history: History) -> None:
        """Be what a painting of this size and of these levels was, with its way back; ValueError
        for one of others."""
        if (history.now[0].shape, history.levels) != (self.values.shape, self.levels):
            raise ValueError("a history of another size, or of other levels")
        self._before = None
        self._done.clear()
        self._done.extend(history.done)
        self._undone[:] = history.undone
        self._be(history.now)

    def begin(self) -> None:
        """Start a stroke; a stroke that is still open ends first."""
        self.end()
        self._before = self._state()

    def end(self) -> None:
        """End the stroke, if one is open."""
        before, self._before = self._before, None
        if before is not None and self._differs(before):
            self._done.append(before)
            self._undone.clear()

    def mark(self) -> None:
        """An entry of the history although the picture stays: what goes beside it will change."""
        self.end()
        self._done.append(self._state())
        self._undone.clear()
        self.revision += 1

    def undo(self) -> bool:
        """Take the last stroke back; whether there was one."""
        self.end()
        return self._go(self._done, self._undone)

    def redo(self) -> bool:
        """Do again what was undone last; whether there was something."""
        self.end()
        return self._go(self._undone, self._done)

    def _go(self, source: deque[State] | list[State], other: deque[State] | list[State]) -> bool:
        if not source:
            return False
        other.append(self._state())
        self._be(source.pop())
        return True

    def _be(self, state: State) -> None:
        values, known, self.beside = state
        self.values, self.known = values.copy(), known.copy()  # somebody may still read the state
        self.revision += 1

    def _state(self) -> State:
        return self.values.copy(), self.known.copy(), self.beside

    def _differs(self, state: State) -> bool:
        return not (np.array_equal(state[0], self.values) and np.array_equal(state[1], self.known))

    # ---- tools -----------------------------------------------------------------------------------

    def line(self, start: Site, end: Site, level: Ink, size: int = 1) -> bool:
        """Draw from one site to another with a round brush of `size` sites.

        Either end may lie outside the picture. Returns whether anything changed.
        """
        mask = np.zeros(self.space, np.bool_)
        for row, column in line_sites(start, end):
            _stamp(mask, row, column, size)
        return self.put(mask, level)

    def fill(self, site: Site, level: Ink) -> bool:
        """Fill the connected region of sites that are like this one:
        unknown, or of the same value."""
        row, column = site
        if not (0 <= row < self.space[0] and 0 <= column < self.space[1]):
            return False
        alike = self.known == self.known[row, column]
        if self.known[row, column]:
            alike &= (self.values == self.values[:, row, column, None, None]).all(0)
        return self.put(connected(alike, site), level)

    def put(self, mask: NDArray[np.bool_], level: Ink) -> bool:
        """Set the sites of a mask (H, W) to an ink; returns whether anything changed."""
        before = self._state()
        self.known[mask] = level is not None
        self.values[:, mask] = np.clip(0 if level is None else level, 0, self.levels - 1).reshape(
            -1, 1
        )
        return self._changed(before)

    def replace(self, values: NDArray[np.uint8], known: NDArray[np.bool_] | None = None) -> bool:
        """Take another picture, (C, H, W) levels, known
        where the mask says (everywhere without one).

        One entry of the history; returns whether anything changed.
        """
        if values.shape != self.values.shape:
            raise ValueError(
                f"a picture of shape {values.shape} does not fit one of {self.values.shape}"
            )
        self.begin()
        before = self._state()
        self.known = (
            np.ones(self.space, np.bool_) if known is None else known.astype(np.bool_, copy=True)
        )
        self.values = np.where(self.known, np.minimum(values, self.levels - 1), 0).astype(np.uint8)
        changed = self._changed(before)
        self.end()
        return changed

    def clear(self) -> bool:
        """Make everything unknown; one entry of the history."""
        return self.replace(np.zeros_like(self.values), np.zeros_like(self.known))

    def fill_background(self, level: Ink = 0) -> bool:
        """Give an ink to every unknown site from the top down to the lowest one that is painted.

        A stroke on its own leaves the sites round it open, and a model that draws from the top
        would fill them before it sees the stroke; with the background the painted part is a whole.
        One entry of the history.
        """
        rows = np.flatnonzero(self.known.any(1))
        if not len(rows):
            return False
        ground = ~self.known
        ground[rows[-1] + 1 :] = False
        self.begin()
        changed = self.put(ground, level)
        self.end()
        return changed

    def _changed(self, before: State) -> bool:
        changed = self._differs(before)
        self.revision += changed
        return changed


def line_sites(start: Site, end: Site) -> Iterator[Site]:
    """The sites of a straight line, both ends included,
    each step to one of the eight neighbours."""
    rows, columns = end[0] - start[0], end[1] - start[1]
    steps = max(abs(rows), abs(columns))
    for step in range(steps + 1):
        part = step / steps if steps else 0.0
        yield start[0] + round(rows * part), start[1] + round(columns * part)


def brush_sites(row: int, column: int, size: int) -> Iterator[Site]:
    """The sites under a round brush `size` sites wide:
    a point, a square of four, one of nine, then discs."""
    low = -((size - 1) // 2)
    middle = low + (size - 1) / 2
    reach = (
        size / 2
    ) ** 2 + 0.25  # a little more than the circle, which looks rounder at these sizes
    for down in range(low, low + size):
        for right in range(low, low + size):
            if (down - middle) ** 2 + (right - middle) ** 2 <= reach:
                yield row + down, column + right


def connected(alike: NDArray[np.bool_], site: Site) -> NDArray[np.bool_]:
    """The part of a mask (H, W) that hangs together with `site`, over the four neighbours."""
    found = np.zeros_like(alike)
    waiting = [site]
    while waiting:
        row, column = waiting.pop()
        inside = 0 <= row < alike.shape[0] and 0 <= column < alike.shape[1]
        if inside and alike[row, column] and not found[row, column]:
            found[row, column] = True
            waiting += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return found


def _stamp(mask: NDArray[np.bool_], row: int, column: int, size: int) -> None:
    for y, x in brush_sites(row, column, size):
        if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]:
            mask[y, x] = True
