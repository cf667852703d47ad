"""`studio teach`: symbols that a person drew, taught to a model, as the window's dock does it."""

from __future__ import annotations

import argparse

from studio.cli.training import pair, watched


def teach(arguments: argparse.Namespace) -> int:
    """Teach a set of drawings; prints the path of the checkpoint."""
    from studio.engine.checkpoints.places import run_named
    from studio.engine.data.drawing_files import read_drawings
    from studio.engine.training import own_symbols
    from studio.engine.training.recipe_values import read_changes
    from studio.engine.training.training_job import TrainingJob

    drawings = read_drawings(arguments.drawings)
    teaching = own_symbols.teaching(drawings, arguments.minutes, arguments.base)
    own = dict(map(pair, arguments.changes))
    changes = {**teaching.changes, **own}
    if "epochs" in own:  # these are meant then, and no minutes
        changes = {key: value for key, value in changes.items() if key in own or key != "minutes"}
    recipe, config = read_changes(teaching.model, changes)
    job = TrainingJob(
        teaching.model,
        recipe=recipe,
        config=config,
        folder=run_named(arguments.run_name or teaching.run),
        device=arguments.device,
    )
    return watched(job)
