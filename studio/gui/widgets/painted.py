"""Painters that end with what they paint, also where painting fails.

A failure holds on to everything that was there when it came, and so to the painter. A painter that
lives on beside its widget ends the whole process at the next change of size, when Qt makes itself
another surface to paint on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtGui import QPaintDevice, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


@contextmanager
def painter_on(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter for the block."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def painted(
    paint: Callable[[W, QPainter, QPaintEvent], None],
) -> Callable[[W, QPaintEvent], None]:
    """A `paintEvent` of one that is given its painter besides."""

    @functools.wraps(paint)
    def paint_event(widget: W, event: QPaintEvent) -> None:
        with painter_on(widget) as painter:
            paint(widget, painter, event)

    return paint_event
