"""Picture files of the person as arrays: reading them, and making them fit what a model expects."""

import warnings
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from studio.engine.runtime.errors import StudioError

SUFFIXES = frozenset(
    [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"]
)
_MOST_PIXELS = 100_000_000


class PictureShape(Protocol):
    """The part of a model's DataSpec that a picture has to fit."""

    @property
    def channels(self) -> int: ...

    @property
    def space(self) -> tuple[int, ...]: ...


def read_picture(
    path: Path, mode: str = "L", size: tuple[int, int] | None = None
) -> NDArray[np.uint8]:
    """The pixels of a picture file, uint8: (H, W) in mode "L",
    (H, W, 3) in "RGB", (H, W, 4) in "RGBA".

    `size` (H, W) resizes. StudioError, naming the file, for anything that Pillow cannot read.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below is ours
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise StudioError(f'The picture "{path}" is too large.')
                picture.load()
                converted = picture.convert(mode)
    except UnidentifiedImageError:
        raise StudioError(f'"{path}" is not a picture that can be read.') from None
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is damaged"
        raise StudioError(f'The picture "{path}" cannot be read: {reason.rstrip(".")}.') from None
    if size is not None and (converted.height, converted.width) != size:
        converted = converted.resize((size[1], size[0]), Image.Resampling.BOX)
    return np.asarray(converted, dtype=np.uint8)


def fit_image(
    image: NDArray[np.uint8], spec: PictureShape, resize: bool = False
) -> NDArray[np.uint8]:
    """The picture (H, W) or (H, W, 3), uint8, as (channels, H, W) of the model's size.

    Colour becomes grey, or grey colour, where the model wants it. StudioError, naming both sizes,
    where the size is another one and `resize` is not asked for.
    """
    height, width = spec.space
    if image.shape[:2] != (height, width) and not resize:
        raise StudioError(
            f"The picture is {image.shape[1]} x {image.shape[0]} pixels, but the model draws "
            f"{width} x {height}: resize it, or choose to have it resized."
        )
    picture = Image.fromarray(image).convert("L" if spec.channels == 1 else "RGB")
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BOX)
    pixels = np.asarray(picture, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
