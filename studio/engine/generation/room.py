"""How much memory a drawing will take, before any of it is taken: the record, the noise, what the
window shows, and what the model's stepper remembers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models.interface import AutoregressiveModel, Model
from studio.engine.editing.evidence import Evidence
from studio.engine.editing.site_words import of_model
from studio.engine.generation.guidance import guidance_of
from studio.engine.generation.method_choice import chosen_method, late
from studio.engine.generation.methods import AUTO, methods
from studio.engine.generation.population import attempts
from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions
from studio.engine.runtime import costs, memory

# Pictures x sites that need no closer look: of the hungriest model, some 10 kB each, a gigabyte
_SMALL = 1 << 17
# Of the memory that is free, for what is drawn together in a window. The system gives it as pixel
# after pixel is written: what was begun before, on the stage or elsewhere, has not taken all of its
# own yet.
SHARE = 0.4
_RECORD = 2 * 4 + 1  # bytes a site: nats, entropy, level
_SHOWN = 2 * (_RECORD + 4)  # the same on the host, and a colour: of this moment and the last


def check_room(
    model: Model,
    options: SamplingOptions,
    evidence: Evidence | None = None,
    bounded: bool = False,
    share: float = 1.0,
) -> None:
    """TooLargeError, with the estimate, where what is asked for does not fit into memory.

    bounded: whether the probability of what is given is bounded besides.
    share: of the memory that is free, that it may take.
    """
    if not isinstance(model, AutoregressiveModel):
        return
    rows = rows_of(model, options, evidence, bounded)
    if is_small(model, rows):
        return
    count, guided = options.count, bool(guidance_of(model, options))
    particles = rows // count // (1 + guided)
    height, width = model.spec.space
    size = of_model(f"{width} × {height} pixels", model)
    what = f"a picture of {size}" if count == 1 else f"{count} pictures of {size} at once"
    what += f" in {particles} attempts each" if particles > 1 else ""
    what += ", with their class and without," if guided else ""
    fewer = [word for word, many in (("samples", count), ("particles", particles)) if many > 1]
    advice = [f"fewer {' or '.join(fewer)}"] if fewer else []
    advice += ["no guidance"] if guided else []
    memory.require(
        room(model, rows),
        f"Drawing {what}",
        str(model.device),
        f"Choose {', or '.join(advice)}." if advice else "",
        share,
    )


def rows_of(
    model: AutoregressiveModel,
    options: SamplingOptions,
    evidence: Evidence | None = None,
    bounded: bool = False,
) -> int:
    """Pictures that the model's stepper draws at once: those asked for, all attempts that compete
    at each, and each of them once more without its class where that guides it."""
    particles = 0
    known_method = options.method == AUTO or options.method in methods()
    # what does not fit the model is refused, in a sentence of its own, when it is drawn
    if evidence is not None and known_method and evidence.known.shape == model.spec.space:
        particles = particles_for(model, options, evidence, bounded)
    guided = bool(guidance_of(model, options))
    return options.count * max(1, particles) * (1 + guided)


def particles_for(
    model: AutoregressiveModel,
    options: SamplingOptions,
    evidence: Evidence,
    bounded: bool = False,
) -> int:
    """Attempts that compete at each picture where this is given, 0 where each is drawn as it comes.

    bounded: whether the probability of what is given is bounded besides.
    """
    if model.takes_painting:
        return 0
    known: NDArray[np.bool_] = evidence.known
    method, _ = chosen_method(model, known, options.method, options.parallel)
    some = bool(known.any() and not known.all())
    comes_late = some and (model.any_order or bool(late(model, known).any()))
    own_order = not model.any_order or options.order not in (None, CERTAIN)
    if comes_late and (method.begin is not None or (bounded and own_order)):
        return options.particles or attempts(options.count)
    return 0


def is_small(model: Model, rows: int) -> bool:
    """Whether so many pictures surely fit."""
    return all_small([(model, rows)])


def all_small(drawings: Iterable[tuple[Model, int]]) -> bool:
    """Whether so many pictures of each model surely fit, all at once."""
    return sum(rows * (model.spec.sites or 0) for model, rows in drawings) < _SMALL


def surely_small(model: Model, options: SamplingOptions) -> bool:
    """Whether it surely fits, whatever is given."""
    most = 2 * options.count * max(1, options.particles or attempts(options.count))
    return not isinstance(model, AutoregressiveModel) or is_small(model, most)


def room(model: AutoregressiveModel, rows: int) -> float:
    """Bytes that drawing so many pictures takes, about."""
    sites, likelihood = len(model.order), model.likelihood
    noise = 2 * 4 * likelihood.draws  # as it is drawn, and in the order
    each = sites * (noise + (_RECORD + _SHOWN) * model.spec.channels) + costs.remembered(model)
    return rows * each
