"""`Actor`: a thread that carries out commands, and between two of them
the next small piece of what is left to do.

Its commands may be called from any thread and return at once; they go into a queue that the thread
looks at between any two pieces of work. What there is to see is put into a mailbox, at most sixty
times a second: nothing is computed for pictures that nobody could look at. A failure ends what is
being done, not the actor. torch is imported in the thread.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from studio.engine.runtime import courtesy
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Mailbox, Stoppable, failure_text
from studio.engine.runtime.memory import give_back

DISPLAY_RATE = 60.0  # times a second, at most, that there is something new to see
_LOOK = 0.05  # seconds between two looks whether it is closed while it waits for others
Shown = TypeVar("Shown")


class Actor(ABC, Generic[Shown]):
    """mailbox: what there is to see, the latest.
    failures: the latest failure as (message, traceback or "").

    An actor fills in what it has, then calls `start`. What is named without an underscore may be
    called from any thread, all else belongs to the thread.
    """

    # kinds of commands of which a later one makes an earlier one moot
    latest_only: ClassVar[frozenset[str]] = frozenset()
    # whether it waits for a window that is late: not what has to be there in time itself
    gives_way: ClassVar[bool] = True

    def __init__(self, name: str, after: Sequence[Stoppable] = ()) -> None:
        """after: closed ones, whose ends its thread waits for before it does anything: what they
        hold may be as large as what it needs itself."""
        self.mailbox: Mailbox[Shown] = Mailbox()
        self.failures: Mailbox[tuple[str, str]] = Mailbox()
        # What the threads share: the queue, under the lock of the condition.
        self._condition = threading.Condition()
        self._commands: deque[tuple[str, Callable[[], None], Callable[[], None]]] = deque()
        self._interrupt = threading.Event()  # set while a command waits
        self._idle = False
        self._closed = False
        self._after = after
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def cancel(self) -> None:
        """Stop what is being done, and drop every command that waits."""
        self._drop()
        self._post("cancel", self._cancelled)

    def close(self) -> None:
        """End the thread, and let go of all that it has."""
        with self._condition:
            self._closed = True
            self._interrupt.set()
            self._condition.notify_all()
        self._drop()

    def join(self, timeout: float | None = None) -> bool:
        """Wait, `timeout` seconds at most, until nothing is left to do, and after `close` until the
        thread has ended."""
        with self._condition:
            rested = self._condition.wait_for(
                lambda: self._closed or (self._idle and not self._commands), timeout
            )
            if not self._closed:
                return rested
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _post(
        self, kind: str, command: Callable[[], None], dropped: Callable[[], None] = lambda: None
    ) -> None:
        """dropped: is called instead of the command where the actor
        is cancelled or closed before it comes to it."""
        with self._condition:
            closed = self._closed
            if not closed:
                if kind in self.latest_only and self._commands and self._commands[-1][0] == kind:
                    self._commands.pop()
                self._commands.append((kind, command, dropped))
                self._interrupt.set()
                self._condition.notify_all()
        if closed:
            dropped()

    def _drop(self) -> None:
        with self._condition:
            dropped = [instead for _, _, instead in self._commands]
            self._commands.clear()
        for instead in dropped:
            instead()

    # The thread.

    def _run(self) -> None:
        from studio.engine.runtime.threads import one_thread

        while any(not other.join(_LOOK) for other in self._after) and not self._closed:
            pass
        self._after = ()
        with one_thread():  # all along, not in steps only: see there
            self._live()
        self._let_go()
        give_back()

    def _live(self) -> None:
        while True:
            with self._condition:
                if not self._commands and not self._closed:
                    patience = self._patience(time.monotonic())
                    if patience is None:
                        self._idle = True
                        self._condition.notify_all()
                    if patience is None or patience > 0:
                        self._condition.wait(patience)
                self._idle = False
                if self._closed:
                    break
                commands = [command for _, command, _ in self._commands]
                self._commands.clear()
                self._interrupt.clear()
            self._give_way()
            for command in (*commands, self._advance, self._show):
                try:
                    command()
                except BaseException as error:  # a thread has no caller to raise to
                    refused = isinstance(error, StudioError) and command in commands
                    traceback, message = failure_text(error)
                    self.failures.put(
                        (message, "" if isinstance(error, StudioError) else traceback)
                    )
                    self._failed(refused)
            del commands, command  # which hold what they were asked with, until the next one

    def _interrupted(self) -> bool:
        """Whether to leave what is being done, as a command waits: asked between two steps."""
        if not self._interrupt.is_set():
            self._give_way()
        return self._interrupt.is_set()

    def _give_way(self) -> None:
        if self.gives_way:
            courtesy.window.give_way()

    # What an actor does.

    @abstractmethod
    def _patience(self, now: float) -> float | None:
        """Seconds until there is something to do, None for ever."""

    @abstractmethod
    def _advance(self) -> None:
        """The next piece of work, if there is any."""

    @abstractmethod
    def _show(self) -> None:
        """Put what there is to see into the mailbox, if there is something new and it is time."""

    @abstractmethod
    def _cancelled(self) -> None:
        """Leave what is being done."""

    @abstractmethod
    def _failed(self, refused: bool) -> None:
        """Something failed, and was reported.

        refused: it was a command, which has changed nothing.
        """

    @abstractmethod
    def _let_go(self) -> None:
        """The thread ends: drop what holds memory."""
