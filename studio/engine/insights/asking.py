"""`Asking`: in a thread of its own, what an insight says of a picture that is being drawn, painted
or pointed at.

It is asked again and again, and the newest question is always the next to be answered. It stands
beside the player and takes no more than a share of its time while that is in a hurry: then it rests
after every answer for as long as that takes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studio.engine.insights import Insight
from studio.engine.insights.question import Answer, Question
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.jobs import Stoppable

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

_SHARE = 0.06  # of the time, at most, while pictures are drawn as fast as it goes
_LONGEST_REST = 5.0  # seconds


@dataclass(frozen=True, eq=False)
class Reply:
    """What an insight answered to a question.

    choices: what can be chosen in it, of this model; see `Insight.choices`.
    refused: that it is not for this model; the answer says why.
    """

    insight: Insight
    question: Question
    answer: Answer
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: bool = False


def reply_of(insight: Insight, model: AutoregressiveModel, question: Question) -> Reply:
    """What an insight says of a model; of choices that there are not, the last is taken."""
    if why := insight.refusal(model):
        return Reply(insight, question, Answer(sentence=why), refused=True)
    choices = insight.choices_for(model)
    chosen = {name: min(question.choice(name), len(words) - 1) for name, words in choices.items()}
    question = replace(question, chosen=chosen)
    return Reply(insight, question, insight.answer(model, question), choices)


class Asking(Actor[Reply]):
    """Asks one model, with the latest reply in its mailbox.

    answered: how many questions were; for whoever wants to know what was spared.
    """

    latest_only = frozenset(["ask"])

    def __init__(self, model: AutoregressiveModel, after: Sequence[Stoppable] = ()) -> None:
        """The thread starts at once, or when those before it have ended (see `Actor`), and rests
        until it is asked."""
        super().__init__("asking", after)
        self._model = model
        self._waiting: tuple[Insight, Question, bool] | None = None
        self._not_before = 0.0
        self.answered = 0
        self.start()

    def ask(self, insight: Insight, question: Question, hurried: bool = False) -> None:
        """From any thread; takes the place of a question that waits. What goes wrong ends up in
        `failures`.

        question: with arrays that nobody changes any more.
        hurried: whether something is drawn as fast as it goes meanwhile.
        """
        self._post("ask", lambda: self._take(insight, question, hurried))

    # The thread.

    def _take(self, insight: Insight, question: Question, hurried: bool) -> None:
        self._waiting = insight, question, hurried
        if not hurried:
            self._not_before = 0.0

    def _patience(self, now: float) -> float | None:
        return None if self._waiting is None else max(0.0, self._not_before - now)

    def _advance(self) -> None:
        if self._waiting is None or time.monotonic() < self._not_before:
            return
        (insight, question, hurried), self._waiting = self._waiting, None
        began = time.monotonic()
        reply = reply_of(insight, self._model, question)
        now = time.monotonic()
        if hurried:
            rest = (now - began) * (1 / _SHARE - 1)
            self._not_before = now + min(rest, _LONGEST_REST)
        self.answered += 1
        self.mailbox.put(reply)

    def _show(self) -> None:
        """It is in the mailbox as soon as it is there."""

    def _cancelled(self) -> None:
        self._waiting = None

    def _failed(self, refused: bool) -> None:
        self._waiting = None

    def _let_go(self) -> None:
        self._waiting = None
        del self._model
