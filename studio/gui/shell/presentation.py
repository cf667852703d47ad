"""Presentation: the whole screen for what the model makes, in larger type, with the keys of a
presenter and a laser pointer. Afterwards everything is as it was."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QRadialGradient,
)
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from studio.gui.page import Page
from studio.gui.widgets.controls import has_keys_again
from studio.gui.widgets.painted import painted, painter_on

_LARGER = 1.5  # times the usual type
_DOT = 14  # pixels from the middle of the laser's dot to its edge
_FRAME = 16  # ms between two looks at where the pointer is
_RED = "#ff2020"
# of an arrow that points to the upper left, in parts of the height of the cursor
_ARROW = ((0, 0), (0, 0.72), (0.16, 0.57), (0.27, 0.83), (0.39, 0.78), (0.28, 0.53), (0.5, 0.53))
_CURSOR = 56  # pixels of its height
Turn = Callable[[int], bool]


@dataclass(frozen=True)
class _Before:
    """How the window was."""

    state: Qt.WindowState
    layout: QByteArray
    hidden: tuple[QWidget, ...]  # that were seen
    font: QFont
    page: QWidget
    focus: QWidget | None


class Presentation(QObject):
    """Of a window with pages. keeps: docks that stay, such as that of a lesson.

    Page Down and Page Up go to the next step and back: of the first of those who take turns
    (`take_turns`) that has one, or else of what is drawn.
    """

    def __init__(
        self,
        window: QMainWindow,
        page: Callable[[], QWidget],
        keeps: Callable[[], list[QDockWidget]] = list,
    ) -> None:
        super().__init__(window)
        self._window, self._page, self._keeps = window, page, keeps
        self._turns: list[Turn] = []
        self._before: _Before | None = None
        self.curtain = Curtain(window)
        self.curtain.left.append(self.leave)
        self.curtain.turned.append(self.turn)

    @property
    def running(self) -> bool:
        return self._before is not None

    @property
    def layout_before(self) -> QByteArray | None:
        """Of the docks, as they were; None where nothing is presented."""
        return None if self._before is None else self._before.layout

    def take_turns(self, turn: Turn) -> None:
        """turn: is given 1 for the next step and -1 for the one before; whether it had one."""
        self._turns.insert(0, turn)

    def toggle(self) -> None:
        if self.running:
            self.leave()
        else:
            self.begin()

    def begin(self) -> None:
        window, page = self._window, self._page()
        kept = self._keeps()
        bars: list[QWidget] = [window.menuBar(), window.statusBar()]
        bars += page.bars if isinstance(page, Page) else []
        seen = tuple(bar for bar in bars if not bar.isHidden())
        self._before = _Before(
            window.windowState(),
            window.saveState(),
            seen,
            QFont(page.font()) if page.testAttribute(Qt.WidgetAttribute.WA_SetFont) else QFont(),
            page,
            QApplication.focusWidget(),
        )
        for part in (*seen, *window.findChildren(QDockWidget)):
            if part not in kept:
                part.hide()
        larger = page.font()
        larger.setPointSizeF(_LARGER * larger.pointSizeF())
        page.setFont(larger)
        window.setWindowState(window.windowState() | Qt.WindowState.WindowFullScreen)
        QApplication.setOverrideCursor(_large_cursor())
        self.curtain.begin()

    def leave(self) -> None:
        """Everything is as it was."""
        before, self._before = self._before, None
        if before is None:
            return
        self.curtain.end()
        QApplication.restoreOverrideCursor()
        before.page.setFont(before.font)
        for bar in before.hidden:
            bar.show()
        self._window.setWindowState(before.state)
        self._window.restoreState(before.layout)
        has_keys_again(before.focus)

    def turn(self, by: int) -> None:
        """The next step, or the one before."""
        page = self._page()
        if not any(turn(by) for turn in self._turns) and isinstance(page, Page):
            page.step(by)


class Curtain(QWidget):
    """Lies over the window while something is presented, and lets the pointer through: it has the
    keys, shows the laser's dot, and can be black.

    left, turned: functions that are called when the person leaves, or turns to another step.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Presentation")
        self.left: list[Callable[[], object]] = []
        self.turned: list[Callable[[int], object]] = []
        self.black = self.laser = False
        self._spot = QPoint(-9999, -9999)
        self._timer = QTimer(self, interval=_FRAME, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._follow)
        keys: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Escape: self._leave,
            Qt.Key.Key_B: self.toggle_black,
            Qt.Key.Key_L: self.toggle_laser,
        }
        for key in (Qt.Key.Key_PageDown, Qt.Key.Key_Right, Qt.Key.Key_Down):
            keys[key] = functools.partial(self._turn, 1)
        for key in (Qt.Key.Key_PageUp, Qt.Key.Key_Left, Qt.Key.Key_Up):
            keys[key] = functools.partial(self._turn, -1)
        self._keys = keys
        self.hide()

    def begin(self) -> None:
        window = self._over
        self.black = self.laser = False
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.show()
        self.raise_()
        self.setFocus()

    def end(self) -> None:
        self._timer.stop()
        self._point(False)
        self._over.removeEventFilter(self)
        self.hide()

    def toggle_black(self) -> None:
        """The screen goes black, so that people look at who speaks; and back."""
        self.black = not self.black
        self.update()

    def toggle_laser(self) -> None:
        """A red dot instead of the pointer."""
        self._point(not self.laser)

    def _point(self, laser: bool) -> None:
        if laser == self.laser:
            return
        self.laser = laser
        cursor = QCursor(Qt.CursorShape.BlankCursor) if laser else _large_cursor()
        QApplication.changeOverrideCursor(cursor)
        if laser:
            self._timer.start()
        else:
            self._timer.stop()
        self._follow()
        self.update(self._dot)

    def _follow(self) -> None:
        spot = self.mapFromGlobal(QCursor.pos())
        if spot != self._spot:
            self.update(self._dot)
            self._spot = spot
            self.update(self._dot)

    @property
    def _dot(self) -> QRect:
        reach = QPoint(_DOT + 1, _DOT + 1)
        return QRect(self._spot - reach, self._spot + reach)

    def _leave(self) -> None:
        for do in self.left:
            do()

    def _turn(self, by: int) -> None:
        for do in self.turned:
            do(by)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in self._keys
            and not event.modifiers() & ~_KEYPAD
        ):
            event.accept()  # it is for the presenter, not for the tool that has this key
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (do := self._keys.get(Qt.Key(event.key()))) is not None:
            do()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A click on the stage is for the stage, but the keys stay with the presenter."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.MouseFocusReason:
            QTimer.singleShot(0, self, self._take_keys)

    def _take_keys(self) -> None:
        if self.isVisible():
            self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
            self.raise_()
        return super().eventFilter(watched, event)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        if self.black:
            painter.fillRect(event.rect(), Qt.GlobalColor.black)
        if self.laser:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            glow = QRadialGradient(QPointF(self._spot), _DOT)
            faint = QColor(_RED)
            faint.setAlpha(0)
            for share, colour in ((0, QColor("white")), (0.3, QColor(_RED)), (1, faint)):
                glow.setColorAt(share, colour)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(glow)
            painter.drawEllipse(self._spot, _DOT, _DOT)


_KEYPAD = Qt.KeyboardModifier.KeypadModifier


def _large_cursor() -> QCursor:
    pixmap = QPixmap(_CURSOR, _CURSOR)
    pixmap.fill(Qt.GlobalColor.transparent)
    with painter_on(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("white"), 2.5))
        painter.setBrush(QColor("black"))
        size = _CURSOR - 4
        painter.drawPolygon(QPolygonF([QPointF(2 + size * x, 2 + size * y) for x, y in _ARROW]))
    return QCursor(pixmap, 2, 2)
