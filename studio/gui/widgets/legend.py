"""The legend under the stage: what its pixels look like by where they come from, and what the
colours of an overlay say. In a narrow window it says the same in fewer words."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.engine.generation.snapshot import Snapshot
from studio.engine.insights import insights
from studio.engine.media.colour_maps import colour_map
from studio.gui.widgets import theme
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.message_bar import KEPT_FREE
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_SIDE = 14  # pixels, of a swatch; a scale is as high
_SCALE, _SHORT_SCALE = 120, 60  # pixels, along a scale
# with all words; with short ones and a short scale; without those of swatches; without any
_WORDINESS = range(4)
_TEXTS = {  # (text, shorter text, tip)
    "unknown": ("unknown", "unknown", "Nothing is here yet"),
    "given": ("given by you", "given", "Given by you; the model keeps it"),
    "drawn": ("drawn by the model", "drawn", "Drawn from the model's probabilities"),
    "guess": (
        "not settled yet",
        "not settled",
        "All of it is drawn at once: a later pass may still change this",
    ),
    "changed": (
        "set by hand",
        "by hand",
        "You changed what the model drew here; it draws on from that, with the same noise",
    ),
    "unseen": (
        "given, used only later",
        "used later",
        "The model draws in its order: what comes before this is drawn without knowing of it",
    ),
    "partly": (
        "given, not heeded: part of a patch",
        "not heeded",
        "The model draws whole patches: paint all of one, and it takes account of it",
    ),
}
_SCALE_TIP = "The colours over the chosen picture; over the first, where none is chosen"


class Entry(QWidget):
    """A swatch or a scale with its words, which can be fewer.

    short: what the words of a swatch are then.
    """

    def __init__(self, *parts: QWidget, tip: str, short: str = "") -> None:
        super().__init__()
        self.setToolTip(tip)
        self.setProperty(KEPT_FREE, True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for part in parts:
            line.addWidget(part)
        self._labels = [part for part in parts if isinstance(part, QLabel)]
        self._scales = [part for part in parts if isinstance(part, Scale)]
        self._words = [label.text() for label in self._labels]
        self._short = short

    def say(self, less: int) -> None:
        """One of `_WORDINESS`."""
        for label, text in zip(self._labels, self._words, strict=True):
            if self._short:
                label.setText(self._short if less else text)
            label.setVisible(less < (3 if self._scales else 2))
        for scale in self._scales:
            scale.be_short(less > 0)
        self.updateGeometry()  # at once: how wide it is now is asked next


class LegendLine(QWidget):
    """Entries in one line, in as few words as it takes to have room for them."""

    def __init__(self, spacing: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(12, 2, 12, 2)
        self.line.setSpacing(spacing)
        self._entries: list[Entry] = []
        self._wanted = QSize()

    def add(self, *entries: Entry) -> None:
        self._entries += entries
        for each in entries:
            self.line.addWidget(each)

    def fit(self) -> None:
        """After anything was shown, hidden or named otherwise."""
        self._say(0)
        if (wanted := self.line.sizeHint()) != self._wanted:
            self._wanted = wanted
            self.updateGeometry()
        for less in _WORDINESS:
            self._say(less)
            if self.line.sizeHint().width() <= self.width():
                break

    def _say(self, less: int) -> None:
        for each in self._entries:
            each.say(less)
        self.line.invalidate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:
        """With all words, however few there are now."""
        return self._wanted if self._wanted.isValid() else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())


class Legend(LegendLine):
    """One line; it explains no more than there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(14, parent)
        self.entries = {
            kind: Entry(Swatch(kind), QLabel(text), tip=tip, short=short)
            for kind, (text, short, tip) in _TEXTS.items()
        }
        self._ends = QLabel(), QLabel()
        self._scale = Scale()
        self.scale = Entry(self._ends[0], self._scale, self._ends[1], tip=_SCALE_TIP)
        self.in_colour = QLabel()
        self.in_colour.setProperty(KEPT_FREE, True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.line.addStretch(1)
        self.add(*self.entries.values(), self.scale)
        self.line.addWidget(self.in_colour)
        self.line.addStretch(1)
        self._captions = False  # whether the pictures say themselves what they are
        self._finished = False
        self._guessed = False  # whether something is drawn everywhere, be it not settled
        self._coloured = False  # whether the pictures have colour
        self._coded = False  # whether a model of codes draws them
        self._overlay = "none"
        self._own_ends: tuple[str, str] | None = None
        self.entries["partly"].hide()
        self.show_snapshot(None)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Explain what is there at this moment."""
        if snapshot is not None and snapshot.coded != self._coded:
            self._coded = snapshot.coded
            self._explain_overlay()
        self.entries["given"].setVisible(snapshot is not None and snapshot.known is not None)
        self.entries["unseen"].setVisible(snapshot is not None and snapshot.unseen is not None)
        settled = None if snapshot is None else snapshot.settled
        self._guessed = settled is not None
        self.entries["guess"].setVisible(settled is not None and not settled.all())
        changed = snapshot is not None and bool(snapshot.changes)
        self.entries["changed"].setVisible(changed)
        self._captions = snapshot is not None and bool(snapshot.captions)
        self._finished = snapshot is not None and snapshot.position == snapshot.length
        self._coloured = snapshot is not None and snapshot.pictures.shape[1] == 3
        self.show_overlay(self._overlay)

    def show_partly(self, partly: bool) -> None:
        """Whether something is given of which only a part of a patch is."""
        if partly == self.entries["partly"].isHidden():
            self.entries["partly"].setVisible(partly)
            self.fit()

    def show_overlay(self, name: str) -> None:
        """Explain the colours that lie over the first picture,
        one of `insights()`, instead of the obvious."""
        overlay = insights().get(name)
        if name != self._overlay:
            self._own_ends = None
            self._overlay = name
            self._explain_overlay()
        shown = overlay is not None and not self._captions
        words = overlay.in_colour if shown and self._coloured and overlay is not None else ""
        self.in_colour.setText(tr(words))
        self.in_colour.setVisible(bool(words))
        self.scale.setVisible(shown and not words)
        obvious = overlay is None and not self._captions
        nothing = not self._finished and not self._guessed
        self.entries["unknown"].setVisible(obvious and nothing)
        # an overlay of unknown sites leaves those that are drawn as they are
        self.entries["drawn"].setVisible(
            obvious or (shown and overlay is not None and overlay.of_unknown)
        )
        if overlay is not None:
            self._scale.show_map(overlay.colours)
            for label, text in zip(self._ends, self._own_ends or overlay.ends, strict=True):
                label.setText(tr(text))
        self.fit()

    def _explain_overlay(self) -> None:
        overlay = insights().get(self._overlay)
        said = "" if overlay is None else f"{tr(overlay.explained(self._coded))}\n"
        self.explain(f"{said}{tr(_SCALE_TIP)}")

    def show_ends(self, ends: tuple[str, str] | None) -> None:
        """What both ends of the overlay's colours stand for just now; None for what they always
        do."""
        if ends != self._own_ends:
            self._own_ends = ends
            self.show_overlay(self._overlay)

    def explain(self, tip: str) -> None:
        """What the tip of the overlay's colours says."""
        for part in (self.scale, self.in_colour):
            part.setToolTip(tip)


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
        given = self._kind in ("given", "unseen", "partly")
        painter.fillRect(
            box, QBrush(hatch_pattern(7)) if self._kind == "unknown" else QColor("white")
        )
        if self._kind in ("drawn", "guess"):
            painter.fillRect(box.adjusted(0, 0, -_SIDE // 2, 0), QColor("black"))
        if given or self._kind == "guess":
            tint = theme.colour("evidence" if given else "guess")
            tint.setAlphaF(0.3 if given else 0.5)
            painter.fillRect(box, tint)
        if self._kind in ("unseen", "partly"):
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

    def be_short(self, short: bool) -> None:
        self.setFixedWidth(_SHORT_SCALE if short else _SCALE)

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
