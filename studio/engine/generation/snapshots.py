"""A moment of a generation, put together for whoever looks at it; see `Snapshot` for what each part
of it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from studio.engine.generation.draft import Draft
from studio.engine.generation.next_site import Supposed
from studio.engine.generation.parallel_decoding import Pass
from studio.engine.generation.snapshot import Particles, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.engine.generation.generation import Generation


def snapshot_of(
    generation: Generation,
    draft: Draft,
    made: Sequence[Pass],
    unseen: NDArray[np.bool_] | None,
    playing: bool,
    sites_per_second: float,
    chosen: int | None,
    supposed: Supposed | None,
    hurried: bool,
) -> Snapshot:
    """See `Generation.snapshot`. made: the passes on record, where all sites are drawn at once."""
    position, spec, options = generation.position, draft.model.spec, draft.options
    known = None if draft.evidence is None else draft.evidence.known
    drawn = position if known is None else int((~known.ravel()[draft.order[:position]]).sum())
    if chosen is not None and chosen >= options.count:
        chosen = None
    shown = chosen or 0
    found = generation.nats
    each = found.sum(1)
    nats = float(each.mean() if chosen is None else each[chosen])
    entropies = generation.entropies[shown]
    at_end = position == draft.length
    values, settled = generation.guessed()
    upcoming = generation.upcoming(shown, supposed, hurried)
    return Snapshot(
        position=position,
        length=draft.length,
        start=draft.start,
        recorded=draft.recorded,
        playing=playing,
        count=options.count,
        values=values,
        known=known,
        unseen=unseen,
        order=draft.order,
        next_site=None if at_end else divmod(int(draft.order[position]), spec.space[1]),
        probabilities=None if upcoming is None else upcoming.sampled,
        entropies=entropies,
        nats_so_far=nats,
        bits_per_dim=nats / (drawn * spec.channels * math.log(2)) if drawn else None,
        sites_per_second=sites_per_second,
        options=options,
        chosen=chosen,
        method=draft.method.name,
        why=draft.why,
        particles=_particles(draft, position, shown),
        changes=draft.changes,
        earlier=draft.earlier,
        nats=np.where(np.isnan(entropies), np.nan, found[shown]),
        passes=generation.passes,
        passes_in_all=next((one.number for one in made if one.front == draft.length), None),
        pass_ends=tuple(one.front for one in made),
        settled=settled,
        upcoming=upcoming,
        hurried=hurried,
    )


@torch.inference_mode()
def _particles(draft: Draft, position: int, shown: int) -> Particles | None:
    """Of the picture that is shown."""
    attempts, options = draft.drawn.attempts, draft.options
    if attempts is None:
        return None
    evidence = None
    if options.sampling == (1.0, 0, 1.0) and not draft.guidance and not draft.model.predicts_all:
        nats = float(attempts.log_evidence(position)[shown]) + draft.leading()
        evidence = nats / math.log(2)
    return Particles(
        count=draft.drawn.count // options.count,
        effective=float(attempts.effective(position)[shown]),
        log2_evidence=evidence,
        sweeps=0 if draft.sweeps is None else draft.sweeps.done,
    )
