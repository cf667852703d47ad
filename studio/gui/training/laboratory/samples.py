"""What the chosen runs made after an epoch, side by side: a slider goes through the epochs, and a
click on a picture takes the model as it was then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.gui.training.laboratory.run_colours import SWATCH, draw_swatch
from studio.gui.training.laboratory.seen import Seen
from studio.gui.widgets import theme
from studio.gui.widgets.controls import Readout, Slider, described, in_tab_order
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_LEAST = QSize(48, 80)  # pixels of a picture with its name
_GAP = 4


class Samples(QWidget):
    """Signals: epoch_wanted(its number, or None for the latest); checkpoint_wanted(Path)."""

    epoch_wanted = Signal(object)
    checkpoint_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.epochs: list[int] = []  # that there are samples of
        self.pictures: dict[Path, EpochPicture] = {}
        self._latest = True  # whether the slider is at its end, and stays there
        self.slider = described(
            Slider(), "Epoch", "The epoch whose samples are shown; at the right end the latest"
        )
        self.slider.valueChanged.connect(self._slide)
        self.readout = Readout("Epoch 8888 of 8888", "The epoch whose samples are shown")
        self.empty = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.empty.setForegroundRole(self.empty.palette().ColorRole.PlaceholderText)
        top = QHBoxLayout()
        label = QLabel("Samples")
        label.setBuddy(self.slider)
        top.addWidget(label)
        top.addWidget(self.slider, 1)
        top.addWidget(self.readout)
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.empty, 1)
        column.addLayout(self._row, 1)
        self.show_samples([], {}, {})

    @property
    def epoch(self) -> int | None:
        """The one that is chosen; None for the latest of each run."""
        return None if self._latest or not self.epochs else self.epochs[self.slider.value()]

    def show_samples(
        self,
        runs: Sequence[Seen],
        places: Mapping[Path, int],
        pictures: Mapping[Path, tuple[int, QImage]],
    ) -> None:
        """runs: the chosen ones; places: theirs among the colours; pictures: what there is to see
        of them."""
        self._set_epochs(sorted({epoch for run in runs for epoch in run.samples}))
        if [run.folder for run in runs] != list(self.pictures):
            self._set_pictures([run.folder for run in runs])
        for run in runs:
            picture = self.pictures[run.folder]
            picture.show_run(run, places[run.folder], pictures.get(run.folder))
        self.empty.setVisible(not self.epochs)
        self.empty.setText(
            tr("Samples appear after the first epoch.")
            if runs
            else tr("Tick runs in the list to see what they made after each epoch.")
        )
        for picture in self.pictures.values():
            picture.setVisible(bool(self.epochs))

    def _set_pictures(self, folders: list[Path]) -> None:
        """One for each of these, in their order."""
        there = self.pictures
        kept = {folder: there.pop(folder) if folder in there else self._new() for folder in folders}
        for gone in self.pictures.values():
            gone.setParent(None)
            gone.deleteLater()
        self.pictures = kept
        for picture in kept.values():
            self._row.removeWidget(picture)
            self._row.addWidget(picture, 1)
        in_tab_order(self.slider, list(kept.values()))

    def _new(self) -> EpochPicture:
        picture = EpochPicture()
        picture.clicked.connect(lambda *_: self._load(picture))
        return picture

    def _set_epochs(self, epochs: list[int]) -> None:
        epoch = self.epoch
        if epochs != self.epochs:
            self.epochs = epochs
            self.slider.blockSignals(True)
            self.slider.setRange(0, max(0, len(epochs) - 1))
            if epoch in epochs:
                self.slider.setValue(epochs.index(epoch))
            else:
                self._latest = True
                self.slider.setValue(self.slider.maximum())
            self.slider.blockSignals(False)
        self.slider.setEnabled(len(epochs) > 1)
        self._tell()

    def _slide(self, value: int) -> None:
        self._latest = value == self.slider.maximum()
        self._tell()
        self.epoch_wanted.emit(self.epoch)

    def _tell(self) -> None:
        if not self.epochs:
            self.readout.setText("")
            return
        now, last = self.epochs[self.slider.value()], self.epochs[-1]
        self.readout.setText(tr("Epoch {number} of {count}").format(number=now, count=last))

    def _load(self, picture: EpochPicture) -> None:
        if picture.checkpoint is not None:
            self.checkpoint_wanted.emit(picture.checkpoint)


class EpochPicture(QAbstractButton):
    """What a run made after an epoch, under its name. checkpoint: the model as it was then; None
    where it was not kept."""

    def __init__(self) -> None:
        super().__init__()
        self.checkpoint: Path | None = None
        self.image = QImage()
        self._place = 0
        self._name = self._said = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_run(self, run: Seen, place: int, picture: tuple[int, QImage] | None) -> None:
        """picture: the epoch, and what it looks like; None where there is none of it."""
        epoch, image = picture or (0, QImage())
        self.checkpoint = run.checkpoints.get(epoch)
        said = "" if picture else tr("not there")
        if self.checkpoint is not None:
            tip = tr("Load the model as it was after epoch {number}").format(number=epoch)
        elif picture:
            tip = tr("The model after this epoch was not kept: only its samples were.")
        else:
            tip = tr("This run has no samples of this epoch.")
        self.setToolTip(tip)
        self.setAccessibleName(f"{run.name}: {tip}")
        pointer = Qt.CursorShape.ArrowCursor
        if self.checkpoint is not None:
            pointer = Qt.CursorShape.PointingHandCursor
        self.setCursor(pointer)
        seen = (run.name, place, image, said)
        if seen != (self._name, self._place, self.image, self._said):
            self._name, self._place, self.image, self._said = seen
            self.update()

    def sizeHint(self) -> QSize:
        return _LEAST * 2

    def minimumSizeHint(self) -> QSize:
        return _LEAST

    @property
    def picture_rect(self) -> QRect:
        """Where the picture is: as large as fits, by a whole factor where it is enlarged."""
        head = self.fontMetrics().lineSpacing() + _GAP
        room = self.rect().adjusted(2, head, -2, -2)
        if self.image.isNull() or room.isEmpty():
            return QRect(room.topLeft(), QSize())
        size = self.image.size()
        factor = min(room.width() // size.width(), room.height() // size.height())
        if factor:
            size *= factor
        else:
            size.scale(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(QPoint(room.left(), room.top()), size)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        metrics = self.fontMetrics()
        line = metrics.lineSpacing()
        draw_swatch(painter, QPointF(2, (line - SWATCH.height()) / 2), self._place)
        left = 2 + SWATCH.width() + _GAP
        painter.setPen(self.palette().windowText().color())
        name = metrics.elidedText(
            shortened(self._name), Qt.TextElideMode.ElideMiddle, self.width() - left
        )
        painter.drawText(left, metrics.ascent(), name)
        place = self.picture_rect
        if place.isEmpty():
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._said)
        else:
            # what is made smaller is averaged; what is enlarged keeps its pixels
            smaller = place.width() < self.image.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
            painter.drawImage(place, self.image)
        lit = self.hasFocus() or (self.underMouse() and self.checkpoint is not None)
        painter.setPen(QPen(theme.colour("accent" if lit else "line"), 2 if lit else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = place if not place.isEmpty() else self.rect().adjusted(2, line + _GAP, -2, -2)
        painter.drawRect(frame.adjusted(-1, -1, 0, 0))
