"""The list of cards in the library, and the item of each."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from studio.engine.checkpoints.words import meaning_in
from studio.gui.library.entries import Entry
from studio.gui.library.library_card import ENTRY, IMAGE, CardDelegate


class CardList(QListWidget):
    """The list: one click chooses, and so does Enter."""

    entered_on = Signal(object)
    delete_pressed = Signal(object)
    rename_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(CardDelegate(self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Checkpoints")
        self.setToolTip("Click a card to load its model; F2 renames one of your own")

    def show_whole(self, item: QListWidgetItem) -> None:
        """Scroll until a card is seen whole, and so is the first one above it."""
        self.doItemsLayout()
        self.scrollToItem(item)
        bar, step = self.verticalScrollBar(), self.visualItemRect(item).height()
        if step and step <= self.viewport().height():
            bar.setValue(-(-bar.value() // step) * step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_on.emit(item)
        elif item is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit(item)
        elif item is not None and event.key() == Qt.Key.Key_F2:
            self.rename_pressed.emit(item)
        else:
            super().keyPressEvent(event)


def card_item(entry: Entry, image: QImage | None) -> QListWidgetItem:
    """The card of an entry, with what a screen reader says and what its tooltip shows."""
    item = QListWidgetItem()
    item.setData(ENTRY, entry)
    item.setData(IMAGE, image)
    describe(item)
    return item


def describe(item: QListWidgetItem) -> None:
    """Put the words of its entry on an item: plain text, whatever the entry holds."""
    entry: Entry = item.data(ENTRY)
    words = (
        [entry.title, entry.problem]
        if entry.problem
        else [entry.title, entry.about, entry.figures, entry.learnt_from]
    )
    there = [word for word in words if word]
    item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(there))
    if entry.model is not None:
        there += ["", *entry.model.words]
    if meaning := meaning_in(entry.card.get("metrics")):
        there += ["", meaning]
    # In rich text Qt breaks long lines; escaped, nothing in it is taken for a tag.
    lines = "<br>".join(html.escape(line) for line in [*there, "", str(entry.path)])
    item.setToolTip(f"<qt>{lines}</qt>")
