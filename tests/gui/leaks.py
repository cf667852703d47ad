"""Finds what a test of the window leaves behind in Qt: timers, threads and top-level widgets.

Something is left behind when it was not there before the test, and is still there after all events
have been handled, every deferred deletion has happened and the garbage collector has run.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from tests import leaks

PASSING = ("QTipLabel",)  # a tool tip takes itself away


class _OfQt(dict[type, bool]):
    """Whether the objects of a class are Qt's: hundreds of thousands are asked, of few classes."""

    def __missing__(self, kind: type) -> bool:
        self[kind] = issubclass(kind, QObject)
        return self[kind]


@dataclass
class Alive:
    """What of Qt is alive at one moment. Holds its objects,
    so that no later one gets their addresses."""

    timers: list[QTimer] = field(default_factory=list)
    threads: list[QThread] = field(default_factory=list)
    widgets: list[QWidget] = field(default_factory=list)

    @staticmethod
    def now() -> Alive:
        of_qt = _OfQt()
        objects = [thing for thing in gc.get_objects() if of_qt[type(thing)]]
        objects = [thing for thing in objects if shiboken6.isValid(thing)]
        return Alive(
            timers=[thing for thing in objects if isinstance(thing, QTimer) and thing.isActive()],
            threads=[
                thing for thing in objects if isinstance(thing, QThread) and thing.isRunning()
            ],
            widgets=[
                widget
                for widget in QApplication.topLevelWidgets()
                if widget.metaObject().className() not in PASSING
            ],
        )

    def without(self, earlier: Alive) -> Alive:
        return Alive(
            timers=_new(self.timers, earlier.timers),
            threads=_new(self.threads, earlier.threads),
            widgets=_new(self.widgets, earlier.widgets),
        )

    def __bool__(self) -> bool:
        return bool(self.timers or self.threads or self.widgets)

    def describe(self) -> list[str]:
        return (
            [f"a running timer ({_named(timer)}, {timer.interval()} ms)" for timer in self.timers]
            + [f"a running QThread ({_named(thread)})" for thread in self.threads]
            + [f"a top-level widget ({_named(widget)})" for widget in self.widgets]
        )

    def remove(self) -> None:
        """Takes away what can be taken away, so that the next test starts clean."""
        for timer in self.timers:
            timer.stop()
        for thread in self.threads:
            thread.requestInterruption()
            thread.quit()
            thread.wait(2000)
        for widget in self.widgets:
            if shiboken6.isValid(widget):  # a parent may have taken it along
                widget.hide()
                shiboken6.delete(widget)


def leaked(before: Alive, patience: float | None = None) -> Alive:
    """What is alive, was not `before`, and does not go within `patience` seconds (None:
    leaks.PATIENCE)."""
    deadline = time.monotonic() + (leaks.PATIENCE if patience is None else patience)
    left = _settle(lambda: Alive.now().without(before))
    while left and time.monotonic() < deadline:
        del left  # the list itself must not be what keeps a widget alive
        gc.collect()
        time.sleep(0.02)
        left = _settle(lambda: Alive.now().without(before))
    return left


def _settle(look: Callable[[], Alive]) -> Alive:
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()
    return look()


def _new(now: Iterable[QObject], before: Iterable[QObject]) -> list:
    known = {shiboken6.getCppPointer(thing)[0] for thing in before if shiboken6.isValid(thing)}
    return [thing for thing in now if shiboken6.getCppPointer(thing)[0] not in known]


def _named(thing: QObject) -> str:
    kind = type(thing).__name__
    if title := thing.objectName() or (thing.windowTitle() if isinstance(thing, QWidget) else ""):
        kind += f" {title!r}"
    if parent := thing.parent():
        kind += f" of {type(parent).__name__}"
    return kind
