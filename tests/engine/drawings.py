"""Pictures that a generation draws, and what it is given to begin with."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions


def drawn(generation: Generation) -> np.ndarray:
    """The finished pictures."""
    generation.step(generation.length)
    assert generation.position == generation.length
    return generation.values


def next_levels(generation: Generation, row: int = 0) -> np.ndarray:
    """The distribution of the next site."""
    probabilities = generation.next_probabilities(row)
    assert probabilities is not None
    return probabilities


def finished(
    model: AutoregressiveModel,
    options: SamplingOptions | None = None,
    evidence: Evidence | None = None,
) -> np.ndarray:
    """The pictures that a generation of these ends with."""
    return drawn(Generation(model, options, evidence))


@torch.inference_mode()
def plain_loop(
    model: AutoregressiveModel, noise: Tensor, condition: Tensor | None = None
) -> np.ndarray:
    stepper = model.stepper(len(noise), condition)
    x = torch.zeros(len(noise), model.spec.channels, len(model.order), dtype=torch.long)
    for site in model.order.tolist():
        values = model.likelihood.sample(stepper.conditional(), noise[:, site])
        stepper.commit(values)
        x[:, :, site] = values
    return x.unflatten(2, model.spec.space).numpy()


def picture(model: AutoregressiveModel, seed: int = 5) -> np.ndarray:
    """Random levels."""
    shape = (model.spec.channels, *model.spec.space)
    return np.random.default_rng(seed).integers(0, model.spec.levels, shape).astype(np.uint8)


def some_evidence(model: AutoregressiveModel, known: np.ndarray, seed: int = 5) -> Evidence:
    return Evidence(picture(model, seed), known)


def half(model: AutoregressiveModel, where: str) -> np.ndarray:
    """One half of the sites, known."""
    known = np.zeros(model.spec.space, bool)
    height, width = model.spec.space
    given = {
        "top": known[: height // 2],
        "bottom": known[height // 2 :],
        "left": known[:, : width // 2],
    }[where]
    given[:] = True
    return known


def rows_known(model: AutoregressiveModel, *rows: int) -> np.ndarray:
    known = np.zeros(model.spec.space, bool)
    known[list(rows)] = True
    return known


def ranks_known(model: AutoregressiveModel, *ranges: range) -> np.ndarray:
    """The sites that come at these places in the model's order."""
    known = np.zeros(model.spec.space, bool)
    for ranks in ranges:
        known.reshape(-1)[model.order[list(ranks)].numpy()] = True
    return known


def joint(model: AutoregressiveModel, generation: Generation, sites: int | None = None) -> float:
    """log p of the first sites, in the order that the generation followed."""
    x, order = torch.from_numpy(generation.values), torch.from_numpy(generation.order)
    params = model.conditionals(x, None, order)
    return model.likelihood.log_prob(params, model.sites(x, order))[0, :sites].sum().item()


@torch.inference_mode()
def naive_loop(model: AutoregressiveModel, noise: Tensor) -> np.ndarray:
    """The same by a full pass for every site."""
    x = torch.zeros(len(noise), model.spec.channels, *model.spec.space, dtype=torch.long)
    for i, site in enumerate(model.order.tolist()):
        x.flatten(2)[:, :, site] = model.likelihood.sample(
            model.conditionals(x)[:, i], noise[:, site]
        )
    return x.numpy()
