"""The branches as a tree of thumbnails: a click shows one, and what else can be done with them.

A thumbnail is of the picture that was changed; else of the chosen one, or of the first. The one
that is shown has a frame.
"""

from __future__ import annotations

import functools
import html

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelectionModel, QPoint, QSignalBlocker, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QBrush,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.engine.scenes.branches import Branch
from studio.gui.picture.branching import Branching
from studio.gui.widgets import theme
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.marks import hatch_pattern
from studio.gui.widgets.painted import painter_on
from studio.gui.widgets.scrolling import stacked
from studio.gui.widgets.translation import tr

_SIDE, _FRAME = 62, 3  # pixels of a thumbnail, and round it
_NUMBER = Qt.ItemDataRole.UserRole
_LEAST_ROOM = 0.75  # that is filled with pixels of the same size; else they differ by one
MOST_COMPARED = 16
_EMPTY = (
    "There are no branches yet.\n\nChange what is drawn (H), or click a bar of what comes next in"
    " the inspector: the model goes on from there with the same noise, and what was drawn before"
    " stays here beside it.\n\nBranch here keeps what you see now."
)


class BranchPane(QWidget):
    """Shows a `Branching`, as long as it is seen."""

    def __init__(self, branching: Branching, here: QAction, parent: QWidget | None = None) -> None:
        """here: what makes a branch of what is shown."""
        super().__init__(parent)
        self._branching = branching
        self.list = BranchList()
        self._listed: list[tuple[int, int | None]] = []  # numbers, and those of the parents
        self._items: dict[int, QTreeWidgetItem] = {}
        self._described: dict[int, tuple[Branch, bool]] = {}  # what is on them, and whether shown
        self._pictures: dict[int, tuple[NDArray[np.uint8], bool, QIcon]] = {}
        tip = "See the branch go its own way, from where it begins"
        self.play = action(self, "Play branch", self._play, None, "play", tip)
        tip = f"Show the selected branches side by side (Ctrl+click selects, 2 to {MOST_COMPARED})"
        self.compare = action(self, "Compare", self._compare, None, "compare", tip)
        # the keys of these two count while the list has the focus, which looks after them itself
        tip = "Rename the selected branch (F2)"
        self.rename = action(self, "Rename", self.list.rename, None, "rename", tip)
        tip = "Delete the selected branches (Del)"
        self.delete = action(self, "Delete", self._ask_to_delete, None, "clear", tip)
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 2, 6, 2)
        bar.setSpacing(2)
        bar.addWidget(_button(here, with_words=True))
        for does in (self.play, self.compare, self.rename, self.delete):
            bar.addWidget(_button(does))
        bar.addStretch(1)
        empty = QLabel(tr(_EMPTY), wordWrap=True, margin=14)
        empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        self._stack = stacked(column, empty, self.list)
        self.list.itemClicked.connect(self._clicked)
        self.list.itemActivated.connect(self._show)
        self.list.itemChanged.connect(self._renamed)
        self.list.itemSelectionChanged.connect(self._offer)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.itemDelegate().closeEditor.connect(self._edited)
        branching.changed.connect(self.refresh)
        self.refresh()

    # ---- what is shown ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """The tree as it is now; not while a name is being typed, which would be lost. Where no
        branch came or went, its items stay, and with them what is selected."""
        if self.list.state() == QAbstractItemView.State.EditingState:
            return
        tree, current = self._branching.tree, self._branching.current
        branches = [branch for branch, _ in tree.walk()]
        listed = [(branch.number, branch.parent) for branch in branches]
        with QSignalBlocker(self.list):
            if listed != self._listed:
                self._listed = listed
                self._build()
            for branch in branches:
                self._describe(branch, branch.number == current)
        self._stack.setCurrentIndex(1 if len(tree) else 0)
        self._offer()

    def _describe(self, branch: Branch, shown: bool) -> None:
        """A picture is made only where it is another one than before: there may be hundreds."""
        number = branch.number
        if self._described.get(number) == (branch, shown):
            return
        before = self._pictures.get(number)
        if before is None or before[0] is not branch.thumbnail or before[1] != shown:
            before = branch.thumbnail, shown, QIcon(_picture(branch, shown))
            self._pictures[number] = before
        _put_on(self._items[number], branch, shown, before[2])
        self._described[number] = branch, shown

    def _edited(self) -> None:
        self._described = {}  # what was typed may not have become the name
        self.refresh()

    def _build(self) -> None:
        selected, at = set(self.list.selected), self.list.number
        self.list.clear()
        self._items, self._described = {}, {}
        there = {number for number, _ in self._listed}
        for number in self._pictures.keys() - there:
            del self._pictures[number]
        for number, parent in self._listed:
            item = self._items[number] = QTreeWidgetItem()
            item.setData(0, _NUMBER, number)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            if parent is None:
                self.list.addTopLevelItem(item)
            else:
                self._items[parent].addChild(item)
        self.list.expandAll()
        shown = self._items.get(self._branching.current or 0)
        if shown is not None:
            self.list.scrollToItem(shown)
        if (focus := self._items.get(at or 0) or shown) is not None:
            self.list.setCurrentItem(focus, 0, QItemSelectionModel.SelectionFlag.NoUpdate)
        for number in selected & self._items.keys():
            self._items[number].setSelected(True)

    def _offer(self) -> None:
        count = len(self.list.selected)
        none = "Select a branch first"
        offer(self.play, count == 1, none)
        offer(self.rename, count == 1, none)
        offer(self.delete, count > 0, none)
        offer(
            self.compare,
            2 <= count <= MOST_COMPARED,
            f"Select 2 to {MOST_COMPARED} branches first (Ctrl+click)",
        )

    def item(self, number: int) -> QTreeWidgetItem:
        """The one of a branch."""
        return self._items[number]

    # ---- what is done ----------------------------------------------------------------------------

    def _clicked(self, item: QTreeWidgetItem) -> None:
        if self.list.plain_click:
            self._show(item)

    @property
    def _selected(self) -> list[int]:
        """Those that are still there: while a name is typed, the list is not refreshed."""
        return [number for number in self.list.selected if number in self._branching.tree]

    def _show(self, item: QTreeWidgetItem) -> None:
        if (number := item.data(0, _NUMBER)) in self._branching.tree:
            self._branching.show(number)

    def _play(self) -> None:
        for number in self._selected[:1]:
            self._branching.play(number)

    def _compare(self) -> None:
        if len(selected := self._selected) > 1:
            self._branching.compare(selected)

    def _renamed(self, item: QTreeWidgetItem) -> None:
        self._branching.rename(item.data(0, _NUMBER), item.text(0))

    def _ask_to_delete(self) -> None:
        """What came from them may stay; it is asked where there is any."""
        numbers, tree = self._selected, self._branching.tree
        below = {one.number for number in numbers for one in tree.below(number)} - set(numbers)
        if not below:
            self._branching.delete(numbers, False)
            return
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Delete?")
        question.setTextFormat(Qt.TextFormat.PlainText)
        came = "1 branch" if len(below) == 1 else f"{len(below)} branches"
        question.setText(f"{came} came from what you delete. Delete them, too?")
        for text, tip, with_those in (
            ("Delete all", "What came from it goes, too", True),
            ("Keep those", "What came from it stays, one step higher", False),
        ):
            button = question.addButton(text, QMessageBox.ButtonRole.AcceptRole)
            button.setToolTip(tip)
            button.clicked.connect(functools.partial(self._branching.delete, numbers, with_those))
        cancel = question.addButton(QMessageBox.StandardButton.Cancel)
        cancel.setToolTip("Keep all of them")
        question.setDefaultButton(cancel)
        question.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete.trigger()
        else:
            super().keyPressEvent(event)

    def _open_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addActions([self.play, self.compare, self.rename, self.delete])
        menu.popup(self.list.viewport().mapToGlobal(point))


class BranchList(QTreeWidget):
    """plain_click: whether the last click was one with the left button and no key held."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setIndentation(18)
        self.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setExpandsOnDoubleClick(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Branches")
        self.setToolTip("Click a branch to show it; Ctrl+click selects several to compare")
        self.plain_click = True

    @property
    def selected(self) -> list[int]:
        """Numbers of the branches, from the top down."""
        chosen = sorted(self.selectedItems(), key=lambda item: self.visualItemRect(item).top())
        return [item.data(0, _NUMBER) for item in chosen]

    @property
    def number(self) -> int | None:
        """Of the branch that the keys are on."""
        item = self.currentItem()
        return None if item is None else item.data(0, _NUMBER)

    def rename(self) -> None:
        """Edit the name of the branch that the keys are on."""
        item = self.currentItem()
        if item is not None and self.state() == QAbstractItemView.State.NoState:
            self.editItem(item)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        held = event.modifiers() != Qt.KeyboardModifier.NoModifier
        self.plain_click = event.button() == Qt.MouseButton.LeftButton and not held
        super().mousePressEvent(event)


def _put_on(item: QTreeWidgetItem, branch: Branch, shown: bool, picture: QIcon) -> None:
    """A branch on its item."""
    if item.text(0) != branch.name:
        item.setText(0, branch.name)
    item.setIcon(0, picture)
    font = item.font(0)
    font.setBold(shown)
    item.setFont(0, font)
    words = [word for word in (branch.note, _options(branch)) if word]
    item.setToolTip(0, "<br>".join(html.escape(word) for word in [branch.name, *words]))
    said = [branch.name, "shown now" if shown else "", *words]
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, ", ".join(word for word in said if word))


