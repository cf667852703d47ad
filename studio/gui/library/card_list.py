"""The list of cards in the library, and the item of each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from studio.gui.library.entries import Entry
from studio.gui.library.library_card import ENTRY, IMAGE, CardDelegate


class CardList(QListWidget):
    """The list: one click chooses, and so does Enter."""

    entered_on = Signal(object)
    delete_pressed = Signal(object)

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
        self.setToolTip("Click a card to load its model")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_on.emit(item)
        elif item is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit(item)
        else:
            super().keyPressEvent(event)


def card_item(entry: Entry, image: QImage | None) -> QListWidgetItem:
    """The card of an entry, with what a screen reader says and what its tooltip shows."""
    item = QListWidgetItem()
    item.setData(ENTRY, entry)
    item.setData(IMAGE, image)
    words = (
        [entry.title, entry.problem]
        if entry.problem
        else [entry.title, entry.about, entry.figures, entry.learnt_from]
    )
    there = [word for word in words if word]
    item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(there))
    item.setToolTip("\n".join([*there, str(entry.path)]))
    return item
