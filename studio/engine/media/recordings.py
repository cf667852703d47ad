"""Sound files: reading what a person has as mono samples at the rate that is wanted, and writing
what a model made.

A file is read, mixed and resampled a block at a time, so that an hour at 192 kHz needs no more
memory than what comes out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from studio.engine.media.attached import attach
from studio.engine.media.metadata import as_comment, text_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason, write_atomically

_log = logging.getLogger(__name__)

# The endings of the formats whose names are not endings themselves; of raw samples and of MATLAB's
# files an ending does not say that they are sound.
_ENDINGS = {
    "AIFF": "aiff aif aifc",
    "AU": "au snd",
    "IRCAM": "sf",
    "MAT4": "",
    "MAT5": "",
    "MP3": "mp3 mp2",
    "MPC2K": "snd",
    "NIST": "nist sph",
    "OGG": "ogg oga opus",
    "RAW": "",
    "SVX": "svx 8svx iff",
    "WAV": "wav wave",
    "WAVEX": "wav",
}
# what a folder is searched for, and what a dialog offers: all that libsndfile decodes
SUFFIXES = frozenset(
    f".{ending}"
    for kind in soundfile.available_formats()
    for ending in _ENDINGS.get(kind, kind.lower()).split()
)
USUAL = "WAV, FLAC, MP3, OGG, Opus or AIFF"  # of all these, for a sentence
WRITTEN = frozenset([".wav", ".flac"])
# samples of a recording that is read whole, a quarter of a gigabyte: two hours at 8 kHz; and of one
# that is read a block at a time
LONGEST, LONGEST_IN_BLOCKS = 2**26, 2**29
_LOWEST = -(2**15)  # of 16 bits
_BLOCK = 2**18  # values that are read at once
_UNKNOWN = 2**62  # frames and more are claimed where the header leaves the length open
_RATES = (1_000, 1_000_000)  # Hz
_CUT = 0.98  # of what the header promises: where less comes, that is said
# What a channel is, in the order of the files; of fewer channels than five the mean is taken.
# L and R front, C centre, E the low-frequency effects, S to the sides or behind.
_LAYOUTS = {5: "LRCSS", 6: "LRCESS", 7: "LRCESSS", 8: "LRCESSSS"}
_LAYOUTS_OF_OGG = {5: "LCRSS", 6: "LCRSSE", 7: "LCRSSSE", 8: "LCRSSSSE"}
# ITU-R BS.775: centre and surround at -3 dB on each side of the stereo that is averaged then
_WEIGHTS = {"L": 1.0, "R": 1.0, "C": 2 * 0.5**0.5, "S": 0.5**0.5, "E": 0.0}
_FRAME = 0.01  # seconds: how finely silence is looked for
_SILENCE = 10 ** (-50 / 20)  # quieter than the loudest frame by so much: 50 dB
_MARGIN = 0.05  # seconds that are kept around what is not silent, for sounds fade in and out


@dataclass(frozen=True)
class Recording:
    """samples: float32 (T,), mono, -1..1.
    rate: samples a second."""

    samples: NDArray[np.float32]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def read_recording(
    path: str | Path, rate: int | None = None, longest: float | None = None
) -> Recording:
    """The recording in a file of any kind and bit depth that libsndfile decodes, mixed to mono and
    resampled to `rate` (None: as it is). Channels are averaged; of 5.1 and its like the usual
    down-mix is taken (ITU-R BS.775), as loud as can be without clipping.

    longest: seconds, None for as many as `LONGEST` samples last.
    StudioError, one sentence that names the file, where it is missing, empty, damaged, of another
    kind, without samples or too long; the last from its header, before anything is read.
    """
    path = Path(path)
    with _opened(path) as sound:
        wanted = rate or sound.samplerate
        most = LONGEST if longest is None else min(LONGEST, round(longest * wanted))
        blocks = list(_blocks(path, sound, wanted, most))
    return Recording(np.concatenate(blocks), wanted)


def recording_blocks(path: str | Path, rate: int) -> Iterator[NDArray[np.float32]]:
    """The same a block (n,) at a time, for what needs less memory than its samples do."""
    path = Path(path)
    with _opened(path) as sound:
        yield from _blocks(path, sound, rate, LONGEST_IN_BLOCKS)


def seconds_of(path: str | Path) -> float | None:
    """How long the recording in a file is as its header says; None where it does not, or there is
    none that can be read."""
    try:
        with _opened(Path(path)) as sound:
            return sound.frames / sound.samplerate if sound.frames < _UNKNOWN else None
    except StudioError:
        return None


def check_rate(rate: int) -> None:
    """StudioError where nothing is resampled to so many samples a second."""
    low, high = _RATES
    if not low <= rate <= high:
        raise StudioError(
            f"Sound cannot have {rate:,} samples a second: {low:,} to {high:,} are possible."
        )


def lasting(seconds: float) -> str:
    """So many seconds, in words."""
    return f"{seconds / 3600:,.1f} hours" if seconds >= 3600 else f"{seconds:,.0f} s"


class Loudness:
    """How loud the frames of a recording are that comes a block at a time: where it is silent."""

    def __init__(self, rate: int) -> None:
        """rate: samples a second."""
        self._size = max(1, round(rate * _FRAME))
        self._margin = round(rate * _MARGIN)
        self._powers = [np.zeros(0)]
        self._rest = np.zeros(0, np.float32)  # less than a frame

    def add(self, samples: NDArray[np.float32]) -> None:
        """What comes next, (n,)."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % self._size
        self._powers.append(self._of(samples[:whole]))
        self._rest = samples[whole:]

    def heard(self) -> slice:
        """The samples between the silence at both ends; none where it is silent throughout."""
        end = np.pad(self._rest, (0, -len(self._rest) % self._size))
        power = np.concatenate([*self._powers, self._of(end)])  # (frames,)
        loud = np.flatnonzero(power > power.max(initial=0) * _SILENCE**2)
        if not len(loud):
            return slice(0, 0)
        first, last = int(loud[0]), int(loud[-1])
        return slice(
            max(0, first * self._size - self._margin), (last + 1) * self._size + self._margin
        )

    def _of(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.square(samples.reshape(-1, self._size), dtype=np.float64).mean(1)


def trim_silence(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """The samples (T,) without the silence at both ends;
    nothing is left of what is silent throughout."""
    loudness = Loudness(rate)
    loudness.add(samples)
    return samples[loudness.heard()]


def write_recording(
    path: str | Path,
    samples: NDArray[np.float32],
    rate: int,
    metadata: Mapping[str, object] | None = None,
    scene: str = "",
) -> None:
    """Write samples (T,), of which what lies beyond -1..1 is clipped, as 16-bit WAV or FLAC, by the
    suffix of the path. What was read from 16 bits is written as the same 16 bits.

    metadata: such as seed and model, kept in the comment of the file.
    scene: a document that the file carries, see `studio.engine.media.attached`.
    StudioError, one sentence, where it cannot be written; what was there before is then untouched.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITTEN:
        raise StudioError(
            f'"{path}" has no ending that says what to write: choose .wav or .flac for sound.'
        )

    def write(part: Path) -> None:
        with soundfile.SoundFile(
            str(part), "w", rate, 1, "PCM_16", format=path.suffix[1:].upper()
        ) as file:
            # WAV keeps it only if it comes before the samples
            file.comment = as_comment(text_of(metadata))
            # by itself the library multiplies by 32,767 what it has divided by 32,768
            file.write((samples * -_LOWEST).round().clip(_LOWEST, -_LOWEST - 1).astype(np.int16))
        if scene:
            attach(part, scene)

    try:
        write_atomically(path, write)
    except soundfile.SoundFileError as error:
        raise StudioError(f'"{path}" could not be written: {str(error).rstrip(".")}.') from error


class _Straight(soundfile.SoundFile):
    """A file that is read from its beginning to its end and never sought in: what cannot be sought
    in (GSM), or does not say how long it is (a FLAC that was piped), is read like any other."""

    def seekable(self) -> bool:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise StudioError(f'"{path}" is empty.')
            file.seek(0)
            with _Straight(file) as sound:
                low, high = _RATES
                if not low <= sound.samplerate <= high:
                    raise StudioError(
                        f'"{path}" has {sound.samplerate:,} samples a second: {low:,} to {high:,}'
                        " are read."
                    )
                yield sound
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except OSError as error:
        raise StudioError(f'"{path}" could not be read: {reason(error)}.') from error
    except (
        soundfile.SoundFileError,
        TypeError,
    ) as error:  # TypeError: a file that is named like raw samples
        raise StudioError(
            f'"{path}" cannot be read as sound: it is damaged or another kind of file.'
        ) from error


def _blocks(
    path: Path, sound: soundfile.SoundFile, rate: int, most: int
) -> Iterator[NDArray[np.float32]]:
    """The samples (n,) of each block, at the rate that is wanted, -1..1; `most` of them at most."""
    check_rate(rate)
    if sound.frames < _UNKNOWN and sound.frames * rate / sound.samplerate > most:
        raise _too_long(path, f"it lasts {lasting(sound.frames / sound.samplerate)}", rate, most)
    count = 0
    for block in _resampled(_mixed(path, sound), sound.samplerate, rate):
        count += len(block)
        if count > most + rate:  # a header may be off by a little
            raise _too_long(path, f"it lasts more than {lasting(most / rate)}", rate, most)
        yield block.clip(-1, 1)
    if not count:
        raise StudioError(
            f'"{path}" holds no sound: it has no samples, or too few, or is cut short.'
        )


def _too_long(path: Path, what: str, rate: int, most: int) -> StudioError:
    return StudioError(
        f'"{path}" is too long: {what}, and at {rate:,} Hz at most {lasting(most / rate)} are read.'
    )


def _mixed(path: Path, sound: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    """The samples (n,) of each block, all channels as one."""
    layouts = _LAYOUTS_OF_OGG if sound.format == "OGG" else _LAYOUTS
    weights = np.array([_WEIGHTS[name] for name in layouts.get(sound.channels, "")], np.float32)
    size, count = max(1, _BLOCK // sound.channels), 0
    while len(block := sound.read(size, dtype="float32", always_2d=True)):
        if not np.isfinite(block).all():
            raise StudioError(f'"{path}" holds samples that are not numbers.')
        count += len(block)
        yield block @ (weights / weights.sum()) if len(weights) else block.mean(1)
    if count < _CUT * sound.frames < _UNKNOWN * _CUT:
        rate = sound.samplerate
        _log.warning(
            '"%s" is cut short: %.1f of %.1f s could be read.',
            path,
            count / rate,
            sound.frames / rate,
        )


def _resampled(
    blocks: Iterator[NDArray[np.float32]], rate: int, wanted: int
) -> Iterator[NDArray[np.float32]]:
    if rate == wanted:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate, wanted, 1, "float32", "VHQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
