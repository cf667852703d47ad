"""Tips that cover nothing: beside what is pointed at, never on it, and as plain text."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from studio.engine.runtime.texts import shortened

_APART = 4  # pixels between a widget and its tip
_LONGEST = 300  # characters of a line


def plain(*lines: str) -> str:
    """A tip of lines that come from elsewhere: Qt would take what looks like HTML for HTML."""
    short = [shortened(line, _LONGEST) for line in lines]
    text = "\n".join(short)
    return f"<qt>{'<br>'.join(map(html.escape, short))}</qt>" if "<" in text else text


def beside(widget: QWidget, unless: Callable[[], bool] = bool) -> None:
    """Have the tip of a widget, in which single pixels are looked at, shown under it or over it:
    Qt puts tips next to the pointer, on the pixels there.

    unless: when none is shown, since something beside the widget is read then.
    """
    widget.installEventFilter(_Beside(widget, unless))


class _Beside(QObject):
    def __init__(self, widget: QWidget, unless: Callable[[], bool]) -> None:
        super().__init__(widget)
        self._unless = unless

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or not isinstance(watched, QWidget):
            return False
        if self._unless():
            return True
        owner = watched
        while not owner.toolTip() and (above := owner.parentWidget()) is not None:
            owner = above  # the part of a widget that scrolls has the tip of the whole
        QToolTip.showText(QCursor.pos(), owner.toolTip(), watched)
        shown = (each for each in QApplication.topLevelWidgets() if each.inherits("QTipLabel"))
        for tip in shown:
            if tip.isVisible():
                tip.move(_place(tip.frameGeometry(), watched))
        return True


def _place(tip: QRect, widget: QWidget) -> QPoint:
    """Under the widget where the screen has room there, else over it, and else at the end that is
    further from the pointer."""
    screen = widget.screen().availableGeometry()
    around = QRect(widget.mapToGlobal(QPoint()), widget.size())
    under, over = around.bottom() + 1 + _APART, around.top() - _APART - tip.height()
    if under + tip.height() <= screen.bottom() + 1:
        top = under
    elif over >= screen.top():
        top = over
    else:
        low = QCursor.pos().y() > around.center().y()
        top = around.top() if low else around.bottom() + 1 - tip.height()
    right = screen.right() + 1 - tip.width()
    return QPoint(max(screen.left(), min(around.left(), right)), top)