def _button(does: QAction, with_words: bool = False) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(does)
    button.setAutoRaise(True)
    button.setAccessibleName(does.text())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if with_words:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def _picture(branch: Branch, shown: bool) -> QPixmap:
    """The thumbnail, hatched where nothing is drawn, in a frame where it is shown."""
    red, green, blue, there = branch.thumbnail.astype(np.uint32)
    colours = np.ascontiguousarray(there << 24 | red << 16 | green << 8 | blue)
    height, width = colours.shape
    image = QImage(
        colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
    )
    room = _SIDE - 2 * _FRAME
    zoom = max(1, room // max(height, width))
    size = QSize(width, height) * zoom
    if max(height, width) > room or zoom * max(height, width) < _LEAST_ROOM * room:
        size = size.scaled(room, room, Qt.AspectRatioMode.KeepAspectRatio)
    made = QPixmap(_SIDE, _SIDE)
    made.fill(Qt.GlobalColor.transparent)
    with painter_on(made) as painter:
        place = made.rect()
        place.setSize(size)
        place.moveCenter(made.rect().center())
        painter.fillRect(place, QBrush(hatch_pattern(max(4, zoom))))
        painter.drawImage(place, image)
        painter.setPen(QPen(theme.colour("accent" if shown else "line"), 2 if shown else 1))
        painter.drawRect(place.adjusted(-2, -2, 1, 1))
    return made


def _options(branch: Branch) -> str:
    """What it is drawn with, as far as people change that most."""
    options = branch.scene.options
    parts = [f"seed {options.seed}", f"temperature {options.temperature:g}"]
    if options.condition is not None:
        parts.append(f"class {options.condition}")
    return ", ".join(parts)
