"""What a lesson points at: controls of the window, found by the name that a person or a screen
reader sees, and framed for as long as the step is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QGroupBox,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QWidget,
)

from studio.engine.scenes.lesson_text import Line
from studio.engine.scenes.lessons import Lesson, Step
from studio.gui.widgets import theme
from studio.gui.widgets.controls import ALSO_CALLED
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_MARGIN = 4  # pixels between a control and its frame
_ROUND = 7
_SEEN = 24  # pixels that are kept round a control that is scrolled to
_FOLLOWED = (
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.Show,
    QEvent.Type.Hide,
    QEvent.Type.ParentChange,
    QEvent.Type.LayoutRequest,
    QEvent.Type.ZOrderChange,
)


@dataclass(frozen=True)
class Target:
    """What is framed: a part of a widget, in its coordinates."""

    widget: QWidget
    part: Callable[[], QRect]


class Names:
    """What is in a window now, by its names. The window is gone through once, for all that is
    asked."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
        self._window, self._docks = window, docks
        self._widgets = defaultdict[str, list[QWidget]](list)
        for widget in window.findChildren(QWidget):
            for name in _names_of(widget):
                self._widgets[name].append(widget)

    def target(self, name: str) -> Target | None:
        """What has that name: a dock by its title, else a control by its accessible name or by what
        it says, else an action by its text; one that is seen before others. None where nothing has
        it."""
        wanted = {_plain(name), _plain(tr(name))}  # lessons are English, whatever the window speaks
        for title, dock in self._docks.items():
            if _plain(title) in wanted:
                return Target(dock, dock.rect)
        found = [
            widget
            for each in wanted
            for widget in self._widgets.get(each, ())
            if not _inside_lesson(widget, self._docks)
        ]
        if found:
            best = min(found, key=lambda one: (not one.isVisible(), isinstance(one, QLabel)))
            return Target(best, best.rect)
        bar = self._window.menuBar()
        for menu in bar.actions():
            if wanted & {_plain(menu.text()), *_texts_in(menu)}:
                return Target(bar, partial(bar.actionGeometry, menu))
        return None

    def unknown(self, lesson: Lesson, step: Step) -> Iterator[str]:
        """A sentence, with file and line, for each name in a step that nothing has, now that its
        scene is shown: some controls are called after what the model makes."""
        for line in step.points:
            if self.target(line.text) is None:
                said = f"Nothing in the window is called “{line.text}”."
                yield lesson.sentence(Line(said, line.number))
        for line in step.hides:
            if dock_called(self._docks, line.text) is None:
                said = f"“{line.text}” is no dock: there are {', '.join(self._docks)}."
                yield lesson.sentence(Line(said, line.number))


def dock_called(docks: Mapping[str, QDockWidget], name: str) -> QDockWidget | None:
    """The dock of that title."""
    return next((dock for title, dock in docks.items() if _plain(title) == _plain(name)), None)


def dock_of(widget: QWidget) -> QDockWidget | None:
    """The dock that a widget is in, or is."""
    return next((each for each in _upwards(widget) if isinstance(each, QDockWidget)), None)


def bring_into_sight(found: Target) -> None:
    """Scroll to it, where it stands in something that scrolls."""
    for above in _upwards(found.widget):
        if isinstance(above, QScrollArea) and above.widget() is not None:
            above.ensureWidgetVisible(found.widget, _SEEN, _SEEN)


def _names_of(widget: QWidget) -> set[str]:
    names = {widget.accessibleName(), *(widget.property(ALSO_CALLED) or ())}
    if isinstance(widget, QAbstractButton | QLabel):
        names.add(widget.text())
    elif isinstance(widget, QGroupBox):
        names.add(widget.title())
    return {_plain(name) for name in names if name}


def _texts_in(title: QAction) -> Iterator[str]:
    """What the entries of a menu say, and of those in it."""
    menu = title.menu()
    if isinstance(menu, QMenu):
        for each in menu.actions():
            yield _plain(each.text())
            yield from _texts_in(each)


def _inside_lesson(widget: QWidget, docks: Mapping[str, QDockWidget]) -> bool:
    return any(above is docks.get("Lesson") for above in _upwards(widget))


def _plain(text: str) -> str:
    return text.replace("&", "").strip().rstrip("….:").casefold()


def _upwards(widget: QWidget | None) -> Iterator[QWidget]:
    while widget is not None:
        yield widget
        widget = None if widget.isWindow() else widget.parentWidget()


class Frames(QObject):
    """The frames of a step; one at a time."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.frames: list[Frame] = []

    def show(self, targets: Iterable[Target]) -> None:
        self.clear()
        self.frames = [Frame(each) for each in targets]

    def clear(self) -> None:
        for frame in self.frames:
            if shiboken6.isValid(frame):
                frame.end()
        self.frames = []


class Frame(QWidget):
    """Lies over the window round a control, and follows it; nothing is seen of it while nothing is
    of the control. It takes no clicks."""

    def __init__(self, found: Target) -> None:
        super().__init__(found.widget.window())
        self._found = found
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._place)
        self._watched: list[QWidget] = []
        self._watch()
        self._place()

    def end(self) -> None:
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self._soon.stop()
        self.hide()
        self.deleteLater()

    def _watch(self) -> None:
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = list(_upwards(self._found.widget))
        for widget in self._watched:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _FOLLOWED:
            self._soon.start()  # when everything has found its place
        return False

    def _place(self) -> None:
        """Round what is seen of the control."""
        if not shiboken6.isValid(self._found.widget):
            self.end()
            return
        widget = self._found.widget
        window = widget.window()
        if window is not self.parentWidget() or self._watched != list(_upwards(widget)):
            self.setParent(window)
            self._watch()
        seen = _seen(self._found)
        self.setVisible(not seen.isEmpty())
        if not seen.isEmpty():
            around = seen.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
            self.setGeometry(around.intersected(window.rect()))
            self.raise_()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo = QColor(theme.colour("accent"))
        halo.setAlphaF(0.3)
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        for colour, width in ((halo, 5.0), (theme.colour("accent"), 2.4)):
            painter.setPen(QPen(colour, width))
            painter.drawRoundedRect(box, _ROUND, _ROUND)


def _seen(found: Target) -> QRect:
    """What is seen of it, in the window's coordinates; empty where nothing is."""
    widget = found.widget
    if not widget.isVisible():
        return QRect()
    window, rect = widget.window(), found.part()
    seen = QRect(widget.mapTo(window, rect.topLeft()), rect.size())
    for above in _upwards(widget):
        shown = QRect(above.mapTo(window, QPoint()), above.size())
        seen = seen.intersected(shown)
        if isinstance(above, QDockWidget) and above.visibleRegion().isEmpty():
            return QRect()  # under another one
    return seen
