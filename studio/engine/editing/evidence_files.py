"""What the person gives a model to finish: a picture and a mask,
read from files and made to fit the model."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from models.interface import DataSpec
from studio.engine.data.inpainting_masks import HALVES, half
from studio.engine.data.preparation import Preparation
from studio.engine.editing.evidence import Evidence
from studio.engine.media.pictures import fit_image, read_picture
from studio.engine.runtime.errors import StudioError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FileEvidence(Evidence):
    """chosen: whether the person said what is given, rather than the studio."""

    chosen: bool = True


def read_evidence(
    picture: str | Path,
    mask: str | Path | None,
    spec: DataSpec,
    preparation: Preparation,
    resize: bool = False,
) -> FileEvidence:
    """The evidence in a picture file.

    mask: a picture that is white where the other one is given, the name of the half that is, or
    None: then what is not transparent is given, and where nothing is transparent the top half.
    resize: bring both to the model's size; otherwise a StudioError names the size that is wanted.
    """
    path = Path(picture)
    pixels = read_picture(path, "RGBA")
    _check_size(pixels, path, spec, resize)
    values = levels_of(fit_image(np.ascontiguousarray(pixels[..., :3]), spec, resize), preparation)
    if mask is None:
        opaque = _fitted(pixels[..., 3], spec)
        if opaque.all():
            return FileEvidence(values, half("top", spec), chosen=False)
        _log.warning('What is not transparent in "%s" is given, the rest is to be drawn.', path)
        return FileEvidence(values, opaque)
    if mask in HALVES:
        return FileEvidence(values, half(str(mask), spec))
    plane = read_picture(Path(mask), "L")
    _check_size(plane, Path(mask), spec, resize)
    return FileEvidence(values, _fitted(plane, spec))


def levels_of(image: NDArray[np.uint8], preparation: Preparation) -> NDArray[np.uint8]:
    """Grey values 0..255 as levels. Evidence is not left to chance:
    `dynamic` takes the likelier level."""
    if preparation.random:
        preparation = Preparation.parse("thresholded")
    return preparation.apply(torch.from_numpy(image.copy())).numpy()


def _check_size(pixels: NDArray[np.uint8], path: Path, spec: DataSpec, resize: bool) -> None:
    height, width = spec.space
    if pixels.shape[:2] != (height, width) and not resize:
        raise StudioError(
            f'"{path}" is {pixels.shape[1]} x {pixels.shape[0]} pixels, but the model draws '
            f"{width} x {height}: have it resized (--resize)."
        )


def _fitted(plane: NDArray[np.uint8], spec: DataSpec) -> NDArray[np.bool_]:
    """The bright part of a plane (H, W), in the model's size."""
    height, width = spec.space
    image = Image.fromarray(np.ascontiguousarray(plane)).resize(
        (width, height), Image.Resampling.BOX
    )
    return np.asarray(image) > 127
