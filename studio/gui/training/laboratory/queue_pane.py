"""The queue: trainings that are made one after the other by a process of its own, which goes on
when the window is closed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.engine.training.queue import Entry
from studio.gui.training.placeholder import placeholder
from studio.gui.widgets import tips
from studio.gui.widgets.controls import described, icon_button, offer
from studio.gui.widgets.translation import tr

_ID = Qt.ItemDataRole.UserRole
_LONGEST = 60  # characters of a name
_NONE = "Nothing waits.\n\nPut trainings here from the training form, or with a sweep."
_CHOOSE = "Choose a training in the queue first."


class QueuePane(QWidget):
    """Signals: move_wanted(id, its place among those that wait), remove_wanted(id),
    start_wanted()."""

    move_wanted = Signal(str, int)
    remove_wanted = Signal(str)
    start_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self.list = described(QListWidget(), "Queue", "Trainings that wait for their turn")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(3)
        self.list.currentRowChanged.connect(self._show_buttons)
        self.empty = placeholder(self.list, tr(_NONE))
        self.up = icon_button("up", "Earlier", "Train the chosen one earlier")
        self.down = icon_button("down", "Later", "Train the chosen one later")
        self.remove = icon_button(
            "close", "Remove", "Take the chosen one out; what is being trained stops and is kept"
        )
        self.start = described(
            QPushButton("Start the queue"),
            "Start the queue",
            "Train one after the other, also when this window is closed",
        )
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._remove)
        self.start.clicked.connect(self.start_wanted)
        self.standing = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        buttons = QHBoxLayout()
        for button in (self.up, self.down, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 1)
        column.addWidget(self.standing)
        column.addLayout(buttons)
        self.show_entries([], False)

    def show_entries(self, entries: Sequence[Entry], working: bool) -> None:
        """working: whether a process works them off."""
        chosen = self._chosen
        if [entry.id for entry in entries] != [entry.id for entry in self._entries]:
            self.list.clear()
            for entry in entries:
                item = QListWidgetItem()
                item.setData(_ID, entry.id)
                self.list.addItem(item)
                if chosen is not None and entry.id == chosen.id:
                    self.list.setCurrentItem(item)
        self._entries = list(entries)
        for row, entry in enumerate(entries):
            text = f"{shortened(entry.name, _LONGEST)}\n{entry.state}"
            if (item := self.list.item(row)).text() != text:
                item.setText(text)
                item.setToolTip(tips.plain(entry.name, entry.error or entry.state))
        self.empty.setVisible(not entries)
        waiting = self._waiting
        if working:
            said = tr("Being worked off; {count} still waiting.").format(count=waiting)
        else:
            said = tr("Not started; {count} waiting.").format(count=waiting)
        self.standing.setText(said if entries else "")
        offer(
            self.start,
            bool(waiting) and not working,
            "The queue is being worked off already." if working else "Nothing waits.",
        )
        self._show_buttons()

    @property
    def _waiting(self) -> int:
        return sum(entry.waits for entry in self._entries)

    @property
    def _chosen(self) -> Entry | None:
        row = self.list.currentRow()
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _show_buttons(self) -> None:
        entry = self._chosen
        waits = entry is not None and entry.waits
        why_not = _CHOOSE if entry is None else "Only what waits can be moved."
        first = entry is not None and entry.position == 0
        last = entry is not None and entry.position == self._waiting - 1
        offer(self.up, waits and not first, "It is the next one." if waits else why_not)
        offer(self.down, waits and not last, "It is the last one." if waits else why_not)
        offer(self.remove, entry is not None, _CHOOSE)

    def _move(self, by: int) -> None:
        if (entry := self._chosen) is not None:
            self.move_wanted.emit(entry.id, entry.position + by)

    def _remove(self) -> None:
        if (entry := self._chosen) is not None:
            self.remove_wanted.emit(entry.id)
