"""The spectrogram that the person paints: frames of levels that a vocoder is
conditioned on, brushes, stretches, and a way back.

Coordinates are cells: frames from the beginning, mels from the lowest pitch up. No Qt and no torch
in here, as in `studio.engine.editing.painting`; unlike there, a level is a fraction, and so is what
a brush does to it, and time can be put in and taken out.

What overlaps is laid over each other by the louder level, as the sound of both together is about as
loud as the louder one. It is long because there are many tools, all of which change one array and
its history.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Cell = tuple[int, int]  # (frame, mel)
# (frames, mels), 0 silence .. 1 loud, as `studio.engine.media.mel` has it
Frames = NDArray[np.float32]

MOST_FRAMES = 60_000  # ten minutes of 10 ms each
_HISTORY = 2**26  # bytes that are kept of what was there before
_BLUR = np.array([1, 4, 6, 4, 1], np.float32) / 16
_REACH = len(_BLUR) // 2


class Span(NamedTuple):
    """Frames start..stop-1, those that an edit changed; where
    it changed the length, up to the end of the longer."""

    start: int
    stop: int


class Region(NamedTuple):
    """Frames start..stop-1 and mels low..high-1."""

    start: int
    stop: int
    low: int
    high: int

    @property
    def length(self) -> int:
        """In frames."""
        return self.stop - self.start


@dataclass(frozen=True)
class Brush:
    """draw brings cells to `level`, erase to silence, smooth to what lies round them.

    size: cells across.
    softness: 0, an edge one cell wide .. 1, weaker from the middle on.
    strength: how much of the way a stroke brings its middle, 0..1; however long it lingers there.
    """

    kind: Literal["draw", "erase", "smooth"] = "draw"
    size: int = 3
    softness: float = 0.5
    strength: float = 1.0
    level: float = 1.0


@dataclass(frozen=True)
class _Patch:
    """Frames start..stop-1 become `frames`."""

    start: int
    stop: int
    frames: Frames

    def span(self, length: int) -> Span:
        """What it would change of a picture of so many frames."""
        after = length - (self.stop - self.start) + len(self.frames)
        return Span(self.start, self.stop if after == length else max(after, length))


class SpectrogramPainting:
    """`frames`, and a history of what was done, of which the oldest is forgotten where it needs
    more than `history` bytes.

    Everything between `begin` and `end` is undone as one; an edit outside is an entry of its own.
    In between, `shift` and `stretch` start from what was there at `begin`, so that they can follow
    a pointer, and a cell that the brush passes twice is changed once. Edits return the frames that
    they changed, None where nothing is another.

    `revision` goes up with every change. ValueError for frames of another shape.
    """

    def __init__(self, frames: Frames, history: int = _HISTORY) -> None:
        self.frames = _levels(frames)
        self.revision = 0
        self._done: deque[_Patch] = deque()
        self._undone: list[_Patch] = []
        self._room = history
        self._before: Frames | None = None
        self._coverage: Frames | None = (
            None  # of the stroke, how far every cell is brought towards what the brush wants
        )

    @property
    def length(self) -> int:
        """In frames."""
        return len(self.frames)

    @property
    def mels(self) -> int:
        return self.frames.shape[1]

    @property
    def empty(self) -> bool:
        """Whether all is silent."""
        return not self.frames.any()

    # ---- history ---------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return bool(self._done) or self._before is not None

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def kept(self) -> int:
        """Bytes that the way back takes."""
        return sum(patch.frames.nbytes for patch in (*self._done, *self._undone))

    def begin(self) -> None:
        """Start a stroke; one that is still open ends first."""
        self.end()
        self._before, self.frames = self.frames, self.frames.copy()

    def end(self) -> Span | None:
        """End the stroke, if one is open; what it changed altogether."""
        before, self._before, self._coverage = self._before, None, None
        return None if before is None else self._remember(before)

    def undo(self) -> Span | None:
        """Take the last stroke back; None where there was none."""
        self.end()
        return self._go(self._done, self._undone)

    def redo(self) -> Span | None:
        """Do again what was undone last; None where there was nothing."""
        self.end()
        return self._go(self._undone, self._done)

    def _go(
        self, source: deque[_Patch] | list[_Patch], other: deque[_Patch] | list[_Patch]
    ) -> Span | None:
        if not source:
            return None
        patch, was = source.pop(), self.frames
        self.frames = np.concatenate([was[: patch.start], patch.frames, was[patch.stop :]])
        self.revision += 1
        back = _way_back(was, self.frames)
        assert back is not None
        other.append(back)
        return back.span(self.length)

    def _remember(self, before: Frames) -> Span | None:
        """Make an entry of what is another than before."""
        back = _way_back(before, self.frames)
        if back is None:
            return None
        self._done.append(back)
        self._undone.clear()
        while len(self._done) > 1 and self.kept > self._room:
            self._done.popleft()
        return back.span(self.length)

    def _become(self, frames: Frames) -> Span | None:
        """Take other frames, in the stroke that is open or as an entry of their own."""
        was, self.frames = self.frames, frames
        back = _way_back(was, frames)
        if back is None:
            return None
        self.revision += 1
        if self._before is None:
            self._remember(was)
        return back.span(self.length)

    @property
    def _ground(self) -> Frames:
        """What a shift or a stretch starts from."""
        return self.frames if self._before is None else self._before

    # ---- brushes ---------------------------------------------------------------------------------

    def line(self, start: Cell, end: Cell, brush: Brush) -> Span | None:
        """Lead a round brush from one cell to another; either may lie outside."""
        if self._before is None:
            self.begin()
            self.line(start, end, brush)
            return self.end()
        reach = brush.size // 2 + 1
        left, right = (
            max(0, min(start[0], end[0]) - reach),
            min(self.length, max(start[0], end[0]) + reach + 1),
        )
        if left >= right:
            return None
        if self._coverage is None:
            self._coverage = np.zeros_like(self.frames)
        coverage = self._coverage[left:right]
        np.maximum(
            coverage,
            brush.strength * _covered(start, end, left, right, self.mels, brush),
            out=coverage,
        )
        ground = self._before[left:right]
        towards: Frames | float = brush.level if brush.kind == "draw" else 0.0
        if brush.kind == "smooth":
            towards = _blurred(self._before, left, right)
        made = ground + coverage * (towards - ground)
        changed = np.flatnonzero((made != self.frames[left:right]).any(1))
        if not len(changed):
            return None
        self.frames[left:right] = made
        self.revision += 1
        return Span(left + int(changed[0]), left + int(changed[-1]) + 1)

    # ---- stretches -------------------------------------------------------------------------------

    def within(self, region: Region) -> Region:
        """The part of a region that lies in the picture; of no length or height where none does."""
        start, low = min(max(region.start, 0), self.length), min(max(region.low, 0), self.mels)
        stop, high = min(region.stop, self.length), min(region.high, self.mels)
        return Region(start, max(start, stop), low, max(low, high))

    def copied(self, region: Region) -> Frames:
        """What is there, (frames, mels) of the region."""
        start, stop, low, high = self.within(region)
        return self.frames[start:stop, low:high].copy()

    def erase(self, region: Region) -> Span | None:
        """Make a region silent."""
        start, stop, low, high = self.within(region)
        made = self.frames.copy()
        made[start:stop, low:high] = 0
        return self._become(made)

    def lay(self, frames: Frames, at: Cell) -> Span | None:
        """Lay frames (n, m) over what is there, their first and lowest cell at a place.

        The picture becomes longer where they reach beyond its end;
        what is higher or lower than it is lost.
        """
        return self._become(_laid(self.frames, frames, at))

    def shift(
        self, region: Region, frames: int, mels: int, leave: bool = False
    ) -> tuple[Region, Span | None]:
        """Move a region in time and pitch; what lay there is silent then,
        unless a copy is to be left.

        It stays within the time that there is; what is higher or lower than the picture is lost.
        Returns where it is now.
        """
        ground = self._ground
        start, stop, low, high = region
        frames = min(max(frames, -start), len(ground) - stop)
        moved, made = ground[start:stop, low:high], ground.copy()
        if not leave:
            made[start:stop, low:high] = 0
        now = Region(start + frames, stop + frames, low + mels, high + mels)
        found = self._become(_laid(made, moved, (now.start, now.low)))
        return self.within(now), found

    def stretch(self, region: Region, length: int) -> tuple[Region, Span | None]:
        """Give a region's time another length, in frames,
        at every pitch; what comes after moves along."""
        ground = self._ground
        start, stop, low, high = region
        length = max(1, min(length, MOST_FRAMES - len(ground) + region.length))
        made = np.concatenate(
            [ground[:start], _resampled(ground[start:stop], length), ground[stop:]]
        )
        return Region(start, start + length, low, high), self._become(made)

    def insert(self, frame: int, count: int) -> Span | None:
        """Put so many frames of silence in before a frame."""
        count = min(count, MOST_FRAMES - self.length)
        silence = np.zeros((count, self.mels), np.float32)
        return self._become(np.concatenate([self.frames[:frame], silence, self.frames[frame:]]))

    def cut(self, start: int, stop: int) -> Span | None:
        """Take frames start..stop-1 out; what comes after moves along. At least one frame stays."""
        made = np.delete(self.frames, slice(start, stop), axis=0)
        return self._become(made if len(made) else np.zeros_like(self.frames[:1]))

    def clear(self) -> Span | None:
        """Make all silent."""
        return self._become(np.zeros_like(self.frames))

    def replace(self, frames: Frames) -> Span | None:
        """Take other frames, of any length."""
        made = _levels(frames)
        if made.shape[1] != self.mels:
            raise ValueError(f"frames of {made.shape[1]} mels do not fit those of {self.mels}")
        return self._become(made)


def _levels(frames: Frames) -> Frames:
    if frames.ndim != 2 or not 0 < len(frames) <= MOST_FRAMES or not frames.shape[1]:
        raise ValueError(
            f"frames of the shape {frames.shape} are no spectrogram of 1 to {MOST_FRAMES} frames"
        )
    return np.array(np.clip(frames, 0, 1), np.float32, order="C")


def _way_back(before: Frames, now: Frames) -> _Patch | None:
    """What would make the one of the other again; None where they are alike."""
    length = min(len(before), len(now))
    same = _alike(before[:length], now[:length])  # frames that both begin with,
    left = length - same
    # and after those, end with
    end = _alike(before[len(before) - left :][::-1], now[len(now) - left :][::-1])
    start, stop, was = same, len(now) - end, len(before) - end
    return None if start == stop == was else _Patch(start, stop, before[start:was].copy())


def _alike(a: Frames, b: Frames) -> int:
    """How many frames come before the first that differs."""
    others = (a != b).any(1)
    return int(others.argmax()) if others.any() else len(a)


def _covered(start: Cell, end: Cell, left: int, right: int, mels: int, brush: Brush) -> Frames:
    """How much of the cells of frames left..right-1 a brush covers on a straight line, (right -
    left, mels), 0..1."""
    frame, mel = np.mgrid[left:right, 0:mels].astype(np.float32)
    along, up = end[0] - start[0], end[1] - start[1]
    part = ((frame - start[0]) * along + (mel - start[1]) * up) / max(1, along**2 + up**2)
    part = part.clip(0, 1)  # which point of the line is nearest
    distance = np.hypot(frame - start[0] - part * along, mel - start[1] - part * up)
    reach = brush.size / 2 + 0.5  # at a distance of `size` / 2 a cell is half covered
    edge = 1 + brush.softness * (reach - 1)
    return ((reach - distance) / edge).clip(0, 1).astype(np.float32)


def _blurred(frames: Frames, left: int, right: int) -> Frames:
    """Frames left..right-1, every cell the mean of those round it, the nearer counting more."""
    part = frames[max(0, left - _REACH) : right + _REACH]
    missing = max(0, _REACH - left), max(0, right + _REACH - len(frames))
    padded = np.pad(part, (missing, (_REACH, _REACH)), mode="edge")
    in_time = sum(weight * padded[i : i + right - left] for i, weight in enumerate(_BLUR))
    assert isinstance(in_time, np.ndarray)
    blurred = sum(weight * in_time[:, i : i + frames.shape[1]] for i, weight in enumerate(_BLUR))
    assert isinstance(blurred, np.ndarray)
    return blurred


def _laid(ground: Frames, frames: Frames, at: Cell) -> Frames:
    """The louder of both in every cell."""
    frame, mel = max(0, at[0]), at[1]
    frames = frames[: MOST_FRAMES - frame, max(0, -mel) : max(0, ground.shape[1] - mel)]
    made = np.pad(ground, ((0, max(0, frame + len(frames) - len(ground))), (0, 0)))
    under = made[frame : frame + len(frames), max(0, mel) : max(0, mel) + frames.shape[1]]
    np.maximum(under, frames, out=under)
    return made


def _resampled(frames: Frames, length: int) -> Frames:
    """So many frames, spread evenly over the time of those given;
    between two of them the levels go in a line."""
    places = (np.arange(length) + 0.5) * len(frames) / length - 0.5
    places = places.clip(0, len(frames) - 1)
    before = places.astype(int)
    after = np.minimum(before + 1, len(frames) - 1)
    part = (places - before)[:, None].astype(np.float32)
    made: Frames = frames[before] * (1 - part) + frames[after] * part
    return made
