"""Pictures drawn one site after the other by CUDA graphs, a row of sites at a time; see
`graph_decoding`, which captures and runs them."""

from __future__ import annotations

from collections.abc import Callable

import torch

from studio.engine.generation.decoders import GRAPH, decoders_for
from studio.engine.generation.draft import Draft
from studio.engine.generation.graph_decoding import GraphDecoding
from studio.engine.generation.guidance import stepper_of
from studio.engine.generation.stretches import Sampling

_MOST = 4  # that are kept: another temperature, class or number of pictures needs graphs of its own


class ByGraph:
    """Draws a draft, wherever it is at."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._kept: dict[object, GraphDecoding] = {}  # the one that was used last comes last
        self._pictures = object()  # stands for what is drawn now

    @property
    def applies(self) -> bool:
        """Whether it is asked for, and can be had. Elsewhere the same is drawn site by site."""
        draft = self._draft
        asked = draft.options.decode == GRAPH and draft.drawn.attempts is None
        return asked and GRAPH in decoders_for(draft.model)

    def forget(self) -> None:
        """What is there is another one."""
        self._pictures = object()

    def draw(self, last: int, interrupted: Callable[[], bool]) -> None:
        """Up to position `last` at least, or until it is interrupted."""
        draft = self._draft
        held, values = draft.held()
        noise = torch.stack(draft.noise)[draft.rank]
        while draft.sites < last:
            sampling, until = draft.sampling_from(draft.sites)
            graphs = self._graphs(sampling)
            if not graphs.capture(interrupted) or interrupted():
                break
            drawn, params = graphs.run(self._pictures, noise, draft.settled(), held, values)
            count = len(drawn) if until is None else until - draft.sites
            draft.put(draft.sites, drawn[:count], params[:count])

    def _graphs(self, sampling: Sampling) -> GraphDecoding:
        """Those for what is drawn now."""
        draft, rows = self._draft, self._draft.drawn.count
        order = draft.order.tobytes() if draft.model.any_order else b""
        key = rows, draft.options.condition, draft.guidance, order, sampling
        found = self._kept.pop(key, None) or GraphDecoding(
            lambda: stepper_of(draft.model, rows, *draft.given_besides(rows), draft.guidance),
            draft.likelihood,
            sampling,
            draft.length,
        )
        self._kept[key] = found
        while len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]
        return found
