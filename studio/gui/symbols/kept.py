"""What is drawn so far: a row for each name, with its drawings and how many there are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QIcon,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.engine.data.drawings import LEAST, LONGEST_NAME, Drawings, Picture
from studio.gui.symbols.edit_keys import EditKeys
from studio.gui.widgets import theme
from studio.gui.widgets.controls import described, icon_button
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_SIDE, _CELL = 36, 42  # pixels of a small picture, and of its place
_NAME_WIDTH, _LEAST = 120, 330  # pixels of a name, and of a row


class KeptRows(QScrollArea):
    """Signals: chosen(row), which is drawn from now on; renamed(row, text); name_removed(row);
    removed(row, numbers of its drawings); selected(), some drawings or none; entered(), a name was
    typed and Enter pressed; undo_wanted(); redo_wanted()."""

    chosen = Signal(int)
    renamed = Signal(int, str)
    name_removed = Signal(int)
    removed = Signal(int, object)
    selected = Signal()
    entered = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(_LEAST)
        self.rows: list[KeptRow] = []
        self._one_of = QButtonGroup(self)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(6)
        self._column.addStretch(1)
        self.setWidget(inside)

    def show_drawings(self, drawings: Drawings, row: int) -> None:
        """A set, and which of its names is drawn now; rows that are the same stay as they are."""
        while len(self.rows) > len(drawings.names):
            gone = self.rows.pop()
            self._one_of.removeButton(gone.draw)
            self._column.removeWidget(gone)
            gone.deleteLater()
        while len(self.rows) < len(drawings.names):
            self._add(len(self.rows))
        for number, shown in enumerate(self.rows):
            shown.show_name(drawings.names[number], drawings.pictures[number])
        self.rows[row].draw.setChecked(True)

    def show_row(self, row: int) -> None:
        """Scroll to a row."""
        self.ensureWidgetVisible(self.rows[row], 0, 0)

    @property
    def any_selected(self) -> bool:
        """Whether there are drawings that Delete would remove."""
        return any(row.thumbs.selectedItems() for row in self.rows)

    def remove_selected(self) -> None:
        """Those drawings."""
        for row in self.rows:
            row.thumbs.remove_selected()

    def _select_in(self, chosen: KeptRow) -> None:
        """Drawings of one name at a time."""
        if chosen.thumbs.selectedItems():
            for row in self.rows:
                if row is not chosen:
                    row.thumbs.clearSelection()
        self.selected.emit()

    def _add(self, number: int) -> None:
        made = KeptRow()
        self.rows.append(made)
        self._one_of.addButton(made.draw, number)
        self._column.insertWidget(number, made)
        made.draw.clicked.connect(lambda: self.chosen.emit(number))
        made.named.connect(lambda text: self.renamed.emit(number, text))
        made.bin.clicked.connect(lambda: self.name_removed.emit(number))
        made.thumbs.removed.connect(lambda numbers: self.removed.emit(number, numbers))
        made.thumbs.undo_wanted.connect(self.undo_wanted)
        made.thumbs.redo_wanted.connect(self.redo_wanted)
        made.thumbs.itemSelectionChanged.connect(lambda: self._select_in(made))
        made.name.returnPressed.connect(self.entered)


class KeptRow(QWidget):
    """A name, how many drawings there are of it, and these."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self._drawn: tuple[Picture, ...] | None = None
        self.draw = icon_button("brush", "Draw this", "Draw this one now", checkable=True)
        self.name = described(
            QLineEdit(maxLength=LONGEST_NAME), "Name", "What this is called: type its name"
        )
        self.name.setFixedWidth(_NAME_WIDTH)
        self.name.setAcceptDrops(False)  # files are for the whole window
        self.name.editingFinished.connect(self._finish)
        self.name.installEventFilter(self)
        self.counter = QLabel()
        self.counter.setMinimumWidth(self.fontMetrics().horizontalAdvance(_counted(1000)))
        self.counter.setToolTip(tr("How many drawings of it there are, and how many it takes"))
        self.bin = icon_button("clear", "Remove", "Remove this name with all its drawings")
        self.draw.toggled.connect(self.update)
        self.thumbs = Thumbs()
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.draw)
        line.addWidget(self.name)
        line.addWidget(self.counter)
        line.addStretch(1)
        line.addWidget(self.bin)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 3, 4, 4)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self.thumbs)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """A frame round the one that is drawn now."""
        if self.draw.isChecked():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def show_name(self, name: str, drawn: tuple[Picture, ...]) -> None:
        if name != self._shown:
            self._shown = name
            with QSignalBlocker(self.name):
                self.name.setText(name)
            self.draw.setAccessibleName(tr("Draw {name}").format(name=name))
            self.bin.setAccessibleName(tr("Remove {name}").format(name=name))
        if drawn is not self._drawn:
            self._drawn = drawn
            self.counter.setText(_counted(len(drawn)))
            self.thumbs.show_pictures(name, drawn)

    def _finish(self) -> None:
        """Enter or a click elsewhere: what cannot be a name becomes again what it was."""
        text = self.name.text()
        with QSignalBlocker(self.name):
            self.name.setText(self._shown)
        self.named.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who types a name wants to draw that one; Escape takes back what is typed."""
        if event.type() == QEvent.Type.FocusIn and not self.draw.isChecked():
            self.draw.click()
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.name.setText(self._shown)
        return False


class Thumbs(QListWidget):
    """The drawings of a name. Signals: removed(numbers), by the Delete key; undo_wanted();
    redo_wanted()."""

    removed = Signal(object)
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pictures: tuple[Picture, ...] = ()
        EditKeys(self, self.undo_wanted.emit, self.redo_wanted.emit)
        described(self, "Drawings", "What is kept: choose some, and Del removes them")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self.setGridSize(QSize(_CELL, _CELL))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._fit()

    def show_pictures(self, name: str, pictures: tuple[Picture, ...]) -> None:
        before, self._pictures = self._pictures, pictures
        same = 0  # that stand where they stood
        for old, new in zip(before, pictures, strict=False):
            if old is not new:
                break
            same += 1
        while self.count() > same:
            self.takeItem(self.count() - 1)
        for number, picture in enumerate(pictures[same:], same + 1):
            item = QListWidgetItem(_icon(picture), "")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name} {number}")
            self.addItem(item)
        self._fit()

    def remove_selected(self) -> None:
        """Those that are selected."""
        if numbers := sorted(self.row(item) for item in self.selectedItems()):
            self.removed.emit(numbers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_selected()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the rows of pictures: what scrolls is all names together."""
        columns = max(1, (self.width() - 4) // _CELL)
        rows = max(1, -(-self.count() // columns))
        if self.height() != (height := rows * _CELL + 4):
            self.setFixedHeight(height)


def _counted(count: int) -> str:
    text = tr("{count} of at least {least}").format(count=count, least=LEAST)
    return f"✓ {text}" if count >= LEAST else text


def _icon(picture: Picture) -> QIcon:
    height, width = picture.shape
    form = QImage.Format.Format_Grayscale8
    image = QImage(picture.tobytes(), width, height, width, form)
    smooth = Qt.TransformationMode.SmoothTransformation
    aspect = Qt.AspectRatioMode.KeepAspectRatio
    return QIcon(QPixmap.fromImage(image.scaled(_SIDE, _SIDE, aspect, smooth)))
