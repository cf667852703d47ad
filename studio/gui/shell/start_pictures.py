"""The pictures on the start page: a digit that a shipped model drew, as far as it is drawn; the
same, half given; and a character that one invented, of which the left half was given."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from studio.demonstrations import INVENTOR, ON_THE_START_PAGE
from studio.engine.checkpoints.cards import shipped
from studio.gui.library.entries import Entry
from studio.gui.library.library_card import thumbnail
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painter_on

_GIVEN = 0.5  # the upper part, or the left one, that counts as painted by the person


def shipped_digit() -> QImage | None:
    """A grey picture that a shipped model drew, from its card;
    None where there is none. Reads a few kilobytes."""
    found = shipped()
    first = [name for name in ON_THE_START_PAGE if name in found]
    for name in dict.fromkeys([*first, *sorted(found)]):
        if (image := _of(found[name])) is not None:
            return image
    return None


def shipped_character() -> QImage | None:
    """The same of the model that invents characters; None where it is not installed."""
    path = shipped().get(INVENTOR)
    return None if path is None else _of(path)


def _of(path: Path) -> QImage | None:
    """The grey picture that a checkpoint's card has, where it has one."""
    image = thumbnail(Entry.read(path, "shipped"))
    return None if image is None else image.convertToFormat(QImage.Format.Format_Grayscale8)


def drawn_so_far(digit: QImage, share: float, side: int) -> QPixmap:
    """The digit as far as it is drawn, pixel by pixel from the top;
    the rest is hatched, as on the stage."""
    grey = _greys(digit)
    site = np.arange(grey.size).reshape(grey.shape)
    count = round(share * grey.size)
    colours = np.repeat(grey[..., None], 3, 2)
    colours[site == count] = _rgb(theme.colour("cursor"))
    return _square(colours, site <= count, side)


def half_given(digit: QImage, side: int, left: bool = False) -> QPixmap:
    """The digit with its upper strokes, or those to the left, in the colour of evidence."""
    grey = _greys(digit)
    colours = np.repeat(grey[..., None], 3, 2)
    rows, columns = grey.shape
    given = np.zeros(grey.shape, bool)
    if left:
        given[:, : math.ceil(_GIVEN * columns)] = True
    else:
        given[: math.ceil(_GIVEN * rows)] = True
    ink = grey[..., None] / 255 * _rgb(theme.colour("evidence"))
    return _square(np.where(given[..., None], ink, colours), np.ones(grey.shape, bool), side)


def _greys(digit: QImage) -> NDArray[np.uint8]:
    """A grey picture as (H, W)."""
    rows = np.frombuffer(digit.constBits(), np.uint8).reshape(digit.height(), -1)
    return rows[:, : digit.width()]


def _rgb(colour: QColor) -> NDArray[np.uint8]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.uint8)


def _square(colours: NDArray[Any], seen: NDArray[np.bool_], side: int) -> QPixmap:
    """Colours (H, W, 3) of 0..255, hatched where they are not seen, with whole pixels in a square
    of `side` device pixels at most."""
    rows, columns = seen.shape
    factor = max(1, side // max(rows, columns))
    pixmap = QPixmap(columns * factor, rows * factor)
    pixmap.fill(theme.colour("unknown"))
    red, green, blue = np.moveaxis(colours.round().astype(np.uint32), 2, 0)
    argb = np.where(seen, 0xFF << 24 | red << 16 | green << 8 | blue, 0).astype(np.uint32)
    image = QImage(argb.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32)
    with painter_on(pixmap) as painter:
        painter.setPen(theme.colour("hatch"))
        for start in range(0, pixmap.width() + pixmap.height(), 6):
            painter.drawLine(start, 0, 0, start)
        painter.drawImage(pixmap.rect(), image)
    return pixmap


def centred(painter: QPainter, place: QRectF, pixmap: QPixmap, ratio: float) -> None:
    """Paint a pixmap of device pixels in the middle of a place, on whole device pixels."""
    pixmap.setDevicePixelRatio(ratio)
    size: QSize = pixmap.size() / ratio
    corner = QPointF(place.center().x() - size.width() / 2, place.center().y() - size.height() / 2)
    painter.drawPixmap(
        QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), pixmap
    )
