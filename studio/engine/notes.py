"""What an exported file says of itself, as text in its own fields: which program made it, with which model and seed."""

from __future__ import annotations

from collections.abc import Mapping

from models.interface import Classes, Model
from studio import __version__
from studio.engine.settings import Settings


def notes_of(metadata: Mapping[str, object] | None) -> dict[str, str]:
    """What a file is given to keep, by the name of each note; the program's own name comes first."""
    kept = {key.capitalize(): str(value) for key, value in (metadata or {}).items()}
    return {"Software": f"Autoregressive Studio {__version__}", **kept}


def how_it_was_made(name: str, model: Model, settings: Settings, **more: object) -> dict[str, object]:
    """For `notes_of`: the name of the checkpoint, and of the settings those that make a difference to a model that generates;
    more: what else there is to say, None for what does not apply."""
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


def as_comment(notes: Mapping[str, str]) -> str:
    """All of them in one line, for formats with room for a comment only."""
    return "; ".join(f"{key}: {value}" for key, value in notes.items())
