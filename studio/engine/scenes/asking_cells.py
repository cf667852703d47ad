"""`AskingCells`: in one thread, what an insight says of several scenes that stand side by side,
each by its own model.

The newest questions are always the next to be answered; what was left of older ones is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.engine.insights import Insight
from studio.engine.insights.asking import Reply, reply_of
from studio.engine.insights.question import Answer, Question
from studio.engine.runtime.actor import Actor
from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

    Asked = tuple[AutoregressiveModel, Question]

Replies = tuple[Reply | None, ...]


class AskingCells(Actor[Replies]):
    """Mailbox: the latest reply of every scene, in their order; None where there is none."""

    latest_only = frozenset(["ask"])

    def __init__(self) -> None:
        """The thread starts at once and rests until it is asked."""
        super().__init__("asking cells")
        self._insight: Insight | None = None
        self._left: list[tuple[int, Asked]] = []
        self._found: list[Reply | None] = []
        self.start()

    def ask(self, insight: Insight, asked: Sequence[Asked | None]) -> None:
        """From any thread. Replies come one after the other; a scene keeps its last one until then.
        None: a scene of which nothing is asked, and that has no reply any more."""
        own = list(asked)
        self._post("ask", lambda: self._take(insight, own))

    # The thread.

    def _take(self, insight: Insight, asked: Sequence[Asked | None]) -> None:
        if len(asked) != len(self._found) or insight is not self._insight:
            self._found = [None] * len(asked)
        self._insight = insight
        self._left = [(place, each) for place, each in enumerate(asked) if each is not None]
        gone = [place for place, each in enumerate(asked) if each is None]
        for place in gone:
            self._found[place] = None
        if gone:
            self.mailbox.put(tuple(self._found))

    def _patience(self, now: float) -> float | None:
        return 0.0 if self._left else None

    def _advance(self) -> None:
        """One scene."""
        if not self._left or self._insight is None:
            return
        place, (model, question) = self._left.pop(0)
        try:
            self._found[place] = reply_of(self._insight, model, question)
        except StudioError as error:  # the others go on
            self._found[place] = Reply(
                self._insight, question, Answer(sentence=str(error)), refused=True
            )
        self.mailbox.put(tuple(self._found))

    def _show(self) -> None:
        """It is in the mailbox as soon as it is there."""

    def _cancelled(self) -> None:
        self._left = []

    def _failed(self, refused: bool) -> None:
        self._left = []

    def _let_go(self) -> None:
        self._left, self._found = [], []
