"""How a picture of any size and ground becomes one that a model can take."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.engine.media.fits import Fitting

Pixels = NDArray[np.uint8]
_SAME_SHAPE = 1.02  # sides whose ratios differ by no more than this are stretched unseen
_DARK, _LIGHT = 96, 160  # a ground below is dark, one above is light, what is between is neither


def fitted(pixels: Pixels, space: tuple[int, int], fitting: Fitting) -> Pixels:
    """A picture (H, W) or (H, W, C), uint8, in the size `space`. A fourth channel, how opaque it
    is, is never inverted. A margin continues the edge: it is what most of the edge is."""
    if fitting.invert:
        pixels = pixels.copy()
        colours = pixels[..., :3] if pixels.ndim == 3 else pixels
        colours[:] = 255 - colours
    found, (height, width) = pixels.shape[:2], space
    if found == (height, width):
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    box = Image.Resampling.BOX
    if fitting.fit == "stretch":
        return np.asarray(image.resize((width, height), box))
    across, down = width / found[1], height / found[0]
    if fitting.fit == "crop":
        scale = max(across, down)
        left, top = (found[1] - width / scale) / 2, (found[0] - height / scale) / 2
        middle = (left, top, found[1] - left, found[0] - top)
        return np.asarray(image.resize((width, height), box, box=middle))
    scale = min(across, down)
    size = max(1, round(found[1] * scale)), max(1, round(found[0] * scale))
    whole = np.empty((height, width, *pixels.shape[2:]), np.uint8)
    whole[:] = edge_of(pixels)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    whole[top : top + size[1], left : left + size[0]] = np.asarray(image.resize(size, box))
    return whole


def edge_of(pixels: Pixels) -> NDArray[np.uint8]:
    """What most of the edge of a picture is, of each channel: its ground, mostly."""
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return np.median(edge, axis=0).astype(np.uint8)


def suggested(pixels: Pixels, space: tuple[int, int], made: bytes | None) -> Fitting:
    """What to do with a picture (H, W, 4), before the person says: nothing is thrown away, a
    picture of the same shape is not given a margin, and dark ink on a light ground is inverted for
    a model whose own pictures have a dark ground, or the other way round.

    made: a picture by the model, as an image file; None where there is none.
    """
    (rows, columns), (height, width) = pixels.shape[:2], space
    ratio = (columns * height) / (rows * width)
    fit = "stretch" if 1 / _SAME_SHAPE <= ratio <= _SAME_SHAPE else "pad"
    grounds = {_ground(pixels), "" if made is None else _ground_of_file(made)}
    return Fitting(fit, grounds == {"dark", "light"})


def _ground_of_file(made: bytes) -> str:
    try:
        with Image.open(io.BytesIO(made), formats=["PNG"]) as image:
            return _ground(np.asarray(image.convert("RGB")))
    except (OSError, ValueError, SyntaxError):
        return ""


def _ground(pixels: Pixels) -> str:
    """ "dark", "light", or "" for what is neither: by its edge, as far as that is opaque."""
    edge = edge_of(pixels)
    if len(edge) == 4 and edge[3] < 128:
        return ""
    brightness = edge[:3].mean()
    return "dark" if brightness < _DARK else "light" if brightness > _LIGHT else ""
