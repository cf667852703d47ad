"""The legend under the stage: what its pixels look like by where they come from, and what the
colours of an overlay say."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.engine.generation.snapshot import Snapshot
from studio.gui.widgets import theme
from studio.gui.widgets.colour_maps import colour_map
from studio.gui.widgets.flow_layout import together
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.overlays import overlays
from studio.gui.widgets.painted import painted

_SIDE = 14  # pixels, of a swatch; a scale is as high
_SCALE = 120  # pixels, along a scale
_TEXTS = {  # (text, tip)
    "unknown": ("unknown", "Nothing is here yet"),
    "given": ("given by you", "Given by you; the model keeps it"),
    "drawn": ("drawn by the model", "Drawn from the model's probabilities"),
    "changed": (
        "set by hand",
        "You changed what the model drew here; it draws on from that, with the same noise",
    ),
    "unseen": (
        "given, used only later",
        "The model draws in its order: the pixels before these are drawn without knowing of them",
    ),
}
_SCALE_TIP = "The colours over the chosen picture; over the first, where none is chosen"


class Legend(QWidget):
    """One line; it explains no more than there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = {
            kind: entry(Swatch(kind), QLabel(text), tip=tip) for kind, (text, tip) in _TEXTS.items()
        }
        self._ends = QLabel(), QLabel()
        self._scale = Scale()
        self.scale = entry(
            self._ends[0],
            self._scale,
            self._ends[1],
            tip=_SCALE_TIP,
        )
        self.in_colour = QLabel()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 12, 2)
        layout.setSpacing(14)
        layout.addStretch(1)
        for each in (*self.entries.values(), self.scale, self.in_colour):
            layout.addWidget(each)
        layout.addStretch(1)
        self._captions = False  # whether the pictures say themselves what they are
        self._finished = False
        self._coloured = False  # whether the pictures have colour
        self._overlay = "none"
        self.show_snapshot(None)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Explain what is there at this moment."""
        self.entries["given"].setVisible(snapshot is not None and snapshot.known is not None)
        self.entries["unseen"].setVisible(snapshot is not None and snapshot.unseen is not None)
        changed = snapshot is not None and bool(snapshot.changes)
        self.entries["changed"].setVisible(changed)
        self._captions = snapshot is not None and bool(snapshot.captions)
        self._finished = snapshot is not None and snapshot.position == snapshot.length
        self._coloured = snapshot is not None and snapshot.values.shape[1] == 3
        self.show_overlay(self._overlay)

    def show_overlay(self, name: str) -> None:
        """Explain the colours that lie over the first picture,
        one of `overlays()`, instead of the obvious."""
        if name != self._overlay:
            self.explain(_SCALE_TIP)
        self._overlay = name
        overlay = overlays().get(name)
        shown = overlay is not None and not self._captions
        words = overlay.in_colour if shown and self._coloured and overlay is not None else ""
        self.in_colour.setText(words)
        self.in_colour.setVisible(bool(words))
        self.scale.setVisible(shown and not words)
        obvious = overlay is None and not self._captions
        self.entries["unknown"].setVisible(obvious and not self._finished)
        # an overlay of unknown sites leaves those that are drawn as they are
        self.entries["drawn"].setVisible(
            obvious or (shown and overlay is not None and overlay.of_unknown)
        )
        if overlay is not None:
            self._scale.show_map(overlay.colours)
            for label, text in zip(self._ends, overlay.ends, strict=True):
                label.setText(text)

    def explain(self, tip: str) -> None:
        """What the tip of the overlay's colours says."""
        for part in (self.scale, self.in_colour):
            part.setToolTip(tip)


def entry(*widgets: QWidget, tip: str) -> QWidget:
    """A swatch or a scale with its words."""
    made = together(*widgets, spacing=6)
    made.setToolTip(tip)
    return made


class _Small(QWidget):
    """A little picture, `_SIDE` high, in the middle of its line."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.setFixedWidth(width)

    def sizeHint(self) -> QSize:
        return QSize(self.width(), _SIDE)

    def _box(self) -> QRect:
        return QRect(0, (self.height() - _SIDE) // 2, self.width(), _SIDE)


class Swatch(_Small):
    """One pixel as the stage shows it; of what is drawn, a dark and a light one. "filled" is a part
    of a sound."""

    def __init__(self, kind: str) -> None:
        super().__init__(_SIDE)
        self._kind = kind

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        box = self._box()
        given = self._kind in ("given", "unseen")
        painter.fillRect(
            box, QBrush(hatch_pattern(7)) if self._kind == "unknown" else QColor("white")
        )
        if self._kind == "drawn":
            painter.fillRect(box.adjusted(0, 0, -_SIDE // 2, 0), QColor("black"))
        if given:
            tint = theme.colour("evidence")
            tint.setAlphaF(0.3)
            painter.fillRect(box, tint)
        if self._kind == "unseen":
            painter.fillRect(box.adjusted(5, 5, -5, -5), theme.colour("unseen"))
        edges = {"filled": "accent", "changed": "changed"}
        edge = "evidence" if given else edges.get(self._kind, "line")
        painter.setPen(QPen(theme.colour(edge), 1, Qt.PenStyle.SolidLine))
        painter.drawRect(box.adjusted(0, 0, -1, -1))


class Scale(_Small):
    """The colours of a map, from low to high."""

    def __init__(self) -> None:
        super().__init__(_SCALE)
        self._map: str | None = None

    def show_map(self, name: str) -> None:
        """One of the uniform maps: viridis, cividis, magma."""
        self._map = name
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        if self._map is not None:
            colours = np.ascontiguousarray(colour_map(self._map), np.uint32)
            image = QImage(
                colours.data, len(colours), 1, 4 * len(colours), QImage.Format.Format_RGB32
            )
            painter.drawImage(self._box(), image)
