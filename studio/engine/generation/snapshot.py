"""`Snapshot`: a moment of a generation, as the window shows it. Plain arrays and numbers; free of
torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.generation.sampling_options import SamplingOptions

if TYPE_CHECKING:
    from studio.engine.generation.generation import Generation
    from studio.engine.generation.reconstruction import Reconstruction


@dataclass(frozen=True, eq=False)
class Snapshot:
    """position: sites shown, of `length` N.  recorded: the furthest that was computed.  start:
    sites given at the beginning. values: levels, uint8 (count, C, H, W).  known: what is given,
    bool (H, W), None where nothing is. unseen: evidence that was not there when earlier sites were
    drawn, bool (H, W), None where there is none. order: raster indices, int64 (N,).  next_site:
    (row, column), None at the end. probabilities: of picture 0 at the next site, (C, K), None at
    the end. entropies: of picture 0, nats, float32 (N,), entry i for site order[i], NaN where
    nothing was drawn. nats_so_far: -log p of what was drawn, mean over the pictures.  bits_per_dim:
    the same for each dimension drawn, None before the first.  sites_per_second: measured over the
    last second of running. captions: what each picture is, where they are no samples but a
    reconstruction; "what is painted" is then in the first. right: the share of the person's pixels
    that are in the reconstruction as they were painted.
    """

    position: int
    length: int
    start: int
    recorded: int
    playing: bool
    count: int
    values: NDArray[np.uint8]
    known: NDArray[np.bool_] | None
    unseen: NDArray[np.bool_] | None
    order: NDArray[np.int64]
    next_site: tuple[int, int] | None
    probabilities: NDArray[np.float32] | None
    entropies: NDArray[np.float32]
    nats_so_far: float
    bits_per_dim: float | None
    sites_per_second: float
    options: SamplingOptions
    captions: tuple[str, ...] = ()
    right: float | None = None


def take(
    generation: Generation | Reconstruction,
    unseen: NDArray[np.bool_] | None,
    playing: bool,
    sites_per_second: float,
) -> Snapshot:
    """Look at a generation, or at a reconstruction; waits for the device."""
    from studio.engine.generation.reconstruction import Reconstruction

    if isinstance(generation, Reconstruction):
        return generation.snapshot()
    position, length, spec = generation.position, generation.length, generation.model.spec
    known = None if generation.evidence is None else generation.evidence.known
    drawn = position if known is None else int((~known.ravel()[generation.order[:position]]).sum())
    nats = float(generation.nats.sum(1).mean())
    return Snapshot(
        position=position,
        length=length,
        start=generation.start,
        recorded=generation.recorded,
        playing=playing,
        count=generation.options.count,
        values=generation.values,
        known=known,
        unseen=unseen,
        order=generation.order,
        next_site=None
        if position == length
        else divmod(int(generation.order[position]), spec.space[1]),
        probabilities=generation.next_probabilities(),
        entropies=generation.entropies[0],
        nats_so_far=nats,
        bits_per_dim=nats / (drawn * spec.channels * math.log(2)) if drawn else None,
        sites_per_second=sites_per_second,
        options=generation.options,
    )
