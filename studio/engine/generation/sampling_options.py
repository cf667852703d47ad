"""`SamplingOptions`: what the person asks of a generation. Free of torch."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.site_words import of_model
from studio.engine.generation.decoders import (
    DECODERS,
    GRAPH,
    PARALLEL,
    SEQUENTIAL,
    decoders_for,
)
from studio.engine.generation.methods import AUTO, FORMER, choices, methods
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model

_SEEDS = 2**64  # what torch's generators take
CERTAIN = "certain"  # the order in which the site that the model is surest of comes next
STRONGEST = 20.0  # guidance
MOST_PARTICLES = 4096
MOST_SWEEPS = 1000
MOST_TAKES = 1024  # of sound, that are tried to find the best
MOST_FIRST = 2**31  # samples of a seed
QUICK_STEPS = 50  # a picture is there in a moment, for few bits more (README, Scoreboard)


@dataclass(frozen=True)
class SamplingOptions:
    """How to draw.

    count: pictures at once.
    seed: of their noise.
    temperature, top_k, top_p: see `Likelihood.sample`.
    condition: a class, None for no label.
    guidance: how far a class pushes the logits away from those without one, 0 for not at all; see
    `studio.engine.generation.guidance`.
    method: of completion, "auto" or one of `studio.engine.generation.methods`.
    particles: attempts at each picture, where the method makes several; 0 for as many as keep a
    step short.
    sweeps: of a method that refines what it drew.
    order: for models that take any, a name of `models.orders.NAMES` (the random one comes from the
    seed) or raster indices in the order of generation; None for the usual one, see `usual_order`.
    For models that predict all unknown sites at once also "certain": the one that they are surest
    of comes next.
    steps: for these, in how many passes a picture is drawn; 0 for one a site.
    decode: one of `decoders.DECODERS`: how sites are computed; the pictures are the same.
    corruption: share of the pixels that are replaced by
    chance before a model that reconstructs sees them.
    chosen_takes: of sound, which takes of this seed are made first, by their numbers from 0 on,
    such as the best of many; see `take_numbers`.
    first: the number of the first picture, or take, among all of this seed; see
    `studio.engine.generation.noise`.
    """

    count: int = 1
    seed: int = 0
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    condition: int | None = None
    method: str = AUTO
    order: str | tuple[int, ...] | None = None
    corruption: float = 0.0
    guidance: float = 0.0
    particles: int = 0
    sweeps: int = 4
    steps: int = 0
    decode: str = SEQUENTIAL
    chosen_takes: tuple[int, ...] = ()
    first: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "method", FORMER.get(self.method, self.method))

    @property
    def sampling(self) -> tuple[float, int, float]:
        """(temperature, top_k, top_p), as `Likelihood.sample` takes them."""
        return self.temperature, self.top_k, self.top_p

    @property
    def take_numbers(self) -> tuple[int, ...]:
        """Whose noise each of `count` takes of sound has: those that are chosen, and after them the
        others in turn."""
        others = (take for take in itertools.count(self.first) if take not in self.chosen_takes)
        return tuple(itertools.islice(itertools.chain(self.chosen_takes, others), self.count))

    @property
    def of_sound(self) -> tuple[object, ...]:
        """What sound depends on from its first sample on; the others count from where they are
        changed."""
        return self.seed, self.take_numbers, self.condition

    @property
    def parallel(self) -> bool:
        """Whether all sites are drawn at once."""
        return self.decode == PARALLEL


def check_sampling(temperature: float, top_k: int, top_p: float) -> None:
    """StudioError, one sentence, where nothing can be sampled so."""
    if not (math.isfinite(temperature) and temperature >= 0):
        raise StudioError(f"The temperature must be 0 or more, not {temperature:g}.")
    if top_k < 0:
        raise StudioError(f"Top-k must be a number of levels, or 0 for all, not {top_k}.")
    if not 0 < top_p <= 1:
        raise StudioError(f"Top-p must be above 0 and at most 1, not {top_p:g}.")


def check_options(options: SamplingOptions, model: Model) -> None:
    """StudioError, one sentence, where the model cannot draw so."""
    if options.count < 1:
        raise StudioError(f"Ask for at least one picture, not {options.count}.")
    if not 0 <= options.first < MOST_FIRST:
        raise StudioError(
            f"Samples of a seed are counted from 0 to {MOST_FIRST - 1}, not {options.first}."
        )
    if not 0 <= options.seed < _SEEDS:
        raise StudioError(
            f"The seed {options.seed} is out of range: seeds go from 0 to {_SEEDS - 1}."
        )
    check_sampling(*options.sampling)
    if not 0 <= options.corruption <= 1:
        raise StudioError(
            f"Corruption must be a share of the pixels from 0 to 1, not {options.corruption:g}."
        )
    if not 0 <= options.guidance <= STRONGEST:
        raise StudioError(
            f"Guidance must be between 0 and {STRONGEST:g}, not {options.guidance:g}."
        )
    if not 0 <= options.particles <= MOST_PARTICLES:
        raise StudioError(
            f"Particles must be a number up to {MOST_PARTICLES}, 0 for as many as is quick, not"
            f" {options.particles}."
        )
    if not 0 <= options.sweeps <= MOST_SWEEPS:
        raise StudioError(f"Sweeps must be a number up to {MOST_SWEEPS}, not {options.sweeps}.")
    if options.steps < 0:
        raise StudioError(f"Steps must be a number, or 0 for one a pixel, not {options.steps}.")
    chosen = options.chosen_takes
    if len(set(chosen)) != len(chosen) or not all(0 <= take < MOST_TAKES for take in chosen):
        raise StudioError(
            f"Takes are chosen by different numbers from 0 to {MOST_TAKES - 1}, not {chosen}."
        )
    _check_method(options, model)
    # a captured step is only quicker: where there is none, the same is drawn without
    if options.decode not in (SEQUENTIAL, GRAPH) and (refusal := refusal_to_decode(options, model)):
        raise StudioError(refusal)
    if options.condition is not None:
        classes = getattr(model.conditioning, "count", None)
        if classes is None:
            raise StudioError(f"{model.name or type(model).__name__} takes no class as condition.")
        if not 0 <= options.condition < classes:
            raise StudioError(
                f"There is no class {options.condition}: classes go from 0 to {classes - 1}."
            )
    if model.autoregressive:  # others are indifferent to an order
        check_order(options, cast("AutoregressiveModel", model))


def check_order(options: SamplingOptions, model: AutoregressiveModel) -> None:
    """StudioError, one sentence, where the model cannot draw in the order that is asked for."""
    if options.order is None:
        return
    if options.order == CERTAIN and not model.predicts_all:
        raise StudioError(
            f"{model.name or type(model).__name__} does not predict all unknown pixels at once,"
            " so it cannot tell which one it is surest of."
        )
    if model.spec.sites is None:
        raise StudioError(
            f"{model.name or type(model).__name__} makes sound from beginning to end, in no"
            " other order."
        )
    sites, order = len(model.order), order_of(options, model).tolist()
    if sorted(order) != list(range(sites)):
        each = of_model(f"each of the {sites} pixels", model)
        raise StudioError(f"An order must name {each} exactly once.")
    if not model.any_order and order != model.order.tolist():
        raise StudioError(f"{model.name or type(model).__name__} generates in its own order only.")


def refusal_to_decode(options: SamplingOptions, model: Model) -> str:
    """In one sentence, why pictures cannot be decoded so with these options; "" where they can."""
    name = model.name or type(model).__name__
    if options.decode not in DECODERS:
        return f'There is no way to decode "{options.decode}": choose one of {", ".join(DECODERS)}.'
    if options.decode == SEQUENTIAL:
        return ""
    at_once = options.decode == PARALLEL
    if not model.autoregressive or model.spec.sites is None:
        what = "draw all at once" if at_once else "capture"
        return f"{name} draws no pictures pixel by pixel, so there is nothing to {what}."
    if cast("AutoregressiveModel", model).predicts_all:
        return (
            f"{name} needs a pass for every pixel to know what it says of all of them: choose fewer"
            " steps instead."
        )
    method = methods().get(options.method)
    if method is not None and method.begin is not None:
        what = "draw all at once" if at_once else "draw by captured steps"
        return (
            f"The method {method.name} lets attempts compete while they are drawn: choose another"
            f" one to {what}."
        )
    if options.decode in decoders_for(model):
        return ""
    if model.takes_painting:
        return f"What is painted is built into the steps of {name}, so they cannot be captured."
    return f"Steps cannot be captured on the device of {name}."


def _check_method(options: SamplingOptions, model: Model) -> None:
    if options.method == AUTO:
        return
    if options.method not in methods():
        raise StudioError(
            f'There is no method "{options.method}": choose one of {", ".join(choices())}.'
        )
    if model.autoregressive:
        refusal = methods()[options.method].refusal(cast("AutoregressiveModel", model))
        if refusal:
            raise StudioError(refusal)


def order_of(options: SamplingOptions, model: AutoregressiveModel) -> NDArray[np.int64]:
    """The order to draw in, raster indices (N,), before what is given comes first, and before it
    changes as it goes; StudioError for an unknown name."""
    from models import orders

    order = options.order or usual_order(options, model)
    if order is None or order == CERTAIN:
        return model.order.cpu().numpy()
    if not isinstance(order, str):
        return np.array(order, np.int64)
    if order not in orders.NAMES:
        raise StudioError(f'There is no order "{order}"; there are {", ".join(orders.NAMES)}.')
    height, width = model.spec.space
    return orders.named(order, height, width, options.seed).numpy()


def usual_order(options: SamplingOptions, model: AutoregressiveModel) -> str | None:
    """The name of the order that is followed where none was asked for, None for the model's own.

    Where several sites are drawn from one pass it is a random one: neighbours would know nothing of
    each other.
    """
    return "random" if options.steps and model.predicts_all else None
