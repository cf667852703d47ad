"""Sheets of samples: what a model draws from nothing, many pictures side by side in a small PNG. It
carries the scenes that it was made by, so that the studio shows, or draws, the same again.

Of a model that takes a class, a column is of one class.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from models.interface import AutoregressiveModel, Classes, Model
from studio.engine import kinds
from studio.engine.data.sources import OTHER
from studio.engine.generation.decoded import shown_in
from studio.engine.generation.exporting import check_target, moment, save_pictures
from studio.engine.generation.generation import Generation
from studio.engine.generation.room import check_room
from studio.engine.generation.sampling_options import QUICK_STEPS, SamplingOptions
from studio.engine.media.image_grid import image_grid
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.axis_names import MOST
from studio.engine.scenes.document import as_text
from studio.engine.scenes.drawing import drawn
from studio.engine.scenes.plan import listed
from studio.engine.scenes.scene import ModelReference, Scene

_SEEDS = 2**64


def scenes_of(model: Model, reference: ModelReference, count: int, seed: int) -> tuple[Scene, ...]:
    """The scenes of a sheet of so many samples, or a few more: one, or one for each class, with a
    seed of its own; of more than 16 classes some, evenly spread. A model that predicts all unknown
    pixels at once draws in few passes.

    StudioError, one sentence, for a model that draws no pictures from nothing.
    """
    kind = kinds.of(model)
    if not kind.generates:
        raise StudioError(model.why)
    if not kind.film:
        raise StudioError(f"{model.name} makes sound, and a sheet is of pictures.")
    passes = isinstance(model, AutoregressiveModel) and model.predicts_all
    options = SamplingOptions(count=count, seed=seed, steps=QUICK_STEPS if passes else 0)
    classes = _spread(model.conditioning)
    each = math.ceil(count / max(1, len(classes)))
    found = [
        replace(options, count=each, seed=(seed + number) % _SEEDS, condition=label)
        for number, label in enumerate(classes)
    ]
    return tuple(Scene(reference, each) for each in found or [options])


def save_sample_sheet(
    model: Model,
    scenes: tuple[Scene, ...],
    path: Path,
    scale: int,
) -> None:
    """Draw the scenes, and write the sheet, a .png.

    scenes: of `scenes_of`.
    scale: size of a pixel.
    StudioError, one sentence, where it cannot be written, or takes more memory than there is.
    """
    check_target(path)
    columns, (shown, levels) = [], shown_in(path, model)
    for scene in scenes:
        check_room(model, scene.options, scene.evidence)
        columns.append(shown(moment(cast(Generation, drawn(scene, model)))).values)
    # (samples of each, columns, C, H, W), row by row
    values = np.stack(columns, 1).reshape(-1, *columns[0].shape[1:])
    wide = len(columns) if len(columns) > 1 else None
    save_pictures(
        image_grid(values, levels, scale, columns=wide),
        path,
        metadata={"model": scenes[0].model.name, "seed": scenes[0].options.seed},
        scene=as_text(_one(model, scenes)),
        few_colours=True,
    )


def _spread(conditioning: object) -> list[int]:
    """The classes that have a column; none where there are no classes."""
    if not isinstance(conditioning, Classes):
        return []
    named = [number for number, name in enumerate(conditioning.names) if name != OTHER]
    if len(named) <= MOST:
        return named
    return [named[place] for place in np.linspace(0, len(named) - 1, MOST).round().astype(int)]


def _one(model: Model, scenes: tuple[Scene, ...]) -> Scene:
    """One that a file can carry."""
    if len(scenes) == 1:
        return scenes[0]
    classes = model.conditioning
    assert isinstance(classes, Classes)
    titles = [f"class {classes.names[scene.options.condition or 0]}" for scene in scenes]
    return listed(scenes, titles).as_scene
