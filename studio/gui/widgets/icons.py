"""The icons: drawings of one colour in assets/icons,
painted in the colour that text has where they stand.

An icon takes its colour from the palette when it is painted, so that it goes with a window that
turns dark; a drawing is rendered once for each size and colour, in the pixels of the screen.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer

from studio.engine.runtime.assets import assets_folder
from studio.gui.widgets.painted import painter_on


def icon(name: str) -> QIcon:
    """The icon of that name (a file of assets/icons without its ending);
    KeyError where there is none."""
    drawing(name)
    return QIcon(_Engine(name))


@cache
def drawing(name: str) -> bytes:
    """The SVG of an icon; KeyError where there is none."""
    path = assets_folder() / "icons" / f"{name}.svg"
    if not path.is_file():
        raise KeyError(name)
    return path.read_bytes()


def rendered(name: str, size: QSize, colour: str) -> QPixmap:
    """An icon `size` device pixels large, in a colour such as "#1b1e23"."""
    key = f"icon/{name}/{size.width()}x{size.height()}/{colour}"
    made = QPixmap()
    if QPixmapCache.find(key, made):
        return made
    made = QPixmap(size)
    made.fill(Qt.GlobalColor.transparent)
    side = min(size.width(), size.height())
    square = QRectF((size.width() - side) / 2, (size.height() - side) / 2, side, side)
    with painter_on(made) as painter:
        QSvgRenderer(drawing(name).replace(b"currentColor", colour.encode())).render(
            painter, square
        )
    QPixmapCache.insert(key, made)
    return made


class _Engine(QIconEngine):
    """Renders one drawing in the palette's colour for a mode."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        pixmap = rendered(self._name, rect.size() * ratio, _colour(mode))
        pixmap.setDevicePixelRatio(ratio)
        painter.drawPixmap(rect.topLeft(), pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        # `size` is in device pixels: QIcon multiplies it
        return rendered(self._name, size, _colour(mode))

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        side = min(size.width(), size.height())
        return QSize(side, side)

    def clone(self) -> QIconEngine:
        return _Engine(self._name)


def _colour(mode: QIcon.Mode) -> str:
    group = (
        QPalette.ColorGroup.Disabled if mode == QIcon.Mode.Disabled else QPalette.ColorGroup.Active
    )
    selected = mode == QIcon.Mode.Selected
    role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.ButtonText
    return QGuiApplication.palette().color(group, role).name()
