"""The hands of the monkey: they press, drag and type in the real window as a person does, by way of
Qt's own queue of events, so that menus, dialogs and shortcuts are where they are for a person."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import TypeVar

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from shiboken6 import isValid

from studio.gui.shell.main_window import MainWindow
from tests.monkey.files import Files

W = TypeVar("W", bound=QWidget)
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN = Qt.KeyboardModifier.NoModifier


class Hands:
    """stroke: the widget on which a button is held down, and which button. filled_in: texts of the
    training form, by field. looked: seconds of processor in which it was looked for what can be
    used."""

    def __init__(
        self, window: MainWindow, random: Random, files: Files, write: Callable[[str], None]
    ) -> None:
        self.window, self.random, self.files = window, random, files
        self.stroke: tuple[QWidget, Qt.MouseButton] | None = None
        self.filled_in: dict[str, str] = {}
        self.actions = 0
        self.looked = 0.0
        self._write, self._began = write, time.monotonic()

    def note(self, text: str) -> None:
        """Say what is about to be done: before it is, for it may be the last."""
        self._write(f"{self.actions:6} {time.monotonic() - self._began:8.2f} s  {text}")

    # ---- what there is ---------------------------------------------------------------------------

    def seen(self, kind: type[W], within: QWidget | None = None) -> list[W]:
        """The widgets of a class that can be used now, in the dialog that is open or in the
        window."""
        with self.looking():
            where = within or QApplication.activeModalWidget() or self.window
            return [
                widget
                for widget in where.findChildren(kind)
                if widget.isVisible()
                and widget.isEnabled()
                and not widget.visibleRegion().isEmpty()
            ]

    @contextmanager
    def looking(self) -> Iterator[None]:
        """What is done in the block counts as looking, and not as the window's work."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.looked += time.thread_time() - began

    def any_point(self, widget: QWidget) -> QPoint:
        """Somewhere in what is seen of it."""
        rect = widget.visibleRegion().boundingRect()
        return QPoint(
            self.random.randint(rect.left(), max(rect.left(), rect.right())),
            self.random.randint(rect.top(), max(rect.top(), rect.bottom())),
        )

    # ---- what they do ----------------------------------------------------------------------------

    def press(
        self,
        widget: QWidget,
        point: QPoint,
        button: Qt.MouseButton = LEFT,
        modifier: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        """Hold a button down, until `release`."""
        self.release()
        self.stroke = widget, button
        handle, place = self._place(widget, point)
        QTest.mouseMove(handle, place)
        QTest.mousePress(handle, button, modifier, place)

    def move(self, point: QPoint) -> None:
        """Go on to a point of the widget that was pressed on."""
        if self.stroke is not None:
            handle, place = self._place(self.stroke[0], point)
            QTest.mouseMove(handle, place)

    def release(self) -> None:
        if self.stroke is not None:
            (widget, button), self.stroke = self.stroke, None
            where = widget if isValid(widget) and widget.isVisible() else self.window
            handle, place = self._place(where, where.rect().center())
            QTest.mouseRelease(handle, button, PLAIN, place)

    def click(self, widget: QWidget, point: QPoint | None = None) -> None:
        """In a stroke the hand is not free: then a button is pressed as its key would."""
        if self.stroke is not None and isinstance(widget, QAbstractButton):
            widget.click()
            return
        self.release()
        handle, place = self._place(widget, widget.rect().center() if point is None else point)
        QTest.mouseClick(handle, LEFT, PLAIN, place)

    def hover(self, widget: QWidget, point: QPoint) -> None:
        handle, place = self._place(widget, point)
        QTest.mouseMove(handle, place)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """A key, for whatever has the focus."""
        window = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        QTest.keyClick((window or self.window).windowHandle(), key, modifier)

    def wheel(self, widget: QWidget, point: QPoint, notches: int, shift: bool) -> None:
        turned = QPoint(0, 120 * notches)
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else PLAIN
        event = QWheelEvent(
            QPointF(point),
            QPointF(widget.mapToGlobal(point)),
            QPoint(),
            turned,
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)

    @staticmethod
    def _place(widget: QWidget, point: QPoint):  # type: ignore[no-untyped-def]
        window = widget.window()
        return window.windowHandle(), widget.mapTo(window, point)
