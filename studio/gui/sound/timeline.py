"""`Timeline`: what the views of a sound share: the sound, the part of it that is seen, the playhead
and the selection."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.engine.audio.envelope import Envelope
from studio.engine.editing.gap import Gap
from studio.gui.sound.time_window import TimeWindow

_SECONDS = 10.0  # seen at first; one may go farther away than this even where there is less
# of the width: where the playhead is held, and where it comes in again
_FOLLOW_TO, _FOLLOW_FROM = 0.75, 0.1
MARGIN = 1.02  # how much more than the whole sound may be seen


class Timeline(QObject):
    """A sound in one or more takes of equal length, as it is looked at. It knows nothing of who
    makes or plays it.

    The page calls
        begin(takes, rate)          another sound, empty
        append(samples)             float32 (takes, n) in -1..1: what has been made or read since
        cut(length)                 what comes after is gone
        set_beginning(length, filled)   so many samples are a beginning that is kept, with some gaps
                                    that a model has filled
        set_playhead(sample)        where it sounds: 60 times a second if it likes
        set_extent(samples)         there is something to look at so far, even where no sound has
                                    been made
        choose_take(take), select(start, stop), extend(pixels), unselect()
        follow(on), show_all(), pan(pixels), zoom(factor, x)
    and hears, whether the person or a call did it,
        take_changed(take)          another take is the one that is heard
        selection_changed()         see `selection`: (start, stop) in samples, or None
        following_changed(on)       whether the view goes along with the playhead: not after the
                                    person has moved away
        sought(sample)              the person clicked there: play from there, and `set_playhead`
                                    once it does
    begun, grown(from, to), moved and playhead_moved are for the views.
    """

    take_changed = Signal(int)
    selection_changed = Signal()
    following_changed = Signal(bool)
    sought = Signal(int)
    begun = Signal()
    grown = Signal(int, int)
    moved = Signal()
    playhead_moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rate = 8000
        self.sound = Envelope()
        self.take = 0
        self.beginning = 0
        self.filled: tuple[Gap, ...] = ()
        self.extent = 0
        self.playhead = 0
        self.following = True
        self.selection: tuple[int, int] | None = None
        self._ends = (0, 0)  # of the selection, last the one that was moved last
        self.window = TimeWindow(0, _SECONDS * MARGIN * self.rate, 1)

    # ---- the sound -------------------------------------------------------------------------------

    @property
    def length(self) -> int:
        """How many samples there are of each take."""
        return self.sound.length

    def begin(self, takes: int, rate: int) -> None:
        """Another sound, of which there is nothing yet. The same seconds are seen as before."""
        self.window = TimeWindow.over(
            self.window.start / self.rate * rate,
            self.window.stop / self.rate * rate,
            self.window.width,
        )
        self.rate, self.sound, self.beginning, self.playhead = rate, Envelope(takes), 0, 0
        self.filled = ()
        self.unselect()
        self.begun.emit()
        if self.take >= takes:
            self.choose_take(0)

    def append(self, samples: NDArray[np.float32]) -> None:
        """What comes next, (takes, n) in -1..1."""
        before = self.length
        self.sound.append(samples)
        self.grown.emit(before, self.length)

    def cut(self, length: int) -> None:
        """Forget what comes after so many samples."""
        before = self.length
        if length < before:
            self.sound.cut(length)
            if self.selection is not None:
                self.select(*self._ends)
            self.grown.emit(length, before)

    def set_beginning(self, length: int, filled: tuple[Gap, ...] = ()) -> None:
        """So many samples are kept, not made by the model, but for the gaps that it filled."""
        if filled != self.filled:
            self.filled = filled
            self.grown.emit(0, max(self.beginning, length))
        if length != self.beginning:
            before, self.beginning = self.beginning, length
            self.grown.emit(min(before, length), max(before, length))

    @property
    def given(self) -> list[tuple[int, int]]:
        """The stretches that no model made, in their order."""
        filled = [gap for gap in sorted(self.filled) if gap.end <= self.beginning]
        starts, stops = [0, *(gap.end for gap in filled)], [gap.begin for gap in filled]
        every = zip(starts, [*stops, self.beginning], strict=True)
        return [(start, stop) for start, stop in every if start < stop]

    def set_extent(self, samples: int) -> None:
        """There is something to look at so far, such as what is to be said,
        even where no sound has been made."""
        self.extent = samples
        self._see(self.window)

    def choose_take(self, take: int) -> None:
        """The one that is heard, and seen clearly."""
        if take != self.take:
            self.take = take
            self.take_changed.emit(take)

    # ---- the playhead and the selection ----------------------------------------------------------

    def set_playhead(self, sample: int) -> None:
        """Where it sounds now; the view goes along unless the person has moved away,
        or all of the sound is seen."""
        if sample != self.playhead:
            self.playhead = sample
            self.playhead_moved.emit()
        if self.following and not self._all_seen:
            x, width = self.window.x_of(sample), self.window.width
            if x < 0:
                self._see(self.window.panned(x - round(_FOLLOW_FROM * width)))
            elif x > round(_FOLLOW_TO * width):
                self._see(self.window.panned(x - round(_FOLLOW_TO * width)))

    def seek(self, sample: int) -> None:
        """The person wants to hear it from there, and to go along."""
        self.follow(True)
        self.sought.emit(min(max(sample, 0), self.length))

    def follow(self, on: bool) -> None:
        """Whether the view goes along with the playhead."""
        if on != self.following:
            self.following = on
            self.following_changed.emit(on)
            self.set_playhead(self.playhead)

    def select(self, start: int, stop: int) -> None:
        """The samples from one to the other, whichever comes first, as far as there are any.
        `extend` moves `stop`."""
        start, stop = (min(max(end, 0), self.length) for end in (start, stop))
        self._ends = start, stop
        self._set_selection((min(self._ends), max(self._ends)) if start != stop else None)

    def extend(self, pixels: int) -> None:
        """Move the end of the selection that was moved last by so much, and keep it in sight; where
        nothing is selected, begin at the playhead."""
        start, stop = (self.playhead, self.playhead) if self.selection is None else self._ends
        self.select(
            start, stop + (round(pixels * self.window.step) or int(math.copysign(1, pixels)))
        )
        x, right = self.window.x_of(self._ends[1]), self.window.width - 1
        if self.selection is not None and not 0 <= x <= right:
            self.pan(x if x < 0 else x - right)

    def unselect(self) -> None:
        """Nothing is selected."""
        self._set_selection(None)

    def _set_selection(self, selection: tuple[int, int] | None) -> None:
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    # ---- the part that is seen -------------------------------------------------------------------

    def set_width(self, pixels: int) -> None:
        """How wide the views are; the same part is seen."""
        if pixels != self.window.width:
            self._see(self.window.resized(max(1, pixels)))

    def pan(self, pixels: int) -> None:
        """Move to the right by so much: the person looks elsewhere,
        and the playhead is no longer followed."""
        self.follow(False)
        self._see(self.window.panned(pixels))

    def zoom(self, factor: float, x: float) -> None:
        """`factor` times as many samples a pixel; what is at pixel x stays there."""
        self._see(self.window.zoomed(factor, x, self._farthest))
        if not 0 <= self.window.x_of(self.playhead) < self.window.width:
            self.follow(False)

    @property
    def _all_seen(self) -> bool:
        return self.window.first == 0 and self.window.stop >= max(self._end, self.playhead)

    def show_all(self) -> None:
        """The whole sound."""
        self.show(0, self._farthest * self.window.width)

    def show(self, start: float, stop: float) -> None:
        """From one sample to another, as far as may be."""
        self._see(TimeWindow.over(start, stop, self.window.width))

    @property
    def _farthest(self) -> float:
        """Samples a pixel at which all of it is seen."""
        return max(self._end, _SECONDS * self.rate) * MARGIN / self.window.width

    @property
    def _end(self) -> int:
        return max(self.length, self.extent)

    def _see(self, window: TimeWindow) -> None:
        window = window.within(max(self._end, self.playhead))
        if window != self.window:
            self.window = window
            self.moved.emit()
