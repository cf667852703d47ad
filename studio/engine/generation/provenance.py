"""How something was made, for the metadata of the file that keeps it."""

from __future__ import annotations

from models.interface import Classes, Model
from studio.engine.generation.decoders import SEQUENTIAL
from studio.engine.generation.sampling_options import SamplingOptions


def how_it_was_made(
    name: str, model: Model, options: SamplingOptions, **more: object
) -> dict[str, object]:
    """For `text_of`: the name of the checkpoint, and of the options those that make a difference
    to a model that generates; more: what else there is to say, None for what does not apply."""
    names = model.conditioning.names if isinstance(model.conditioning, Classes) else ()
    found = {
        "model": name,
        "seed": options.seed,
        "temperature": options.temperature,
        "top-k": options.top_k or None,
        "top-p": options.top_p if options.top_p < 1 else None,
        "class": names[options.condition] if names and options.condition is not None else None,
        "guidance": options.guidance or None,
        "steps": options.steps or None,
        "decoder": options.decode if options.decode != SEQUENTIAL else None,
        **more,
    }
    return {key: value for key, value in found.items() if value is not None}
