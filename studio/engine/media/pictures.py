"""Picture files of the person as arrays: the one reader of them all, and making them fit a model.

What comes in is upright, with 8 bits a channel, grey or in colour:

- 16 bits are scaled by 1/257 (in colour Pillow takes the upper byte); fractions 0 to 1 are brought
  to 0 to 255.
- What is transparent is laid on white.
- The orientation that EXIF names is applied.
- Of an animation, or of several pages, the first is read.
- Colour profiles are ignored on purpose: a model learns from the numbers as they are stored, and
  nearly every picture is stored as sRGB, with a profile that says so or without one.

What could have been read in another way is said in the log.
"""

from __future__ import annotations

import logging
import struct
import warnings
from collections import Counter
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from PIL import Image  # else where a picture is read: arrays need none of it

SUFFIXES = frozenset(
    [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".pgm", ".ppm"]
)
# whatever a file is called, nothing else is tried: some other readers start programs
_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM")
_MOST_PIXELS = 100_000_000
_FEW_PIXELS = 1_000_000  # for which nobody asks how much memory is free
_BYTES_A_PIXEL = 12  # while it is read: as stored, in 32 bits, as it is handed on
_DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    SyntaxError,
    LookupError,
    EOFError,
    OverflowError,
    struct.error,
)

_log = logging.getLogger(__name__)


class Oddity(Enum):
    """What could have been read in another way, as it is said of one picture and of several."""

    TRANSPARENT = ("is transparent in places", "are transparent in places", "laid on white")
    FRAMES = ("has several frames", "have several frames", "only the first is read")
    ZERO_ONE = ("is all 0 and 1", "are all 0 and 1", "read as black and white")
    EIGHT_BITS = ("has no value over 255", "have no value over 255", "read as 8 bits, not 32")

    def of_one(self, path: Path) -> str:
        return f'"{path}" {self.value[0]}: {self.value[2]}.'

    def of_several(self, count: int, of: int, folder: Path) -> str:
        return f'{count:,} of {of:,} pictures in "{folder}" {self.value[1]}: {self.value[2]}.'


Oddities = Counter[Oddity]


class PictureShape(Protocol):
    """The part of a model's DataSpec that a picture has to fit."""

    @property
    def channels(self) -> int: ...

    @property
    def space(self) -> tuple[int, ...]: ...


def read_picture(
    path: Path,
    mode: str = "L",
    size: tuple[int, int] | None = None,
    odd: Oddities | None = None,
) -> NDArray[np.uint8]:
    """The pixels of a picture file, uint8: (H, W) in mode "L",
    (H, W, 3) in "RGB", (H, W, 4) in "RGBA", whose colours are those on white.

    size: (H, W), resizes.
    odd: counts what is odd, where many pictures are read and it is to be said once; otherwise it is
    said at once, and a picture that has only the values 0 and 1 is taken for black and white.
    StudioError, naming the file, for anything that Pillow cannot read, and for what is too large,
    which its header tells.
    """
    from PIL import Image, UnidentifiedImageError

    found: Oddities = Counter()
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; the limit below is ours
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as picture:
                _check_size(picture, path)
                if getattr(picture, "is_animated", False):
                    found[Oddity.FRAMES] += 1
                picture.load()
                converted = _converted(_eight_bits(picture, path, found), mode, found)
    except UnidentifiedImageError:
        raise StudioError(f'"{path}" is not a picture that can be read.') from None
    except Image.DecompressionBombError:  # Pillow's own limit is met before ours is asked
        raise _too_large(path) from None
    except FileNotFoundError:
        raise StudioError(f'There is no file "{path}".') from None
    except IsADirectoryError:
        raise StudioError(f'"{path}" is a folder, not a picture.') from None
    except _DAMAGE as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is damaged"
        raise StudioError(f'The picture "{path}" cannot be read: {reason.rstrip(".")}.') from None
    if odd is None and is_zero_one(np.asarray(converted.convert("L"))):
        found[Oddity.ZERO_ONE] += 1
        converted = _from_zero_one(converted)
    if size is not None and (converted.height, converted.width) != size:
        converted = converted.resize((size[1], size[0]), Image.Resampling.BOX)
    if odd is None:
        for oddity in found:
            _log.warning(oddity.of_one(path))
    else:
        odd.update(found)
    return np.asarray(converted, dtype=np.uint8)


