"""`SoundPlayer`: sound made in a thread of its own, a little
ahead of what is heard, for as long as it is wanted.

It is an `Actor` that makes samples, keeps them all, and hands those of one take to a `SoundRing`
from which they are played. What is there already is played from there; where it ends, more is made,
up to a length that is wanted. It makes no more than is heard in the next second, so that another
temperature is heard soon. Where it is slower than sound it makes what it can, and lets sound begin
when that will last to the end (`Supply`); where that would take too long, a stretch at a time.

It is one file, although a long one: every command changes what the one thread makes and hands over.

The model's own stepper makes the samples until it is given the compiled engine (`use`), which takes
over between two of them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.audio.listening import Listening, SoundSnapshot
from studio.engine.audio.sound_ring import SoundRing
from studio.engine.audio.supply import Supply
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Stoppable

if TYPE_CHECKING:
    from models.interface import AudioModel, Model
    from studio.engine.audio.compiled_network import CompiledNetwork
    from studio.engine.audio.rendering import Rendering

WANTED_SECONDS = 10.0  # of sound, unless something else is said
STRETCH_SECONDS = 2.0  # heard at a time where it is made more slowly than it is heard
_AHEAD_SECONDS = 1.0  # made ahead of what is heard, where it is made faster
# snapshots a second at most: what moves with the sound is the playhead, which the output knows
_SHOWN_RATE = 20.0
_CHUNK_SECONDS = 0.015  # between two looks at the ring
_VERSIONS = 100  # that are remembered
LONGEST_WAIT = 60.0  # seconds before sound begins; else it is heard in stretches, with pauses

Codes = NDArray[np.uint8]
Floats = NDArray[np.float32]


class SoundPlayer(Actor[SoundSnapshot]):
    """Makes and plays the sound of one model; cancelling stops both, and what is made stays.

    rate: samples a second.

    What does not fit the model ends up in `failures`, and leaves all as it was.
    """

    latest_only = frozenset(["options", "beginning", "length"])
    gives_way = False  # or there would be gaps

    def __init__(
        self,
        model: AudioModel,
        options: SamplingOptions | None = None,
        after: Sequence[Stoppable] = (),
    ) -> None:
        """The thread starts at once, or when those before it have ended (see `Actor`), and shows
        that there is nothing yet."""
        super().__init__("sound player", after)
        self.rate: int = model.sample_rate
        self._model = model
        self._options = options or SamplingOptions()
        self._beginning: Codes | None = None
        self._spectrogram: Floats | None = None
        self._rendering: Rendering | None = None
        self._engine: CompiledNetwork | None = None  # once it is ready
        self._wanted = round(WANTED_SECONDS * self.rate)
        self._take = 0
        self._goal = 0  # what is to be made although nobody listens
        self._listening: Listening | None = None
        self._cursor = 0  # the next sample for the ring
        self._version = 0
        # versions, and from which sample on each was another one than that before
        self._cuts = [(0, 0)]
        self._supply = Supply(self.rate)
        self._busy: float | None = None  # since when it makes sound without a rest
        self._wait: float | None = None  # seconds until it may be heard, None while nobody knows
        self._pauses = False  # whether that is too long, and it is heard in stretches
        self._engine_comes = False
        self._dirty = True
        self._shown = -math.inf
        self.start()

    # Commands, from any thread.

    def play(self, begin: int = 0, loop: tuple[int, int] | None = None) -> Listening:
        """Let it be heard from a sample on, in the place of what was; `loop`: from one sample to
        another, again and again.

        Returns where it comes out. Its ring is finished when
        all of it is there, or what is there has changed.
        """
        if loop is not None and not loop[0] <= begin < loop[1]:
            begin = loop[0]
        ring = SoundRing(self.rate, STRETCH_SECONDS, stretch=STRETCH_SECONDS, held=True)
        listening = Listening(ring, begin, loop)
        self._post("play", lambda: self._listen(listening), ring.finish)
        return listening

    def stop(self) -> None:
        """Nothing is played or made any more; what is made stays."""
        self._post("stop", self._cancelled)

    def make(self) -> None:
        """All that is wanted, as fast as it goes, whether or not anybody listens."""
        self._post("make", self._make_all)

    def rewind(self, position: int) -> None:
        """Forget what comes after; made again with the same options, it comes out the same."""
        self._post("rewind", lambda: self._rewind(position))

    def set_length(self, samples: int) -> None:
        """So many are wanted after the beginning; what is there already stays. A spectrogram says
        itself how many."""
        self._post("length", lambda: self._set_length(samples))

    def expect_engine(self, comes: bool) -> None:
        """Whether the compiled engine is being made ready: what is slow until then waits for it."""
        self._engine_comes = comes

    def use(self, engine: CompiledNetwork) -> None:
        """Let the compiled engine of this model go on from here."""
        self._post("use", lambda: self._use(engine))

    def set_options(self, options: SamplingOptions) -> None:
        """Other seed, count or class: from the beginning on. Other temperature, top-k or top-p:
        from what has not yet been handed to the ring on, and where nothing is played from the
        beginning on."""
        self._post("options", lambda: self._set_options(options))

    def set_beginning(self, codes: NDArray[Any] | None) -> None:
        """Codes (n,) that are kept and gone on from; None for silence."""
        own = None if codes is None else np.array(codes)
        self._post("beginning", lambda: self._begin_with(own))

    def set_spectrogram(self, spectrogram: Floats | None, kept: int = 0) -> None:
        """The spectrogram for a vocoder, (frames, mels) 0..1; None for silence.

        kept: so many frames are as they were, and what was made of them stays, but for the few from
        where the model saw later ones.
        """
        own = None if spectrogram is None else np.array(spectrogram, np.float32)
        self._post("spectrogram", lambda: self._take_spectrogram(own, kept))

    def choose_take(self, take: int) -> None:
        """The one that is heard, from what has not yet been handed to the ring on."""
        self._post("take", lambda: self._choose_take(take))

    # What is there, from any thread.

    def codes(self, start: int = 0, stop: int | None = None) -> Codes:
        """The codes of all takes from one sample to another,
        as far as they are made, uint8 (takes, n)."""
        rendering = self._rendering
        return (
            np.zeros((1, 0), np.uint8)
            if rendering is None
            else rendering.codes[:, start:stop].copy()
        )

    def unchanged_since(self, version: int) -> int | None:
        """How many samples are still what they were in a version; None for all of them."""
        cuts = self._cuts
        if version < cuts[0][0]:
            return 0  # nobody remembers
        return min((position for later, position in cuts if later > version), default=None)

    def samples(self, start: int = 0, stop: int | None = None) -> Floats:
        """The same as it is heard, float32 (takes, n) in -1..1."""
        from models.companding import mu_law_decode

        return mu_law_decode(self.codes(start, stop))

    # Commands, in the thread.

    def _ready(self) -> Rendering:
        if self._rendering is None:
            self._rendering = self._begun(self._options, self._beginning, self._spectrogram)
        return self._rendering

    def _begun(
        self, options: SamplingOptions, beginning: Codes | None, spectrogram: Floats | None
    ) -> Rendering:
        from studio.engine.audio.rendering import Rendering

        return Rendering(self._model, options, beginning, spectrogram, self._engine)

    @property
    def _length(self) -> int:
        """Samples that are wanted, or are there anyway."""
        rendering = self._ready()
        length = rendering.length
        return max(rendering.position, rendering.start + self._wanted if length is None else length)

    def _listen(self, listening: Listening) -> None:
        self._end_listening()
        self._listening, self._cursor = listening, listening.begin
        self._wait, self._pauses = None, False
        if not self._possible(listening):
            self._end_listening()
        self._dirty = True

    def _possible(self, listening: Listening) -> bool:
        """Whether what is to be looped lies within what the spectrogram says, where one does."""
        length = self._ready().length
        return listening.loop is None or length is None or listening.loop[1] <= length

    def _end_listening(self) -> None:
        if self._listening is not None:
            self._listening.ring.finish()
            self._listening = None
            self._dirty = True

    def _cancelled(self) -> None:
        self._end_listening()
        self._goal = 0
        self._dirty = True

    def _make_all(self) -> None:
        self._goal = self._length
        self._dirty = True

    def _rewind(self, position: int) -> None:
        rendering = self._ready()
        if position < rendering.position:
            rendering.rewind(position)
            self._forgotten(rendering.position)

    def _forgotten(self, position: int) -> None:
        """What was behind a sample is no longer there; what was being made still is to be."""
        self._changed_from(position)
        self._goal = self._length if self._goal else 0
        self._dirty = True
        if self._cursor > position:
            self._end_listening()

    def _changed_from(self, position: int) -> None:
        self._cuts = [*self._cuts[-_VERSIONS:], (self._version + 1, position)]
        self._version += 1

    def _set_length(self, samples: int) -> None:
        if samples < 1:
            raise StudioError(f"Ask for at least one sample, not {samples}.")
        self._wanted = samples
        self._dirty = True

    def _use(self, engine: CompiledNetwork) -> None:
        self._engine = engine
        self._ready().use(engine)
        self._engine_comes = self._pauses = False
        self._supply.forget()
        self._dirty = True

    def _set_options(self, options: SamplingOptions) -> None:
        check_options(options, self._model)
        rendering, before = self._ready(), self._options
        anew = before.of_sound != options.of_sound
        self._options = options
        if before.count != options.count:
            self._supply.forget()
        if anew:
            rendering.set_options(options)
            self._take = min(self._take, options.count - 1)
            self._forgotten(rendering.start if before.count == options.count else 0)
        elif before.sampling != options.sampling:
            heard = self._listening
            self._rewind(
                0 if heard is None else self._cursor if heard.loop is None else heard.loop[1]
            )
            rendering.set_options(options)
            self._dirty = True

    def _begin_with(self, beginning: Codes | None) -> None:
        self._rendering = self._begun(self._options, beginning, self._spectrogram)
        self._beginning = beginning
        self._forgotten(0)

    def _take_spectrogram(self, spectrogram: Floats | None, kept: int) -> None:
        rendering, hop = self._ready(), getattr(self._model.conditioning, "hop", 0)
        rendering.set_spectrogram(spectrogram, max(0, kept - self._model.frames_ahead) * hop)
        self._spectrogram = spectrogram
        self._forgotten(rendering.position)
        if self._listening is not None and not self._possible(self._listening):
            self._end_listening()

    def _choose_take(self, take: int) -> None:
        if not 0 <= take < self._options.count:
            raise StudioError(f"There is no take {take + 1}: there are {self._options.count}.")
        self._take = take
        self._dirty = True

    # Making and playing.

    def _patience(self, now: float) -> float | None:
        if self._due() > 0:
            return 0.0
        waits = []
        if self._listening is not None:
            waits.append(_CHUNK_SECONDS)  # for the ring to be read
        if self._dirty:
            waits.append(self._shown + 1 / _SHOWN_RATE - now)
        return min(waits, default=None)

    def _due(self) -> int:
        """How many samples are to be made now."""
        if self._rendering is None:
            return 0
        wanted = self._goal
        if (heard := self._listening) is not None:
            end = self._end(heard)
            soon = end if self._wait else min(end, self._cursor + self._room(heard.ring))
            wanted = max(wanted, soon)
        return max(0, wanted - self._rendering.position)

    def _end(self, listening: Listening) -> int:
        return self._length if listening.loop is None else listening.loop[1]

    def _room(self, ring: SoundRing) -> int:
        """How many samples the ring should still get."""
        wanted = STRETCH_SECONDS if ring.underruns else _AHEAD_SECONDS
        return ring.room(wanted)

    def _advance(self) -> None:
        self._hand_over()
        if due := self._due():
            self._make(due)
            self._hand_over()
        else:
            self._busy = None
        self._let_begin()

    def _let_begin(self) -> None:
        """Let sound begin when what is there, and what is made meanwhile, lasts to the end; or in
        stretches where nobody would wait so long."""
        if (heard := self._listening) is None:
            return
        position, end = self._ready().position, self._end(heard)
        ahead = round(heard.ring.level * self.rate) + max(0, min(position, end) - self._cursor)
        self._wait = self._supply.wait(ahead, end - position)
        if heard.ring.held and self._wait is not None:
            self._pauses |= self._wait > LONGEST_WAIT and not self._engine_comes
            if self._wait == 0 or self._pauses:
                heard.ring.release()
                self._dirty = True

    def _starts_in(self, listening: Listening) -> float | None:
        """Seconds until something is heard, or heard again; None where nobody knows yet."""
        if self._engine_comes or self._wait is None:
            return None
        speed = self._supply.speed
        soon = listening.ring.missing / speed if speed else 0.0  # enough to begin with
        return soon if self._pauses else max(soon, self._wait)

    def _make(self, due: int) -> None:
        rendering = self._ready()
        began = time.monotonic()
        since, self._busy = began if self._busy is None else self._busy, None

        def interrupted() -> bool:
            return self._interrupted() or time.monotonic() > began + _CHUNK_SECONDS

        done = rendering.run(due, interrupted)
        if done:
            now = time.monotonic()
            self._supply.measure(done, now - since)
            self._busy, self._dirty = now, True
        if rendering.position >= self._goal:
            self._goal = 0

    def _hand_over(self) -> None:
        """Put into the ring what is there for it and fits."""
        if (heard := self._listening) is None:
            return
        rendering, end = self._ready(), self._end(heard)
        while (
            count := min(self._room(heard.ring), min(rendering.position, end) - self._cursor)
        ) > 0:
            if not heard.ring.write(
                rendering.samples(self._cursor, self._cursor + count)[self._take]
            ):
                self._end_listening()  # whoever plays it has had enough
                return
            self._cursor += count
            if heard.loop is not None and self._cursor >= end:
                self._cursor = heard.loop[0]
        if heard.loop is None and self._cursor >= end:
            self._end_listening()

    # What there is to see.

    def _show(self) -> None:
        now = time.monotonic()
        if not self._dirty or now < self._shown + 1 / _SHOWN_RATE:
            return
        rendering, length, heard = self._ready(), self._length, self._listening
        making = self._due() > 0
        snapshot = SoundSnapshot(
            position=rendering.position,
            length=length,
            start=rendering.start,
            rate=self.rate,
            takes=self._options.count,
            take=self._take,
            by_spectrogram=rendering.length is not None,
            version=self._version,
            making=making,
            playing=self._listening is not None,
            samples_per_second=self._supply.speed,
            compiled=self._engine is not None,
            upcoming=rendering.upcoming(self._take, making)
            if rendering.position < length
            else None,
            options=self._options,
            waiting=heard is not None and not heard.ring.ready,
            starts_in=None if heard is None else self._starts_in(heard),
            pauses=heard is not None and self._pauses,
        )
        self._dirty = False
        self.mailbox.put(snapshot)
        self._shown = time.monotonic()

    def _failed(self, refused: bool) -> None:
        if refused and self._rendering is not None:
            return
        # Whatever is half done goes, with its memory; the next command begins anew.
        self._cancelled()
        self._rendering = None
        self._changed_from(0)
        self._dirty = False

    def _let_go(self) -> None:
        self._end_listening()
        self._rendering = self._engine = None
        del self._model


def player_of(
    model: Model,
    options: SamplingOptions,
    evidence: object = None,
    after: Sequence[Stoppable] = (),
) -> SoundPlayer:
    """The player of a model that makes sound, see `studio.engine.kinds`; what is painted of
    pictures is nothing to it."""
    from studio.engine.audio.rendering import as_audio_model

    return SoundPlayer(as_audio_model(model), options, after)
