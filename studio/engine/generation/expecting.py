"""`Expecting`: in a thread of its own, what a model expects of a picture that is being painted or
drawn: of the pixels that are not there yet, and of the class.

It is asked again and again while a stroke goes on, and the newest question is always the next to be
answered. The class comes first, whatever else is going on. Attempts at the pixels that have begun
go on in small pieces between two questions, so that there is something to see while a
person paints; those that take longer make way for a newer question. When nobody asks for a moment,
a rough answer about the class is refined. It stands beside the player, and neither waits for the
other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.snapshot import Snapshot
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.jobs import Stoppable

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel
    from studio.engine.generation.class_posterior import ClassPosterior
    from studio.engine.generation.expectation import Expectation
    from studio.engine.generation.group_scores import GroupScores
    from studio.engine.generation.quick_particles import QuickParticles
    from studio.engine.generation.refined_posterior import RefinedPosterior
    from studio.engine.generation.site_scores import SiteScores

_PIECE = 0.01  # seconds of attempts between two looks at what is asked
_PAUSE = 0.2  # seconds without a question after which the class is looked at more closely
_LASTING = 0.4  # seconds of work in attempts that a newer question leaves alone


@dataclass(frozen=True, eq=False)
class Question:
    """given: what is painted or drawn.
    condition: a class, None for any.
    pixels, classes: what is asked for.
    """

    given: Evidence
    condition: int | None = None
    pixels: bool = True
    classes: bool = True

    def same(self, other: Question) -> bool:
        """Whether the answer is the same."""
        return (
            (self.condition, self.pixels, self.classes)
            == (other.condition, other.pixels, other.classes)
            and np.array_equal(self.given.known, other.given.known)
            and np.array_equal(self.given.values, other.given.values)
        )


@dataclass(frozen=True, eq=False)
class Answer:
    """What is known so far, each part of the latest question that was answered.

    expectation: of the pixels.
    posterior: of the classes.
    """

    expectation: Expectation | None = None
    posterior: ClassPosterior | None = None


def so_far(painted: Evidence, snapshot: Snapshot | None, sees_all_given: bool) -> Evidence:
    """What is there: what is painted, and what is drawn of the picture that is shown.

    A stroke is newer than what its snapshot shows: of that holds what comes before the first site
    that the stroke changed; nothing, where the model sees all that is given from the first site on.

    Of a model of codes, what its snapshot shows: pixels become codes in its player only.

    painted: without values where nothing is known.
    """
    if snapshot is not None and snapshot.decoded is not None:
        drawn = np.zeros(snapshot.length, bool)
        drawn[snapshot.order[: snapshot.position]] = True
        known = drawn.reshape(snapshot.values.shape[2:])
        if snapshot.known is not None:
            known |= snapshot.known
        codes = snapshot.values[snapshot.shown]
        return Evidence(np.where(known, codes, 0).astype(np.uint8), known)
    if snapshot is None or snapshot.captions or snapshot.length != painted.known.size:
        return painted
    shown = snapshot.values[snapshot.shown]
    before = np.zeros_like(painted.known) if snapshot.known is None else snapshot.known
    changed = before != painted.known
    changed |= before & (shown != painted.values).any(0)
    holds = snapshot.position
    if changed.any():
        holds = 0 if sees_all_given else int(changed.ravel()[snapshot.order].argmax())
    known = painted.known.copy()
    known.reshape(-1)[snapshot.order[: min(holds, snapshot.position)]] = True
    values = np.where(painted.known, painted.values, shown)
    return Evidence(np.where(known, values, 0).astype(np.uint8), known)


class Expecting(Actor[Answer]):
    """Answers questions about one model, with the latest answers in its mailbox.

    answered: how many there were of each kind; for whoever wants to know what was spared.
    """

    latest_only = frozenset(["ask"])

    def __init__(self, model: AutoregressiveModel, after: Sequence[Stoppable] = ()) -> None:
        """The thread starts at once, or when those before it have ended (see `Actor`), and rests
        until it is asked."""
        super().__init__("expecting", after)
        self._model = model
        self._forget()
        self.answered = {"pixels": 0, "classes": 0, "refined": 0}
        self.start()

    def ask(self, question: Question) -> None:
        """From any thread; takes the place of a question that waits. What does not fit the model
        ends up in `failures`."""
        own = replace(question, given=question.given.copy())
        self._post("ask", lambda: self._take(own))

    # The thread.

    def _forget(self) -> None:
        self._question: Question | None = None
        self._scores: SiteScores | GroupScores | None = None
        self._left: set[str] = set()  # what of the question is still to be answered
        self._attempts: QuickParticles | None = None  # what is going on,
        self._spent = 0.0  # and the seconds that went into it
        self._refining: RefinedPosterior | None = None
        self._asked_at = 0.0
        self._answer = Answer()

    def _take(self, question: Question) -> None:
        given = checked_evidence(question.given.values, question.given.known, self._model)
        question = replace(question, given=given)
        wanted = {"classes": question.classes, "pixels": question.pixels}
        self._question, self._left = question, {part for part, so in wanted.items() if so}
        self._refining, self._asked_at = None, time.monotonic()
        if self._spent > _LASTING or not question.pixels:
            self._attempts = None

    def _patience(self, now: float) -> float | None:
        if self._left or self._attempts is not None:
            return 0.0
        return None if self._refining is None else max(0.0, self._asked_at + _PAUSE - now)

    def _advance(self) -> None:
        """The class; and a piece of what is going on, or the beginning of what is left. When the
        pixels are there and nobody asks for a while, the class once more."""
        if "classes" in self._left:
            self._left.remove("classes")
            self._classes()
        if "pixels" in self._left and self._attempts is None:
            self._left.remove("pixels")
            self._begin()
        if self._attempts is not None:
            self._go_on(self._attempts)
        elif self._refining is not None and time.monotonic() >= self._asked_at + _PAUSE:
            self._refine(self._refining)

    def _classes(self) -> None:
        from studio.engine.generation.class_posterior import class_posterior, scores_of
        from studio.engine.generation.refined_posterior import RefinedPosterior, is_needed

        assert self._question is not None
        given = self._question.given
        if self._scores is None:
            self._scores = scores_of(self._model)
            if self._scores is not None and not given.known.any():
                # the first pass takes longest: it should not be that of the first stroke
                self._scores.log_probs(Evidence(given.values, np.ones_like(given.known)))
        posterior = class_posterior(self._model, given, self._scores)
        if is_needed(self._model, given):
            self._refining = RefinedPosterior(self._model, given)
        self._tell("classes", replace(self._answer, posterior=posterior))

    def _begin(self) -> None:
        from models.interface import OrderAgnosticModel
        from studio.engine.generation.expectation import PARTICLES, predicted
        from studio.engine.generation.quick_particles import QuickParticles

        assert self._question is not None
        given, condition = self._question.given, self._question.condition
        if isinstance(self._model, OrderAgnosticModel):
            found = predicted(self._model, given, condition)
            self._tell("pixels", replace(self._answer, expectation=found))
            return
        self._attempts = QuickParticles(self._model, given, condition, PARTICLES)
        self._spent = 0.0

    def _go_on(self, attempts: QuickParticles) -> None:
        from studio.engine.generation.expectation import averaged

        until, spent = time.monotonic() + _PIECE, time.thread_time()
        attempts.step(attempts.length, lambda: time.monotonic() > until)
        self._spent += time.thread_time() - spent  # what others take does not count
        if attempts.position == attempts.length:
            self._attempts = None
            self._tell("pixels", replace(self._answer, expectation=averaged(attempts)))

    def _refine(self, refining: RefinedPosterior) -> None:
        until = time.monotonic() + _PIECE
        refining.step(lambda: time.monotonic() > until)
        if refining.done:
            self._refining = None
            self._tell("refined", replace(self._answer, posterior=refining.posterior))

    def _tell(self, part: str, answer: Answer) -> None:
        self.answered[part] += 1
        self._answer = answer
        self.mailbox.put(answer)

    def _show(self) -> None:
        """It is in the mailbox as soon as it is there: a question has few answers."""

    def _cancelled(self) -> None:
        self._forget()

    def _failed(self, refused: bool) -> None:
        if not refused:
            self._forget()

    def _let_go(self) -> None:
        self._forget()
        del self._model
