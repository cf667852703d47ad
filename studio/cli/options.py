"""The options of `studio generate` and `studio complete`, as the engine takes them."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from studio.engine.generation.decoders import AUTO, SEQUENTIAL
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.memory import TooLargeError
from studio.engine.scenes.axes import class_number

# what is said after the estimate of what is too large
ANYWAY = " With --anyway it is tried all the same."

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.editing.evidence_files import FileEvidence
    from studio.engine.generation.sampling_options import SamplingOptions
    from studio.engine.scenes.scene import Scene


USUAL_SPEED = 200.0  # sites a second, of an animation


def complete_with(arguments: argparse.Namespace, scene: Scene | None) -> None:
    """Whatever was not asked for is as in the scene, or as usual."""
    from studio.engine.generation.sampling_options import SamplingOptions

    arguments.given = scene
    if scene is None and getattr(arguments, "decode", None) is None:
        arguments.decode = AUTO
    base = SamplingOptions() if scene is None else scene.options
    for field in fields(base):
        if field.name != "condition" and getattr(arguments, field.name, None) is None:
            setattr(arguments, field.name, getattr(base, field.name))
    arguments.usual_class = base.condition
    arguments.usual_decode = base.decode  # what a scene was drawn by need not be had here
    if arguments.speed is None:
        speed = None if scene is None else scene.view.get("speed")
        arguments.speed = (
            float(speed) if isinstance(speed, int | float) and 1 <= speed < 1e9 else None
        )
    arguments.speed = arguments.speed or USUAL_SPEED


def options_of(arguments: argparse.Namespace, model: Model) -> SamplingOptions:
    """What the options ask for; StudioError for a class that the model does not have, and for what
    it cannot be asked."""
    from studio.engine.generation.sampling_options import SamplingOptions

    _check_asked(arguments, model)
    asked = {field.name: getattr(arguments, field.name) for field in fields(SamplingOptions)}
    chosen = _class(arguments.condition, model)
    if arguments.condition is None:
        chosen = arguments.usual_class
    automatic = asked["decode"] == AUTO
    if automatic:
        asked["decode"] = SEQUENTIAL
    options = SamplingOptions(**{**asked, "condition": chosen})
    return replace(options, decode=_fastest(arguments, model, options)) if automatic else options


def _fastest(arguments: argparse.Namespace, model: Model, options: SamplingOptions) -> str:
    """The way to decode that was the fastest when it was measured here, if it was."""
    from studio.engine import checkpoints
    from studio.engine.checkpoints.fingerprints import fingerprint
    from studio.engine.generation.decoder_choice import decoder_for, folder

    if not folder().is_dir():
        return SEQUENTIAL
    weights = fingerprint(checkpoints.resolve(arguments.checkpoint))
    given = getattr(arguments, "image", None) is not None
    return decoder_for(model, options, weights, given)


def check_cost(
    scene: Scene, model: Model, arguments: argparse.Namespace, bounded: bool = False
) -> None:
    """StudioError, with the estimate, where drawing a scene takes more memory than this machine
    has. bounded: see `check_room`."""
    from studio.engine.generation.room import check_room

    if arguments.anyway:
        return
    try:
        check_room(model, scene.options, scene.evidence, bounded)
    except TooLargeError as error:
        raise StudioError(f"{error}{ANYWAY}") from error


def _check_asked(arguments: argparse.Namespace, model: Model) -> None:
    """StudioError where an option would change nothing."""
    from models.interface import Classes
    from studio.engine.generation.sampling_options import SamplingOptions, refusal_to_decode

    if getattr(arguments, "bounds", False) and (not model.autoregressive or not model.spec.sites):
        raise StudioError(
            f"{model.name} draws no pictures pixel by pixel: --bounds is for models that do."
        )
    if arguments.guidance and not isinstance(model.conditioning, Classes):
        raise StudioError(
            f"{model.name} takes no class: --guidance is for models that are conditioned on one."
        )
    if arguments.guidance and arguments.condition is None and arguments.usual_class is None:
        raise StudioError("--guidance pushes towards a class: choose one with --condition.")
    if getattr(arguments, "takes", None) is not None and model.spec.sites is not None:
        raise StudioError(f"{model.name} makes no sound: --takes is for models that do.")
    if arguments.decode not in (AUTO, arguments.usual_decode):
        options = SamplingOptions(method=arguments.method, decode=arguments.decode)
        if refusal := refusal_to_decode(options, model):
            raise StudioError(refusal)
    if arguments.steps and not getattr(model, "predicts_all", False):
        raise StudioError(
            f"{model.name} draws one site after the other: --steps is for models that predict all"
            " unknown pixels at once."
        )


def _class(text: str | None, model: Model) -> int | None:
    """The class that was asked for, by name or number;
    StudioError where the model has no such class."""
    from models.interface import Classes, Spectrogram

    # that is given a recording, not a class
    if text is None or isinstance(model.conditioning, Spectrogram):
        return None
    if model.takes_painting:
        raise StudioError(
            f"{model.name} takes no class: what is given is its condition, see `studio complete`."
        )
    if not isinstance(model.conditioning, Classes):
        raise StudioError(f"{model.name} takes no condition.")
    return class_number(text, model.conditioning.names, model.conditioning.count)


def evidence_of(arguments: argparse.Namespace, model: Model) -> FileEvidence:
    """The picture that is given, and which part of it, as the model is given them; StudioError
    where there is none."""
    import numpy as np

    from models.interface import TwoStageModel
    from studio.engine.data.of_model import prepared_for
    from studio.engine.editing.code_evidence import as_codes
    from studio.engine.editing.evidence import Evidence
    from studio.engine.editing.evidence_files import FileEvidence, read_evidence

    if arguments.image is None:
        raise StudioError(f"{model.name} finishes pictures: give one with --image.")
    found = read_evidence(
        arguments.image,
        arguments.mask,
        model.pictures,
        prepared_for(model),
        arguments.fit,
        arguments.invert,
    )
    if not isinstance(model, TwoStageModel):
        return found
    codes, pixels = as_codes(found, model), Evidence(found.values, found.known)
    if not found.chosen:  # the rest of the picture is there too, for who wants all of it
        whole = Evidence(found.values, np.ones_like(found.known))
        return FileEvidence(as_codes(whole, model).values, codes.known, False, pixels)
    return FileEvidence(codes.values, codes.known, pixels=pixels)
