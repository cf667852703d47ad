"""The docks round the page: where they are at first, and as the person left them; on any screen the
window fits, and they fit in it.

A layout is of the screen that it was left on. On another one the docks that were open are open
again, in sizes for what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, QRect, QSettings, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_USUAL = QSize(1440, 920)
_LEAST = QSize(360, 200)  # of the window, whatever its parts would like
_FRAME = QSize(8, 36)  # pixels that a frame takes round the window, before it is known
_SIDES = {"Library": 300, "Inspector": 316}  # pixels of width
_BOTTOM = 320  # pixels of height,
_MOST_BOTTOM = 0.45  # and the share of the window that it may take
_NARROW = 1000  # pixels of a window in which library and inspector share a side
Content = QWidget | Callable[[], object]  # what is in a dock, or what has it made and put there


class Dock(QDockWidget):
    """A dock that can be moved, closed and restored; its object name is what the saved layout goes
    by. What is in it is made when it is first to be seen. Who asks for it sees it, not the one that
    lies over it."""

    def __init__(self, title: str, window: QMainWindow, content: Content) -> None:
        super().__init__(title, window)
        self._window, self._content = window, content
        self._seen = False  # since the window is
        self.setObjectName(title.lower())
        self.toggleViewAction().setObjectName(title)
        self.toggleViewAction().triggered.connect(lambda shown: self.raise_() if shown else None)
        if isinstance(content, QWidget):
            self.setWidget(content)

    def fill(self) -> None:
        """Have what is in it, if it is not there."""
        if self.widget() is None and not isinstance(self._content, QWidget):
            self._content()

    def setVisible(self, visible: bool) -> None:
        new = visible and self._window.isVisible() and not self._seen
        if new:  # before it is laid out: so nothing jumps
            self.fill()
        super().setVisible(visible)
        if new:  # Qt leaves it the room of an empty one, and so part of it outside the window
            self._seen = True
            height = max(self.height(), self.minimumSizeHint().height())
            self._window.resizeDocks([self], [height], Qt.Orientation.Vertical)


def add_to(window: QMainWindow, *panes: tuple[str, Content, Qt.DockWidgetArea]) -> dict[str, Dock]:
    """A dock for each pane, (title, content, area), by its title. Those of an area lie over each
    other, the first on top; what is at the bottom goes below the left side, whose list
    can be short."""
    docks = {title: Dock(title, window, content) for title, content, _ in panes}
    for title, _, area in panes:
        window.addDockWidget(area, docks[title])
    for side in (LEFT, BOTTOM):
        first, *others = [docks[title] for title, _, area in panes if area == side]
        for other in others:
            other.hide()  # else Qt leaves a tab bar behind for each of them
            window.tabifyDockWidget(first, other)
        first.raise_()
    window.setCorner(Qt.Corner.BottomLeftCorner, BOTTOM)
    window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
    window.setMinimumSize(_LEAST)  # else it is that of all parts together, and they may change
    return docks


def first_layout(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> QByteArray:
    """The state of new docks: but for those at the sides they are hidden until they are wanted, so
    that the stage has the room."""
    for title, dock in docks.items():
        if title not in _SIDES:
            dock.hide()
    return window.saveState()


def restore_layout(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """As it was left, but for the training; the first time as it is meant."""
    settings = QSettings()
    geometry, state = settings.value("geometry"), settings.value("state")
    window.resize(_USUAL)
    if geometry is not None:
        window.restoreGeometry(geometry)
    if state is not None and window.restoreState(state) and not docks["Training"].isFloating():
        docks["Training"].hide()  # nothing is trained yet, and the start page needs the room
    docks["Lesson"].hide()  # until one is begun


def reset_layout(window: QMainWindow, docks: Mapping[str, QDockWidget], first: QByteArray) -> None:
    """As it is meant. first: what `first_layout` gave."""
    window.restoreState(first)
    _arrange(window, docks, window.size())


def keep_layout(window: QMainWindow, state: QByteArray | None = None) -> None:
    """For the next time. state: of the docks, None for as they are."""
    settings = QSettings()
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("state", window.saveState() if state is None else state)
    settings.setValue("screen", _free(window).size())


def fit(window: QMainWindow, docks: Mapping[str, Dock]) -> None:
    """Before the window is shown: what is seen in docks is there; the window is no larger than the
    free part of its screen, and the docks are as they were left there, or else in sizes for it."""
    for dock in docks.values():
        if not dock.isHidden():
            dock.fill()
    free = _free(window).size()
    room = free - _FRAME
    if window.size() != window.size().boundedTo(room):
        window.resize(window.size().boundedTo(room))
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
    if QSettings().value("screen") != free:
        _arrange(window, docks, free if window.isMaximized() else window.size())


def keep_on_screen(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Once the window is there: now its frame is known. A dock that floats lies above it: one that
    was there before it would lie under it."""
    _keep_on_screen(window)
    for dock in docks.values():
        if dock.isFloating() and dock.isVisible():
            dock.hide()
            dock.show()
            _keep_on_screen(dock)


def _arrange(window: QMainWindow, docks: Mapping[str, QDockWidget], size: QSize) -> None:
    if size.width() < _NARROW and not any(docks[side].isFloating() for side in _SIDES):
        window.addDockWidget(LEFT, docks["Inspector"])
        window.tabifyDockWidget(docks["Library"], docks["Inspector"])
    most = size.width() // 2
    window.resizeDocks(
        [docks[side] for side in _SIDES],
        [min(width, most) for width in _SIDES.values()],
        Qt.Orientation.Horizontal,
    )
    height = min(_BOTTOM, round(_MOST_BOTTOM * size.height()))
    window.resizeDocks([docks["Training"]], [height], Qt.Orientation.Vertical)


def _free(window: QWidget) -> QRect:
    return window.screen().availableGeometry()


def _keep_on_screen(window: QWidget) -> None:
    """Make it as small, and move it as far, as it takes to be seen with its frame."""
    free, frame = _free(window), window.frameGeometry()
    if free.contains(frame) or window.isMaximized() or window.isFullScreen():
        return
    size = window.size().boundedTo(free.size() - (frame.size() - window.size()))
    frame.setSize(frame.size() - window.size() + size)
    left = max(free.left(), min(frame.left(), free.right() + 1 - frame.width()))
    top = max(free.top(), min(frame.top(), free.bottom() + 1 - frame.height()))
    window.resize(size)
    window.move(left, top)
