"""Masks: which part of a picture is given, as shapes with a name and as picture files, and what is
under one. Free of torch until a shape is asked for."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.engine.editing.evidence import Evidence
from studio.engine.media.fits import Fitting
from studio.engine.media.fitting import fitted
from studio.engine.media.pictures import read_picture
from studio.engine.runtime.files import write_atomically

Mask = NDArray[np.bool_]  # (H, W), True where the picture is given

SHAPES = ("top", "bottom", "left", "right", "box", "random")


def shaped(name: str, space: tuple[int, int], seed: int = 0) -> Mask:
    """A mask by its name, one of `SHAPES`: a half of the picture, all but a box of half the height
    and width in its middle, or half of the pixels at random, by a seed."""
    from models.interface import DataSpec
    from studio.engine.data.inpainting_masks import HALVES, half

    if name in HALVES:
        return half(name, DataSpec((1, *space), 2))
    height, width = space
    known = np.ones(space, np.bool_)
    if name == "box":
        top, left = height // 4, width // 4
        known[top : top + height // 2, left : left + width // 2] = False
    else:
        sites = np.random.default_rng(seed).permutation(known.size)
        known.ravel()[sites[: known.size // 2]] = False
    return known


def read_mask(path: Path, space: tuple[int, int]) -> tuple[Mask, tuple[int, int]]:
    """The mask in a picture file, which is white where the picture is given, stretched to `space`
    where it has another size; and the (height, width) that it has.

    StudioError, one sentence, for what is no picture."""
    plane = read_picture(path, "L")
    height, width = plane.shape
    return fitted(plane, space, Fitting("stretch")) > 127, (height, width)


def save_mask(path: Path, known: Mask) -> None:
    """As a PNG that `read_mask` takes; StudioError, one sentence, where it cannot be written."""
    file = io.BytesIO()
    Image.fromarray(known.astype(np.uint8) * np.uint8(255)).save(file, "PNG")
    write_atomically(path, file.getvalue())


class Masked:
    """Remembers the picture under a mask, so that the next mask finds what the last one hid."""

    def __init__(self) -> None:
        self._whole: Evidence | None = None
        self._left: Evidence | None = None

    def under(self, given: Evidence, seen: Evidence) -> Evidence:
        """The picture that the last mask was put on, where what is given now is what that mask
        left; else what is seen."""
        if self._whole is not None and self._left is not None and _same(given, self._left):
            return self._whole
        return seen

    def put(self, whole: Evidence, mask: Mask) -> Evidence:
        """What a mask leaves of a picture."""
        known = whole.known & mask
        left = Evidence(np.where(known, whole.values, 0).astype(np.uint8), known)
        self._whole, self._left = whole.copy(), left.copy()
        return left


def _same(one: Evidence, other: Evidence) -> bool:
    return np.array_equal(one.known, other.known) and np.array_equal(
        one.values[:, one.known], other.values[:, other.known]
    )
