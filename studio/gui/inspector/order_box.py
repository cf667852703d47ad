"""The box with the orders that a model can draw in: a choice for one that takes any, and else the
name of its only one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from studio.engine.generation.sampling_options import CERTAIN, SamplingOptions, usual_order
from studio.gui.widgets.controls import ChoiceBox, offer
from studio.gui.widgets.painted import painter_on

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

_TEXTS = {  # (text, tip)
    "raster": ("Raster", "Row by row, each from left to right"),
    "s-curve": ("S-curve", "Row by row, in alternating directions"),
    "zigzag": ("Zigzag", "Along the diagonals, back and forth"),
    "spiral": ("Spiral", "From the middle outwards"),
    "random": ("Random", "In random order; each seed gives another one"),
    CERTAIN: ("Most certain first", "Whichever pixel the model is surest of comes next"),
}
_TIP = (
    "In which order pixels are drawn. What you paint comes first, so every"
    " other pixel takes account of it"
)
_ICON = 20  # pixels a side
_GRID = 4  # rows and columns of the little pictures
# what stands for the most certain first: dots, the larger the sooner
_CERTAIN = {0: 1.7, 3: 0.9, 6: 0.4, 9: 0.2, 10: 1.3, 13: 1.7}
_PATH = Qt.ItemDataRole.UserRole + 1  # the way that an item's little picture shows


class OrderBox(ChoiceBox):
    """Signal: chosen(name), when the person picks an order."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Order")
        self.setToolTip(_TIP)
        self._own = ""
        self._usual: Callable[[SamplingOptions], str | None] = lambda options: None
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_model(self, model: AutoregressiveModel) -> None:
        """Offer what the model can do."""
        from models import orders  # torch is there once a model is

        self._usual = functools.partial(usual_order, model=model)
        self._own = orders.name_of(model.order, *model.spec.space) or ""
        offered = [*orders.NAMES] if model.any_order else [self._own]
        self.clear()
        for name in [*offered, *([CERTAIN] if model.predicts_all else [])]:
            text, tip = _TEXTS.get(name, ("Its own", ""))
            self.addItem(text, name)
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
            path = orders.named(name, _GRID, _GRID).tolist() if name in orders.NAMES else []
            self.setItemData(self.count() - 1, path, _PATH)
        self._draw_icons()
        tip = _TEXTS.get(self._own, ("", "In an order of its own"))[1]
        offer(self, model.any_order, f"{tip}: this model draws in one order only")

    def show_options(self, options: SamplingOptions) -> None:
        """Show the order that is drawn in."""
        order = options.order or self._usual(options) or self._own
        self.setCurrentIndex(self.findData(order))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:  # the window turns light or dark
            self._draw_icons()

    def _draw_icons(self) -> None:
        for row in range(self.count()):
            certain = self.itemData(row) == CERTAIN
            dots = _CERTAIN if certain else dict.fromkeys(self.itemData(row, _PATH)[:1], 1.5)
            self.setItemIcon(row, _icon(self.itemData(row, _PATH), dots, self.palette()))


def _icon(path: list[int], dots: dict[int, float], palette: QPalette) -> QIcon:
    """The way through a picture of 4 x 4 pixels, given as raster indices, and dots in it, of such a
    radius in pixels."""
    pixmap = QPixmap(2 * _ICON, 2 * _ICON)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    with painter_on(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1.2))
        painter.drawPolyline([_middle(site) for site in path])
        painter.setBrush(palette.color(QPalette.ColorRole.Text))
        for site, radius in dots.items():
            painter.drawEllipse(_middle(site), radius, radius)
    return QIcon(pixmap)


def _middle(site: int) -> QPointF:
    """Of a pixel in the little picture."""
    row, column = divmod(site, _GRID)
    return QPointF(column + 0.5, row + 0.5) * (_ICON / _GRID)
