"""The site that comes next in a draft, found and looked into: what the model says of it, what will
come there and why. What is made of it stands in `next_site`."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.engine.generation.by_site import BySite
from studio.engine.generation.draft import Draft
from studio.engine.generation.drawn_rows import VALUES
from studio.engine.generation.guidance import conditionals_of, stepper_of
from studio.engine.generation.next_site import NextSite, Supposed, Why, looked_at
from studio.engine.generation.passes import all_at_once
from studio.engine.generation.shown import Shown

# the noise at hand is not what chose, or not yet
_OF_OTHER_NOISE = (Why.REFINED, Why.ATTEMPTS, Why.CERTAIN)


class Upcoming:
    """Finds it; remembers the conditionals of the picture that was looked at last."""

    def __init__(self, draft: Draft, shown: Shown) -> None:
        self._draft, self._shown = draft, shown
        self._looked: tuple[object, Tensor] | None = None

    @torch.inference_mode()
    def site(
        self,
        position: int,
        row: int,
        by_site: BySite | None,
        supposed: Supposed | None = None,
        hurried: bool = False,
    ) -> NextSite:
        """At a position before the end, in picture `row`; see `looked_at`.

        by_site: what draws the next site and so has its conditional, where sites are drawn one by
        one.
        """
        draft = self._draft
        rows = None if draft.drawn.attempts is None else draft.drawn.shown_rows(position)
        drawn_row = row if rows is None else int(rows[row])
        if position == draft.sites and by_site is not None:
            params = by_site.conditional(row, drawn_row)
        else:
            params = self._params_at(position, row)
        site = int(draft.order[position])
        why, fixed = self._why_at(position, site, row)
        return looked_at(
            draft.likelihood,
            params,
            position,
            draft.sampling_from(position)[0],
            None if why in _OF_OTHER_NOISE else draft.noise[site][drawn_row],
            fixed,
            why,
            supposed,
            hurried,
        )

    def _why_at(self, position: int, site: int, row: int) -> tuple[Why, tuple[int, ...] | None]:
        """Why a site gets its values in a picture, and which, where these are on record, given or
        set by hand."""
        draft, shown = self._draft, self._shown
        by_hand = draft.by_hand.at(row, site)
        if by_hand is not None:
            return Why.BY_HAND, by_hand
        if draft.known_at[site]:
            return Why.GIVEN, tuple(draft.values_at[:, site].tolist())
        fixed = None
        if position < draft.recorded:
            fixed = tuple(shown.part(VALUES, position + 1)[position, row].tolist())
        if shown.refined(row):
            return Why.REFINED, fixed
        if draft.drawn.attempts is not None and not draft.alone(position):
            return Why.ATTEMPTS, fixed
        if fixed is None and draft.passes.certain and draft.passes.of(position)[0] == position:
            return Why.CERTAIN, None
        return Why.NOISE, fixed

    def _params_at(self, position: int, row: int) -> Tensor:
        """(P,) of a site of a picture, where more is on record."""
        draft = self._draft
        if not draft.model.predicts_all:
            return self._looked_back(position, row)[position]
        # a pass, where a look back would be one for each site
        stepper = stepper_of(draft.model, 1, *draft.given_besides(1), draft.guidance)
        begin = draft.passes.of(position)[0]
        stepper.prime(torch.from_numpy(self._shown.values(begin)[row : row + 1]), begin)
        return all_at_once(stepper).predicted()[0][int(draft.order[position])]

    def _looked_back(self, position: int, row: int) -> Tensor:
        """All conditionals of one picture in one pass, (N, P), kept for the next look back."""
        draft = self._draft
        at = draft.recorded if draft.drawn.attempts is None else position
        key = row, at, draft.revision
        if self._looked is None or self._looked[0] != key:
            picture = torch.from_numpy(self._shown.values(at)[row : row + 1])
            condition, order = draft.given_besides(1)
            found = conditionals_of(
                draft.model, picture.to(draft.model.device), condition, order, draft.guidance
            )
            self._looked = key, found[0]
        return self._looked[1]
