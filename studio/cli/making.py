"""`studio generate` and `studio complete`: what the model
of a checkpoint makes from nothing, and from a part.

How is for the module that the table of kinds names; see `studio.engine.kinds.Kind`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Protocol, cast

from studio.cli.options import complete_with
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scenes.scene import Scene
    from studio.engine.scoring.scores import Score


class Commands(Protocol):
    """What a module of the command line does with a model of its kind."""

    def generate(self, model: Model, arguments: argparse.Namespace) -> int: ...
    def complete(self, model: Model, arguments: argparse.Namespace) -> int: ...
    def recall(self, model: Model, scene: Scene, arguments: argparse.Namespace) -> int: ...
    def report(self, model: Model, score: Score) -> list[str]: ...


def commands_for(model: Model) -> Commands:
    """Those for a model of this kind."""
    from studio.engine import kinds

    return cast(Commands, kinds.of(model).part("commands"))


def generate(arguments: argparse.Namespace) -> int:
    """Make something from nothing, or as a scene says; returns the exit status."""
    from studio.cli.recalling import checkpoint_for, scene_in

    scene = None if arguments.scene is None else scene_in(arguments.scene)
    if arguments.checkpoint is None and scene is None:
        raise StudioError("Name a CHECKPOINT, or give what the studio made with --scene.")
    if arguments.checkpoint is None:
        assert scene is not None
        arguments.checkpoint = checkpoint_for(scene.model, None)
    complete_with(arguments, scene)
    model = loaded(arguments)
    return commands_for(model).generate(model, arguments)


def complete(arguments: argparse.Namespace) -> int:
    """Finish something, or give it back; returns the exit status."""
    complete_with(arguments, None)
    model = loaded(arguments)
    return commands_for(model).complete(model, arguments)


def loaded(arguments: argparse.Namespace) -> Model:
    """The model of the checkpoint that is named, which becomes its path."""
    from studio.engine import checkpoints
    from studio.engine.runtime import devices

    arguments.checkpoint = checkpoints.resolve(arguments.checkpoint)
    return checkpoints.load(arguments.checkpoint, devices.pick(arguments.device))
