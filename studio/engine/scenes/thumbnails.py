"""Small pictures of files that were made: of a picture itself, of a film its last frame, of a sound
its waveform."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.engine.media.pictures import SUFFIXES, read_picture
from studio.engine.runtime.errors import StudioError

WIDTH, HEIGHT = 128, 96  # pixels, at most
_LONGEST = 600.0  # seconds of a sound
_RATE = 8000  # Hz at which a waveform is looked at
_MOST_PIXELS = 2**24  # of a frame
_LAST = "-0.5"  # seconds before the end of a film
_PATIENCE = 10.0  # seconds that reading it may take
_INK = (47, 111, 222, 255)  # of a waveform
Pixels = NDArray[np.uint8]


def thumbnail(path: Path) -> Pixels | None:
    """(height, width, 4) with at most HEIGHT rows and WIDTH columns; None for a file of another
    kind. StudioError where it cannot be read."""
    from studio.engine.media.recordings import SUFFIXES as SOUNDS

    suffix = path.suffix.lower()
    if suffix == ".gif":
        return _reduced(_last_of_gif(path))
    if suffix in SUFFIXES:
        return _reduced(Image.fromarray(read_picture(path, "RGBA")))
    if suffix == ".mp4":
        return _reduced(_last_of_film(path))
    return _waveform(path) if suffix in SOUNDS else None


def _reduced(picture: Image.Image) -> Pixels:
    """Single pixels of small pictures stay crisp."""
    share = min(WIDTH / picture.width, HEIGHT / picture.height)
    if share >= 1:
        share = int(share)
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    method = Image.Resampling.NEAREST if share >= 1 else Image.Resampling.BOX
    return np.asarray(picture.convert("RGBA").resize(size, method)).copy()


def _last_of_gif(path: Path) -> Image.Image:
    try:
        with Image.open(path) as picture:
            _check(picture.width, picture.height, path)
            picture.seek(getattr(picture, "n_frames", 1) - 1)
            return picture.convert("RGBA")
    except (OSError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise StudioError(f'"{path}" cannot be read as a picture.') from error


def _last_of_film(path: Path) -> Image.Image:
    import imageio_ffmpeg

    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-sseof", _LAST]
    scaled = ["-vf", f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease:flags=area"]
    one = ["-frames:v", "1", "-f", "image2pipe", "-vcodec", "png", "-"]
    try:
        done = subprocess.run(
            [*program, "-i", str(path), *scaled, *one],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=True,
        )
        with Image.open(io.BytesIO(done.stdout)) as picture:
            return picture.convert("RGBA")
    except (OSError, subprocess.SubprocessError) as error:
        raise StudioError(f'"{path}" cannot be read as a film.') from error


def _check(width: int, height: int, path: Path) -> None:
    if width * height > _MOST_PIXELS:
        raise StudioError(f'"{path}" is too large for a small picture of it.')


def _waveform(path: Path) -> Pixels:
    from studio.engine.media.recordings import read_recording

    samples = read_recording(path, _RATE, _LONGEST).samples
    pixels = np.zeros((HEIGHT // 2, WIDTH, 4), np.uint8)
    parts = np.array_split(np.abs(samples), WIDTH)
    peaks = np.array([part.max() if len(part) else 0.0 for part in parts])
    rows = np.abs(np.arange(len(pixels)) - (len(pixels) - 1) / 2)[:, None]
    pixels[rows <= np.maximum(peaks * len(pixels) / 2, 0.5)] = _INK
    return pixels
