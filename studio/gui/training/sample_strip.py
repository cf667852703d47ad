"""The strip of samples: what was made after each epoch, always with the same noise; a click
enlarges them, and lets sound be heard."""

from __future__ import annotations

import math
import re
from collections import deque
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.files import written_at
from studio.gui.audio.sound_clip import SoundClip
from studio.gui.training.placeholder import placeholder
from studio.gui.widgets import tips

_SHARE = 0.9  # of the screen that an enlarged picture may take
_PATH = Qt.ItemDataRole.UserRole
_WRITTEN = _PATH + 1
_AT_ONCE = 2  # pictures that are read at once
_PAUSE = 20  # ms before each of the others
_GRAIN = 128  # pixels: thumbnails have a multiple of it, and are read again where that is too few
_ROOM = 34  # pixels under a thumbnail, for its title and the scroll bar


class SampleStrip(QListWidget):
    """`show_files` shows one picture for each epoch, the latest at the right end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples of each epoch")
        self.setToolTip("What the model generated after each epoch; click to enlarge or hear it")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setMovement(QListView.Movement.Static)
        self.setWrapping(False)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSpacing(4)
        self.itemClicked.connect(self._enlarge)
        self.itemActivated.connect(self._enlarge)
        self.currentItemChanged.connect(self._follow)
        self._due = deque[Path]()  # files that are not shown yet
        self._side = _GRAIN  # of the thumbnails
        self._timer = QTimer(self, interval=_PAUSE)
        self._timer.timeout.connect(self._add)
        self.large = Enlarged(self)
        self.empty = placeholder(self, "Samples appear after the first epoch")
        self.model().rowsInserted.connect(self.empty.hide)
        self.model().modelReset.connect(self.empty.show)

    def show_files(self, files: list[Path]) -> None:
        """The pictures of the epochs so far; those that are shown already are read again only where
        they have changed, as that of an epoch may that takes long. Some are read at once, the
        others as the window finds time: each takes it some milliseconds."""
        if [self.item(row).data(_PATH) for row in range(self.count())] != files[: self.count()]:
            self.clear()
        for row in range(self.count()):
            item = self.item(row)
            if (written := written_at(files[row])) != item.data(_WRITTEN):
                item.setData(_WRITTEN, written)
                item.setIcon(self._thumbnail(files[row]))
        self._due = deque(files[self.count() :])
        for _ in range(_AT_ONCE):
            self._add()

    def clear(self) -> None:
        """No pictures any more, nor those that were still to come."""
        self._due.clear()
        super().clear()

    def _add(self) -> None:
        """The next picture that is due; the timer sees to those after it."""
        if self._due:
            path = self._due.popleft()
            title = f"Epoch {int(re.sub(r'[^0-9]', '', path.stem) or 0)}"
            doing = "hear it" if path.with_suffix(".wav").is_file() else "enlarge"
            item = QListWidgetItem(self._thumbnail(path), title)
            item.setData(_PATH, path)
            item.setData(_WRITTEN, written_at(path))
            item.setToolTip(f"What the model generated after {title.lower()}; click to {doing}")
            self.addItem(item)
            if not self._due:
                self.scrollToItem(item)
        if self._due:
            self._timer.start()
        else:
            self._timer.stop()

    def _thumbnail(self, path: Path) -> QIcon:
        """No larger than it is shown, for there may be as many as epochs."""
        image = QImage(str(path))
        if max(image.width(), image.height()) > self._side:
            aspect, smooth = (
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            image = image.scaled(self._side, self._side, aspect, smooth)
        return QIcon(QPixmap.fromImage(image))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = max(48, self.viewport().height() - _ROOM)
        self.setIconSize(QSize(side, side))
        grains = math.ceil(side * self.devicePixelRatioF() / _GRAIN)
        if grains * _GRAIN > self._side:
            self._side = grains * _GRAIN
            files = [*(self.item(row).data(_PATH) for row in range(self.count())), *self._due]
            self.clear()
            self.show_files(files)

    def _enlarge(self, item: QListWidgetItem) -> None:
        self.large.show_picture(item.data(_PATH), item.text())

    def _follow(self, item: QListWidgetItem | None) -> None:
        """The arrow keys lead from epoch to epoch while one is enlarged."""
        if item is not None and self.large.isVisible():
            self._enlarge(item)


class Enlarged(QDialog):
    """One picture, as large as fits with whole pixels; Escape closes it. Where there is sound
    beside it, that is played."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.picture.setToolTip("Escape closes this")
        tips.beside(self.picture)
        self.clip = SoundClip()
        self.finished.connect(self.picture.clear)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picture)
        layout.addWidget(self.clip)

    def show_picture(self, path: Path, title: str) -> None:
        pixmap = QPixmap(str(path))
        if pixmap.isNull():  # somebody removed it
            return
        room = self.screen().availableGeometry().size() * _SHARE
        times = max(1, min(room.width() // pixmap.width(), room.height() // pixmap.height()))
        # fast transformation: pixels stay crisp
        self.picture.setPixmap(pixmap.scaled(pixmap.size() * times))
        self.picture.setAccessibleName(f"Samples after {title.lower()}")
        self.setWindowTitle(f"Samples after {title.lower()}")
        sound = path.with_suffix(".wav")
        self.clip.setVisible(sound.is_file())
        self.show()
        self.adjustSize()
        if sound.is_file():
            self.clip.play(sound)
