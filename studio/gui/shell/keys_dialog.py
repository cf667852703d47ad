"""The list of keys, in which each can be changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from studio.gui.shell import keys
from studio.gui.shell.commands import Command, commands_of, written
from studio.gui.shell.help_dialogs import ClosableDialog
from studio.gui.widgets.controls import described
from studio.gui.widgets.fuzzy import score
from studio.gui.widgets.translation import tr

_COMMAND = Qt.ItemDataRole.UserRole
_KEYS_WIDTH = 170  # pixels
_HINT = "Choose a line, click into the field below, and press the new key."


def show_keys(window: QWidget) -> KeysDialog:
    """Open the list of keys; returns at once."""
    dialog = KeysDialog(window)
    dialog.open()
    return dialog


class KeysDialog(ClosableDialog):
    """Everything that the window can do, by where it is, with its keys; those that cannot be
    changed are there too."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, tr("Keyboard shortcuts"))
        self._window = window
        self.search = described(
            QLineEdit(placeholderText=tr("Search"), clearButtonEnabled=True),
            "Search for a command or a key",
            "A few letters of what it does, or its key",
        )
        self.list = described(
            QTreeWidget(),
            "Keyboard shortcuts",
            "The keys that work in the window",
        )
        self.list.setRootIsDecorated(False)
        self.list.setHeaderLabels([tr("What"), tr("Key")])
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().resizeSection(1, _KEYS_WIDTH)
        self.edit = described(
            QKeySequenceEdit(maximumSequenceLength=1, clearButtonEnabled=True),
            "New key",
            "Press the new key here; × takes the key away",
        )
        self.usual = described(
            QPushButton(tr("Reset")), "Reset this key", "The key that this command comes with"
        )
        self.all_usual = described(
            QPushButton(tr("Reset all")), "Reset all keys", "The keys that the studio comes with"
        )
        self.told = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.told.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.edit, 1)
        line.addWidget(self.usual)
        line.addWidget(self.all_usual)
        for part in (self.search, self.list, row, self.told):
            self.put(part, 1 if part is self.list else 0)
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(self._show_chosen)
        self.edit.editingFinished.connect(self._change)
        self.usual.clicked.connect(self._reset)
        self.all_usual.clicked.connect(self._reset_all)
        self._fill()
        self._show_chosen()
        for button in (self.usual, self.all_usual, self.close_button):
            button.setAutoDefault(False)  # Enter is for what is typed
        self.resize(560, 620)

    @property
    def chosen(self) -> Command | None:
        item = self.list.currentItem()
        return None if item is None else item.data(0, _COMMAND)

    def choose(self, name: str) -> None:
        """Mark a command, by its name."""
        for item in self._lines():
            command = item.data(0, _COMMAND)
            if command is not None and command.name == name:
                self.list.setCurrentItem(item)

    def _fill(self) -> None:
        groups: dict[str, QTreeWidgetItem] = {}

        def add(where: str, what: str, key: str, command: Command | None) -> None:
            if where not in groups:
                group = groups[where] = QTreeWidgetItem(self.list, [where])
                group.setFirstColumnSpanned(True)
                group.setFlags(Qt.ItemFlag.ItemIsEnabled)
                bold = self.font()
                bold.setBold(True)
                group.setFont(0, bold)
                group.setExpanded(True)
            line = QTreeWidgetItem(groups[where], [what, key])
            line.setData(0, _COMMAND, command)
            if command is None:
                faint = self.palette().brush(QPalette.ColorRole.PlaceholderText)
                for column in (0, 1):
                    line.setForeground(column, faint)
                line.setToolTip(0, tr("This key cannot be changed."))

        seen = set()
        for command in commands_of(self._window):
            if command.name not in seen:
                seen.add(command.name)
                where = command.where or tr("Elsewhere")
                add(where, command.text, written(command.keys), command)
        for where, lines in keys.FIXED:
            for key, what in lines:
                add(tr(where), tr(what), key, None)

    def _lines(self) -> list[QTreeWidgetItem]:
        return [line for group in self._groups() for line in _lines_of(group)]

    def _groups(self) -> list[QTreeWidgetItem]:
        found = (self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount()))
        return [group for group in found if group is not None]

    def _filter(self, query: str) -> None:
        for line in self._lines():
            fits = score(query, line.text(0)) is not None
            line.setHidden(not fits and query.lower() not in line.text(1).lower())
        for group in self._groups():
            group.setHidden(all(line.isHidden() for line in _lines_of(group)))

    def _show_chosen(self) -> None:
        command = self.chosen
        for part in (self.edit, self.usual):
            part.setEnabled(command is not None)
        first = command.keys[0] if command is not None and command.keys else QKeySequence()
        self.edit.setKeySequence(first)
        self.told.setText(tr(_HINT))

    def _change(self) -> None:
        command, key = self.chosen, self.edit.keySequence()
        if command is not None and key != (command.keys or [QKeySequence()])[0]:
            self._use(command, [] if key.isEmpty() else [key])

    def _reset(self) -> None:
        if (command := self.chosen) is not None:
            self._use(command, keys.usual(command))

    def _use(self, command: Command, wanted: list[QKeySequence]) -> None:
        why_not = keys.change(self._window, command, wanted)
        self._show_chosen()
        self._show_keys()
        done = tr("{command} has the key {key} now.") if wanted else tr("{command} has no key now.")
        told = done.format(command=command.text, key=written(wanted))
        self.told.setText(why_not or told)

    def _reset_all(self) -> None:
        keys.reset_all(self._window)
        self._show_chosen()
        self._show_keys()
        self.told.setText(tr("All keys are as they were at first."))

    def _show_keys(self) -> None:
        for line in self._lines():
            if (command := line.data(0, _COMMAND)) is not None:
                line.setText(1, written(command.keys))


def _lines_of(group: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (group.child(row) for row in range(group.childCount()))
    return [line for line in found if line is not None]
