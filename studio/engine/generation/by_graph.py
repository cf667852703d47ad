"""Pictures drawn one site after the other by captured steps, a row of sites at a time; see
`graph_decoding`, which captures and runs them."""

from __future__ import annotations

from collections.abc import Callable

import torch

from studio.engine.generation.decoders import GRAPH, decoders_for
from studio.engine.generation.draft import Draft
from studio.engine.generation.graph_decoding import GraphDecoding
from studio.engine.generation.guidance import stepper_of

_MOST = 4  # that are kept: another temperature, class or number of pictures needs steps of its own


class ByGraph:
    """Draws a draft, wherever it is at.

    To capture takes several times as long as to draw without: steps are captured when somebody asks
    for it (`prepare`), and all is drawn site by site until then.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._kept: dict[object, GraphDecoding] = {}  # the one that was used last comes last
        self._pictures = object()  # stands for what is drawn now

    @property
    def applies(self) -> bool:
        """Whether it is asked for, and can be had. Elsewhere the same is drawn site by site."""
        return self._asked and self._captured

    @property
    def prepared(self) -> bool:
        """Whether nothing has to be captured before what is drawn next is drawn so."""
        return not self._asked or self._captured

    @property
    def _captured(self) -> bool:
        found = self._kept.get(self._key())
        return found is not None and found.captured

    @property
    def _asked(self) -> bool:
        draft = self._draft
        asked = draft.options.decode == GRAPH and draft.drawn.attempts is None
        return asked and GRAPH in decoders_for(draft.model)

    def prepare(self, interrupted: Callable[[], bool]) -> bool:
        """See `Generation.prepare`."""
        return not self.prepared and not self._graphs().capture(interrupted)

    def forget(self) -> None:
        """What is there is another one."""
        self._pictures = object()

    def draw(self, last: int, interrupted: Callable[[], bool]) -> None:
        """Up to position `last` at least, until it is interrupted, or as far as it applies."""
        draft = self._draft
        held, values = draft.held()
        noise = torch.stack(draft.noise)[draft.rank]
        while draft.sites < last and self.applies:
            _, until = draft.sampling_from(draft.sites)
            if interrupted():
                break
            drawn, params = self._graphs().run(self._pictures, noise, draft.settled(), held, values)
            count = len(drawn) if until is None else until - draft.sites
            draft.put(draft.sites, drawn[:count], params[:count])

    def _key(self) -> tuple[object, ...]:
        """What captured steps depend on, of what is drawn next."""
        draft = self._draft
        order = draft.order.tobytes() if draft.model.any_order else b""
        sampling, _ = draft.sampling_from(draft.sites)
        return draft.drawn.count, draft.options.condition, draft.guidance, order, sampling

    def _graphs(self) -> GraphDecoding:
        """Those for what is drawn next."""
        draft, rows, key = self._draft, self._draft.drawn.count, self._key()
        sampling, _ = draft.sampling_from(draft.sites)
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
