"""What the studio shows at first: four demonstrations, each one click away, and the two ways to
begin in earnest."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from studio.gui.shell.start_pictures import (
    centred,
    drawn_so_far,
    half_given,
    shipped_character,
    shipped_digit,
)
from studio.gui.widgets import icons, motion, theme
from studio.gui.widgets.message_bar import KEPT_FREE
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_NO_SOUND = "No sound model is installed yet."
_STILL = 0.6  # how much of the digit is drawn while the pointer is elsewhere
_BEAT = 40  # ms between two pictures while it is on the card,
_STEP = 0.02  # and how much more is drawn in each
_GAP = 16  # pixels between two cards
_BAND = 128  # pixels: the height of the picture's place on a card

Picture = Callable[[float, int], QPixmap]  # from a share of the way and a side in device pixels


class StartPage(QWidget):
    """watch_requested(), invent_requested(), finish_requested(), hear_requested():
    a demonstration was chosen; the rest as they say."""

    watch_requested = Signal()
    invent_requested = Signal()
    finish_requested = Signal()
    hear_requested = Signal()
    train_requested = Signal()
    open_requested = Signal()
    lessons_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = QLabel("Pixel by pixel, sample by sample")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.9)
        font.setBold(True)
        title.setFont(font)
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title.setWordWrap(True)
        about = QLabel(
            "An autoregressive model works step by step. Each time it asks: given all so far,"
            " what comes next?"
        )
        about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        about.setWordWrap(True)
        about.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for text in (title, about):
            text.setProperty(KEPT_FREE, True)
        self.watch = DemonstrationCard(
            "play",
            "Watch a digit being drawn",
            "A model starts from nothing and decides pixel by pixel. You see every decision.",
        )
        self.invent = DemonstrationCard(
            "brush",
            "Invent a character",
            "Paint the left half of a character, and the model makes up the rest.",
        )
        self.finish = DemonstrationCard(
            "brush",
            "Finish my digit",
            "Begin a digit with a few strokes, and the model finishes it.",
        )
        self.hear = DemonstrationCard(
            "sound", "Hear WaveNet", "The same idea for sound: eight thousand decisions a second."
        )
        self.invent.hide()  # until it is known that its model is installed
        self.set_sound_available(False)
        self.watch.clicked.connect(self.watch_requested)
        self.invent.clicked.connect(self.invent_requested)
        self.finish.clicked.connect(self.finish_requested)
        self.hear.clicked.connect(self.hear_requested)
        self._pictured = False
        self.train = self._button(
            "train", "Train a model", "Choose a model and train it on this computer"
        )
        self.open = self._button(
            "open", "Open a checkpoint…", "Open a .safetensors file (or drop it on the window)"
        )
        self.lessons = self._button(
            "lesson", "Lessons", "Learn how these models work, step by step, with the models live"
        )
        self.lessons.clicked.connect(self.lessons_requested)
        self.train.clicked.connect(self.train_requested)
        self.open.clicked.connect(self.open_requested)

        self.cards = CardRows((self.watch, self.invent, self.finish, self.hear))
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch()
        buttons.addWidget(self.lessons)
        buttons.addWidget(self.train)
        buttons.addWidget(self.open)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addStretch(3)
        column.addWidget(title)
        column.addSpacing(4)
        column.addWidget(about)
        column.addSpacing(28)
        column.addWidget(self.cards)
        column.addSpacing(24)
        column.addLayout(buttons)
        column.addStretch(4)

    def set_sound_available(self, available: bool) -> None:
        """Whether there is a sound model to hear; without
        one its card says so, and cannot be chosen."""
        self.hear.setEnabled(available)
        self.hear.set_note("" if available else _NO_SOUND)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._pictured:
            self._pictured = True
            if (digit := shipped_digit()) is not None:
                self.watch.set_picture(
                    lambda share, side: drawn_so_far(digit, share, side), moves=True
                )
                self.finish.set_picture(lambda share, side: half_given(digit, side))
            if (character := shipped_character()) is not None:
                self.invent.show()
                self.cards.lay_out()
                self.invent.set_picture(lambda share, side: half_given(character, side, left=True))

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(icons.icon(icon), text)
        button.setToolTip(tip)
        button.setAccessibleName(text.rstrip("…"))
        return button


class CardRows(QWidget):
    """The cards that are shown, as wide as each other: all beside each other, or in rows of two
    where there is less room."""

    def __init__(self, cards: Sequence[DemonstrationCard]) -> None:
        super().__init__()
        self._cards = cards
        for card in cards:
            card.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def lay_out(self) -> None:
        """Those that are shown have changed."""
        self.updateGeometry()
        shown = self._shown()
        if not shown:
            return
        columns = self._columns(self.width())
        height = shown[0].sizeHint().height()
        wide = min(shown[0].maximumWidth(), (self.width() + _GAP) // columns - _GAP)
        left = (self.width() - columns * (wide + _GAP) + _GAP) // 2
        for number, card in enumerate(shown):
            row, place = divmod(number, columns)
            card.setGeometry(left + place * (wide + _GAP), row * (height + _GAP), wide, height)

    def _shown(self) -> list[DemonstrationCard]:
        return [card for card in self._cards if not card.isHidden()]

    def _columns(self, width: int) -> int:
        shown = self._shown()
        narrowest = self._cards[0].minimumSizeHint().width()
        fits = len(shown) * (narrowest + _GAP) - _GAP <= width
        return len(shown) if fits else min(2, len(shown))

    def heightForWidth(self, width: int) -> int:
        shown = self._shown()
        rows = -(-len(shown) // max(1, self._columns(width)))
        return rows * (self._cards[0].sizeHint().height() + _GAP) - _GAP

    def minimumSizeHint(self) -> QSize:
        narrowest = 2 * self._cards[0].minimumSizeHint().width() + _GAP
        return QSize(narrowest, self._cards[0].sizeHint().height())

    def sizeHint(self) -> QSize:
        wide = len(self._shown()) * (self._cards[0].sizeHint().width() + _GAP) - _GAP
        return QSize(wide, self._cards[0].sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay_out()


class DemonstrationCard(QAbstractButton):
    """A large button: a picture (an icon, where there is none), what happens, and a sentence more.

    While the pointer is on it, a picture goes on to its end;
    share: how far it is, 0..1.
    """

    def __init__(self, icon: str, title: str, about: str) -> None:
        super().__init__()
        self.setText(title)
        self._drawing = icon
        self._about = tr(about)
        self._note = ""
        self._picture: Picture | None = None
        self._moves = False
        self.share = _STILL
        self._made: tuple[tuple[float, int, theme.Theme], QPixmap] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._go_on)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setMaximumWidth(22 * self.fontMetrics().lineSpacing())
        self.set_note("")

    def set_note(self, note: str) -> None:
        """Say why the card cannot be chosen; "" where it can."""
        self._note = note = tr(note)
        self.setToolTip(note or self._about)
        self.setAccessibleDescription(f"{self._about} {note}".rstrip())
        self.update()

    def set_picture(self, picture: Picture, moves: bool = False) -> None:
        """Show what `picture` makes of a share of the way, 0..1; moves: it is another one then."""
        self._picture, self._moves = picture, moves
        self.update()

    @property
    def drawing(self) -> bool:
        """Whether the picture is on its way."""
        return self._timer.isActive()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().lineSpacing()
        return QSize(16 * line, _BAND + 11 * line)

    def minimumSizeHint(self) -> QSize:
        return QSize(9 * self.fontMetrics().lineSpacing(), self.sizeHint().height())

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        if self._moves and self.isEnabled():
            self.share = 1.0 if motion.reduced() else 0.0
            self._timer.start()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._rest()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._rest()

    def _go_on(self) -> None:
        self.share = min(1.0, self.share + _STEP)
        if self.share == 1.0:
            self._timer.stop()
        self.update()

    def _rest(self) -> None:
        self._timer.stop()
        self.share = _STILL
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        option.initFrom(self)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver) and self.isEnabled()
        accent = theme.colour("accent")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = hovered or self.hasFocus()
        painter.setPen(QPen(accent if lit else theme.colour("line"), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.colour("card") if self.isEnabled() else Qt.BrushStyle.NoBrush)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(box, 10, 10)
        if hovered:
            tint = QColor(accent)
            tint.setAlphaF(0.14 if self.isDown() else 0.06)
            painter.setBrush(tint)
            painter.drawRoundedRect(box, 10, 10)
        self._contents(painter, box.adjusted(14, 14, -14, -14), accent)

    def _contents(self, painter: QPainter, place: QRectF, accent: QColor) -> None:
        line = self.fontMetrics().lineSpacing()
        self._band(painter, QRectF(place.left(), place.top(), place.width(), _BAND), accent)
        place.setTop(place.top() + _BAND + 0.8 * line)
        bold = QFont(self.font())
        bold.setBold(True)
        bold.setPointSizeF(bold.pointSizeF() * 1.15)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        text = self.palette().color(group, QPalette.ColorRole.Text)
        place.setTop(self._paragraph(painter, place, bold, text, self.text()))
        place.setTop(place.top() + 0.35 * line)
        place.setTop(
            self._paragraph(painter, place, self.font(), theme.colour("muted"), self._about)
        )
        place.setTop(place.top() + 0.35 * line)
        readable = self.palette().color(QPalette.ColorGroup.Active, QPalette.ColorRole.Text)
        self._paragraph(painter, place, self.font(), readable, self._note)

    def _band(self, painter: QPainter, band: QRectF, accent: QColor) -> None:
        ratio = self.devicePixelRatioF()
        painter.setPen(Qt.PenStyle.NoPen)
        ground = theme.colour("unknown")
        ground.setAlphaF(0.5)
        painter.setBrush(ground)
        painter.drawRoundedRect(band, 6, 6)
        if self._picture is None:
            side = round(40 * ratio)
            colour = accent if self.isEnabled() else theme.colour("muted")
            centred(
                painter,
                band,
                icons.rendered(self._drawing, QSize(side, side), colour.name()),
                ratio,
            )
            return
        wanted = (self.share, round((band.height() - 12) * ratio), theme.look())
        if self._made is None or self._made[0] != wanted:
            self._made = (wanted, self._picture(*wanted[:2]))
        centred(painter, band, self._made[1], ratio)

    def _paragraph(
        self, painter: QPainter, place: QRectF, font: QFont, colour: QColor, text: str
    ) -> float:
        """Paints wrapped text at the top of a place; returns where it ends."""
        painter.setFont(font)
        painter.setPen(colour)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        return painter.drawText(place, flags, text).bottom() if text else place.top()
