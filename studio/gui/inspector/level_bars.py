"""Bars of the levels of one channel: filled what is sampled from, outlined over it what the model
says before that, pale what is cut off, and as thin curves the components of a mixture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPalette, QPen, QPolygonF

from studio.gui.widgets import theme

FEW = 8  # levels that stand apart from one another
_GAP = 0.15  # of a bar's width, on both of its sides, where they do
_PALE = 0.45  # of its colour, of a bar with curves on it, or cut off
_FAINTEST, _SLIGHT = 90, 0.01  # opacity of the lightest component; a weight that is not drawn
_LOW = 0.004  # of the height: from there down a curve is ground
_EVERY = 2  # of many levels a curve goes through: they are no further apart than pixels


def bar_at(place: QRectF, level: int, levels: int, share: float = 1.0) -> QRectF:
    """The bar of a level, of a share of the height of a place, on whose ground it stands."""
    width = place.width() / levels
    gap = width * _GAP if levels <= FEW else 0.0
    across = max(2.0, width - 2 * gap)
    left = min(place.left() + level * width + gap, place.right() - across)
    high = min(1.0, max(0.0, share)) * place.height()
    return QRectF(left, place.bottom() - high, across, high)


def draw_ground(painter: QPainter, place: QRectF, levels: int, palette: QPalette) -> None:
    """Behind the bars."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.base())
    painter.drawRects(
        [bar_at(place, i, levels) for i in range(levels)] if levels <= FEW else [place]
    )


def draw_bars(
    painter: QPainter,
    place: QRectF,
    shares: NDArray[np.float32],
    colour: QColor,
    palette: QPalette,
    pale: bool,
) -> None:
    """Of what is sampled from. shares: (K,), of the height. pale: where there will be curves."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_pale(colour, palette) if pale else colour)
    _draw_rects(painter, place, shares, np.flatnonzero(shares > 0))


def draw_said(
    painter: QPainter,
    place: QRectF,
    said: NDArray[np.float32],
    sampled: NDArray[np.float32],
    palette: QPalette,
) -> None:
    """What the model says, (K,) in shares of the height, over the bars of what is sampled from."""
    muted, levels = theme.colour("muted"), len(said)
    painter.setPen(Qt.PenStyle.NoPen)
    few = levels <= FEW
    hatched = QBrush(muted, Qt.BrushStyle.BDiagPattern)
    painter.setBrush(hatched if few else _pale(muted, palette))
    _draw_rects(painter, place, said, np.flatnonzero((sampled <= 0) & (said > 0)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(palette.windowText().color(), 1))
    if few:
        for level, share in enumerate(said.tolist()):
            bar = bar_at(place, level, levels, share).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.drawPolyline(
                [bar.bottomLeft(), bar.topLeft(), bar.topRight(), bar.bottomRight()]
            )
        return
    edges = np.repeat(np.linspace(place.left(), place.right(), levels + 1), 2)[1:-1]
    painter.drawPolyline(_line(edges, np.repeat(said, 2), place))


def draw_components(
    painter: QPainter,
    place: QRectF,
    weights: NDArray[np.float32],
    shares: NDArray[np.float32],
    colour: QColor,
) -> None:
    """What each component adds, (M, K) in shares of the height; the lighter it weighs, (M,), the
    fainter."""
    levels = shares.shape[1]
    middles = place.left() + (np.arange(levels) + 0.5) * place.width() / levels
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for weight, share in zip(weights.tolist(), shares, strict=True):
        seen = np.flatnonzero(share > _LOW)
        if weight < _SLIGHT or not len(seen):
            continue
        there = slice(max(0, int(seen[0]) - 1), int(seen[-1]) + 2, _EVERY if levels > 64 else 1)
        strength = _FAINTEST + (255 - _FAINTEST) * min(1.0, 2 * weight)
        curve = QColor(colour)
        curve.setAlpha(round(strength))
        painter.setPen(QPen(curve, 1))
        painter.drawPolyline(_line(middles[there], share[there], place))
    painter.restore()


def outline(
    painter: QPainter, place: QRectF, level: int, levels: int, share: float, colour: QColor
) -> None:
    """Round the bar of a level, so that it is seen however low it is."""
    bar = bar_at(place, level, levels, share)
    if bar.height() < 4:
        bar.setTop(bar.bottom() - 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if bar.width() < 6:  # round it, not on it
        painter.setPen(QPen(colour, 1.5))
        painter.drawRect(bar.adjusted(-1.5, 0, 1.5, -1))
    else:
        painter.setPen(QPen(colour, 2))
        painter.drawRect(bar.adjusted(1, 1, -1, -1))


def _draw_rects(
    painter: QPainter, place: QRectF, shares: NDArray[np.float32], which: NDArray[np.intp]
) -> None:
    """The bars of some levels; see `bar_at`."""
    first = bar_at(place, 0, len(shares))
    left = place.left() + which * (place.width() / len(shares)) + (first.left() - place.left())
    left = np.minimum(left, place.right() - first.width())
    high = np.clip(shares[which], 0, 1) * place.height()
    across = [first.width()] * len(which)
    rects = map(QRectF, left.tolist(), (place.bottom() - high).tolist(), across, high.tolist())
    painter.drawRects(list(rects))


def _line(
    across: NDArray[np.floating], shares: NDArray[np.floating], place: QRectF
) -> Sequence[QPointF] | QPolygonF:
    high = place.bottom() - np.clip(shares, 0, 1) * place.height()
    return QPolygonF(list(map(QPointF, across.tolist(), high.tolist())))


def _pale(colour: QColor, palette: QPalette) -> QColor:
    """Not transparent: narrow bars overlap."""
    ground, rest = palette.base().color(), 1 - _PALE
    return QColor(
        round(_PALE * colour.red() + rest * ground.red()),
        round(_PALE * colour.green() + rest * ground.green()),
        round(_PALE * colour.blue() + rest * ground.blue()),
    )
