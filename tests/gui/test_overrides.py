"""An exception in what Qt calls of ours is an exception, whoever raised it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

NOWHERE: tuple[int, ...] = ()


class Fragile(QWidget):
    """C code raises here, which makes no object of its exception on Python 3.11."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        NOWHERE[7]

    def sizeHint(self) -> QSize:
        return QSize(len(7), 7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        (lambda w: QTest.mousePress(w, Qt.MouseButton.LeftButton, pos=QPoint(3, 3)), IndexError),
        (lambda w: w.adjustSize(), TypeError),
    ],
)
def test_it_does_not_end_the_process(
    qtbot: QtBot, do: Callable[[QWidget], object], kind: type[Exception]
) -> None:
    widget = Fragile()
    qtbot.addWidget(widget)
    with qtbot.captureExceptions() as captured:
        try:
            do(widget)
        except kind:
            return
    assert [error[0] for error in captured] == [kind]
