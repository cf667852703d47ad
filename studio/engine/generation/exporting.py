"""What a model drew, as a file: a grid (.png), how it was drawn (.gif, .mp4), or the levels (.npy,
.npz). It may carry a scene, a document from which the studio draws the same again.

A file is written whole or not at all. `check_target` tells
one that cannot be written before the work begins.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from studio.engine.media.attached import attach
from studio.engine.media.image_grid import MARKS, greys, image_grid
from studio.engine.media.metadata import as_comment, text_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import write_atomically

if TYPE_CHECKING:
    from studio.engine.generation.generation import Generation

ANIMATIONS = frozenset([".gif", ".mp4"])
ARRAYS = frozenset([".npy", ".npz"])
SUFFIXES = (".png", ".gif", ".mp4", ".npy", ".npz")
SOUND_SUFFIXES = (".wav", ".flac", ".npy", ".npz")
FRAMES_A_SECOND = 25.0
_HOLD = 2.0  # seconds that the finished pictures stay at the end of an animation
_CODEC = "libx264"


@dataclass(frozen=True)
class Frame:
    """A moment of the drawing.

    values: uint8 (count, C, H, W), levels.
    known: bool (H, W), which of them are there already.
    cursor: (row, column) of the site that comes next, None when all are there.
    settled: bool (count, H, W), where the values are no guesses; None where there are none.
    patch: (rows, columns) of the pictures that a site is.
    """

    values: NDArray[np.uint8]
    known: NDArray[np.bool_]
    cursor: tuple[int, int] | None = None
    settled: NDArray[np.bool_] | None = None
    patch: tuple[int, int] = (1, 1)


def moment(generation: Generation, alone: int | None = None) -> Frame:
    """What a generation shows now; alone: of this picture only."""
    evidence = None if generation.evidence is None else generation.evidence.known
    values, settled = generation.guessed()
    if alone is not None:
        values = values[alone : alone + 1]
        settled = None if settled is None else settled[alone : alone + 1]
    return frame_at(values, generation.order, generation.position, evidence, settled)


def frame_at(
    values: NDArray[np.uint8],
    order: NDArray[np.int64],
    position: int,
    evidence: NDArray[np.bool_] | None = None,
    settled: NDArray[np.bool_] | None = None,
) -> Frame:
    """What is there when `position` sites of the order (N,) are drawn, beside the evidence (H, W).
    settled: of pictures that are drawn all at once, see `Frame`."""
    height, width = values.shape[2:]
    if settled is not None:
        return Frame(values, np.ones((height, width), bool), settled=settled)
    known = np.zeros(height * width, bool)
    known[order[:position]] = True
    if evidence is not None:
        known |= evidence.ravel()
    row, column = divmod(int(order[min(position, len(order) - 1)]), width)
    return Frame(
        values, known.reshape(height, width), (row, column) if position < len(order) else None
    )


def pace(speed: float) -> tuple[int, float]:
    """(sites from one frame to the next, frames a second) that show `speed` sites a second."""
    sites = max(1, round(speed / FRAMES_A_SECOND))
    return sites, speed / sites


def check_target(path: str | Path, sound: bool = False) -> None:
    """StudioError where pictures, or sound, cannot be written to this path, so that no one waits
    for what cannot be kept."""
    path = Path(path)
    suffix, wanted = path.suffix.lower(), SOUND_SUFFIXES if sound else SUFFIXES
    if suffix not in wanted:
        why = "has no known ending"
        if suffix in (*SUFFIXES, *SOUND_SUFFIXES):
            why = (
                "would be pictures, and this is sound"
                if sound
                else "would be sound, and these are pictures"
            )
        raise StudioError(f'"{path}" {why}: choose {", ".join(wanted[:-1])} or {wanted[-1]}.')
    folder = path.parent
    if not folder.is_dir():
        raise StudioError(f'"{path}" cannot be written: there is no folder "{folder}".')
    if path.is_dir():
        raise StudioError(f'"{path}" cannot be written: it is a folder.')
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StudioError(
            f'"{path}" cannot be written: there is no permission to write in its folder.'
        )


def save_samples(
    values: NDArray[np.uint8] | Frame,
    levels: int,
    path: str | Path,
    frames: Iterable[Frame] | None = None,
    metadata: Mapping[str, object] | None = None,
    rate: float = FRAMES_A_SECOND,
    scale: int | None = None,
    scene: str = "",
) -> None:
    """Write samples, uint8 (count, C, H, W) with levels 0..levels-1;
    the suffix of the path says how.

    values: finished samples, or a `Frame` of some that are not.
    frames: the moments that an animation shows first, `rate` a second.
    metadata: such as seed and model; kept where the format has room.
    scale: magnification of a pixel.
    scene: a document that the file carries, see `studio.engine.media.attached`.
    StudioError, one sentence, where the file cannot be written;
    what was there before is then untouched.
    """
    path = Path(path)
    check_target(path)
    last = values if isinstance(values, Frame) else Frame(values, np.ones(values.shape[2:], bool))
    texts = text_of(metadata)

    def picture(frame: Frame) -> NDArray[np.uint8]:
        return image_grid(
            frame.values, levels, scale, frame.known, frame.cursor, frame.settled, frame.patch
        )

    match path.suffix.lower():
        case ".npy" | ".npz":
            values = last.values
            if last.settled is not None:
                values = np.where(last.settled[:, None], values, 0).astype(np.uint8)
            save_levels(values, path, scene)
        case ".png":
            _write(path, png_bytes(picture(last), texts), scene)
        case ".gif":
            shown = [*(frames or ())]
            pictures = [picture(frame) for frame in (*shown, last)]
            guesses = any(frame.settled is not None for frame in (*shown, last))
            palette = None if guesses else _palette(last.values, levels)
            _write(path, _gif_bytes(pictures, palette, rate, texts), scene)
        case ".mp4":
            held = [last] * max(1, round(rate * _HOLD))
            film = map(picture, chain(frames or (), held))
            _write(path, functools.partial(_write_film, film, rate, texts), scene)


def save_pictures(
    last: NDArray[np.uint8],
    path: str | Path,
    frames: Iterable[NDArray[np.uint8]] = (),
    metadata: Mapping[str, object] | None = None,
    rate: float = FRAMES_A_SECOND,
    scene: str = "",
    few_colours: bool = False,
) -> None:
    """Write a picture that is drawn already, uint8 (height, width, 3): as .png, or after `frames`
    of the same size, `rate` a second, as .gif or .mp4; else as `save_samples`.

    few_colours: of a .png, 256 at most, so that the file is small; where there are no more, none is
    changed.
    """
    path, texts = Path(path), text_of(metadata)
    match path.suffix.lower():
        case ".png":
            _write(path, png_bytes(last, texts, few_colours), scene)
        case ".gif":
            _write(path, _gif_bytes([*frames, last], None, rate, texts), scene)
        case ".mp4":
            held = [last] * max(1, round(rate * _HOLD))
            film = functools.partial(_write_film, chain(frames, held), rate, texts)
            _write(path, film, scene)
        case other:
            raise ValueError(f"{other} is for no picture")


def save_levels(values: NDArray[Any], path: str | Path, scene: str = "") -> None:
    """Write levels of any shape as .npy, or as the only array of a .npz; StudioError as for
    `save_samples`."""
    buffer = io.BytesIO()
    if Path(path).suffix.lower() == ".npz":
        np.savez_compressed(buffer, values)
    else:
        np.save(buffer, values, allow_pickle=False)
    _write(path, buffer.getvalue(), scene)


def _write(path: str | Path, content: bytes | Callable[[Path], object], scene: str) -> None:
    """Atomically, with the scene in it."""

    def write(part: Path) -> None:
        if isinstance(content, bytes):
            part.write_bytes(content)
        else:
            content(part)
        if scene:
            attach(part, scene)

    write_atomically(path, write)


def png_bytes(
    picture: NDArray[np.uint8], texts: Mapping[str, str], few_colours: bool = False
) -> bytes:
    """A picture (H, W) or (H, W, 3) as a PNG that keeps the metadata as text. few_colours: see
    `save_pictures`, of (H, W, 3)."""
    text = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        text.add_itxt(key, value)
    buffer = io.BytesIO()
    image = _in_few_colours(picture) if few_colours else Image.fromarray(picture)
    image.save(buffer, "PNG", pnginfo=text, optimize=True)
    return buffer.getvalue()


def _in_few_colours(picture: NDArray[np.uint8]) -> Image.Image:
    """With a palette: of its own colours where these are few, else of 256 that are near them."""
    colours, numbers = np.unique(picture.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colours) > 256:
        return Image.fromarray(picture).quantize(256, kmeans=1, dither=Image.Dither.NONE)
    image = Image.fromarray(numbers.reshape(picture.shape[:2]).astype(np.uint8))
    image.putpalette(colours.ravel().tolist())
    return image


def _palette(values: NDArray[np.uint8], levels: int) -> Image.Image | None:
    """All colours that a grid of these samples can have,
    None where they are more than a GIF holds."""
    if values.shape[1] != 1 or levels + len(MARKS) > 256:
        return None
    tones = [(int(tone),) * 3 for tone in greys(np.arange(levels, dtype=np.uint8), levels)]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in [*tones, *MARKS] for part in colour])
    return palette


def _gif_bytes(
    pictures: list[NDArray[np.uint8]],
    palette: Image.Image | None,
    rate: float,
    texts: Mapping[str, str],
) -> bytes:
    """GIF counts in hundredths of a second; viewers slow
    down what is faster than fifty frames a second."""
    step = max(20, round(100 / rate) * 10)
    images = [
        Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)
        for picture in pictures
    ]
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=images[1:],
        duration=[step] * (len(images) - 1) + [round(_HOLD * 1000)],
        loop=0,
        comment=as_comment(texts).encode(),
    )
    return buffer.getvalue()


def _write_film(
    pictures: Iterator[NDArray[np.uint8]], rate: float, texts: Mapping[str, str], path: Path
) -> None:
    """H.264 in the colour format that every player knows; it wants an even width and height."""
    import imageio_ffmpeg

    first = _even(next(pictures))
    height, width = first.shape[:2]
    raw = [
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{width}x{height}",
        "-r",
        f"{rate:g}",
        "-i",
        "-",
    ]
    film = ["-c:v", _CODEC, "-crf", "16", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *raw, *film]
    command += ["-metadata", f"comment={as_comment(texts)}", str(path)]
    with tempfile.TemporaryFile() as log:
        ffmpeg = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log
        )
        assert ffmpeg.stdin is not None
        try:
            # if it ends early, its log says why
            with contextlib.suppress(BrokenPipeError), ffmpeg.stdin as stdin:
                for picture in chain([first], map(_even, pictures)):
                    stdin.write(picture.tobytes())
            status = ffmpeg.wait()
        finally:
            ffmpeg.kill()
            ffmpeg.wait()
        log.seek(0)
        said = [
            line.strip()
            for line in log.read().decode(errors="replace").splitlines()
            if line.strip()
        ]
    if status != 0:
        why = said[-1].rstrip(".") if said else f"ffmpeg ended with status {status}"
        raise StudioError(f"The film could not be written: {why}.")


def _even(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    return np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
