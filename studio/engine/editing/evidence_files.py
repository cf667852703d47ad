"""What the person gives a model to finish: a picture and a mask,
read from files and made to fit the model."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.interface import DataSpec
from studio.engine.data.inpainting_masks import half
from studio.engine.data.preparation import Preparation
from studio.engine.editing.evidence import Evidence
from studio.engine.editing.masks import SHAPES, shaped
from studio.engine.media.fits import Fitting
from studio.engine.media.fitting import fitted
from studio.engine.media.pictures import fit_image, read_picture
from studio.engine.runtime.errors import StudioError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FileEvidence(Evidence):
    """chosen: whether the person said what is given, rather than the studio.
    pixels: the same in pixels, where it is codes; scenes keep what a person gave."""

    chosen: bool = True
    pixels: Evidence | None = None


def read_evidence(
    picture: str | Path,
    mask: str | Path | None,
    spec: DataSpec,
    preparation: Preparation,
    fit: str | None = None,
    invert: bool = False,
) -> FileEvidence:
    """The evidence in a picture file.

    mask: a picture that is white where the other one is given, a name of `masks.SHAPES`, or
    None: then what is not transparent is given, and where nothing is transparent the top half.
    fit: how both are brought to the model's size, one of `fits.FITS`; None: a StudioError names
    the size that is wanted. invert: dark becomes light in the picture.
    """
    path = Path(picture)
    pixels = read_picture(path, "RGBA")
    _check_size(pixels, path, spec, fit)
    fitting = Fitting(fit or "stretch", invert)
    given = evidence_in(pixels, spec, preparation, fitting)
    if mask is None:
        if given.known.all():
            return FileEvidence(given.values, half("top", spec), chosen=False)
        _log.warning('What is not transparent in "%s" is given, the rest is to be drawn.', path)
        return FileEvidence(given.values, given.known)
    if mask in SHAPES:
        return FileEvidence(given.values, shaped(str(mask), _space(spec)))
    plane = read_picture(Path(mask), "L")
    _check_size(plane, Path(mask), spec, fit)
    return FileEvidence(given.values, fitted(plane, _space(spec), Fitting(fitting.fit)) > 127)


def evidence_in(
    pixels: NDArray[np.uint8], spec: DataSpec, preparation: Preparation, fitting: Fitting
) -> Evidence:
    """A picture (H, W, 4), red, green, blue and how opaque, as evidence: all that is opaque."""
    pixels = fitted(pixels, _space(spec), fitting)
    image = fit_image(np.ascontiguousarray(pixels[..., :3]), spec)
    return Evidence(levels_of(image, preparation), pixels[..., 3] > 127)


def levels_of(image: NDArray[np.uint8], preparation: Preparation) -> NDArray[np.uint8]:
    """Grey values 0..255 as levels. Evidence is not left to chance:
    `dynamic` takes the likelier level."""
    if preparation.random:
        preparation = Preparation.parse("thresholded")
    return preparation.apply(torch.from_numpy(image.copy())).numpy()


def _check_size(pixels: NDArray[np.uint8], path: Path, spec: DataSpec, fit: str | None) -> None:
    height, width = _space(spec)
    if pixels.shape[:2] != (height, width) and fit is None:
        raise StudioError(
            f'"{path}" is {pixels.shape[1]} x {pixels.shape[0]} pixels, but the model draws '
            f"{width} x {height}: say how to fit it (--fit pad, crop or stretch)."
        )


def _space(spec: DataSpec) -> tuple[int, int]:
    height, width = spec.space
    return height, width
