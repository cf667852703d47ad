"""The pictures on the start page: a digit that a shipped model drew, as far as it is drawn; the
same, half given; and a character that one invented, of which the left half was given."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from studio.demonstrations import INVENTOR, ON_THE_START_PAGE
from studio.engine.checkpoints.cards import shipped
from studio.gui.library.entries import Entry
from studio.gui.library.library_card import thumbnail
from studio.gui.widgets import theme

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
    square = _Square(digit, side)
    count = round(share * digit.width() * digit.height())
    for site in range(count):
        square.fill(site, QColor.fromRgb(digit.pixel(site % digit.width(), site // digit.width())))
    if count < digit.width() * digit.height():
        square.fill(count, theme.colour("cursor"))
    return square.done()


def half_given(digit: QImage, side: int, left: bool = False) -> QPixmap:
    """The digit with its upper strokes, or those to the left, in the colour of evidence."""
    square = _Square(digit, side)
    evidence = theme.colour("evidence")
    ink = (evidence.redF(), evidence.greenF(), evidence.blueF())
    for site in range(digit.width() * digit.height()):
        column, row = site % digit.width(), site // digit.width()
        grey = QColor.fromRgb(digit.pixel(column, row))
        given = column < _GIVEN * digit.width() if left else row < _GIVEN * digit.height()
        light = grey.lightnessF()
        square.fill(site, QColor.fromRgbF(*(light * part for part in ink)) if given else grey)
    return square.done()


class _Square:
    """A square of `side` device pixels at most, hatched,
    to be filled site by site with whole pixels."""

    def __init__(self, digit: QImage, side: int) -> None:
        self._columns = digit.width()
        self._factor = max(1, side // max(digit.width(), digit.height()))
        self._pixmap = QPixmap(digit.size() * self._factor)
        self._pixmap.fill(theme.colour("unknown"))
        self._painter = QPainter(self._pixmap)
        self._painter.setPen(theme.colour("hatch"))
        for start in range(0, self._pixmap.width() + self._pixmap.height(), 6):
            self._painter.drawLine(start, 0, 0, start)

    def fill(self, site: int, colour: QColor) -> None:
        row, column = divmod(site, self._columns)
        self._painter.fillRect(
            column * self._factor, row * self._factor, self._factor, self._factor, colour
        )

    def done(self) -> QPixmap:
        self._painter.end()
        return self._pixmap


def centred(painter: QPainter, place: QRectF, pixmap: QPixmap, ratio: float) -> None:
    """Paint a pixmap of device pixels in the middle of a place, on whole device pixels."""
    pixmap.setDevicePixelRatio(ratio)
    size: QSize = pixmap.size() / ratio
    corner = QPointF(place.center().x() - size.width() / 2, place.center().y() - size.height() / 2)
    painter.drawPixmap(
        QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio), pixmap
    )
