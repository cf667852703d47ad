"""The panel that says which class the picture is of, as far as it is painted or drawn: a bar for
every class, live. A click on a bar chooses its class."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.gui.expectations import CLASSES
from studio.gui.widgets import theme, tips
from studio.gui.widgets.glyphs import can_be_shown
from studio.gui.widgets.painted import painted
from studio.gui.widgets.scrolling import scrolled
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from studio.engine.generation.class_posterior import ClassPosterior
    from studio.engine.generation.expecting import Answer
    from studio.gui.session import Session

_MOST = 12  # bars that are seen without scrolling
_OPEN = "class posterior open"  # in the settings
_LONGEST_NAME, _SHORT_NAME = 96, 24  # pixels: bars of short names stand in two columns
_TIP = (
    "How likely each class is, given what is painted or drawn, if all classes were equally"
    " frequent."
)


class ClassPosteriorPanel(QWidget):
    """Shows what a session's model makes of the picture; hidden for a model without classes.

    header: opens and closes it; whoever has a better place for it may put it there.
    opened: whether the bars are there under their title.
    Signals: chosen(class), when the person clicks a bar; shown(whether the bars are there).
    """

    chosen = Signal(int)
    shown = Signal(bool)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.bars: list[ClassBar] = []
        self.header = QToolButton()
        self.header.setText(tr("Looks like"))
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setAutoRaise(True)
        self.header.setAccessibleName("Looks like: which class the picture is of")
        self.header.setToolTip(_TIP)
        self.header.clicked.connect(self._turn)
        self.box = QWidget()
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(1)
        self._area = scrolled(self._rows)
        layout = QVBoxLayout(self.box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.header)
        column.addWidget(self.box)
        self.box.installEventFilter(self)
        self._open(bool(QSettings().value(_OPEN, True, type=bool)))
        self.chosen.connect(lambda number: session.change(condition=number))
        session.model_changed.connect(self._show_model)
        session.options_changed.connect(self._show_condition)
        session.expectations.answered.connect(self._show_answer)
        self._show_model()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Nothing is worked out while the bars are not seen."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._session.expectations.want(CLASSES, event.type() == QEvent.Type.Show)
        return False

    def _open(self, opened: bool) -> None:
        self.opened = opened
        down, right = Qt.ArrowType.DownArrow, Qt.ArrowType.RightArrow
        self.header.setArrowType(down if opened else right)
        self.box.setVisible(opened)
        self.shown.emit(self.has_bars)

    def _turn(self) -> None:
        self._open(not self.opened)
        QSettings().setValue(_OPEN, self.opened)

    @property
    def has_bars(self) -> bool:
        """Whether there are bars to be seen."""
        return self.opened and bool(self.bars)

    def _show_model(self) -> None:
        names = self._session.expectations.classes
        for bar in self.bars:
            bar.hide()
            bar.deleteLater()
        self.bars = [ClassBar(can_be_shown(name)) for name in names]
        width = min(_LONGEST_NAME, max((bar.wanted_name for bar in self.bars), default=0))
        for number, bar in enumerate(self.bars):
            bar.name_width = width
            bar.clicked.connect(partial(self.chosen.emit, number))
        columns = 2 if width <= _SHORT_NAME and len(self.bars) <= _MOST else 1
        rows = -(-len(self.bars) // columns)
        for number, bar in enumerate(self.bars):
            self._grid.addWidget(bar, number % rows, number // rows)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)
        if self.bars:
            height = self.bars[0].sizeHint().height() + self._grid.verticalSpacing()
            self._area.setFixedHeight(min(rows, _MOST) * height)
        for part in (self, self.header):
            part.setVisible(bool(names))
        self.shown.emit(self.has_bars)
        self._show_condition()
        self._show_answer(self._session.expectations.latest)

    def _show_condition(self) -> None:
        for number, bar in enumerate(self.bars):
            bar.mark(number == self._session.options.condition)

    def _show_answer(self, answer: Answer) -> None:
        posterior: ClassPosterior | None = answer.posterior
        if posterior is None or len(posterior.probabilities) != len(self.bars):
            return
        self.header.setToolTip(f"{_TIP}\n{posterior.how}")
        for bar, share in zip(self.bars, posterior.probabilities.tolist(), strict=True):
            bar.show_share(share, posterior.how)


class ClassBar(QAbstractButton):
    """A class: its name, a bar as long as it is likely, and how likely it is.

    name_width: pixels for the name, the same for all.
    share: how likely it is, 0..1.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = shortened(name, 60)
        self.wanted_name = self.fontMetrics().horizontalAdvance(self.name) + 2
        self.name_width = self.wanted_name
        self.share = 0.0
        self._marked = False
        self._how, self._click = "", f"Click to draw from the class {self.name}."
        self.setToolTip(tips.plain(self._click))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the stage
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._say()

    def sizeHint(self) -> QSize:
        return QSize(100, self.fontMetrics().height() + 2)

    def show_share(self, share: float, how: str = "") -> None:
        """How likely it is now, and how that was found."""
        if how != self._how:
            self._how = how
            self.setToolTip(tips.plain(self._click, how))
        if round(1000 * share) != round(1000 * self.share):
            self.share = share
            self._say()
            self.update()

    def mark(self, marked: bool) -> None:
        """Whether it is the class that is chosen."""
        if marked != self._marked:
            self._marked = marked
            self._say()
            self.update()

    @property
    def words(self) -> str:
        """How likely it is, for a person."""
        percent = 100 * self.share
        return f"{percent:.0f} %" if percent >= 0.5 else "<1 %" if percent >= 0.05 else "0 %"

    def _say(self) -> None:
        chosen = ", the class that is chosen" if self._marked else ""
        self.setAccessibleName(f"{self.name}: {self.words}{chosen}")

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        metrics, height = self.fontMetrics(), float(self.height())
        words_width = metrics.horizontalAdvance("100 %")
        accent, text = theme.colour("accent"), self.palette().windowText().color()
        if self._marked or self.underMouse() or self.hasFocus():
            painter.setPen(accent if self._marked or self.hasFocus() else theme.colour("line"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
        painter.setPen(text)
        name = QRectF(4, 0, self.name_width, height)
        said = metrics.elidedText(self.name, Qt.TextElideMode.ElideRight, self.name_width)
        left, centre = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
        painter.drawText(name, left | centre, said)
        room = QRectF(
            name.right() + 4, 3, self.width() - name.right() - words_width - 14, height - 6
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().base())
        painter.drawRect(room)
        painter.setBrush(accent)
        painter.drawRect(QRectF(room.left(), room.top(), self.share * room.width(), room.height()))
        painter.setPen(text)
        painter.drawText(
            QRectF(room.right() + 4, 0, words_width + 2, height),
            Qt.AlignmentFlag.AlignRight | centre,
            self.words,
        )
