"""Spectrograms as files: a recording's, an array of levels (.npy), or a picture.

In a picture a pixel across is a frame and one up is a mel, the lowest pitch at the bottom, black
silence and white loud: any program that paints can be used. 256 shades are 0.3 dB apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.engine.editing.spectrogram_painting import Frames
from studio.engine.generation.exporting import png_bytes, save_levels
from studio.engine.media import pictures, recordings
from studio.engine.media.arrays import read_arrays
from studio.engine.media.mel import MelSpec, log_mel
from studio.engine.media.metadata import text_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import write_atomically

SUFFIXES = recordings.SUFFIXES | pictures.SUFFIXES | {".npy"}
WRITTEN = (".png", ".npy")


def read_spectrogram(path: str | Path, spec: MelSpec, most: int | None = None) -> Frames:
    """The levels (frames, mels) in a file, 0..1: those of a recording, of an array of that shape,
    or of a picture's shades.

    A picture of another height is brought to that of the mels, and its width in proportion.
    StudioError, one sentence that names the file, where it cannot be read, is of another shape or
    longer than `most` frames (None: than a recording may be).
    """
    path, most = Path(path), most or recordings.LONGEST // spec.hop
    suffix = path.suffix.lower()
    if suffix == ".npy":
        frames = _checked(read_arrays(path).get("", np.zeros(0)), path, spec)
    elif suffix in pictures.SUFFIXES:
        frames = _of_picture(pictures.read_picture(path), path, spec, most)
    else:
        longest = most * spec.hop / spec.rate
        frames = log_mel(recordings.read_recording(path, spec.rate, longest).samples, spec)
    _check_length(len(frames), path, spec, most)
    return frames


def write_spectrogram(
    path: str | Path, frames: Frames, metadata: Mapping[str, object] | None = None
) -> None:
    """Write levels (frames, mels) as .png or .npy, by the suffix of the path;
    only the array keeps them exactly.

    metadata: such as the rate and the hop; kept in a picture.
    StudioError, one sentence, where it cannot be written.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".npy":
            save_levels(frames, path)
        case ".png":
            shades = np.rint(frames.T[::-1] * 255).astype(np.uint8)
            write_atomically(path, png_bytes(shades, text_of(metadata)))
        case _:
            raise StudioError(
                f'"{path}" has no known ending: choose .png or .npy for a spectrogram.'
            )


def _checked(array: NDArray[Any], path: Path, spec: MelSpec) -> Frames:
    if array.ndim != 2 or array.shape[1] != spec.mels or not len(array):
        raise StudioError(
            f'"{path}" has the shape {array.shape}, but frames of {spec.mels} mels are needed.'
        )
    if array.dtype.kind != "f" or not ((array >= 0) & (array <= 1)).all():
        raise StudioError(
            f'"{path}" is not a spectrogram: its values must go from 0, silence, to 1, loud.'
        )
    return np.ascontiguousarray(array, np.float32)


def _of_picture(shades: NDArray[np.uint8], path: Path, spec: MelSpec, most: int) -> Frames:
    height, width = shades.shape
    if height != spec.mels:
        size = max(1, round(width * spec.mels / height)), spec.mels
        _check_length(size[0], path, spec, most)  # before it is made so large
        shades = np.asarray(Image.fromarray(shades).resize(size, Image.Resampling.BOX))
    return np.ascontiguousarray(shades[::-1].T / np.float32(255), np.float32)


def _check_length(frames: int, path: Path, spec: MelSpec, most: int) -> None:
    if frames > most:
        seconds, longest = (count * spec.hop / spec.rate for count in (frames, most))
        raise StudioError(
            f'"{path}" is too long: it lasts {seconds:,.0f} s, and at most {longest:,.0f} s can be'
            " used."
        )
