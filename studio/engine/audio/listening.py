"""What a `SoundPlayer` tells: `Listening`, where what it plays comes out, and `SoundSnapshot`, a
moment of what it makes. Free of torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.audio.sound_ring import SoundRing
from studio.engine.generation.next_site import NextSite
from studio.engine.generation.sampling_options import SamplingOptions

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Listening:
    """Sound that is heard through `ring`: from sample `begin` on, of the take that is chosen.

    loop: (from, to) in samples, over and over; None for up to where there is to be no more.
    """

    ring: SoundRing
    begin: int
    loop: tuple[int, int] | None = None

    def place(self, heard: int) -> int:
        """The sample that sounds when so many of the ring have been heard: the playhead."""
        place = self.begin + heard
        if self.loop is None or place < self.loop[1]:
            return place
        start, stop = self.loop
        return start + (place - start) % (stop - start)


@dataclass(frozen=True, eq=False)
class SoundSnapshot:
    """position: samples there are, of `length` that are wanted.
    start: how many of them are a beginning that is kept.
    rate: samples a second.
    takes: how many there are, and take: the one that is heard.
    by_spectrogram: whether a spectrogram says what is heard, and how long.
    version: changes when what was there is no longer what is there.
    making: whether more is made just now.
    playing: whether there is something in a ring that is not yet finished.
    waiting: whether it is not heard yet, for else it would run dry; starts_in: for how many
    seconds, None where that is not known.
    pauses: whether it is made so slowly that it is heard in stretches, with pauses between them.
    samples_per_second: of each take, measured over the last second of work, 0 before the first;
    speed: the same as seconds of sound a second, below 1 where it is slower than it is heard.
    compiled: whether the compiled engine makes it.
    upcoming: the next sample of the take that is heard, looked into; None where nothing comes next.
    """

    position: int
    length: int
    start: int
    rate: int
    takes: int
    take: int
    by_spectrogram: bool
    version: int
    making: bool
    playing: bool
    samples_per_second: float
    compiled: bool
    upcoming: NextSite | None
    options: SamplingOptions
    waiting: bool = False
    starts_in: float | None = None
    pauses: bool = False

    # What any moment says of itself; see `studio.engine.generation.live.Moment`.

    @property
    def hurried(self) -> bool:
        return self.making or self.playing

    @property
    def next_name(self) -> str:
        return f"Sample {self.position:,}, at {self.position / self.rate:.2f} s"

    @property
    def next_levels(self) -> Floats | None:
        return None if self.upcoming is None else self.upcoming.sampled

    @property
    def so_far(self) -> str:
        return ""

    @property
    def speed(self) -> float:
        return self.samples_per_second / self.rate
