"""What the monkey is watched by: everything that may go wrong, each thing once, with what was done
before it; how late the window's own timer was, and for whose sake; how much memory there is."""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import statistics
import sys
import threading
import time
import traceback
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from studio.gui.instruments.lateness import INTERVAL, Lateness
from studio.gui.widgets.failure_dialog import FailureDialog

LATE, LATEST = 16.0, 250.0  # ms: 95 % of the time, and ever
_MOST_MEMORY = 12_000.0  # MB: whoever takes more is at fault
_LARGE, _TOLD = 2**20, 6  # bytes of a tensor; of how many it is told who holds them
LAST = 50  # actions that are told with a failure
# Said by Qt itself about this display, or of a stroke that leaves the window.
_HARMLESS = ("QPulseAudioContextManager", "PulseAudio", "Mouse event at")


class Watch:
    """failures: text of each, once. `write` takes the lines of the log."""

    def __init__(self, log: Path) -> None:
        self.failures: dict[str, str] = {}
        self._lines: deque[str] = deque(maxlen=LAST)
        self._log = log.open("w", buffering=1)  # what is written is there even after a fault
        self._dialogs: set[int] = set()
        self._seen_alive, self._over = time.monotonic(), threading.Event()
        self.looked = 0.0  # seconds in which it held the window up, to see where that is

    def write(self, line: str) -> None:
        self._lines.append(line)
        print(line, file=self._log)

    def alive(self) -> None:
        """To be called again and again: where it is not, the log says where every thread is."""
        self._seen_alive = time.monotonic()

    def _look_whether_alive(self) -> None:
        # not by faulthandler, which looks at frames while they run, and so may end the process
        told = 0.0
        while not self._over.wait(LATEST / 5000):
            since = self._seen_alive
            if since != told and time.monotonic() > since + LATEST / 1000:
                told, began = since, time.monotonic()
                print(f"STANDSTILL\n{stacks()}", file=self._log)
                self.looked += time.monotonic() - began
            if memory() > _MOST_MEMORY:  # before the system ends it, and nobody knows why
                print(f"MEMORY {memory():.0f} MB: {kept()}\n{stacks()}", file=self._log)
                os.abort()

    @property
    def last(self) -> str:
        """What was done last."""
        return self._lines[-1] if self._lines else ""

    def fail(self, what: str, key: str = "") -> None:
        """Take down a failure, unless it was seen before; key: what makes it the same."""
        key = key or what
        if key not in self.failures:
            before = "\n".join(self._lines)
            self.failures[key] = f"{what}\n\nThe last actions before it:\n{before}\n"
            self.write(f"FAILURE {what}")

    @contextmanager
    def everything(self) -> Iterator[None]:
        """Until the end of the block, what is raised anywhere or said by Qt is a failure."""
        hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._raised
        threading.excepthook = lambda found: self._raised(
            found.exc_type, found.exc_value, found.exc_traceback
        )
        sys.unraisablehook = lambda found: self._raised(
            found.exc_type, found.exc_value, found.exc_traceback
        )
        said = qInstallMessageHandler(self._said)
        looking = threading.Thread(target=self._look_whether_alive, name="watch", daemon=True)
        looking.start()
        try:
            yield
        finally:
            self._over.set()
            looking.join()
            qInstallMessageHandler(said)
            sys.excepthook, threading.excepthook, sys.unraisablehook = hooks

    def _raised(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        frames = traceback.extract_tb(trace)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        text = "".join(traceback.format_exception(kind, error, trace))
        self.fail(text, f"{kind.__name__} {place}")

    def _said(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) or text.startswith(_HARMLESS):
            return
        stack = "".join(traceback.format_stack(limit=12))
        self.fail(f"Qt says: {text}\n{stack}", f"Qt {text[:60]}")

    def look_for_dialogs(self) -> None:
        """A dialog that says that something failed unforeseen is a failure."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, FailureDialog) and widget.isVisible():
                details = widget.details.toPlainText()
                self.fail(details, details.rstrip().rpartition("File ")[2])


class Beats(Lateness):
    """Notes besides what the thread of the window did of the time by which it was late.

    A machine that is busy lets it wait, and the monkey looks in this thread for what it could do
    next; neither is the window's fault. own: how late it was without that, in ms. worst: the
    latest, with what was done.
    """

    def __init__(self, watch: Watch, looked: Callable[[], float]) -> None:
        """looked: the seconds that the monkey has looked for something to do."""
        super().__init__()
        self._watch = watch
        self._not_ours = lambda: waited() + looked() + watch.looked
        self.own = array("d")
        self.worst: list[tuple[float, float, float, str]] = []  # own, in all, computing, doing
        self._before_that, self._computed = self._not_ours(), time.thread_time()

    def _fired(self) -> None:
        super()._fired()
        self._watch.alive()
        not_ours, computed = self._not_ours(), time.thread_time()
        late = self.late[-1]
        own = max(0.0, late - 1000 * (not_ours - self._before_that))
        computing = 1000 * (computed - self._computed)
        self._before_that, self._computed = not_ours, computed
        self.own.append(own)
        if own > INTERVAL:
            self.worst = sorted([*self.worst, (own, late, computing, self._watch.last)])[-12:]

    @property
    def most(self) -> float:
        return max(self.own, default=0.0)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.own, n=20)[-1] if len(self.own) > 1 else 0.0

    def table(self) -> str:
        late = statistics.quantiles(self.late, n=20)[-1] if len(self.late) > 1 else 0.0
        said = (
            f"the timer was late by {late:.1f} ms (95 %), {max(self.late, default=0):.0f} at most"
        )
        lines = [f"{said}; of which the window's {self.p95:.1f}, {self.most:.0f}"]
        for own, in_all, computing, doing in reversed(self.worst):
            lines.append(
                f"  {own:6.0f} ms (in all {in_all:.0f}, computing {computing:.0f}) {doing.strip()}"
            )
        return "\n".join(lines)


def stacks() -> str:
    """Where every thread is; without the lines themselves, as reading those takes long."""
    return "\n".join(
        f"thread {number}, the last call first:\n"
        + "".join(
            f"  {each.f_code.co_filename}:{line} {each.f_code.co_name}\n"
            for each, line in traceback.walk_stack(frame)
        )
        for number, frame in sys._current_frames().items()
    )


def waited() -> float:
    """Seconds for which the thread that asked first was ready and had no processor; 0 where the
    system does not tell. Read without letting go of Python's lock, for which it would have to wait
    then: that would make every beat late."""
    read = _schedstat()
    return 0.0 if read is None else int(read().split()[1]) / 1e9


@functools.cache
def _schedstat() -> Callable[[], bytes] | None:
    try:
        file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    except OSError:
        return None
    pread, room = ctypes.PyDLL(None).pread, ctypes.create_string_buffer(128)
    pread.argtypes = ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_longlong

    def read() -> bytes:
        length = pread(file, room, len(room), 0)
        return room.raw[:length]

    return read


def memory() -> float:
    """What the process has of the machine's memory, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def kept() -> str:
    """What Python still holds: how many models, and how much in tensors and widgets; who holds the
    models and the largest tensors."""
    import torch  # long imported by now

    from models.interface import Model

    kinds = {Model: 0, torch.Tensor: 0, QObject: 0}
    megabytes, large, held = 0.0, [], []
    for thing in gc.get_objects():
        for kind in kinds:
            kinds[kind] += issubclass(type(thing), kind)  # isinstance would wake lazy modules
        if issubclass(type(thing), torch.Tensor):
            megabytes += thing.nbytes / 2**20
            large += [thing] if thing.nbytes > _LARGE else []
        held += [thing] if issubclass(type(thing), Model) else []
    models, tensors, objects = kinds.values()
    said = f"{models} models, {tensors} tensors of {megabytes:.0f} MB, {objects} objects of Qt"
    chains = [_held_by(thing, some) for some in (held, large) for thing in islice(some, _TOLD)]
    return "; ".join([said, *chains])


def _held_by(one: object, among: list[object]) -> str:
    """The chain of what holds it, as far as it is clear."""
    chain = [f"{type(one).__name__} {tuple(getattr(one, 'shape', ()))}"]
    seen, thing = {id(among)}, one
    for _ in range(12):
        holders = [
            each
            for each in gc.get_referrers(thing)
            if id(each) not in seen
            and type(each).__name__ not in ("frame", "list_iterator", "islice")
        ]
        if not holders:
            break
        seen |= {id(holders), id(thing)}
        thing = holders[0]
        chain.append(type(thing).__name__ + (f" {[*thing][:3]}" if isinstance(thing, dict) else ""))
    return " < ".join(chain)
