"""What the model in use is: its name, its facts, and what its figure means."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.engine.checkpoints.words import (
    data_in_words,
    form_of,
    in_words,
    learnt_from_in_words,
    meaning_in,
)
from studio.engine.runtime.texts import shortened
from studio.gui.picture.race_page import TITLE as RACE
from studio.gui.widgets.info_mark import InfoMark
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.interface import Model

_MEANING = "What the figure means"


class ModelFacts(QWidget):
    """`facts`, beside them an (i) that explains bits/dim, and under them what leads to its speed.
    `title` stands where who uses this puts it. Signal: speed_wanted()."""

    speed_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = QLabel(wordWrap=True)
        self.facts = QLabel(wordWrap=True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.meaning = InfoMark(_MEANING)
        self.speed = QToolButton()
        self.speed.setText(RACE)
        self.speed.setAccessibleName(RACE)
        self.speed.setToolTip("See it draw naively, with its cache and all at once")
        self.speed.clicked.connect(self.speed_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.facts, 1)
        row.addWidget(self.meaning, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        column.addWidget(self.speed)

    def show_model(self, model: Model | None) -> None:
        """None for no model yet."""
        self.speed.setVisible(model is not None)
        if model is None:
            self.facts.setText(tr("Choose one in the library."))
            self.meaning.explain("")
            return
        card = model.card or {}
        metrics = card.get("metrics", {})
        form = form_of(list(model.pictures.shape))
        if model.pictures is not model.spec:
            rows, columns = model.spec.space
            form += f", drawn as {columns} × {rows} codes of {model.spec.levels}"
        if rate := getattr(model, "sample_rate", None):
            form += f", {rate / 1000:g} kHz"
        learnt = ", ".join(filter(None, (data_in_words(card), card.get("preparation"))))
        facts = [f"{model.parameter_count:,} weights", *filter(None, [learnt]), form]
        if amount := learnt_from_in_words(card):
            facts.append(f"trained on {amount}")
        if measured := in_words(metrics):
            facts.append(f"{measured} on {metrics.get('split', 'test')}")
            if metrics.get("orders", 1) > 1:
                facts.append(f"in {metrics['orders']} orders, their probabilities averaged")
        self.facts.setText("<br>".join(map(html.escape, facts)))
        self.meaning.explain(meaning_in(metrics))

    def show_title(self, title: str) -> None:
        self.title.setText(f"<b>{html.escape(shortened(title, 80))}</b>")


class AboutModel(QGroupBox):
    """What a model does, what to see in it, and the paper that it comes from."""

    def __init__(self) -> None:
        super().__init__("About this model")
        self.text = QLabel(wordWrap=True, openExternalLinks=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.text.setAccessibleName("About this model")
        QVBoxLayout(self).addWidget(self.text)

    def show_model(self, model: Model | None) -> None:
        """None, and a model that nothing is known of here, hide it."""
        if model is None:
            self.hide()
            return
        from models.registry import variants  # torch is there once a model is

        found = variants().get(model.name)
        self.setVisible(found is not None)
        if found is None:
            return
        lines = [html.escape(text) for text in found.words]
        if (paper := found.published) is not None:
            lines[-1] = f'<a href="{html.escape(paper.link)}">{lines[-1]}</a>'
            self.text.setToolTip(paper.link)
        self.text.setText("<p>" + "</p><p>".join(lines) + "</p>")
