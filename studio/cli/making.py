"""`studio generate` and `studio complete`: what the model
of a checkpoint makes from nothing, and from a part.

How is for the module that the table of kinds names; see `studio.engine.kinds.Kind`.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Protocol, cast

from studio.cli.options import check_cost

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scoring.scores import Score


class Commands(Protocol):
    """What a module of the command line does with a model of its kind."""

    def generate(self, model: Model, arguments: argparse.Namespace) -> int: ...
    def complete(self, model: Model, arguments: argparse.Namespace) -> int: ...
    def report(self, model: Model, score: Score) -> list[str]: ...


def commands_for(model: Model) -> Commands:
    """Those for a model of this kind."""
    from studio.engine import kinds

    return cast(Commands, kinds.of(model).part("commands"))


def generate(arguments: argparse.Namespace) -> int:
    """Make something from nothing; returns the exit status."""
    model = _loaded(arguments)
    check_cost(model, arguments)
    return commands_for(model).generate(model, arguments)


def complete(arguments: argparse.Namespace) -> int:
    """Finish something, or give it back; returns the exit status."""
    model = _loaded(arguments)
    check_cost(model, arguments)
    return commands_for(model).complete(model, arguments)


def _loaded(arguments: argparse.Namespace) -> Model:
    from studio.engine import checkpoints
    from studio.engine.runtime import devices

    arguments.checkpoint = checkpoints.resolve(arguments.checkpoint)
    return checkpoints.load(arguments.checkpoint, devices.pick(arguments.device))
