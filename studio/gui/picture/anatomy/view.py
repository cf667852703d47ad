"""`FigureView`: a widget that draws one figure, says in one line what is under the pointer, and
shows the picture that is drawn meanwhile; and `view_of`, which finds that of a figure."""

from __future__ import annotations

import functools
import math
import pkgutil
from collections.abc import Hashable
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.insights.question import Question
from studio.gui.widgets.painted import painted

if TYPE_CHECKING:
    from models.anatomy import Figure

SMALLEST_SCALE = 0.7  # below that nobody reads the numbers


class FigureView(QWidget):
    """A subclass draws in units of its own, `extent` of them, which are pixels where there is room;
    where there is less, or more, all of it is drawn smaller or larger.

    figure: what it draws now; lit: what is under the pointer, None for nothing; seen: the picture
    as it is drawn meanwhile, None where there is none.

    Signals: said(sentence) when the pointer comes to something, "" where it leaves it; opened()
    when it is clicked.
    """

    said = Signal(str)
    opened = Signal()
    # whether it draws the picture too, and so is painted again with every pixel
    follows: ClassVar[bool] = False
    titled: ClassVar[bool] = True  # whether what it is stands above it, too

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.figure: Any = figure
        self.lit: Hashable | None = None
        self.seen: Question | None = None
        self.largest = 1.0  # the scale, however much room there is
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(figure.title)
        self.setAccessibleDescription(figure.about)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # ---- what a subclass says --------------------------------------------------------------------

    def extent(self) -> tuple[float, float]:
        """Width and height in its own units."""
        raise NotImplementedError

    def draw(self, painter: QPainter) -> None:
        """The figure, in its own units."""
        raise NotImplementedError

    def under(self, x: float, y: float) -> Hashable | None:
        """What lies there, in its own units; None for nothing."""
        return None

    def words(self, thing: Hashable) -> str:
        """What that is, in one line."""
        raise NotImplementedError

    # ---- what all do -----------------------------------------------------------------------------

    def show_figure(self, figure: Figure) -> None:
        """Another one of the same form."""
        self.figure = figure
        self.update()

    def follow(self, seen: Question | None) -> None:
        """The picture as it is now."""
        self.seen = seen
        if self.follows:
            self.update()

    @property
    def scaling(self) -> float:
        """Pixels a unit."""
        width, height = self.extent()
        fitting = min(self.width() / width, self.height() / height, self.largest)
        return max(fitting, 0.01)

    def origin(self) -> QPointF:
        """Where its units begin: it stands in the middle."""
        width, height = self.extent()
        scale = self.scaling
        return QPointF((self.width() - scale * width) / 2, (self.height() - scale * height) / 2)

    def at(self, x: float, y: float) -> QPointF:
        """Where a place in its own units is seen."""
        return self.origin() + QPointF(x, y) * self.scaling

    def sizeHint(self) -> QSize:
        width, height = self.extent()
        return QSize(math.ceil(width), math.ceil(height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() * SMALLEST_SCALE

    def heightForWidth(self, width: int) -> int:
        wide, high = self.extent()
        return math.ceil(high * max(min(1.0, width / wide), SMALLEST_SCALE))

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self.origin())
        painter.scale(self.scaling, self.scaling)
        self.draw(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = (event.position() - self.origin()) / self.scaling
        self._light(self.under(place.x(), place.y()))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._say()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._light(None)
        self.said.emit("")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def _say(self) -> None:
        """What the pointer is on; where that is nothing, what the figure is."""
        self.said.emit(self.figure.about if self.lit is None else self.words(self.lit))

    def _light(self, thing: Hashable | None) -> None:
        if thing != self.lit:
            self.lit = thing
            self._say()
            self.update()


@functools.cache
def views() -> dict[type[Figure], type[FigureView]]:
    """What draws each kind of figure. The first time, that takes a tenth of a second."""
    package = import_module("studio.gui.picture.anatomy")
    names = [info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    found: dict[type[Figure], type[FigureView]] = {}
    for name in names:
        found.update(getattr(import_module(name), "VIEWS", {}))
    return found


def view_of(figure: Figure) -> FigureView:
    """A widget that draws it; in words, where nothing draws one of its kind."""
    return next(views()[kind] for kind in type(figure).__mro__ if kind in views())(figure)
