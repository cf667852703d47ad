"""The gallery: what was made and saved, the newest first, to be looked at and opened again."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIcon, QImage, QKeyEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.gallery import Gallery, Made
from studio.engine.scenes.thumbnails import HEIGHT, WIDTH, thumbnail
from studio.gui.widgets.controls import Chip, described
from studio.gui.widgets.scrolling import stacked
from studio.gui.widgets.translation import tr

_POLL = 40  # ms
_SHOWN = 200  # files at most: older ones are found by their favourites, or in their folders
_AT_ONCE = 8  # small pictures that one turn of the window takes
_PATH, _LIKED = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_STAR = "★"
_EMPTY = "Nothing yet: what you save with Ctrl+S is listed here, and what you keep with Ctrl+D."
Small = NDArray[np.uint8] | None


class GalleryPane(QWidget):
    """Signals: open_wanted(Path); failed(sentence).

    Lists and small pictures are read by jobs; nothing is read while it is hidden.
    """

    open_wanted = Signal(object)
    failed = Signal(str)

    def __init__(self, gallery: Gallery | None = None) -> None:
        super().__init__()
        self.gallery = gallery
        self._pictures: dict[tuple[Path, float], QIcon] = {}
        self._found: queue.SimpleQueue[tuple[Made, Small]] = queue.SimpleQueue()
        self._jobs: list[Job[object]] = []
        self._due = True
        self.list = described(
            QListWidget(), "What was made", "Enter or a double click opens it again"
        )
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setIconSize(QSize(WIDTH, HEIGHT))
        self.list.setGridSize(QSize(WIDTH + 24, HEIGHT + 2 * self.fontMetrics().lineSpacing() + 12))
        self.list.setWordWrap(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.empty = QLabel(tr(_EMPTY), wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self.liked = described(Chip(tr("Favourites")), "Favourites only", "Show favourites only")
        self.open = described(QPushButton(tr("Open")), "Open", "Show this again (Enter)")
        self.star = described(
            QPushButton(_STAR), "Favourite", "Make it a favourite, or one no longer (F)"
        )
        self.folder = described(
            QPushButton(tr("Show in folder")), "Show in folder", "Show the folder that it lies in"
        )
        self.remove = described(
            QPushButton(tr("Remove")), "Remove", "Take it off this list; the file stays (Del)"
        )
        bar = QHBoxLayout()
        bar.addWidget(self.liked)
        bar.addStretch(1)
        for button in (self.open, self.star, self.folder, self.remove):
            bar.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.addLayout(bar)
        self._stack = stacked(column, self.list, self.empty)
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._look)
        self.list.itemActivated.connect(lambda _: self._open())
        self.list.itemSelectionChanged.connect(self._offer)
        self.list.installEventFilter(self)
        self.liked.toggled.connect(self._filter)
        self.open.clicked.connect(self._open)
        self.star.clicked.connect(self._toggle_favourite)
        self.folder.clicked.connect(self._show_folder)
        self.remove.clicked.connect(self._remove)
        self._offer()
        self._filter()

    # ---- what the window asks of it --------------------------------------------------------------

    def add(self, path: Path, favourite: bool = False) -> None:
        """A file that was just made."""
        self._change(lambda gallery: gallery.add(path, favourite))

    def close_down(self) -> list[Job[object]]:
        """Ends what is being read; the jobs that may still run."""
        self._timer.stop()
        for job in self._jobs:
            job.cancel()
        return self._jobs

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._due or not self._jobs:
            self._refresh()

    # ---- reading ---------------------------------------------------------------------------------

    def _change(self, do: Callable[[Gallery], object]) -> None:
        self._work(lambda job: do(self._own()))
        self._due = True

    def _own(self) -> Gallery:
        self.gallery = self.gallery or Gallery()
        return self.gallery

    def _refresh(self) -> None:
        """Read the list anew; small pictures that are known are kept."""
        self._due = False
        known = set(self._pictures)
        self.list.clear()
        self._stack.setCurrentWidget(self.list)  # that there is nothing is not known before the end
        fresh: queue.SimpleQueue[tuple[Made, Small]] = queue.SimpleQueue()
        self._found = fresh

        def read(job: Job[object]) -> None:
            for made in self._own().listed()[:_SHOWN]:
                job.token.raise_if_cancelled()
                fresh.put((made, None if _key(made) in known else _small(made.path)))

        self._work(read)

    def _work(self, do: Callable[[Job[object]], object]) -> None:
        """One after the other, so that a list is read after it was changed."""
        before = self._jobs[-1] if self._jobs else None

        def in_turn(job: Job[object]) -> object:
            while before is not None and not before.join(0.05):
                job.token.raise_if_cancelled()
            return do(job)

        job: Job[object] = Job(in_turn, name="gallery")
        self._jobs.append(job)
        job.start()
        self._timer.start()

    def _look(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                made, small = self._found.get_nowait()
            except queue.Empty:
                break
            self._take(made, small)
        over = [job for job in self._jobs if job.state.over]
        self._jobs = [job for job in self._jobs if not job.state.over]
        for job in over:
            if job.state is State.FAILED:
                self.failed.emit(job.message)
        if not self._jobs and self._found.empty():
            self._timer.stop()
            self._filter()
            if self._due and self.isVisible():
                self._refresh()

    def _take(self, made: Made, small: Small) -> None:
        if _key(made) not in self._pictures:
            self._pictures[_key(made)] = _icon(small)
        item = QListWidgetItem(self._pictures[_key(made)], "")
        item.setData(_PATH, made.path)
        item.setData(_LIKED, made.favourite)
        day = time.strftime("%x %H:%M", time.localtime(made.when))
        item.setToolTip(f"{shortened(str(made.path), 200)}\n{day}")
        _name(item)
        self.list.addItem(item)
        self._filter()

    # ---- what is done with one -------------------------------------------------------------------

    @property
    def chosen(self) -> QListWidgetItem | None:
        return next(iter(self.list.selectedItems()), None)

    def _offer(self) -> None:
        for button in (self.open, self.star, self.folder, self.remove):
            button.setEnabled(self.chosen is not None)

    def _filter(self) -> None:
        items = [self.list.item(row) for row in range(self.list.count())]
        for item in items:
            item.setHidden(self.liked.isChecked() and not item.data(_LIKED))
        seen = any(not item.isHidden() for item in items)
        none = "No favourite yet: choose one and press ★." if items else _EMPTY
        self.empty.setText(tr(none))
        self._stack.setCurrentWidget(self.list if seen else self.empty)

    def _open(self) -> None:
        if (item := self.chosen) is None:
            return
        path: Path = item.data(_PATH)
        if path.is_file():
            self.open_wanted.emit(path)
        else:
            self.failed.emit(tr("{name} is gone.").format(name=f'"{path.name}"'))
            self._refresh()

    def _toggle_favourite(self) -> None:
        if (item := self.chosen) is None:
            return
        liked, path = not item.data(_LIKED), item.data(_PATH)
        item.setData(_LIKED, liked)
        _name(item)
        self._work(lambda job: self._own().mark(path, liked))
        self._filter()

    def _show_folder(self) -> None:
        if (item := self.chosen) is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(item.data(_PATH).parent)))

    def _remove(self) -> None:
        if (item := self.chosen) is None:
            return
        path = item.data(_PATH)
        self.list.takeItem(self.list.row(item))
        self._work(lambda job: self._own().remove(path))
        self._filter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            keys = {
                Qt.Key.Key_Return: self._open,
                Qt.Key.Key_Enter: self._open,
                Qt.Key.Key_Delete: self._remove,
                Qt.Key.Key_F: self._toggle_favourite,
            }
            if (do := keys.get(Qt.Key(event.key()))) is not None and not event.modifiers():
                do()
                return True
        return super().eventFilter(watched, event)


def _key(made: Made) -> tuple[Path, float]:
    return made.path, made.when


def _name(item: QListWidgetItem) -> None:
    name = item.data(_PATH).name
    item.setText(f"{_STAR} {name}" if item.data(_LIKED) else name)


def _small(path: Path) -> Small:
    try:
        return thumbnail(path)
    except StudioError:
        return None


def _icon(small: Small) -> QIcon:
    if small is None:
        return QIcon()
    height, width = small.shape[:2]
    form = QImage.Format.Format_RGBA8888
    return QIcon(QPixmap.fromImage(QImage(small.tobytes(), width, height, 4 * width, form)))