def is_zero_one(pixels: NDArray[np.uint8]) -> bool:
    """Whether there is no value but 0 and 1: levels, such as those of a mask, and not greys."""
    return int(pixels.max(initial=0)) == 1


def fit_image(
    image: NDArray[np.uint8], spec: PictureShape, resize: bool = False
) -> NDArray[np.uint8]:
    """The picture (H, W) or (H, W, 3), uint8, as (channels, H, W) of the model's size.

    Colour becomes grey, or grey colour, where the model wants it. StudioError, naming both sizes,
    where the size is another one and `resize` is not asked for.
    """
    from PIL import Image

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


def _check_size(picture: Image.Image, path: Path) -> None:
    size = picture.width * picture.height
    if size > _MOST_PIXELS:
        raise _too_large(path)
    if size > _FEW_PIXELS:
        memory.require(_BYTES_A_PIXEL * size, f'Reading "{path}"')


def _too_large(path: Path) -> StudioError:
    least = memory.in_words(_BYTES_A_PIXEL * _MOST_PIXELS)
    return StudioError(
        f'The picture "{path}" is too large: it has over {_MOST_PIXELS:,} pixels, which would take'
        f" more than {least}."
    )


def _eight_bits(picture: Image.Image, path: Path, found: Oddities) -> Image.Image:
    """The picture upright and with 8 bits a channel, in any mode that has them."""
    from PIL import Image, ImageOps

    key, form = picture.info.get("transparency"), picture.format or ""
    picture = ImageOps.exif_transpose(picture)
    if not (picture.mode == "F" or picture.mode.startswith("I")):
        return picture
    values = np.asarray(picture)
    grey = Image.fromarray(_scaled(values, form, path, found))
    if isinstance(key, int):  # the one value that is transparent
        grey.putalpha(Image.fromarray((values != key).astype(np.uint8) * np.uint8(255)))
    return grey


def _scaled(values: NDArray[Any], form: str, path: Path, found: Oddities) -> NDArray[np.uint8]:
    """Values of 16 or 32 bits as bytes, by their kind: fractions, 16 bits, or 8 in more room."""
    low, high = float(values.min()), float(values.max())
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        return np.rint(values * 255).astype(np.uint8)
    # 32 bits say nothing of what is white, except in a TIFF of 16 that Pillow gives as 32
    roomy = values.dtype.kind == "f" or (values.dtype.itemsize == 4 and form == "TIFF")
    if roomy and low >= 0 and high <= 255:
        found[Oddity.EIGHT_BITS] += 1
        return np.rint(values).astype(np.uint8)
    if values.dtype.kind in "iu" and low >= 0 and high <= 65535:
        return ((values.astype(np.uint32) * 2 + 257) // 514).astype(np.uint8)
    raise StudioError(
        f'The picture "{path}" has values from {low:g} to {high:g}: fractions 0 to 1, or whole'
        " numbers of 8 or 16 bits are read."
    )


def _converted(picture: Image.Image, mode: str, found: Oddities) -> Image.Image:
    """The picture in a mode, laid on white."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture.convert(mode)
    layer = picture.convert("RGBA")
    alpha = layer.getchannel("A")
    if alpha.getextrema()[0] == 255:
        return layer.convert(mode)
    found[Oddity.TRANSPARENT] += 1
    opaque = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    if mode == "RGBA":
        opaque.putalpha(alpha)
    return opaque.convert(mode)


def _from_zero_one(picture: Image.Image) -> Image.Image:
    """0 and 1 as black and white; the alpha stays."""
    whole = picture.point([255 * min(value, 1) for value in range(256)] * len(picture.getbands()))
    if picture.mode == "RGBA":
        whole.putalpha(picture.getchannel("A"))
    return whole
