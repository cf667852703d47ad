"""The command palette: a line in which a few letters find anything that can be done in the window,
and Enter does it."""

from __future__ import annotations

import json

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSettings, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.gui.shell.commands import Command, commands_of, written
from studio.gui.widgets import theme
from studio.gui.widgets.controls import described, give_keys_back, has_keys_again
from studio.gui.widgets.fuzzy import score
from studio.gui.widgets.translation import tr

_RECENT = "palette/recent"
_KEPT = 12  # commands that are remembered
_WIDEST, _HIGHEST, _MARGIN = 680, 460, 40  # pixels
_COMMAND = Qt.ItemDataRole.UserRole
_MOVES = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -8,
    Qt.Key.Key_PageDown: 8,
}
_PASSING = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
_OF_THE_PLACE = 0.4  # what it counts when the letters are those of the menu or dock
_Index = QModelIndex | QPersistentModelIndex


class CommandPalette(QFrame):
    """Lies over the window, from its first showing on; hidden while it is not wanted.

    What was used lately stands first. What is not possible now is greyed, with the reason.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._commands: list[Command] = []
        self._before: QWidget | None = None  # had the keys
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.line = described(
            QLineEdit(placeholderText=tr("What do you want to do?"), clearButtonEnabled=True),
            "Search for a command",
            "A few letters of what you want to do",
        )
        self.line.setAcceptDrops(False)  # files are for the whole window
        self.list = described(
            QListWidget(), "Commands", "Enter or a click does the command that is marked"
        )
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the line keeps the keys
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.reason = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        for part in (self.line, self.list, self.reason):
            column.addWidget(part)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._search)
        self.list.currentItemChanged.connect(self._tell_reason)
        self.list.itemClicked.connect(lambda _: self.do())
        self.hide()

    def open(self) -> None:
        """Show it, with everything that the window can do now."""
        self._before = QApplication.focusWidget()
        self._commands = commands_of(self._window)
        self.line.clear()
        self._search("")
        self.place()
        self.show()
        self.raise_()
        self.line.setFocus()

    def place(self) -> None:
        """In the upper middle of the window."""
        room = self._window.size()
        width = min(_WIDEST, room.width() - _MARGIN)
        height = min(_HIGHEST, room.height() - 2 * _MARGIN)
        self.setGeometry((room.width() - width) // 2, _MARGIN, width, height)

    def close_up(self) -> None:
        """The keys go back to what had them."""
        before, self._before = self._before, None
        self.hide()
        if not has_keys_again(before):
            give_keys_back(self)

    def do(self) -> None:
        """What is marked, if it is possible."""
        command = self.chosen
        if command is None or not command.there or command.why_not:
            return
        self.close_up()
        names = [command.name, *(name for name in _recent() if name != command.name)]
        QSettings().setValue(_RECENT, json.dumps(names[:_KEPT]))
        command.do()

    @property
    def chosen(self) -> Command | None:
        item = self.list.currentItem()
        return None if item is None else item.data(_COMMAND)

    def _search(self, query: str) -> None:
        recent = {name: number for number, name in enumerate(_recent())}
        found: list[tuple[float, int, int, Command]] = []
        self._commands = [command for command in self._commands if command.there]
        for number, command in enumerate(self._commands):
            merit = _merit(query, command)
            if merit is not None:
                found.append((-merit, recent.get(command.name, _KEPT), number, command))
        self.list.clear()
        for *_, command in sorted(found, key=lambda one: one[:3]):
            item = QListWidgetItem()
            item.setData(_COMMAND, command)
            item.setText(f"{command.text}, {command.where}")  # for screen readers
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._tell_reason()

    def _tell_reason(self) -> None:
        command = self.chosen
        if command is None:
            self.reason.setText(tr("Nothing is called that."))
        else:
            self.reason.setText(command.why_not or _tip(command))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            if key == Qt.Key.Key_Escape:
                self.close_up()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.do()
                return True
            if key in _MOVES:
                row = self.list.currentRow() + _MOVES[key]
                self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
                return True
        elif isinstance(event, QFocusEvent) and event.lostFocus():
            self.setVisible(event.reason() in _PASSING)  # else the person has gone elsewhere
        return super().eventFilter(watched, event)


class _Delegate(QStyledItemDelegate):
    """A line for a command: what, where, and its key."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, option.fontMetrics.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        command = index.data(_COMMAND)
        if not command.there:
            return
        marked = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        words, faint = palette.color(QPalette.ColorRole.Text), theme.colour("muted")
        if command.why_not:
            words = faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
        if marked:
            ground = QPalette.ColorRole.Mid if command.why_not else QPalette.ColorRole.Highlight
            painter.fillRect(option.rect, palette.color(QPalette.ColorGroup.Active, ground))
            on = QPalette.ColorRole.Text if command.why_not else QPalette.ColorRole.HighlightedText
            words = faint = palette.color(QPalette.ColorGroup.Active, on)
        place = option.rect.adjusted(8, 0, -8, 0)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        metrics, key = option.fontMetrics, written(command.keys)
        painter.save()
        painter.setPen(faint)
        painter.drawText(place, right, key)
        place.setRight(place.right() - (metrics.horizontalAdvance(key) + 16 if key else 0))
        what = metrics.elidedText(command.text, Qt.TextElideMode.ElideRight, place.width())
        painter.setPen(words)
        painter.drawText(place, left, what)
        place.setLeft(place.left() + metrics.horizontalAdvance(what) + 14)
        painter.setPen(faint)
        where = metrics.elidedText(command.where, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, left, where)
        painter.restore()


def _merit(query: str, command: Command) -> float | None:
    if not query.strip():
        return 0.0
    merit = score(query, command.text)
    if merit is not None:
        return merit
    merit = score(query, f"{command.where} {command.text}")
    return None if merit is None else _OF_THE_PLACE * merit


def _tip(command: Command) -> str:
    tip = command.control.toolTip()
    return "" if tip.startswith("<") or tip == command.text else tip


def _recent() -> list[str]:
    """Names of commands, the last one first."""
    try:
        names = json.loads(str(QSettings().value(_RECENT, "[]")))
    except ValueError:
        return []
    return [str(name) for name in names] if isinstance(names, list) else []
