"""The library: a card for every checkpoint, to search, to filter and to choose from.

Cards are read in a job; a timer looks for what it found, only while it runs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.jobs import Job
from studio.gui.library import recent
from studio.gui.library.card_list import CardList, card_item
from studio.gui.library.card_menu import card_menu
from studio.gui.library.discard import Discarding
from studio.gui.library.entries import Entry, read_entries
from studio.gui.library.library_card import ENTRY, IMAGE, IN_USE, thumbnail
from studio.gui.library.renaming import Renaming
from studio.gui.widgets import icons
from studio.gui.widgets.controls import Chip
from studio.gui.widgets.flow_layout import FlowLayout
from studio.gui.widgets.scrolling import stacked
from studio.gui.widgets.translation import tr

_POLL = 40  # ms
_PATIENCE = 3.0  # seconds that a closing window waits; the job may be importing torch
_READING = "Reading the checkpoints…"
_EMPTY = "There is no checkpoint yet.\n\nTrain a model, or drop a .safetensors file on the window."
_NO_MATCH = "Nothing here matches.\n\nClear the search box and the filters to see all checkpoints."


class Library(QWidget):
    """Cards of the checkpoints that come with the studio, of the person's own and of their runs.

    checkpoint_chosen(Path): a card was clicked, or Enter pressed on it. train_requested(): "Train
    new…" was. renamed(Path, Path): a checkpoint lies elsewhere now. failed(str): something that was
    asked for could not be done, in one sentence.
    """

    checkpoint_chosen = Signal(object)
    renamed = Signal(object, object)
    train_requested = Signal()
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: Job[list[Entry]] | None = None
        self._stale = False
        self._current: Path | None = None
        self._to_be_shown = False  # its card, as soon as there is one
        self._drawn: dict[Path, QImage] = {}  # newer thumbnails than those on the cards
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL)
        self._timer.timeout.connect(self._look)
        self._discarding = Discarding(self)
        self._discarding.discarded.connect(self.refresh)
        self._discarding.failed.connect(self.failed)
        self.renaming = Renaming(self)
        self.renaming.renamed.connect(self._take_new_name)
        self.renaming.failed.connect(self.failed)
        self._build()
        self._show_matching()

    def _build(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip("Search by name, data or folder")
        self.search.setAccessibleName("Search the library")
        self.search.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._show_matching)
        self.search.installEventFilter(self)
        self.images = self._chip("Images", "Show models of images")
        self.colour = self._chip("Colour", "Show models of images in colour")
        self.audio = self._chip("Audio", "Show models of sound")
        self.conditional = self._chip(
            "Conditional",
            "Show only models that take a condition: a class, a painted map, a spectrogram",
        )
        chips = FlowLayout()
        for chip in (self.images, self.colour, self.audio, self.conditional):
            chips.addWidget(chip)
        self.list = CardList()
        self.list.clicked.connect(lambda index: self._choose(self.list.itemFromIndex(index)))
        self.list.entered_on.connect(self._choose)
        self.list.delete_pressed.connect(lambda item: self._discard(item.data(ENTRY)))
        self.list.rename_pressed.connect(lambda item: self.renaming.ask(item.data(ENTRY)))
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(16)
        self.empty.setForegroundRole(self.empty.palette().ColorRole.PlaceholderText)
        self.train_button = QPushButton(icons.icon("train"), "Train new…")
        self.train_button.setToolTip("Train a new model")
        self.train_button.setAccessibleName("Train new")
        self.train_button.clicked.connect(self.train_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.search)
        column.addLayout(chips)
        self._stack = stacked(column, self.list, self.empty)
        column.addWidget(self.train_button)

    def _chip(self, text: str, tip: str) -> Chip:
        chip = Chip(text)
        chip.setToolTip(tip)
        chip.setAccessibleName(f"Filter: {text}")
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.toggled.connect(self._show_matching)
        return chip

    def sizeHint(self) -> QSize:
        return QSize(320, 600)

    # What the window asks of it

    def refresh(self) -> None:
        """Read all cards anew; returns at once."""
        if self._job is not None:
            # what it has read already may be out of date: once more when it is done
            self._stale = True
            return
        paths = recent.recent()
        self._job = Job(lambda job: read_entries(job, paths), "library")
        self._job.start()
        self._timer.start()
        self._show_matching()

    def set_current(self, path: Path | None) -> None:
        """Mark the card of the model that is on the stage; one from elsewhere has a card from now
        on."""
        self._current = None if path is None else Path(path)
        if path is not None:
            self.take_in(path)
        for item in self._items():
            item.setData(IN_USE, item.data(ENTRY).path == self._current)
        self._to_be_shown = path is not None
        self._show_current()

    def _show_current(self) -> None:
        """Choose the card of the model on the stage and bring it into view, past any filter."""
        item = next((item for item in self._items() if item.data(IN_USE)), None)
        if item is None or not self._to_be_shown:
            return
        self._to_be_shown = False
        if item.isHidden():
            self.search.clear()
            for chip in (self.images, self.colour, self.audio, self.conditional):
                chip.setChecked(False)
        self.list.setCurrentItem(item)
        self.list.show_whole(item)

    def take_in(self, path: Path) -> None:
        """Have a card for a checkpoint from elsewhere; others have theirs."""
        if recent.remember(path):
            self.refresh()

    def set_thumbnail(self, path: Path, picture: NDArray[np.uint8]) -> None:
        """Show another picture, 0..255, grey (H, W) or colour (H, W, 3), on the card of a
        checkpoint for as long as the window is open."""
        height, width = picture.shape[:2]
        data = np.ascontiguousarray(picture, dtype=np.uint8)
        kind = QImage.Format.Format_Grayscale8 if picture.ndim == 2 else QImage.Format.Format_RGB888
        image = QImage(data.tobytes(), width, height, data.strides[0], kind).copy()
        self._drawn[Path(path)] = image
        for item in self._items():
            if item.data(ENTRY).path == Path(path):
                item.setData(IMAGE, image)

    def close_down(self) -> None:
        """Stop reading; to be called before the window goes."""
        self._timer.stop()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.join(_PATIENCE)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_down()
        super().closeEvent(event)

    def _look(self) -> None:
        job = self._job
        if job is None:
            return
        over = job.state.over
        entries = job.mailbox.take()
        if over:
            self._timer.stop()
            self._job = None
            job.join()
            entries = job.result if job.result is not None else entries
            if job.message:
                self.failed.emit(f"The library could not be read: {job.message}")
        if entries is not None:
            self._fill(entries)
        elif over:
            self._show_matching()
        if over and self._stale:
            self._stale = False
            self.refresh()

    def _fill(self, entries: list[Entry]) -> None:
        selected = self.list.currentItem()
        chosen = None if selected is None else selected.data(ENTRY).path
        scrolled = self.list.verticalScrollBar().value()
        self.list.clear()
        for entry in entries:
            item = card_item(entry, self._drawn.get(entry.path) or thumbnail(entry))
            item.setData(IN_USE, entry.path == self._current)
            self.list.addItem(item)
            if entry.path == chosen:
                self.list.setCurrentItem(item)
        self._show_matching()
        self.list.doItemsLayout()
        self.list.verticalScrollBar().setValue(scrolled)
        self._show_current()

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _show_matching(self) -> None:
        shown = 0
        for item in self._items():
            matches = self._matches(item.data(ENTRY))
            item.setHidden(not matches)
            shown += matches
        if not shown:
            reading = self._job is not None
            self.empty.setText(
                tr(_NO_MATCH if self.list.count() else _READING if reading else _EMPTY)
            )
        self._stack.setCurrentWidget(self.list if shown else self.empty)

    def _matches(self, entry: Entry) -> bool:
        if not entry.mentions(self.search.text()):
            return False
        if self.conditional.isChecked() and not entry.conditional:
            return False
        kinds = (
            (self.images.isChecked(), entry.is_image),
            (self.colour.isChecked(), entry.is_colour),
            (self.audio.isChecked(), entry.is_audio),
        )
        asked = [there for wanted, there in kinds if wanted]
        return not asked or any(asked)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search box, Down goes to the cards."""
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
        ):
            shown = [item for item in self._items() if not item.isHidden()]
            if event.key() == Qt.Key.Key_Down and shown:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                self.list.setCurrentItem(shown[0])
                return True
        return super().eventFilter(watched, event)

    # What can be done with a card

    def _choose(self, item: QListWidgetItem) -> None:
        entry: Entry = item.data(ENTRY)
        if entry.problem:
            self.failed.emit(entry.problem)
        else:
            self.checkpoint_chosen.emit(entry.path)

    def _discard(self, entry: Entry) -> None:
        if entry.origin == "recent":
            recent.forget(entry.path)
            self.refresh()
        else:
            self._discarding.ask(entry)

    def _take_new_name(self, old: Path, new: Path) -> None:
        if old in self._drawn:
            self._drawn[new] = self._drawn.pop(old)
        if self._current == old:
            self._current, self._to_be_shown = new, True
        self.renamed.emit(old, new)
        self.refresh()

    def _open_menu(self, place: QPoint) -> None:
        item = self.list.itemAt(place)
        if item is not None:
            menu = self.menu(item)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.list.viewport().mapToGlobal(place))

    def menu(self, item: QListWidgetItem) -> QMenu:
        """What can be done with a card."""
        entry: Entry = item.data(ENTRY)
        return card_menu(
            self,
            entry,
            lambda: self.checkpoint_chosen.emit(entry.path),
            lambda: self.renaming.ask(entry),
            lambda: self._discard(entry),
        )
