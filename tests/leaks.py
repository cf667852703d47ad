"""Finds Python threads that outlive the test that started them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

PATIENCE = 2.0  # seconds that what a test has ended may take to be gone


def running_threads() -> set[threading.Thread]:
    """The threads that Python started and that still run.

    Threads of C++ (of torch or of Qt) that have merely called into Python are not Python's to end:
    they show as dummy threads, and are left out.
    """
    return {
        thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)
    }


def leaked_threads(before: Iterable[threading.Thread], patience: float | None = None) -> list[str]:
    """Names the threads that are new and do not end within `patience` seconds (None: PATIENCE)."""
    deadline = time.monotonic() + (PATIENCE if patience is None else patience)
    new = running_threads() - set(before)
    for thread in new:
        thread.join(max(0.0, deadline - time.monotonic()))
    return sorted(f"the thread {thread.name!r}" for thread in new if thread.is_alive())
