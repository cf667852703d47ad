"""`Plot`: what all charts of trainings have in common: the colours of the window, axes without
prefixes of units, nothing of pyqtgraph's own menus, and a sentence as long as it is empty."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

from studio.gui.training.placeholder import placeholder
from studio.gui.widgets import theme, tips
from studio.gui.widgets.translation import tr

# While Python takes a chart apart, Qt may still ask its title how large it is.
pg.LabelItem._sizeHint = {}


class Plot(pg.PlotWidget):
    """name, tip: for screen readers and the pointer. nothing: what is said in `empty`, which who
    has something to show hides. axes: other axes than the usual ones, by their sides.

    A subclass ends its `__init__` with `paint_colours`, and adds those of its curves there.
    """

    _made = False

    def __init__(
        self,
        name: str,
        tip: str,
        nothing: str,
        parent: QWidget | None = None,
        **axes: pg.AxisItem,
    ) -> None:
        super().__init__(parent, enableMenu=False, axisItems=axes)
        # pyqtgraph makes it all the same, and nobody's
        self.plotItem.ctrlMenu.setParent(self, Qt.WindowType.Popup)
        self.setAccessibleName(tr(name))
        self.setToolTip(tr(tip))
        tips.beside(self.viewport(), lambda: self.being_read)
        for part in (self, self.viewport()):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # no key does anything in it
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        for side in ("bottom", "left"):
            self.getAxis(side).enableAutoSIPrefix(False)
        self.empty = placeholder(self, tr(nothing))

    @property
    def being_read(self) -> bool:
        """Whether something is read off it, so that no tip is wanted."""
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        closed = self._made and self.plotItem is None  # pyqtgraph takes it apart then
        if event.type() == QEvent.Type.PaletteChange and self._made and not closed:
            self.paint_colours()

    def paint_colours(self) -> None:
        """The colours of the window as it is now, light or dark."""
        self._made = True
        self.setBackground(self.palette().base().color())
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("muted"))
        self.showGrid(x=False, y=True, alpha=0.25)


def measured(unit: str) -> str:
    """The label of an axis for a unit: Bits/dim."""
    return unit[:1].upper() + unit[1:]
