"""`studio recall`: what a file was made with, as the scene that it carries says, and the same made
again."""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.cli.terminal import DONE, print_json, say
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scenes.plan import Plan
    from studio.engine.scenes.references import Found
    from studio.engine.scenes.scene import ModelReference, Scene


def recall(arguments: argparse.Namespace) -> int:
    """Say what the file was made with, or make it again; returns the exit status."""
    from studio.engine.scenes.plan import plan_in

    scene = scene_in(arguments.file)
    plan = plan_in(scene)
    if plan is not None and arguments.checkpoint is not None:
        raise StudioError("--checkpoint is for a file of one scene, and this one is of several.")
    if arguments.out is None:
        return _describe(scene, plan, arguments)
    if plan is not None:
        from studio.cli.grids import again

        return again(plan, arguments)
    from studio.cli.making import commands_for, loaded
    from studio.cli.options import complete_with

    arguments.checkpoint = checkpoint_for(scene.model, arguments.checkpoint)
    arguments.speed = None
    complete_with(arguments, scene)
    model = loaded(arguments)
    return commands_for(model).recall(model, _with_own_model(scene, arguments), arguments)


def scene_in(path: Path) -> Scene:
    """The scene that a file carries; StudioError, one sentence, where there is none."""
    from studio.engine.scenes.carried import carried_in

    scene = carried_in(path)
    if scene is None:
        raise StudioError(
            f'"{path}" carries no scene: the studio did not make it, or another program has saved'
            " it since."
        )
    return scene


def checkpoint_for(wanted: ModelReference, named: str | None) -> str:
    """The path of the checkpoint of that model, or of the one that is named; says where it is
    another one. StudioError, one sentence, where there is none."""
    found = _found(wanted, named)
    if found.checkpoint is None:
        raise StudioError(found.sentence)
    if found.sentence:
        say(found.sentence)
    return str(found.checkpoint)


def scene_of(arguments: argparse.Namespace, model: Model) -> Scene:
    """What the options of `studio generate` and `studio complete` ask for, all of it drawn."""
    from studio.cli.options import options_of
    from studio.engine.scenes.scene import ModelReference, Scene

    given = arguments.given or Scene(ModelReference(""))
    options = dataclasses.asdict(options_of(arguments, model))
    return _with_own_model(replace(given.with_options(**options), position=None), arguments)


def _with_own_model(scene: Scene, arguments: argparse.Namespace) -> Scene:
    """The same of the model that is used, which may be another than it was made with."""
    from studio.engine.scenes.references import reference_to

    return replace(scene, model=reference_to(Path(arguments.checkpoint)))


def _found(wanted: ModelReference, named: str | None) -> Found:
    from studio.engine import checkpoints
    from studio.engine.scenes.references import compared, find

    return find(wanted) if named is None else compared(wanted, checkpoints.resolve(named))


def _describe(scene: Scene, plan: Plan | None, arguments: argparse.Namespace) -> int:
    from studio.engine.scenes.document import as_document
    from studio.engine.scenes.words import in_words

    found = _found(scene.model, arguments.checkpoint)
    if arguments.json:
        path = None if found.checkpoint is None else str(found.checkpoint)
        print_json({"scene": as_document(scene), "checkpoint": path, "note": found.sentence})
        return DONE
    if plan is not None:
        print(f"{len(plan.scenes)} scenes: {'; '.join(plan.titles)}. The first of them:")
    for line in in_words(scene, found.checkpoint):
        print(line)
    if found.sentence:
        say(found.sentence)
    return DONE
