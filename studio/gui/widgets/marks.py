"""What is drawn over and under the pictures of the stage: the hatch, the edge of the evidence, the
glow of the next site."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLine, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap

from studio.gui.widgets import theme
from studio.gui.widgets.painted import painter_on

_SMALLEST_WITH_MARKS = 3  # pixels a site: below this, edges and dots would hide what they mark


def hatch_pattern(zoom: int) -> QImage:
    """The pattern of unknown sites: thin diagonals on a middle grey."""
    side = max(4, zoom)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(theme.colour("unknown"))
    with painter_on(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("hatch"), max(1.0, side / 12)))
        for start in (-side, 0, side):
            painter.drawLine(start, side, start + side, 0)
    return image


def evidence_marks(
    known: NDArray[np.bool_], unseen: NDArray[np.bool_] | None, zoom: int
) -> QPixmap | None:
    """The outline of the evidence, and dots where it was not seen in time, as large as a picture;
    None for nothing."""
    if not known.any() or zoom < _SMALLEST_WITH_MARKS:
        return None
    height, width = known.shape
    marks = QPixmap(width * zoom, height * zoom)
    marks.fill(Qt.GlobalColor.transparent)
    with painter_on(marks) as painter:
        thick = max(1, zoom // 8)
        painter.setPen(QPen(theme.colour("evidence"), thick))
        # Kept inside, so that the line along the border of the picture is as thick as the others.
        low, right, bottom = (
            thick // 2,
            marks.width() - (thick + 1) // 2,
            marks.height() - (thick + 1) // 2,
        )
        for x1, y1, x2, y2 in _outline(known):
            start = QPoint(min(max(x1 * zoom, low), right), min(max(y1 * zoom, low), bottom))
            end = QPoint(min(max(x2 * zoom, low), right), min(max(y2 * zoom, low), bottom))
            painter.drawLine(QLine(start, end))
        if unseen is not None:
            size = max(2, zoom // 4)
            inset = (zoom - size) // 2
            for row, column in np.argwhere(unseen).tolist():
                painter.fillRect(
                    column * zoom + inset, row * zoom + inset, size, size, theme.colour("unseen")
                )
    return marks


def glow(zoom: int, still: bool = False, patch: tuple[int, int] = (1, 1)) -> tuple[QPixmap, int]:
    """The mark of the next site, and how far it reaches beyond the site; `still`: a plain frame.
    patch: rows and columns of pixels that the site stands for, each `zoom` large."""
    high, wide = patch[0] * zoom, patch[1] * zoom
    reach = 1 if still else min(12, max(2, min(high, wide)))
    pixmap = QPixmap(wide + 2 * reach, high + 2 * reach)
    pixmap.fill(Qt.GlobalColor.transparent)
    colour = theme.colour("cursor")
    faint = QColor(colour)
    faint.setAlpha(40)
    with painter_on(pixmap) as painter:
        # each lies over the one before: brighter towards the site
        rings = () if still else range(reach, 0, -max(1, reach // 4))
        for ring in rings:
            painter.fillRect(
                pixmap.rect().adjusted(reach - ring, reach - ring, ring - reach, ring - reach),
                faint,
            )
        painter.setPen(QPen(colour, 1))
        painter.drawRect(reach, reach, wide - 1, high - 1)
        if still:  # it has to be seen without the glow
            painter.drawRect(0, 0, pixmap.width() - 1, pixmap.height() - 1)
    return pixmap, reach


def tinted(
    colours: NDArray[np.uint32], tenths: int, towards: str = "evidence"
) -> NDArray[np.uint32]:
    """Opaque colours 0xAARRGGBB drawn some tenths of the way to one of the theme, so that black and
    white stay apart."""
    tint = theme.colour(towards)
    result = np.full_like(colours, 0xFF000000)
    for shift, part in ((16, tint.red()), (8, tint.green()), (0, tint.blue())):
        channel = (colours >> shift) & 0xFF
        result |= ((channel * (10 - tenths) + part * tenths) // 10).astype(np.uint32) << shift
    return result


def _outline(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    """The edges between True and False of a mask, as lines
    (x1, y1, x2, y2) along the grid, runs joined."""
    padded = np.pad(mask, 1)
    for y, start, stop in _runs(padded[:-1, 1:-1] != padded[1:, 1:-1]):
        yield start, y, stop, y
    for x, start, stop in _runs((padded[1:-1, :-1] != padded[1:-1, 1:]).T):
        yield x, start, x, stop


def _runs(edges: NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """The runs of True in each row: (row, first, end)."""
    changes = np.diff(np.pad(edges, ((0, 0), (1, 1))).view(np.int8), axis=1)
    starts, ends = np.argwhere(changes == 1).tolist(), np.argwhere(changes == -1).tolist()
    for (row, start), (_, end) in zip(starts, ends, strict=True):
        yield row, start, end
