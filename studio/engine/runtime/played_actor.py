"""`PlayedActor`: an actor whose work is watched as it comes about, and can be paused, gone on with
and begun again."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from studio.engine.runtime.actor import Actor
from studio.engine.runtime.jobs import Stoppable

_SHOWN_RATE = 20.0  # times a second, at most


class Film(Protocol):
    """What comes about."""

    @property
    def finished(self) -> bool: ...

    def restart(self) -> None: ...


Shown = TypeVar("Shown")
Played = TypeVar("Played", bound=Film)


class PlayedActor(Actor[Shown], Generic[Shown, Played]):
    """It is made in the thread when it is first needed; what fails ends it, and it is made again
    when it is next played. Cancelling pauses it.

    looking: share of the time that goes into what there is to see, at most.
    """

    looking: ClassVar[float] = 1.0

    def __init__(self, name: str, after: Sequence[Stoppable] = ()) -> None:
        """after: see `Actor`."""
        super().__init__(name, after)
        self._film: Played | None = None
        self._playing, self._dirty = False, True
        self._due = -math.inf  # when there may be something to see again

    # Commands, from any thread.

    def play(self) -> None:
        """Go on; from the beginning, where it is at its end."""
        self._post("play", self._play)

    def pause(self) -> None:
        self._post("pause", self._pause)

    def restart(self) -> None:
        """Back to the beginning; it goes on if it did."""
        self._post("restart", self._restart)

    # The thread.

    @abstractmethod
    def _make(self) -> Played:
        """What is played, at its beginning. Whatever it raises is reported."""

    @abstractmethod
    def _moment(self, film: Played) -> Shown | None:
        """What there is to see of it now; None where it is closed before that is known."""

    def _began(self) -> None:
        """It goes on, or has begun again."""

    def _ready(self) -> Played:
        if self._film is None:
            self._film = self._make()
        return self._film

    def _play(self) -> None:
        if (film := self._ready()).finished:
            film.restart()
        self._playing = self._dirty = True
        self._began()

    def _pause(self) -> None:
        self._playing, self._dirty = False, True

    _cancelled = _pause

    def _restart(self) -> None:
        self._ready().restart()
        self._dirty = True
        self._began()

    def _show(self) -> None:
        now = time.monotonic()
        if not self._dirty or now < self._due:
            return
        self._dirty = False
        if (moment := self._moment(self._ready())) is not None:
            self.mailbox.put(moment)
        done = time.monotonic()
        self._due = done + max(1 / _SHOWN_RATE, (done - now) * (1 / self.looking - 1))

    def _failed(self, refused: bool) -> None:
        """Nothing of it is left to be shown, nor tried again at once."""
        self._playing = self._dirty = False
        self._film = None

    def _let_go(self) -> None:
        self._film = None
