"""Patches: the pixels of a picture that one site of a model stands for.

Models of codes (`models.interface.TwoStageModel`) draw a small grid of sites, each of which stands
for some rows and columns of pixels; for all others a site is a pixel, and nothing here changes
anything. Free of torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.interface import Model

Patch = tuple[int, int]  # rows and columns of pixels
ONE_PIXEL: Patch = (1, 1)
T = TypeVar("T", bound=np.generic)


def patch_of(model: Model) -> Patch:
    """What a site of a model of pictures stands for; one pixel of any other model."""
    if len(model.spec.space) != 2:
        return ONE_PIXEL
    (height, width), (rows, columns) = model.pictures.space, model.spec.space
    return height // rows, width // columns


def in_pixels(sites: NDArray[T], patch: Patch) -> NDArray[T]:
    """What there is of every site, (..., h, w), for every pixel, (..., H, W)."""
    if patch == ONE_PIXEL:
        return sites
    rows, columns = patch
    return sites.repeat(rows, -2).repeat(columns, -1)


def whole(pixels: NDArray[np.bool_], patch: Patch) -> NDArray[np.bool_]:
    """Of a mask (H, W), the sites (h, w) of which it has all pixels."""
    rows, columns = patch
    height, width = pixels.shape
    return np.asarray(pixels.reshape(height // rows, rows, width // columns, columns).all((1, 3)))


def in_part(pixels: NDArray[np.bool_], patch: Patch) -> NDArray[np.bool_]:
    """Of a mask (H, W), the pixels of sites of which it does not have all."""
    return pixels & ~in_pixels(whole(pixels, patch), patch)
