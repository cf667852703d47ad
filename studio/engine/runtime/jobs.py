"""`Job`: work in a thread of its own that can be watched, cancelled and waited for.

A job has a `CancelToken` of its own (never a global flag), a progress figure, a `State`, and a
`Mailbox` that holds only the latest value: the worker puts as often as it likes, the window takes
at display rate, and nothing queues up between them. A failure is kept as text, so that the tensors
that its frames held are freed. Nothing here knows of Qt or of torch.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Generic, Protocol, TypeVar

from studio.engine.runtime import courtesy
from studio.engine.runtime.errors import StudioError

T = TypeVar("T")


class Cancelled(Exception):  # noqa: N818 - it is no error
    """Raised in the worker where it asks its token and the token has been cancelled."""


class CancelToken:
    """Set once, by anybody; asked often, by the worker."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` where the token has been cancelled."""
        if not self._event.is_set():
            courtesy.window.give_way()
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep, but wake at once when cancelled; returns whether it is."""
        return self._event.wait(seconds)


class Mailbox(Generic[T]):
    """Room for one value: a new one replaces the old one, whether or not it was taken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None

    def put(self, value: T) -> None:
        with self._lock:
            self._value = value

    def take(self) -> T | None:
        """The latest value, and leave the box empty;
        None where nothing came since the last time."""
        with self._lock:
            value, self._value = self._value, None
            return value


class State(Enum):
    PENDING = "pending"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in (State.FINISHED, State.CANCELLED, State.FAILED)


class Job(Generic[T]):
    """Runs `work(job)` in a thread; the work reports through `job.progress` and `job.mailbox`, and
    asks `job.token`.

    state: see `State`; a job that was cancelled counts as
    cancelled even where its work came back with a result.
    progress: 0..1, or None while it is not known.
    result: what the work returned.
    error: the traceback as text, and message: one sentence
    for the person, both "" unless the job failed.
    refused: whether it failed with a StudioError, so that the message says all.
    on_finish: called with the job, in the worker, when it is over; fill it in before `start`.
    """

    def __init__(self, work: Callable[[Job[T]], T], name: str = "job") -> None:
        self.name = name
        self.token = CancelToken()
        self.mailbox: Mailbox = Mailbox()
        self.on_finish: list[Callable[[Job[T]], object]] = []
        self.state = State.PENDING
        self.progress: float | None = None
        self.result: T | None = None
        self.error = ""
        self.message = ""
        self.refused = False
        self._work: Callable[[Job[T]], T] | None = work
        # A daemon: if it hangs in a long kernel while the window closes,
        # the process ends all the same.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; a job runs once (RuntimeError the second time)."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to stop; returns at once. A job that has not begun never will."""
        self.token.cancel()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the thread has ended, `timeout` seconds at most;
        whether it has (or never began)."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        work, self._work = self._work, None  # whatever the work holds on to is free when it is done
        assert work is not None
        state = State.FINISHED
        try:
            self.token.raise_if_cancelled()
            self.state = State.RUNNING
            self.result = work(self)
            if self.token.cancelled:
                state = State.CANCELLED
        except Cancelled:
            state = State.CANCELLED
        except (
            BaseException
        ) as error:  # a worker has no caller to raise to: everything ends up in the job
            state = State.FAILED
            self.refused = isinstance(error, StudioError)
            self.error, self.message = failure_text(error)
        del work
        self.state = state
        for callback in self.on_finish:
            try:
                callback(self)
            except Exception:
                logging.getLogger(__name__).exception("A callback of the job %s failed", self.name)


def failure_text(error: BaseException) -> tuple[str, str]:
    """A caught exception as (traceback, one line for the person),
    letting go of all that its frames hold."""
    text = "".join(traceback.format_exception(error))
    message = str(error) or type(error).__name__
    seen: BaseException | None = error
    while seen is not None:
        traceback.clear_frames(seen.__traceback__)
        seen = seen.__cause__ or seen.__context__
    return text, message


class Stoppable(Protocol):
    """What `stop_all` can end: a `Job`, a `Player`."""

    def cancel(self) -> None: ...

    def join(self, timeout: float | None = None) -> bool: ...


class Closable(Stoppable, Protocol):
    """What has a thread that lives until it is closed: a player of any kind."""

    def close(self) -> None: ...


S = TypeVar("S", bound=Stoppable)


def stop_all(jobs: Iterable[S], timeout: float) -> list[S]:
    """Cancel all, then wait for all, `timeout` seconds together; returns those that still run."""
    jobs = list(jobs)
    for job in jobs:
        job.cancel()
    deadline = time.monotonic() + timeout
    return [job for job in jobs if not job.join(max(0.0, deadline - time.monotonic()))]
