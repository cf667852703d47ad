"""`Strip`: small pictures side by side, at whole multiples of their size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.gui.widgets import theme
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

GAP = 3  # pixels round each
_HIGH = 68  # pixels: two rows of small pictures


class Strip(QWidget):
    """Shows as many pictures as there is room for; before there are any, says what will be seen."""

    def __init__(self, name: str, empty: str) -> None:
        super().__init__()
        self._empty = empty
        self.pictures = np.zeros((0, 1, 1), np.uint8)
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_pictures(self, pictures: NDArray[np.uint8]) -> None:
        """Greys (N, H, W); none at all for nothing."""
        self.pictures = np.ascontiguousarray(pictures)
        self.setAccessibleDescription(f"{len(pictures)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, _HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(250, _HIGH)

    @property
    def places(self) -> list[QRect]:
        """Where each picture is that is seen: all of them, as large as fits, or else the first."""
        count, height, width = self.pictures.shape
        zoom = 1
        while count and self._fitting(zoom + 1, height, width) >= count:
            zoom += 1
        across, down = width * zoom + GAP, height * zoom + GAP
        columns = max(1, (self.width() - GAP) // across)
        return [
            QRect(GAP + column * across, GAP + row * down, width * zoom, height * zoom)
            for row, column in (
                divmod(n, columns) for n in range(min(count, self._fitting(zoom, height, width)))
            )
        ]

    def _fitting(self, zoom: int, height: int, width: int) -> int:
        """How many pictures there is room for."""
        columns = max(0, self.width() - GAP) // (width * zoom + GAP)
        return columns * (max(0, self.height() - GAP) // (height * zoom + GAP))

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        count, height, width = self.pictures.shape
        if not count:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, tr(self._empty))
            return
        painter.setPen(theme.colour("line"))
        for picture, place in zip(self.pictures, self.places, strict=False):
            image = QImage(picture.data, width, height, width, QImage.Format.Format_Grayscale8)
            painter.drawImage(place, image)
            painter.drawRect(place.adjusted(-1, -1, 0, 0))
