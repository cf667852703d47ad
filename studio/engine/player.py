"""`Player`: a generation in a thread of its own, played like a film: play, pause, step, seek, at any speed.

Its methods may be called from any thread and return at once; they put a command into a queue that the thread looks at between
any two sites, so a command takes effect within the time that one site takes. What there is to see is put into a mailbox, at
most sixty times a second: nothing is computed for pictures that nobody could look at. A failure ends the run, not the player.
torch is imported in the thread.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from studio.engine.errors import StudioError
from studio.engine.jobs import Mailbox, failure_text
from studio.engine.pace import Pace
from studio.engine.settings import Canvas, Settings, check_settings, checked_canvas
from studio.engine.snapshot import Snapshot, take

if TYPE_CHECKING:
    from models.interface import Model
    from studio.engine.generation import Generation
    from studio.engine.reconstruction import Reconstruction

DISPLAY_RATE = 60.0  # snapshots a second, at most
_CHUNK_SECONDS = 0.009  # between two looks at the clock at full speed: two of them last a little longer than a snapshot
_LATEST_ONLY = frozenset(["seek", "speed", "settings", "canvas"])  # commands of which a later one makes an earlier one moot


def _copy(canvas: Canvas | None) -> Canvas | None:
    """The window goes on painting on its own."""
    return None if canvas is None else Canvas(canvas.values.copy(), canvas.known.copy())


def begin(model: Model, settings: Settings, canvas: Canvas | None) -> Generation | Reconstruction:
    """What this model can do with a canvas: go on from it, or give it back."""
    from models.autoencoder import Autoencoder
    from studio.engine.generation import Generation, generating
    from studio.engine.reconstruction import Reconstruction

    if isinstance(model, Autoencoder):
        return Reconstruction(model, settings, canvas)
    return Generation(generating(model), settings, canvas)


class Player:
    """Plays one model. mailbox: the latest `Snapshot`.  failures: the latest failure as (message, traceback or "")."""

    def __init__(self, model: Model, settings: Settings | None = None, canvas: Canvas | None = None) -> None:
        """The thread starts at once, and shows the beginning. What does not fit the model ends up in `failures`."""
        self.mailbox: Mailbox[Snapshot] = Mailbox()
        self.failures: Mailbox[tuple[str, str]] = Mailbox()
        self._model = model
        self._settings, self._canvas = settings or Settings(), _copy(canvas)
        self._generation: Generation | Reconstruction | None = None
        self._playing = False
        self._goal: int | None = None  # a position to run to at full speed
        self._pace = Pace()
        self._woke = 0.0  # when sites of a paced run were last looked after
        self._behind = False  # whether more is due than was done
        self._chunk = 1  # sites that take about _CHUNK_SECONDS
        self._dirty = True
        self._shown = -math.inf
        self._last: Snapshot | None = None
        self._unseen: NDArray[np.bool_] | None = None
        # What the threads share: the queue, under the lock of the condition.
        self._condition = threading.Condition()
        self._commands: deque[tuple[str, Callable[[], None]]] = deque()
        self._interrupt = threading.Event()  # set while a command waits
        self._idle = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="player", daemon=True)
        self._thread.start()

    # Commands, from any thread.

    def play(self) -> None:
        """Run at the chosen speed; from the beginning, where it stands at the end."""
        self._post("play", self._play)

    def pause(self) -> None:
        self._post("pause", self._pause)

    def step(self, n: int = 1) -> None:
        """Pause, and go n drawn sites on, or back where n is negative; given sites are passed on the way."""
        self._post("step", lambda: self._step(n))

    def finish(self) -> None:
        """Run to the end at full speed."""
        self._post("finish", lambda: self._run_to(self._ready().length))

    def restart(self) -> None:
        """Back to the evidence; playing goes on if it did."""
        self._post("restart", self._restart)

    def seek(self, position: int) -> None:
        """Pause, and show another position of the record."""
        self._post("seek", lambda: self._seek(position))

    def set_speed(self, sites_per_second: float | None) -> None:
        """None: unlimited."""
        self._post("speed", lambda: self._pace.set_speed(sites_per_second, time.monotonic()))

    def set_settings(self, settings: Settings) -> None:
        """See `Generation.set_settings`; StudioErrors end up in `failures`, and the old settings stay."""
        self._post("settings", lambda: self._set_settings(settings))

    def set_canvas(self, canvas: Canvas | None) -> None:
        """Other evidence: goes back to the first site that it changes."""
        own = _copy(canvas)
        self._post("canvas", lambda: self._set_canvas(own))

    def cancel(self) -> None:
        """Stop the run, and drop every command that waits; what is drawn stays."""
        with self._condition:
            self._commands.clear()
        self._post("pause", self._pause)

    def close(self) -> None:
        """End the thread, and let go of the model."""
        with self._condition:
            self._closed = True
            self._commands.clear()
            self._interrupt.set()
            self._condition.notify_all()

    def join(self, timeout: float | None = None) -> bool:
        """Wait, `timeout` seconds at most, until nothing is left to do, and after `close` until the thread has ended."""
        with self._condition:
            rested = self._condition.wait_for(lambda: self._closed or (self._idle and not self._commands), timeout)
            if not self._closed:
                return rested
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _post(self, kind: str, command: Callable[[], None]) -> None:
        with self._condition:
            if self._closed:
                return
            if kind in _LATEST_ONLY and self._commands and self._commands[-1][0] == kind:
                self._commands.pop()
            self._commands.append((kind, command))
            self._interrupt.set()
            self._condition.notify_all()

    # The thread.

    def _run(self) -> None:
        from studio.engine.threads import one_thread

        with one_thread():  # all along, not in steps only: see there
            self._live()
        del self._model, self._generation, self._last

    def _live(self) -> None:
        while True:
            with self._condition:
                if not self._commands and not self._closed:
                    patience = self._patience()
                    if patience is None:
                        self._idle = True
                        self._condition.notify_all()
                    if patience is None or patience > 0:
                        self._condition.wait(patience)
                self._idle = False
                if self._closed:
                    break
                commands = [command for _, command in self._commands]
                self._commands.clear()
                self._interrupt.clear()
            for command in (*commands, self._advance, self._show):
                try:
                    command()
                except BaseException as error:  # a thread has no caller to raise to
                    self._fail(error, refused=isinstance(error, StudioError) and command in commands)

    def _patience(self) -> float | None:
        """Seconds until there is something to do, None for ever."""
        now, waits = time.monotonic(), []
        if self._goal is not None or (self._playing and self._pace.speed is None):
            return 0.0
        if self._playing:
            waits.append(0.0 if self._behind else max(self._pace.wait(now), self._woke + 1 / DISPLAY_RATE - now))
        if self._dirty:
            waits.append(self._shown + 1 / DISPLAY_RATE - now)
        return min(waits, default=None)

    def _fail(self, error: BaseException, refused: bool) -> None:
        """Tell of it. refused: a command was, and nothing has changed; otherwise the run ends."""
        traceback, message = failure_text(error)
        self.failures.put((message, "" if isinstance(error, StudioError) else traceback))
        if refused and self._generation is not None:
            return
        # Whatever is half done goes, with its memory; the next command begins anew.
        self._stop()
        self._generation = None
        self._dirty = False
        if self._last is not None:
            self._last = replace(self._last, playing=False)
            self.mailbox.put(self._last)

    def _ready(self) -> Generation | Reconstruction:
        if self._generation is None:
            self._generation = begin(self._model, self._settings, self._canvas)
            self._note_unseen()
            self._dirty = True
        return self._generation

    def _note_unseen(self) -> None:
        from models.interface import AutoregressiveModel
        from studio.engine.completion import unseen

        self._unseen, model = None, self._model
        if self._canvas is not None and self._settings.method == "clamp" and isinstance(model, AutoregressiveModel):
            found = unseen(model, self._canvas.known)
            self._unseen = found if found.any() else None

    # Commands, in the thread.

    def _play(self) -> None:
        generation = self._ready()
        if generation.position == generation.length:
            generation.restart()
        self._goal = None
        self._playing = self._dirty = True
        self._pace.start(time.monotonic())

    def _pause(self) -> None:
        self._stop()
        self._dirty = True

    def _stop(self) -> None:
        self._playing, self._goal = False, None

    def _step(self, n: int) -> None:
        generation = self._ready()
        begin = generation.position
        if self._goal is not None and self._goal < generation.length:
            begin = self._goal  # several steps in a row add up
        self._stop()
        self._dirty = True
        if n > 0:
            self._run_to(begin + n)
            return
        for _ in range(-n):
            generation.rewind(generation.position - 1)
            while generation.given_ahead() and generation.position > generation.start:
                generation.rewind(generation.position - 1)

    def _run_to(self, position: int) -> None:
        generation = self._ready()
        self._playing = False
        self._goal = min(position, generation.length)
        self._pace.start(time.monotonic(), paced=False)

    def _restart(self) -> None:
        self._goal = None
        self._ready().restart()
        self._pace.start(time.monotonic())
        self._dirty = True

    def _seek(self, position: int) -> None:
        self._stop()
        self._ready().rewind(position)
        self._dirty = True

    def _set_settings(self, settings: Settings) -> None:
        check_settings(settings, self._model)
        if self._generation is not None:
            self._generation.set_settings(settings)
        self._settings = settings
        self._changed()

    def _set_canvas(self, canvas: Canvas | None) -> None:
        if canvas is not None:
            canvas = checked_canvas(canvas.values, canvas.known, self._model)
        if self._generation is not None:
            self._generation.edit(canvas)
        self._canvas = canvas
        self._changed()

    def _changed(self) -> None:
        self._ready()
        self._note_unseen()
        self._dirty = True

    # Running.

    def _advance(self) -> None:
        """Do what is due now, for about `_CHUNK_SECONDS` and as long as no command comes."""
        if self._goal is None and not self._playing:
            return
        generation, pace, now = self._ready(), self._pace, time.monotonic()
        paced = self._goal is None and pace.speed is not None
        goal = generation.length if self._goal is None else self._goal
        wanted = min(goal - generation.position, pace.due(now)) if paced else goal - generation.position
        again = generation.recorded - generation.position
        limit = self._chunk if paced or again == 0 else again  # at full speed, what is on record is there at once
        self._behind = wanted > limit
        done = generation.step(min(wanted, limit), self._interrupt.is_set)
        besides = 0
        if done and (paced or generation.position >= goal) and not self._interrupt.is_set():
            besides = generation.step(generation.given_ahead(), self._interrupt.is_set)
        took = time.monotonic() - now
        if again == 0 and done == limit:
            self._chunk = max(1, min(int(limit * _CHUNK_SECONDS / max(took, 1e-6)), 2 * limit))
        if done:
            pace.did(done, now + took, besides)
            self._dirty = True
        self._woke = now
        if generation.position >= goal:
            self._stop()
            self._dirty = True

    def _show(self) -> None:
        """Put a snapshot into the mailbox, if there is something new and it is time."""
        if not self._dirty or time.monotonic() < self._shown + 1 / DISPLAY_RATE:
            return
        playing = self._playing or self._goal is not None
        self._last = take(self._ready(), self._unseen, playing, self._pace.measured)
        self._dirty = False
        self.mailbox.put(self._last)
        self._shown = time.monotonic()
