"""How probable what is painted is by the model, in bits: estimated while it draws, and on a button
with bounds from both sides."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject

from studio.engine.editing.evidence import Evidence
from studio.engine.runtime.jobs import Job
from studio.gui import kinds
from studio.gui.widgets.controls import Chip, Readout, described, offer
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.generation.bounds import Bounds
    from studio.gui.session import Session

_SAID = (
    "How probable what you painted is by this model, while it draws as far as it has come: with 10"
    " bits, one in a thousand of its pictures has just this there, with 20 bits one in a million"
)
_BOUNDS = (
    "Computes between which bounds these bits lie. Both hold on average over chance, the lower one"
    " as far as the sweeps make true samples of the model. More particles bring them together"
)
_UNPAINTED = "Nothing is painted yet: paint something, and then ask how probable it is"
_CONDITIONED = "This model is conditioned on what you paint: it does not say how probable that is"
_IN_TIME = "Bounds are for what is painted into a picture"
_RUNS = 4  # whose estimates are put together
_WORKING = "Computing bounds…"


class EvidenceBounds(QObject):
    """said: the figure. button: asks for bounds, and stops what computes them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._job: Job[Any] | None = None
        self._asked: tuple[object, ...] = ()  # what the bounds are about
        self._bounds = self._estimate = ""  # in words
        self.said = Readout("Evidence: 1000 to 1000 bits", _SAID)
        self.button = described(Chip("Bounds", checkable=False), "Bounds", _BOUNDS)
        self.button.clicked.connect(self._pressed)
        session.painting_changed.connect(self.show_model)
        session.options_changed.connect(self._look)
        session.busy.connect(self._look)

    def show_model(self) -> None:
        """Offer bounds where the session's model has them."""
        self._look()
        session = self._session
        ordered = session.generates and kinds.of(session).ordered
        conditioned = session.model is not None and session.model.takes_painting
        why_not = _IN_TIME if not ordered else _CONDITIONED if conditioned else _UNPAINTED
        offer(self.button, ordered and self._painted and not conditioned, why_not)

    def show_estimate(self, log2_evidence: float | None) -> None:
        """What was found while it drew, where there are no bounds yet; None for nothing, 0 before
        the first of what is given."""
        self._estimate = ""
        if log2_evidence is not None and math.isfinite(log2_evidence) and log2_evidence != 0:
            self._estimate = f"Evidence: about {_rounded(-log2_evidence)} bits"
        self._say()

    def _say(self) -> None:
        nothing = "Evidence: not computed" if self._painted else "Evidence: none yet"
        self.said.setText(self._bounds or self._estimate or tr(nothing))

    @property
    def _painted(self) -> bool:
        return self._session.painting is not None and not self._session.painting.empty

    def _about(self) -> tuple[object, ...]:
        """All that bounds depend on."""
        session, options = self._session, self._session.options
        revision = None if session.painting is None else session.painting.revision
        asked = options.condition, options.order, options.particles, options.sweeps
        return session.model, revision, *asked

    def _pressed(self) -> None:
        session, painting = self._session, self._session.painting
        if self._job is not None:
            self._job.cancel()
            return
        if session.model is None or painting is None:
            return
        model, options = session.model, replace(session.options, count=_RUNS)
        evidence = Evidence(painting.values.copy(), painting.known.copy())
        self._asked = asked = self._about()

        def compute(job: Job[Any]) -> Bounds:
            from studio.engine.generation import bounds, room

            room.check_room(model, options, evidence, bounded=True, share=room.SHARE)
            return bounds.bounds_of(
                cast("AutoregressiveModel", model), evidence, options, lambda: job.token.cancelled
            )

        def take(found: Bounds) -> None:
            if asked == self._about():
                self._bounds = _in_words(found)
                self._say()

        self._job = session.work(_WORKING, compute, take)
        self._offer_to("Stop")

    def _look(self) -> None:
        """Whether the bounds are still about what is there, and the job still computes them."""
        if self._asked and self._asked != self._about():
            self._asked, self._bounds, self._estimate = (), "", ""
            if self._job is not None:
                self._job.cancel()
        if self._job is not None and self._job.state.over:
            self._job = None
            self._offer_to("Bounds")
        self._say()

    def _offer_to(self, do: str) -> None:
        """The button keeps its width: its place is not to move under the pointer."""
        self.button.setMinimumWidth(self.button.width())
        self.button.setText(do)


def _in_words(bounds: Bounds) -> str:
    """Of bounds of log2 p, as bits that the evidence costs."""
    low, high = sorted(-bits for bits in bounds.bits)
    if not math.isfinite(low):
        return "Evidence: impossible"
    if not math.isfinite(high):
        return f"Evidence: at least {_rounded(low)} bits"
    if bounds.exact:
        return f"Evidence: exactly {_rounded(low)} bits"
    return f"Evidence: {_rounded(low)} to {_rounded(high)} bits"


def _rounded(bits: float) -> str:
    """With a decimal where it says something."""
    return f"{bits:.1f}" if abs(bits) < 100 else f"{bits:.0f}"
