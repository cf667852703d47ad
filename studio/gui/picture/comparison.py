"""Two methods of completion side by side: the same evidence, the same seed, four pictures each."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.methods import AUTO, choices, methods
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.side_player import SidePlayer
from studio.gui.picture.stage_view import StageView
from studio.gui.session import Session
from studio.gui.widgets.controls import ChoiceBox, described, without_icons

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

COUNT = 4
_PAUSE_MILLISECONDS = 500
_AUTOMATIC = "Automatic"


def titles(model: AutoregressiveModel) -> dict[str, str]:
    """What can be compared with this model, by name: the methods that are for it, and the choice
    of one of them where there are several."""
    fitting = {
        name: method.title for name, method in methods().items() if not method.refusal(model)
    }
    return {AUTO: _AUTOMATIC, **fitting} if len(fitting) > 1 else fitting


class Comparison(QDialog):
    """Follows what is painted while it is open. Goes when it is closed, or another model comes."""

    def __init__(self, drawing: Drawing, page: QWidget, names: dict[str, str]) -> None:
        super().__init__(page)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Compare methods")
        self._drawing, self._session = drawing, drawing.session
        self.seed = self._session.options.seed
        self.words = QLabel(textFormat=Qt.TextFormat.PlainText)
        asked = self._session.options.method
        first, second = _two_of(list(names), asked)
        self.sides = [Side(self._session, side, names) for side in ("left", "right")]
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.again = buttons.addButton("Draw &again", QDialogButtonBox.ButtonRole.ActionRole)
        self.again.setToolTip("Draw both with another seed")
        self.again.clicked.connect(self._draw_others)
        without_icons(buttons)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setToolTip("Close, and free what this took (Escape)")
        buttons.rejected.connect(self.reject)
        both = QHBoxLayout()
        both.setSpacing(16)
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addLayout(both, 1)
        column.addWidget(buttons)
        for side, name in zip(self.sides, (first, second), strict=True):
            both.addWidget(side, 1)
            side.choose(name)
            side.chosen.activated.connect(lambda _, side=side: self._draw(side))
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._soon.timeout.connect(self._draw_both)
        self._session.painting_changed.connect(self._painted)
        self._session.model_changed.connect(self.reject)
        self.resize(QSize(760, 520))
        self._draw_both()

    def done(self, result: int) -> None:
        """Closed in any way."""
        self._soon.stop()
        for side in self.sides:
            side.player.stop()
        super().done(result)

    def _painted(self) -> None:
        if self.isVisible():
            self._soon.start()

    def _draw_others(self) -> None:
        self.seed = random.randrange(1_000_000)
        self._draw_both()

    def _draw_both(self) -> None:
        given = self._drawing.given
        what = "the same evidence" if given is not None else "nothing given, where methods agree"
        self.words.setText(f"Both with {what}, and with the seed {self.seed}.")
        for side in self.sides:
            self._draw(side)

    def _draw(self, side: Side) -> None:
        from studio.engine.generation.room import is_small  # torch is there once a model is

        model = self._session.model
        many = COUNT if model is not None and is_small(model, 2 * COUNT) else 1
        options = replace(self._session.options, count=many, seed=self.seed)
        side.draw(options, self._drawing.given)


class Side(QWidget):
    """A method, what it does, and its pictures."""

    def __init__(self, session: Session, side: str, names: dict[str, str]) -> None:
        super().__init__()
        self._session = session
        tip = "How what is given is taken account of"
        self.chosen = described(ChoiceBox(), f"Method on the {side}", tip)
        explained = choices()
        for index, (name, title) in enumerate(names.items()):
            self.chosen.addItem(title, name)
            self.chosen.setItemData(index, explained[name], Qt.ItemDataRole.ToolTipRole)
        self.meaning = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.meaning.setFixedHeight(3 * self.fontMetrics().lineSpacing())
        self.view = described(StageView(), f"Pictures on the {side}", "Drawn now")
        self.place = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.player = SidePlayer(session, self)
        self.player.snapshot.connect(self._show)
        self.player.failed.connect(self.place.setText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.chosen, self.meaning):
            column.addWidget(widget)
        column.addWidget(self.view, 1)
        column.addWidget(self.place)

    @property
    def method(self) -> str:
        """The name of the one that is chosen."""
        return str(self.chosen.currentData())

    def choose(self, name: str) -> None:
        self.chosen.setCurrentIndex(self.chosen.findData(name))

    def draw(self, options: SamplingOptions, evidence: Evidence | None) -> None:
        """Begin anew, by the chosen method."""
        self.meaning.setText(f"{choices()[self.method]}.")
        self.place.setText("")
        self.view.show_painting(self._session.painting)
        self.player.draw(replace(options, method=self.method), evidence)

    def _show(self, snapshot: Snapshot) -> None:
        self.view.show_snapshot(snapshot)
        there = snapshot.position == snapshot.length
        self.place.setText(
            "Finished" if there else f"{snapshot.position} of {snapshot.length} pixels"
        )


def _two_of(names: list[str], asked: str) -> tuple[str, str]:
    """The one that is in use, and another; no automatic choice where there are two besides."""
    plain = [name for name in names if name != AUTO]
    first = asked if asked in plain else plain[0]
    return first, next(name for name in plain if name != first)
