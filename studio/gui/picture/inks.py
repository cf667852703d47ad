"""What the brush paints with: a shade for models of grey,
a colour for those of red, green and blue.

Both kinds have the same way in and out: `fit` to a model's levels, `value` (what the brush paints),
`ground` (what the background is made of), `take` a value off a picture, `swap` and `reset`.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QColorDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from studio.gui.widgets import theme
from studio.gui.widgets.controls import slider
from studio.gui.widgets.painted import painter_on

_SHADES = {2: 60}  # pixels of the slider for so many levels,
_MANY_SHADES = 110  # and for more
_LARGE, _SMALL = QSize(22, 22), QSize(13, 13)  # of what is painted with, and of what else there is

# The colours of the emoji, which come from one palette.
SWATCHES = {
    "Black": "#000000",
    "Grey": "#99aab5",
    "White": "#ffffff",
    "Brown": "#c1694f",
    "Red": "#dd2e44",
    "Orange": "#f4900c",
    "Yellow": "#ffcc4d",
    "Green": "#77b255",
    "Blue": "#55acee",
    "Violet": "#aa8dd8",
}


class GreyInk(QWidget):
    """A slider from black to white; the background is black."""

    ground = 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = slider(
            "Ink", "What the brush paints, from black to white (X)", 1, 1, _SHADES[2]
        )
        self.slider.valueChanged.connect(self._show)
        self.name = QLabel("white")
        self.name.setMinimumWidth(self.fontMetrics().horizontalAdvance(" level 255 "))
        row = _row(self)
        row.addWidget(QLabel(" Ink "))
        row.addWidget(self.slider)
        row.addWidget(self.name)

    @property
    def value(self) -> int:
        return self.slider.value()

    def fit(self, levels: int) -> None:
        """Levels 0..levels-1; white where they are others than before."""
        if self.slider.maximum() != levels - 1:
            self.slider.setMaximum(levels - 1)
            self.slider.setFixedWidth(_SHADES.get(levels, _MANY_SHADES))
            self.slider.setValue(levels - 1)
        self._show(self.value)

    def take(self, value: tuple[int, ...]) -> None:
        self.slider.setValue(value[0])

    def reset(self) -> None:
        """White again."""
        self.slider.setValue(self.slider.maximum())

    def swap(self) -> None:
        """Black for white, and a dark shade for one as light."""
        self.slider.setValue(self.slider.maximum() - self.value)

    def _show(self, value: int) -> None:
        top = self.slider.maximum()
        self.name.setText({0: " black", top: " white"}.get(value, f" level {value}"))


class ColourInk(QWidget):
    """Two colours, each a button that opens a dialog,
    and swatches to click: black on white at first.

    picked(): another colour was chosen.
    """

    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels = 256
        self.brush = self._button(
            _LARGE,
            "Colour",
            "The colour of the brush; click to choose any (X swaps it with the other)",
        )
        self.back = self._button(
            _LARGE,
            "Background colour",
            "What Background (G) paints round your strokes; X swaps both",
        )
        for button in (self.brush, self.back):
            button.clicked.connect(partial(self.ask, button))
        self.swatches = {
            name: self._button(_SMALL, name, f"Paint in {name.lower()}") for name in SWATCHES
        }
        grid = QGridLayout()
        grid.setSpacing(0)
        for place, (name, button) in enumerate(self.swatches.items()):
            button.setIcon(_filled(QColor(SWATCHES[name]), _SMALL))
            button.clicked.connect(partial(self._choose, self.brush, QColor(SWATCHES[name])))
            grid.addWidget(button, place % 2, place // 2)
        row = _row(self)
        row.addWidget(self.brush)
        row.addWidget(self.back)
        row.addSpacing(4)
        row.addLayout(grid)
        self.reset()

    @property
    def value(self) -> tuple[int, ...]:
        return self._as_levels(self.colours[self.brush])

    @property
    def ground(self) -> tuple[int, ...]:
        return self._as_levels(self.colours[self.back])

    def fit(self, levels: int) -> None:
        """Red, green and blue in levels 0..levels-1."""
        self._levels = levels

    def take(self, value: tuple[int, ...]) -> None:
        top = self._levels - 1
        self._choose(self.brush, QColor(*(round(level * 255 / top) for level in value)))

    def reset(self) -> None:
        """Black on white again."""
        self.colours = {self.brush: QColor("black"), self.back: QColor("white")}
        self._show()

    def swap(self) -> None:
        brush, back = self.colours.values()
        self.colours = {self.brush: back, self.back: brush}
        self._show()

    def ask(self, button: QToolButton) -> QColorDialog:
        """Open a dialog for the colour of a button. It belongs to the window: with this widget it
        would be disabled where another model comes that has no colours, and never be closed."""
        dialog = QColorDialog(self.colours[button], self.window())
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(button.accessibleName())
        dialog.colorSelected.connect(partial(self._choose, button))
        dialog.open()
        return dialog

    def _choose(self, button: QToolButton, colour: QColor, *_: object) -> None:
        self.colours[button] = colour
        self._show()
        self.picked.emit()

    def _as_levels(self, colour: QColor) -> tuple[int, ...]:
        """By equal bins, as the preparations of data do it."""
        return tuple(
            part * self._levels // 256 for part in (colour.red(), colour.green(), colour.blue())
        )

    def _show(self) -> None:
        for button, colour in self.colours.items():
            button.setIcon(_filled(colour, _LARGE))
            button.setAccessibleDescription(colour.name())

    def _button(self, size: QSize, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(size)
        button.setFixedSize(size + QSize(4, 4))
        button.setAccessibleName(name)
        button.setToolTip(tip)
        return button


def _filled(colour: QColor, size: QSize) -> QIcon:
    pixmap = QPixmap(size)
    pixmap.fill(colour)
    with painter_on(pixmap) as painter:
        painter.setPen(theme.colour("muted"))
        painter.drawRect(0, 0, size.width() - 1, size.height() - 1)
    return QIcon(pixmap)


def _row(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2)
    widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    return row
