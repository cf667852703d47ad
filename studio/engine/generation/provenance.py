"""How something was made, for the metadata of the file that keeps it."""

from __future__ import annotations

from models.interface import Classes, Model
from studio.engine.generation.sampling_options import Settings


def how_it_was_made(
    name: str, model: Model, settings: Settings, **more: object
) -> dict[str, object]:
    """For `notes_of`: the name of the checkpoint, and of the settings those that make a difference
    to a model that generates; more: what else there is to say, None for what does not apply."""
    told = model.conditioning.names if isinstance(model.conditioning, Classes) else ()
    notes = {
        "model": name,
        "seed": settings.seed,
        "temperature": settings.temperature,
        "top-k": settings.top_k or None,
        "top-p": settings.top_p if settings.top_p < 1 else None,
        "class": told[settings.condition] if told and settings.condition is not None else None,
        **more,
    }
    return {key: note for key, note in notes.items() if note is not None}
