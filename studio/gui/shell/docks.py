"""The docks round the page: where they are at first, and as the person left them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QWidget

_Area = Qt.DockWidgetArea


def add_to(
    window: QMainWindow, library: QWidget, inspector: QWidget, training: QWidget, log: QWidget
) -> dict[str, QDockWidget]:
    """The docks of a window, by their titles."""
    docks = {
        title: _dock(window, title, widget, area)
        for title, widget, area in (
            ("Library", library, _Area.LeftDockWidgetArea),
            ("Inspector", _scrolled(inspector), _Area.RightDockWidgetArea),
            ("Training", training, _Area.BottomDockWidgetArea),
            ("Log", log, _Area.BottomDockWidgetArea),
        )
    }
    window.tabifyDockWidget(docks["Training"], docks["Log"])
    docks["Training"].raise_()
    window.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
    window.setCorner(Qt.Corner.BottomRightCorner, _Area.RightDockWidgetArea)
    return docks


def restore_layout(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """As it was left; the first time as it is meant."""
    options = QSettings()
    geometry, state = options.value("geometry"), options.value("state")
    if geometry is not None:
        window.restoreGeometry(geometry)
    if state is not None:
        window.restoreState(state)
        return
    sides = [docks["Library"], docks["Inspector"]]
    window.resizeDocks(sides, [324, 290], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["Training"]], [260], Qt.Orientation.Vertical)
    docks["Training"].hide()  # until they are wanted, the stage has the room
    docks["Log"].hide()


def keep_layout(window: QMainWindow) -> None:
    """For the next time."""
    options = QSettings()
    options.setValue("geometry", window.saveGeometry())
    options.setValue("state", window.saveState())


def _dock(window: QMainWindow, title: str, widget: QWidget, area: _Area) -> QDockWidget:
    """A dock that can be moved, closed and restored; its object name is what the saved layout goes
    by."""
    dock = QDockWidget(title, window)
    dock.setObjectName(title.lower())
    dock.setWidget(widget)
    window.addDockWidget(area, dock)
    return dock


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea(widgetResizable=True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(widget.minimumSizeHint().width() + bar)
    return area
