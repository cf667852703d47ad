"""The docks round the page: where they are at first, and as the person left them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QMainWindow, QScrollArea, QWidget

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


def add_to(
    window: QMainWindow, *panes: tuple[str, QWidget, Qt.DockWidgetArea]
) -> dict[str, QDockWidget]:
    """A dock for each pane, (title, widget, area), by its title. Those at the bottom lie over each
    other, the first on top."""
    docks = {title: _dock(window, title, widget, area) for title, widget, area in panes}
    first, *others = [docks[title] for title, _, area in panes if area == BOTTOM]
    for other in others:
        window.tabifyDockWidget(first, other)
    first.raise_()
    window.setCorner(Qt.Corner.BottomLeftCorner, LEFT)
    window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
    return docks


def restore_layout(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """As it was left; the first time as it is meant."""
    settings = QSettings()
    geometry, state = settings.value("geometry"), settings.value("state")
    if geometry is not None:
        window.restoreGeometry(geometry)
    if state is not None:
        window.restoreState(state)
        return
    sides = [docks["Library"], docks["Inspector"]]
    window.resizeDocks(sides, [324, 290], Qt.Orientation.Horizontal)
    window.resizeDocks([docks["Training"]], [260], Qt.Orientation.Vertical)
    for dock in docks.values():
        if window.dockWidgetArea(dock) == BOTTOM:
            dock.hide()  # until they are wanted, the stage has the room


def keep_layout(window: QMainWindow) -> None:
    """For the next time."""
    settings = QSettings()
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("state", window.saveState())


def _dock(window: QMainWindow, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
    """A dock that can be moved, closed and restored;
    its object name is what the saved layout goes by."""
    dock = QDockWidget(title, window)
    dock.setObjectName(title.lower())
    dock.setWidget(widget)
    window.addDockWidget(area, dock)
    return dock


def scrolled(widget: QWidget) -> QScrollArea:
    """A pane that may be higher than its dock."""
    area = QScrollArea(widgetResizable=True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(widget)
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(widget.minimumSizeHint().width() + bar)
    return area
