"""What an insight says in words, and what can be chosen in it: a line under the stage, which is
there as long as an insight is shown."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.engine.insights import Answer, Insight, insights
from studio.engine.insights.asking import Reply
from studio.gui.picture.stage import Stage
from studio.gui.widgets import tips
from studio.gui.widgets.controls import ChoiceBox, Slider, icon_button
from studio.gui.widgets.painted import painted
from studio.gui.widgets.translation import tr

_FEW = 3  # choices, of which more have a slider
_SLIDER = 110  # pixels
_LONGEST_CHOICE = 110  # pixels of its words beside the slider


class InsightBar(QWidget):
    """Signals: more_wanted(), when the person wants to see all that the insight says.

    stays_hidden: whether the next insight is there for a moment only, so that nothing may move.
    """

    more_wanted = Signal()

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stage = stage
        self.stays_hidden = False
        self._shown: Mapping[str, tuple[str, ...]] = {}
        self.boxes: dict[str, ChoiceBox | Slider] = {}
        self._words: dict[str, Line] = {}
        self.sentence = Line()
        self.more = icon_button("more", "More of the insight", "Show all that this insight says")
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.clicked.connect(self.more_wanted)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 2, 12, 2)
        self._row.setSpacing(6)
        self._row.addWidget(self.sentence, 1)
        self._row.addWidget(self.more)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(ChoiceBox().sizeHint().height() + 4)
        stage.overlay_changed.connect(self._show_insight)
        stage.choices_changed.connect(self._follow)
        self._show_insight(stage.overlay)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.height())  # it must not make the window wider

    def _show_insight(self, name: str) -> None:
        insight = insights().get(name)
        self._show_choices({})
        self.sentence.setText("" if insight is None else self._explained(insight))
        self.more.setVisible(False)
        self.setVisible(insight is not None and not self.stays_hidden)

    def show_reply(self, reply: Reply) -> None:
        """What a model answered, and what can be chosen in it."""
        self._show_choices(reply.choices)
        for name, words in self._words.items():
            words.setText(reply.choices[name][reply.question.choice(name)])
        self.show_answer(reply.insight, reply.answer)

    def show_answer(self, insight: Insight, answer: Answer) -> None:
        """What it comes to; the insight's explanation, where it says nothing."""
        self.sentence.setText(answer.sentence or self._explained(insight))
        self.more.setVisible(bool(answer.rows or answer.maps[1:]))

    def _explained(self, insight: Insight) -> str:
        return tr(insight.explained(self._stage.coded))

    def _show_choices(self, choices: Mapping[str, tuple[str, ...]]) -> None:
        if choices == self._shown:
            return
        self._shown = choices
        while self._row.count() > 2:  # the sentence and the button stay
            item = self._row.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.boxes, self._words = {}, {}
        place = 0
        for name, words in choices.items():
            label = QLabel(tr(name))
            parts: list[QWidget] = [label]
            if len(words) > _FEW:
                parts += self._slider(name, words)
            else:
                parts.append(self._box(name, words))
            label.setBuddy(parts[1])
            for part in parts:
                self._row.insertWidget(place, part)
                place += 1

    def _follow(self) -> None:
        """What was chosen elsewhere, as when a scene is recalled."""
        for name, box in self.boxes.items():
            number = min(self._stage.choices.get(name, 0), len(self._shown[name]) - 1)
            with QSignalBlocker(box):
                if isinstance(box, Slider):
                    box.setValue(number)
                else:
                    box.setCurrentIndex(number)

    def _box(self, name: str, words: tuple[str, ...]) -> QWidget:
        box = ChoiceBox()
        for each in words:
            box.addItem(tr(each))
        box.setCurrentIndex(min(self._stage.choices.get(name, 0), len(words) - 1))
        box.activated.connect(functools.partial(self._stage.set_choice, name))
        return self._named(box, name)

    def _slider(self, name: str, words: tuple[str, ...]) -> list[QWidget]:
        slider = Slider()
        slider.setRange(0, len(words) - 1)
        slider.setPageStep(1)
        with QSignalBlocker(slider):
            slider.setValue(min(self._stage.choices.get(name, 0), len(words) - 1))
        slider.setFixedWidth(_SLIDER)
        slider.valueChanged.connect(functools.partial(self._stage.set_choice, name))
        text = self._words[name] = Line()
        width = max(text.fontMetrics().horizontalAdvance(each) for each in words) + 4
        text.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        text.setFixedWidth(min(width, _LONGEST_CHOICE))
        text.setText(words[slider.value()])
        return [self._named(slider, name), text]

    def _named(self, box: ChoiceBox | Slider, name: str) -> ChoiceBox | Slider:
        box.setAccessibleName(tr(name))
        box.setToolTip(tr(name))
        self.boxes[name] = box
        return box


class Line(QWidget):
    """One line of text that changes often, as much of it as there is room for; the tip has all."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        return self._text

    def setText(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.setToolTip(tips.plain(text))
            self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        painter.setPen(self.palette().windowText().color())
        mode = Qt.TextElideMode.ElideRight
        text = self.fontMetrics().elidedText(self._text, mode, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
