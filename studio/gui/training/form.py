"""The form of a training: what is asked most stands first, every other setting of the recipe and
the model folds out.

It takes text and checks nothing: whoever starts the training reads the `Request`, and says with
`complain` what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.runtime.texts import shortened
from studio.engine.runtime.typed import decimal
from studio.gui.kinds import KINDS
from studio.gui.training.choices import Choices, ModelChoice, Request, Setting, run_folder
from studio.gui.training.data_field import DataField, wide_combo
from studio.gui.training.how_long import HowLong
from studio.gui.widgets import theme, tips
from studio.gui.widgets.controls import ChoiceBox, described
from studio.gui.widgets.flow_layout import FlowLayout
from studio.gui.widgets.number_boxes import NumberLine
from studio.gui.widgets.translation import tr

FIRST_ASKED = ("data", "preparation", "epochs", "minutes", "batch", "rate")
_NUMBER_WIDTH = 64
_LONGEST_COMPLAINT = 400  # characters
_LINES = 3  # of an explanation
_WHEN_EMPTY = {"shape": "from the data", "validation": "a fixed part"}


class TrainingForm(QWidget):
    """`offer` fills it, `request` reads it. `fields`: the line
    of each setting of the chosen model, by key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices: Choices | None = None
        self.fields: dict[str, QLineEdit] = {}
        self._defaults: dict[str, str] = {}
        self._shown: tuple[Setting, ...] = ()
        self._kind = ""  # of model that what is offered is for
        self._data_sets: tuple[str, ...] = ()  # that are offered
        self.wrong: QLineEdit | None = None  # what the complaint is about
        self.model = described(ChoiceBox(), "Model", "What is trained")
        self.model.currentIndexChanged.connect(self._show_model)
        self.summary = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.device = described(ChoiceBox(), "Device", "Device to train on; auto: the best one")
        self.folder = described(
            QLineEdit(placeholderText="model and time"),
            "Name",
            "What the run is called from now on; empty: by the model and the time."
            " The path of a folder keeps it there",
        )
        self.complaint = described(
            QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText),
            "Complaint",
            "What is wrong with these settings",
        )
        self.complaint.hide()
        self.meaning = Meaning()
        self.more = described(
            QToolButton(), "More settings", "Every other setting of the training and of the model"
        )
        self.more.setText("More settings")
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.toggled.connect(self._fold)
        self.defaults = described(
            QPushButton("Defaults"),
            "Defaults",
            "Reset all settings to those of the shipped model",
        )
        self.defaults.clicked.connect(self.reset)
        self.find_rate = described(
            QPushButton("Find a rate…"),
            "Find a learning rate",
            "Try learning rates from low to high, and see where the loss falls best",
        )
        self.find_batch = described(
            QPushButton("Find a batch…"),
            "Find a batch",
            "Try larger batches on the device, and see which learns from most examples a second",
        )
        self._rest = QWidget()
        self._rest.hide()

        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        _place(grid, 0, "Model", self.model, wide=True)
        grid.addWidget(self.summary, 1, 1, 1, 3)
        self.data = DataField()
        self._data = self.data.combo
        self._data.currentTextChanged.connect(self._data_changed)
        _place(grid, 2, "Data", self.data, wide=True)
        self._preparation = wide_combo()
        for key, combo in (("data", self._data), ("preparation", self._preparation)):
            line = combo.lineEdit()
            assert line is not None
            self.fields[key] = line
        _place(grid, 3, "Preparation", self._preparation)
        self.how_long = HowLong()
        self.fields |= {"epochs": self.how_long.epochs, "minutes": self.how_long.minutes}
        _place(grid, 4, "How long?", self.how_long)
        for row, key in ((3, "batch"), (4, "rate")):
            _place(grid, row, key.capitalize(), self._line(key), column=2)
        self.promise = described(
            QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText),
            "Estimate",
            "What so many minutes are, by the training of the shipped model",
        )
        self.promise.hide()
        grid.addWidget(self.promise, 5, 1, 1, 3)
        _place(grid, 6, "Name", self.folder)
        _place(grid, 6, "Device", self.device, column=2)
        for line in self.fields.values():
            line.textChanged.connect(self._tell)

        folding = FlowLayout(spacing=8)
        for button in (self.more, self.find_batch, self.find_rate, self.defaults):
            folding.addWidget(button)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(2, 2, 8, 2)
        column.addLayout(grid)
        column.addLayout(folding)
        column.addWidget(self._rest)
        column.addStretch(1)
        self._scrolled = scrolled = QScrollArea(widgetResizable=True)
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scrolled.setFrameShape(QScrollArea.Shape.NoFrame)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(scrolled, 1)
        whole.addWidget(self.complaint)
        whole.addWidget(self.meaning)

    # ---- what is offered -------------------------------------------------------------------------

    def offer(self, choices: Choices) -> None:
        """Fill in what there is to choose from; what was chosen before stays."""
        first = self.choices is None
        self.choices = choices
        if first:
            self.device.addItems(choices.devices)
            for number, choice in enumerate(choices.models):
                self.model.addItem(choice.name)
                self.model.setItemData(number, choice.summary, Qt.ItemDataRole.ToolTipRole)

    def choose(self, name: str) -> None:
        """Choose the model of that name, where there is one."""
        if (index := self.model.findText(name)) >= 0:
            self.model.setCurrentIndex(index)

    def learn_from(self, path: Path, what: str) -> None:
        """Choose data, "pictures" or "recordings"; where the chosen model can do nothing with such,
        the first that can is chosen too."""
        assert self.choices is not None
        if self.chosen is None or KINDS[self.chosen.kind].first_files != what:
            kind = next(name for name, kind in KINDS.items() if kind.first_files == what)
            fitting = (choice.name for choice in self.choices.models if choice.kind == kind)
            self.choose(next(fitting, ""))
        self.data.choose(str(path))

    def fill(self, model: str, texts: Mapping[str, str]) -> bool:
        """Choose a model, and write these over its defaults; whether there is such a model."""
        self.choose(model)
        if self.model.currentText() != model:
            return False
        self.reset()
        # the data first, which may bring other settings
        for key in ("data", *(texts.keys() - {"data"})):
            if key in self.fields and key in texts:
                self._write(key, texts[key])
        self.folder.clear()
        return True

    @property
    def chosen(self) -> ModelChoice | None:
        index = self.model.currentIndex()
        return None if self.choices is None or index < 0 else self.choices.models[index]

    def _show_model(self) -> None:
        """Defaults of the chosen model; what the person changed stays as it is where the model has
        such a setting, and can use it: data of pictures are no use for sound, nor the
        other way round."""
        choice = self.chosen
        if choice is None:
            return
        changed = self._changes()
        kind, before = KINDS[choice.kind], KINDS.get(self._kind)
        self.data.recordings_first = kind.first_files == "recordings"
        former_sets, self._kind, self._data_sets = self._data_sets, choice.kind, choice.data_sets
        for key, combo, offered, former in (
            ("data", self._data, choice.data_sets, former_sets),
            ("preparation", self._preparation, kind.preparations, before and before.preparations),
        ):
            if offered != former:
                changed.pop(key, None)
                with QSignalBlocker(combo):
                    combo.clear()
                    combo.addItems(offered)
        self._shown = choice.settings(changed.get("data", ""))
        self.summary.setText(f"{choice.summary}. {choice.cost}".strip())
        self._fill_rest([s for s in self._shown if s.key not in FIRST_ASKED])
        for setting in self._shown:
            self._describe(setting)
            self._defaults[setting.key] = setting.default
            self._write(setting.key, changed.get(setting.key, setting.default))
        self.complain("")

    def _data_changed(self, data: str) -> None:
        """Other defaults, where the model has a recipe
        of its own for these data, or for those before."""
        if self.chosen is not None and self._shown != self.chosen.settings(data.strip()):
            self._show_model()

    def _tell(self) -> None:
        """Say what the minutes are that are asked for."""
        said, record = "", self.chosen and self.chosen.record
        with suppress(ValueError):
            if record and (minutes := decimal(self.fields["minutes"].text())) > 0:
                said = record.promise(minutes, self._changes())
        self.promise.setText(said)
        self.promise.setVisible(bool(said))

    def _write(self, key: str, text: str) -> None:
        if self.fields[key].text() != text:  # the person may be typing there
            self.fields[key].setText(text)
            self.fields[key].setCursorPosition(0)  # where there is little room, the beginning shows

    def reset(self) -> None:
        """Back to the defaults of the chosen model."""
        # the data first, which may bring other defaults
        for key in ("data", *self.fields.keys() - {"data"}):
            self._write(key, self._defaults.get(key, ""))
        self.complain("")

    # ---- what is asked for -----------------------------------------------------------------------

    def request(self) -> Request:
        """What the form says now. Imports torch, unless `offer` had it imported before."""
        return Request(
            self.model.currentText(),
            self._changes(),
            self.device.currentText(),
            run_folder(self.folder.text().strip()),
        )

    def _changes(self) -> dict[str, str]:
        texts = {key: field.text().strip() for key, field in self.fields.items()}
        return {
            key: text
            for key, text in texts.items()
            if key in self._defaults and text != self._defaults[key]
        }

    def complain(self, sentence: str) -> None:
        """Say what is wrong, "" for nothing; the setting that the sentence names is coloured, and
        ready to be put right."""
        if self.wrong is not None:
            self.wrong.setPalette(QPalette())
        self.wrong = None
        error = theme.colour("error")
        _recolour(self.complaint, QPalette.ColorRole.WindowText, error)
        self.complaint.setText(shortened(sentence, _LONGEST_COMPLAINT))
        self.complaint.setVisible(bool(sentence))
        self.meaning.setVisible(not sentence)
        fields = {**self.fields, "name": self.folder}
        named = (
            key
            for key in sorted(fields, key=len, reverse=True)
            if re.search(rf"\b{key}\b", sentence)
        )
        if (key := next(named, None)) is not None:
            self.wrong = fields[key]
            error.setAlphaF(0.25)
            _recolour(self.wrong, QPalette.ColorRole.Base, error)
            self.more.setChecked(self.more.isChecked() or key not in (*FIRST_ASKED, "name"))
            self.wrong.setFocus()
            self.wrong.selectAll()
            QTimer.singleShot(0, self._show_wrong)  # when what was folded out has its place

    def _show_wrong(self) -> None:
        if self.wrong is not None:
            self._scrolled.ensureWidgetVisible(self.wrong)

    # ---- how it is put together ------------------------------------------------------------------

    def _line(self, key: str) -> QLineEdit:
        line = NumberLine()
        line.setMinimumWidth(_NUMBER_WIDTH)
        line.setMaximumWidth(2 * _NUMBER_WIDTH)
        self.fields[key] = line
        return line

    def _fill_rest(self, settings: list[Setting]) -> None:
        """The folded part, for another model: two settings a row."""
        for key in self.fields.keys() - set(FIRST_ASKED):
            del self.fields[key], self._defaults[key]
        if (old := self._rest.layout()) is not None:
            while (item := old.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.setParent(None)
                    widget.deleteLater()
            grid = old
        else:
            grid = QGridLayout(self._rest)
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setHorizontalSpacing(8)
            grid.setVerticalSpacing(6)
        assert isinstance(grid, QGridLayout)
        for number, setting in enumerate(settings):
            box, line = self._setting(setting.key)
            self.fields[setting.key] = line
            line.setAcceptDrops(False)  # files are for the whole window
            line.textChanged.connect(self._tell)
            if not setting.default:
                line.setPlaceholderText(_WHEN_EMPTY.get(setting.key, "none"))
            _place(grid, number // 2, setting.title, box, column=number % 2 * 2)

    def _setting(self, key: str) -> tuple[QWidget, QLineEdit]:
        """What a setting is written in, and its line."""
        line: QLineEdit | None = NumberLine()
        box: QWidget | None = line
        if key == "start":
            box = combo = wide_combo()
            combo.addItems(["", *(self.chosen.starts if self.chosen else ())])
            line = combo.lineEdit()
        assert box is not None
        assert line is not None
        box.setMinimumWidth(_NUMBER_WIDTH)
        return box, line

    def _describe(self, setting: Setting) -> None:
        line = described(self.fields[setting.key], setting.title, setting.meaning)
        self.meaning.follow(line)
        if isinstance(combo := line.parent(), QComboBox):
            described(combo, setting.title, setting.meaning)

    def _fold(self, out: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if out else Qt.ArrowType.RightArrow)
        self._rest.setVisible(out)


class Meaning(QLabel):
    """What the setting means that has the keys, or that the pointer is on; as much of it as fits,
    for the form keeps its height. The tip has all of it."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._whole = tr("Choose a setting to see what it means.")
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + 2)
        self.setAccessibleName(tr("What the setting means"))
        self._fit()

    def follow(self, line: QLineEdit) -> None:
        """Explain this line too; its tip says what it means."""
        line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter) and isinstance(
            watched, QLineEdit
        ):
            self._whole = f"{watched.accessibleName()}: {watched.toolTip()}."
            self._fit()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        words = self._whole.split(" ")
        self.setToolTip(tips.plain(self._whole))
        self.setText(self._whole)
        while len(words) > 1 and self.heightForWidth(self.width()) > self.height():
            words.pop()
            self.setText(f"{' '.join(words)}…")


def _recolour(widget: QWidget, role: QPalette.ColorRole, colour: QColor) -> None:
    palette = widget.palette()
    palette.setColor(role, colour)
    widget.setPalette(palette)


def _place(
    grid: QGridLayout, row: int, title: str, widget: QWidget, column: int = 0, wide: bool = False
) -> None:
    label = QLabel(title)
    label.setBuddy(widget)
    grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    grid.addWidget(widget, row, column + 1, 1, 3 if wide else 1)
