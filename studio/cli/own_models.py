"""`studio --models FILE [FILE ...]`: models of the person's own, and insights, for this one run."""

from __future__ import annotations

from collections.abc import Sequence

from studio.cli.terminal import say
from studio.engine.runtime.errors import StudioError


def load_models(files: Sequence[str]) -> None:
    """Make the models and insights of these files known; StudioError for one that cannot be used.
    Says that their code is run."""
    import models
    from studio.engine.insights import take_insight

    say(f"Running the code in {' and '.join(files)}, for the models in it.")
    for file in files:
        try:
            models.load_file(file, take_insight)
        except ValueError as error:
            text = str(error)
            raise StudioError(f"{text[:1].upper()}{text[1:]}.") from error
