"""`Expectations`: what the model expects of the picture in a session, for the widgets that show it.

Something is worked out only while one of them says that it is seen, in a thread that is asked
whenever the picture changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.expecting import Answer, Expecting, Question, so_far
from studio.engine.generation.snapshot import Snapshot
from studio.gui.kept_actor import KeptActor

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.runtime.jobs import Stoppable
    from studio.gui.session import Session

PIXELS, CLASSES = "pixels", "classes"  # what can be wanted


class Expectations(QObject):
    """latest: what was answered last.

    Signals: answered(Answer). What is expected of pixels is in the snapshots of the session
    besides.
    """

    answered = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._wanted: set[str] = set()
        self._kept = KeptActor(session, self._begun, self)
        self._kept.news.connect(self._heard)
        self._asked: Question | None = None
        self.latest = Answer()
        session.model_changed.connect(self._begin_again)
        for changed in (session.painting_changed, session.options_changed, session.reading):
            changed.connect(self._ask)

    def want(self, part: str, wanted: bool) -> None:
        """Whether somebody sees what is expected of the PIXELS, or of the CLASSES."""
        if (part in self._wanted) == wanted:
            return
        self._wanted ^= {part}
        if part == PIXELS and not wanted:
            self._take(replace(self.latest, expectation=None))
        self._ask()

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes that can be told apart; none, where the model in use knows none,
        or does not draw pictures."""
        model = self._session.model
        return getattr(model.conditioning, "names", ()) if model and self._possible else ()

    @property
    def _possible(self) -> bool:
        model = self._session.model
        return model is not None and model.autoregressive and len(model.spec.space) == 2

    @property
    def resting(self) -> bool:
        """Whether nothing is being worked out, and all that was has been heard of."""
        return self._kept.resting

    def beside(self, moment: Any) -> Any:
        """A moment of the player, with what is expected of its pixels."""
        if self.latest.expectation is None or not isinstance(moment, Snapshot):
            return moment
        return replace(moment, expected=self.latest.expectation.shares)

    def end(self) -> list[Stoppable]:
        """Work out nothing more; returns the threads that may still run."""
        self._asked = None
        return self._kept.end()

    # ---- how it is done --------------------------------------------------------------------------

    def _begin_again(self) -> None:
        """Another model is in use."""
        self._asked = None
        self._kept.let_go()
        self.latest = Answer()
        self.answered.emit(self.latest)
        self._ask()

    def _begun(self, before: tuple[Stoppable, ...]) -> Expecting:
        return Expecting(cast("AutoregressiveModel", self._session.model), before)

    def _ask(self) -> None:
        if (question := self._question()) is None:
            return
        if self._asked is not None and question.same(self._asked):
            return
        self._asked = question
        self._kept.working().ask(question)

    def _question(self) -> Question | None:
        session, painting = self._session, self._session.painting
        model, moment = session.model, session.latest
        snapshot = moment if isinstance(moment, Snapshot) else None
        if not self._possible or model is None or painting is None:
            return None
        model = cast("AutoregressiveModel", model)
        # at full speed attempts come too late to be seen, and cost the drawing its time
        hurried = snapshot is not None and snapshot.hurried
        coded = model.pictures is not model.spec  # there is no mean of codes
        if coded and (snapshot is None or snapshot.decoded is None):
            return None  # what is painted becomes codes in the player only
        pixels = PIXELS in self._wanted and (model.predicts_all or not hurried) and not coded
        classes = CLASSES in self._wanted and bool(self.classes)
        if not (pixels or classes):
            return None
        painted = Evidence(np.where(painting.known, painting.values, 0), painting.known)
        given = so_far(painted, snapshot, model.sees_all_given)
        return Question(given, session.options.condition, pixels, classes)

    def _heard(self, answer: Answer) -> None:
        if PIXELS not in self._wanted:
            answer = replace(answer, expectation=None)
        self._take(answer)

    def _take(self, answer: Answer) -> None:
        before, self.latest = self.latest, answer
        session, moment = self._session, self._session.latest
        if answer.expectation is not before.expectation and isinstance(moment, Snapshot):
            session.latest = self.beside(replace(moment, expected=None))
            session.snapshot.emit(session.latest)
        self.answered.emit(answer)
