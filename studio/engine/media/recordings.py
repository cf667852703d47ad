"""Sound files: reading what a person has as mono samples at the rate that is wanted, and writing
what a model made.

A file is read, mixed and resampled a block at a time, so that an hour at 192 kHz needs no more
memory than what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from studio.engine.media.metadata import as_comment, text_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason, write_atomically

SUFFIXES = frozenset([".wav", ".flac", ".ogg"])  # what a folder is searched for
WRITTEN = frozenset([".wav", ".flac"])
LONGEST = 2**27  # samples of a recording, half a gigabyte: four and a half hours at 8 kHz
_BLOCK = 2**18  # values that are read at once
_RATES = (1_000, 1_000_000)  # Hz
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


def read_recording(path: str | Path, rate: int | None = None) -> Recording:
    """The recording in a WAV, FLAC or OGG file, of any bit depth, its channels averaged and
    resampled to `rate` (None: as it is).

    StudioError, one sentence that names the file, where it is missing, empty, damaged, of another
    kind, without samples or too long.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise StudioError(f'"{path}" is empty.')
            file.seek(0)
            with soundfile.SoundFile(file) as sound:
                wanted = rate or sound.samplerate
                _check_form(path, sound, wanted)
                blocks = _resampled(_mixed(path, sound), sound.samplerate, wanted)
                samples = np.concatenate([np.zeros(0, np.float32), *blocks])
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except OSError as error:
        raise StudioError(f'"{path}" could not be read: {reason(error)}.') from error
    except (
        soundfile.SoundFileError,
        TypeError,
    ) as error:  # TypeError: a file that is named like raw samples
        raise StudioError(
            f'"{path}" is no sound file that can be read: it is damaged or of another kind.'
        ) from error
    if not len(samples):
        raise StudioError(
            f'"{path}" holds no sound: it has no samples, or too few, or is cut short.'
        )
    return Recording(samples.clip(-1, 1), wanted)


def trim_silence(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """The samples (T,) without the silence at both ends;
    nothing is left of what is silent throughout."""
    size = max(1, round(rate * _FRAME))
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    power = np.square(frames, dtype=np.float64).mean(1)  # (frames,)
    loud = np.flatnonzero(power > power.max(initial=0) * _SILENCE**2)
    if not len(loud):
        return samples[:0]
    margin = round(rate * _MARGIN)
    return samples[max(0, loud[0] * size - margin) : (loud[-1] + 1) * size + margin]


def write_recording(
    path: str | Path,
    samples: NDArray[np.float32],
    rate: int,
    metadata: Mapping[str, object] | None = None,
) -> None:
    """Write samples (T,), of which what lies beyond -1..1 is clipped, as 16-bit WAV or FLAC, by the
    suffix of the path.

    metadata: such as seed and model, kept in the comment of the file.
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
            file.write(samples)

    try:
        write_atomically(path, write)
    except soundfile.SoundFileError as error:
        raise StudioError(f'"{path}" could not be written: {str(error).rstrip(".")}.') from error


def _check_form(path: Path, sound: soundfile.SoundFile, rate: int) -> None:
    low, high = _RATES
    if not low <= sound.samplerate <= high:
        raise StudioError(
            f'"{path}" has {sound.samplerate:,} samples a second: {low:,} to {high:,} are read.'
        )
    if sound.frames * rate / sound.samplerate > LONGEST:
        hours, most = sound.frames / sound.samplerate / 3600, LONGEST / rate / 3600
        raise StudioError(
            f'"{path}" is too long: it lasts {hours:.1f} hours, and at {rate:,} Hz {most:.1f} hours'
            " are read."
        )


def _mixed(path: Path, sound: soundfile.SoundFile) -> Iterator[NDArray[np.float32]]:
    """The samples (n,) of each block, the mean of all channels."""
    for block in sound.blocks(max(1, _BLOCK // sound.channels), dtype="float32", always_2d=True):
        if not np.isfinite(block).all():
            raise StudioError(f'"{path}" holds samples that are not numbers.')
        yield block.mean(1)


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
