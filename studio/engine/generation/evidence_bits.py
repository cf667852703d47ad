"""How many bits what is given costs by a model, -log2 of its probability, between two bounds.

The bound from above on the probability needs a picture that the model itself draws with this
evidence. Nobody can draw one exactly where evidence comes late, so one is drawn by particles and
then drawn again beside new attempts, as often as the options ask for sweeps.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.bounds import evidence_bounds
from studio.engine.generation.population import attempts
from studio.engine.generation.refinement import sweep
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.threads import one_thread

_RUNS = 4  # whose estimates are averaged


@torch.inference_mode()
def bounds_in_bits(
    model: AutoregressiveModel,
    evidence: Evidence,
    options: SamplingOptions,
    interrupted: Callable[[], bool],
) -> tuple[float, float]:
    """The fewest and the most bits that the evidence costs, the same twice where that is exact.

    options: of these condition, particles, sweeps and seed count.
    interrupted: asked between sites; True raises `Cancelled`.
    """
    known = torch.from_numpy(evidence.known.ravel()).to(model.device)
    values = torch.from_numpy(evidence.values).to(model.device).long().flatten(1)  # (C, N)
    values = values.expand(_RUNS, *values.shape)
    condition = None
    if options.condition is not None:
        condition = torch.full((_RUNS,), options.condition, device=model.device)
    particles = options.particles or attempts(_RUNS)
    generator = torch.Generator().manual_seed(options.seed)
    with one_thread():
        drawn = None
        for _ in range(1 + options.sweeps):
            drawn = sweep(
                model,
                values,
                known,
                particles,
                generator,
                retained=drawn,
                condition=condition,
                interrupted=interrupted,
            ).values
        bounds = evidence_bounds(
            model, values, known, particles, generator, drawn, condition, interrupted
        )
    # the mean of the runs in the probability, which they estimate without bias, and in its inverse
    lower = float(bounds.lower.logsumexp(0)) - math.log(_RUNS)
    upper = math.log(_RUNS) - float((-bounds.upper).logsumexp(0))
    low, high = sorted((-upper / math.log(2), -lower / math.log(2)))
    return low, high
