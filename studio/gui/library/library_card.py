"""Paints an entry of the library as a card: a picture
that the model drew, its name, its data, its figures."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.gui.library.entries import BETWEEN, Entry
from studio.gui.widgets import icons, theme

ENTRY = Qt.ItemDataRole.UserRole
IMAGE = Qt.ItemDataRole.UserRole + 1  # QImage or None
IN_USE = Qt.ItemDataRole.UserRole + 2  # whether this is the model on the stage

_PICTURE = 64  # the side of the frame round a thumbnail,
_MARGIN = 3  # the space between cards on each side,
_PADDING = 8  # and that within a card
_SMALL = 0.93  # what stands under the name, beside it


def thumbnail(entry: Entry) -> QImage | None:
    """The picture on a card; None where it has none that can be read."""
    image = QImage.fromData(entry.thumbnail or b"", "PNG")  # type: ignore[arg-type]
    return None if image.isNull() else image


class CardDelegate(QStyledItemDelegate):
    """Draws items that have `ENTRY`, `IMAGE` and `IN_USE`."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        lines = 3 * QFontMetrics(option.font).lineSpacing() + 6
        return QSize(200, max(_PICTURE, lines) + 2 * (_PADDING + _MARGIN))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry: Entry = index.data(ENTRY)
        card = option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, card, option.state, bool(index.data(IN_USE)))
        frame = QRect(
            card.left() + _PADDING, card.center().y() - _PICTURE // 2 + 1, _PICTURE, _PICTURE
        )
        self._picture(painter, frame, index.data(IMAGE), entry)
        text = card.adjusted(2 * _PADDING + _PICTURE, _PADDING - 2, -_PADDING, 2 - _PADDING)
        self._text(painter, text, option, entry)
        painter.restore()

    def _ground(
        self, painter: QPainter, card: QRect, state: QStyle.StateFlag, in_use: bool
    ) -> None:
        accent = theme.colour("accent")
        painter.setBrush(theme.colour("card"))
        painter.setPen(QPen(accent if in_use else theme.colour("line"), 1.6 if in_use else 1))
        box = QRectF(card).adjusted(0.8, 0.8, -0.8, -0.8)
        painter.drawRoundedRect(box, 6, 6)
        tint = QColor(accent)
        if state & QStyle.StateFlag.State_Selected:
            tint.setAlphaF(0.16)
        elif state & QStyle.StateFlag.State_MouseOver:
            tint.setAlphaF(0.07)
        else:
            tint.setAlphaF(0.0)
        painter.setBrush(tint)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 6, 6)

    def _picture(self, painter: QPainter, frame: QRect, image: QImage | None, entry: Entry) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("unknown"))
        painter.drawRoundedRect(frame, 4, 4)
        if image is None:
            name = "close" if entry.problem else "sound" if entry.is_audio else "picture"
            icons.icon(name).paint(painter, frame.adjusted(18, 18, -18, -18))
            return
        # Whole device pixels for each of its own: nothing is blurred on any screen, but what is
        # larger than the frame.
        ratio = painter.device().devicePixelRatio()
        room, largest = int(_PICTURE * ratio), max(image.width(), image.height())
        factor = room // largest if largest <= room else room / largest
        width, height = image.width() * factor / ratio, image.height() * factor / ratio
        corner = QPointF(
            frame.left() + (_PICTURE - width) // 2, frame.top() + (_PICTURE - height) // 2
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, largest > room)
        painter.drawImage(QRectF(corner.x(), corner.y(), width, height), image)

    def _text(
        self, painter: QPainter, place: QRect, option: QStyleOptionViewItem, entry: Entry
    ) -> None:
        bold = QFont(option.font)
        bold.setBold(True)
        palette = option.palette.color(QPalette.ColorRole.Text)
        title, below = QFontMetrics(bold), QFontMetrics(option.font)
        if entry.problem:
            self._line(painter, place, title, bold, palette, entry.path.name)
            painter.setFont(option.font)
            painter.setPen(theme.colour("error"))
            lines = (
                place.height() - title.lineSpacing() - 2
            ) // below.lineSpacing()  # whole ones; the tooltip has them all
            rest = QRect(
                place.left(),
                place.top() + title.lineSpacing() + 2,
                place.width(),
                lines * below.lineSpacing(),
            )
            said = entry.problem.removeprefix(f'"{entry.path.name}" ')
            painter.drawText(
                rest,
                Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft,
                said[:1].upper() + said[1:],
            )
            return
        small = QFont(option.font)
        small.setPointSizeF(small.pointSizeF() * _SMALL)
        narrow = QFontMetrics(small)
        # The name has the first line for itself.
        date = "" if entry.origin == "shipped" else str(entry.card.get("date") or "")
        words = BETWEEN.join(part for part in (entry.about, date) if part)
        about = broken(words, narrow, place.width())
        step = below.lineSpacing() + (2 if len(about) == 1 else -1)
        top = place.top() + (place.height() - title.lineSpacing() - (len(about) + 1) * step) // 2
        line = QRect(place.left(), top, place.width(), title.lineSpacing())
        self._line(painter, line, title, bold, palette, entry.title)
        for words in about:
            line = line.translated(0, step)
            self._line(painter, line, narrow, small, theme.colour("muted"), words)
        figures = [
            entry.figures,
            entry.figures.removesuffix(" weights"),
            entry.figures.partition(" · ")[0],
        ]
        fitting = (text for text in figures if narrow.horizontalAdvance(text) <= line.width())
        self._line(
            painter, line.translated(0, step), narrow, small, palette, next(fitting, figures[-1])
        )

    def _line(
        self,
        painter: QPainter,
        place: QRect,
        metrics: QFontMetrics,
        font: QFont,
        colour: QColor,
        text: str,
    ) -> None:
        painter.setFont(font)
        painter.setPen(colour)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, shown)


def broken(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """A text of parts with dots between, on one line or, where that is too narrow, on two."""
    parts = text.split(BETWEEN)
    first = len(parts)
    while first > 1 and metrics.horizontalAdvance(BETWEEN.join(parts[:first])) > width:
        first -= 1
    rest = BETWEEN.join(parts[first:])
    return [BETWEEN.join(parts[:first]), rest] if rest else [text]
