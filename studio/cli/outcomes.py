"""What a command made, on standard output: the path of each file, or with `--json` one document
that says more."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.terminal import print_json
from studio.engine.checkpoints.places import name_of

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.scoring.scores import Score


def print_outcome(
    arguments: argparse.Namespace,
    files: Sequence[Path],
    facts: dict[str, Any],
    lines: Sequence[str] = (),
) -> None:
    """Print it once all is done, so that there is one document.

    files: that were written.
    facts: what the document says of them besides.
    lines: what a person is told instead of these, after the paths.
    """
    if arguments.json:
        made = {
            "checkpoint": name_of(arguments.checkpoint),
            "count": arguments.count,
            "seed": arguments.seed,
        }
        print_json({"files": [str(file) for file in files], **made, **facts})
        return
    for line in (*files, *lines):
        print(line)


def print_score(model: Model, score: Score, arguments: argparse.Namespace) -> None:
    """What a model was scored, for a person or as one document."""
    from studio.cli.making import commands_for

    if arguments.json:
        print_json(score.to_dict())
        return
    for line in commands_for(model).report(model, score):
        print(line)
