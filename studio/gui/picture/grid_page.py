"""The page on which scenes are compared: two to sixteen, which differ in one thing or two, drawn
together with the same noise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.document import as_document
from studio.engine.scenes.plan import Plan, listed, plan_of
from studio.engine.scenes.references import comparable
from studio.engine.scenes.scene import Scene
from studio.gui.page import Page
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.grid_cell import GridCell
from studio.gui.picture.grid_choices import choices_for
from studio.gui.picture.grid_drawing import GridDrawing
from studio.gui.picture.grid_field import GridField
from studio.gui.session import Session
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.axis_picker import AxisPicker
from studio.gui.widgets.controls import action, chip, icon_button
from studio.gui.widgets.flow_layout import FlowLayout, together
from studio.gui.widgets.icons import icon
from studio.gui.widgets.play_button import PlayButton
from studio.gui.widgets.scrolling import scrolled

if TYPE_CHECKING:
    from studio.engine.scenes.grid_player import GridMoment

_PAUSE_MILLISECONDS = 400
_KEPT_MILLISECONDS = 60_000  # for which what is not seen any more is kept
_MOST_PICTURES = 16  # of each scene
_SIDE = 84  # pixels of the headings of the rows


class GridPage(Page):
    """Follows what is chosen in the inspector and what is painted. Rests while it is not seen, and
    draws with models of its own: the stage is left alone.

    Signal: stage_wanted(), when a scene of it is to be seen on the stage.
    """

    called = "Comparison"

    stage_wanted = Signal()
    steps = False

    def __init__(self, session: Session, drawing: Drawing, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._stage = drawing
        self.drawing = GridDrawing(session, self)
        self.across = AxisPicker("Compare", optional=False)
        self.down = AxisPicker("and", optional=True)
        self._models: list[Path] = []
        self._plan: Plan | None = None
        self._asked: tuple[Any, ...] | None = None  # what the present grid was made of
        self._given: Plan | None = None  # scenes that others want to be compared
        self._chosen = False  # whether the person has chosen an axis
        self._freed = False  # whether what was drawn is gone: it is drawn again when it is seen
        self.cells: list[GridCell] = []
        self._make_controls()
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._soon.timeout.connect(self._follow)
        self._left = QTimer(self, singleShot=True, interval=_KEPT_MILLISECONDS)
        self._left.timeout.connect(self.free)
        self._connect()

    def _make_controls(self) -> None:
        above = FlowLayout(spacing=12)
        above.addWidget(self.across)
        above.addWidget(self.down)
        self.words = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.restart_button = icon_button("restart", "Restart", "Back to the beginning (Home)")
        self.play_button = PlayButton("Play or pause all (Space)")
        self.race = chip(
            "Race", "Let each go as fast as its model is; else all go in step, at the stage's speed"
        )
        self.difference = chip(
            "Difference", "Show where each differs from the first: blue darker, red lighter"
        )
        self.field = GridField(self._session, self.drawing.model_of, self)
        self.dice = icon_button("dice", "Another seed", "Draw all with another seed")
        self.save_button = QPushButton(icon("save"), "Save…")
        self.save_button.setToolTip("Save as one labelled sheet, or as a film of all being drawn")
        self.save_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        below = FlowLayout(spacing=16)
        for widget in (
            together(self.restart_button, self.play_button, self.dice),
            together(self.race, self.difference, self.field.button),
            self.field.depth,
            self.save_button,
            self.words,
        ):
            below.addWidget(widget)
        self._area = QWidget()
        self._grid = QGridLayout(self._area)
        self._grid.setContentsMargins(8, 0, 8, 0)
        self._grid.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(6)
        for layout in (above, below):
            layout.setContentsMargins(12, 0, 12, 0)
        column.addLayout(above)
        column.addWidget(scrolled(self._area), 1)
        column.addLayout(below)
        self.undo = action(self, "Undo", self._session.undo, "Ctrl+Z", "undo")
        self.redo = action(self, "Redo", self._session.redo, "Ctrl+Shift+Z", "redo")

    def _connect(self) -> None:
        session = self._session
        for picker in (self.across, self.down):
            picker.changed.connect(self._choose)
        for signal in (session.options_changed, session.painting_changed, session.model_changed):
            signal.connect(self._soon.start)
        self.drawing.begun.connect(self._lay_out)
        self.drawing.moment.connect(self._show)
        self.restart_button.clicked.connect(self.restart)
        self.play_button.clicked.connect(self.toggle)
        self.race.toggled.connect(lambda on: self._pace())
        self.difference.toggled.connect(lambda on: self._show_again())
        self.dice.clicked.connect(session.roll)
        self.save_button.clicked.connect(self.ask_to_save)

    # ---- which scenes ----------------------------------------------------------------------------

    def open(self) -> None:
        """Compare what is on the stage, by the axes that are chosen; at first by the methods of
        completion, where something is painted."""
        self._given = None
        self._soon.stop()
        self._look_for_models()

    def show_scenes(self, scenes: Sequence[Scene]) -> None:
        """Compare these, such as branches; a message says so unless they are 2 to 16."""
        try:
            plan = listed(scenes)
        except StudioError as error:
            self.message.emit(str(error))
            return
        self.show_plan(plan)

    def show_plan(self, plan: Plan) -> None:
        """Compare the scenes of a grid that was made before."""
        self._given = plan
        self._begin(plan, play=True)
        self._look_for_models()

    def _look_for_models(self) -> None:
        session, present = self._session, self._session.checkpoint
        if session.model is None or present is None:
            return
        besides = session.scenes.besides()
        session.work(
            "Looking for models…",
            lambda job: comparable(present, besides),
            self._take_models,
        )

    def _take_models(self, models: list[Path]) -> None:
        self._models = models
        self._offer()
        self._follow()

    def _offer(self) -> None:
        """Fields and values for the model in use."""
        session, scene = self._session, self._base()
        if session.model is None or scene is None:
            return
        choices = choices_for(session.model, scene, self._models)
        names = getattr(session.model.conditioning, "names", ())
        self.across.offer(choices, names)
        self.down.offer(choices, names)
        if not self._chosen:
            painted = scene.evidence is not None and "method" in choices
            self.across.choose("method" if painted else "temperature")

    def _base(self) -> Scene | None:
        """What all begin with."""
        scene = self._session.scenes.now()
        if scene is None or self._session.kind is None or not self._session.kind.film:
            return None
        count = min(scene.options.count, _MOST_PICTURES)
        changes = tuple(change for change in scene.changes if change.picture < count)
        return replace(scene.with_options(count=count), changes=changes, view={})

    def _choose(self) -> None:
        self._chosen, self._given = True, None
        self._follow()

    def _follow(self) -> None:
        """Another grid, where another one is meant now."""
        if not self.isVisible():
            return
        if self._given is not None:
            if self._freed:
                self._begin(self._given, play=True)
            return
        scene = self._base()
        if scene is None:
            return
        if self._asked is not None and self._asked[0] != scene.model:
            self._offer()
        try:
            across, down = self.across.axis(), self.down.axis()
            if across is None:
                return
            plan = plan_of(scene, across, down)
        except StudioError as error:
            self.message.emit(str(error))
            return
        asked = scene.model, json.dumps([as_document(one) for one in plan.scenes])
        if asked != self._asked:
            self._asked = asked
            self._begin(plan, play=True)

    def _begin(self, plan: Plan, play: bool) -> None:
        if (player := self._session.player) is not None and self._stage.playing:
            player.cancel()
            self._session.look()
        if plan is self._given:
            self._asked = None
        self._freed = False
        self._pace()
        besides = [*self._session.scenes.besides(), *self._models]
        self.drawing.begin(plan, besides, play)

    # ---- what is seen ----------------------------------------------------------------------------

    def _lay_out(self, plan: Plan) -> None:
        self._plan = plan
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for index in range(max(self._grid.rowCount(), self._grid.columnCount())):
            self._grid.setRowStretch(index, 0)
            self._grid.setColumnStretch(index, 0)
        for index, text in enumerate(plan.across):
            self._grid.addWidget(_heading(text), 0, index + 1)
        for index, text in enumerate(plan.down):
            heading = _heading(text)
            heading.setFixedWidth(_SIDE)
            self._grid.addWidget(heading, index + 1, 0)
        self.cells = []
        for index, (scene, title) in enumerate(zip(plan.scenes, plan.titles, strict=True)):
            row, column = divmod(index, plan.columns)
            cell = GridCell(scene, title, not plan.across)
            cell.chosen.connect(lambda cell=cell: self._show_on_stage(cell))
            self._grid.addWidget(cell, row + 1, column + 1)
            self._grid.setRowStretch(row + 1, 1)
            self._grid.setColumnStretch(column + 1, 1)
            self.cells.append(cell)
        self.field.show_cells(self.cells)
        seeds = {scene.options.seed for scene in plan.scenes}
        seed = f"Seed {seeds.pop()}. " if len(seeds) == 1 else ""
        self.words.setText(f"{seed}Click a scene to see it on the stage.")

    def _show(self, moment: GridMoment) -> None:
        first = moment.cells[0] if self.difference.isChecked() else None
        for cell, found in zip(self.cells, moment.cells, strict=True):
            cell.show_moment(found, first)
        self.play_button.show_playing(moment.playing)
        if not moment.playing:
            self.field.ask()

    def _show_again(self) -> None:
        if self.drawing.latest is not None:
            self._show(self.drawing.latest)

    def _show_on_stage(self, cell: GridCell) -> None:
        moment = cell.moment
        position = None if moment is None or moment.snapshot is None else moment.snapshot.position
        self._session.scenes.show(replace(cell.scene, position=position), self.stage_wanted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pace()
        self._left.stop()
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the window is not just minimised
            self._soon.stop()
            self.drawing.pause()
            self.field.rest()
            self._left.start()

    def free(self) -> None:
        """Give back the memory of what nobody looks at: sixteen drawings can take gigabytes. It is
        drawn again when it is seen."""
        if not self.isVisible():
            self.drawing.stop()
            self._freed, self._asked = True, None

    def close_down(self) -> None:
        """The window closes."""
        self._soon.stop()
        self._left.stop()
        self.field.rest()
        self.drawing.stop()

    # ---- what can be asked of any page -----------------------------------------------------------

    def _pace(self) -> None:
        self.drawing.set_speed(self._stage.speed, self.race.isChecked())

    def toggle(self) -> None:
        self._pace()
        (self.drawing.pause if self.drawing.playing else self.drawing.play)()

    def finish(self) -> None:
        """To the end, as fast as it goes."""
        self.drawing.set_speed(None, self.race.isChecked())
        self.drawing.play()

    def restart(self) -> None:
        self.drawing.restart()

    def looked_at(self) -> list[QRect]:
        return [QRect(cell.mapTo(self, cell.view.pos()), cell.view.size()) for cell in self.cells]

    @property
    def edits(self) -> list[QAction]:
        return [self.undo, self.redo]

    def takes(self, suffix: str) -> bool:
        return False

    @property
    def why_not_save(self) -> str:
        return "" if self.drawing.latest is not None else "Nothing is compared yet."

    def ask_to_save(self) -> None:
        """One sheet, or a film, of what is there now."""
        latest, plan, session = self.drawing.latest, self._plan, self._session
        if latest is None or plan is None:
            self.message.emit("Nothing is compared yet.")
            return
        name = f"{plan.scenes[0].model.name}-{plan.scenes[0].options.seed}-grid"
        if (path := file_dialogs.ask_save_sheet(self, name)) is None:
            return
        differences, race = self.difference.isChecked(), self.race.isChecked()

        def write() -> None:
            from studio.engine.scenes.sheet import Sheet, save_sheet

            sheet = Sheet(plan, latest.cells, None, differences)
            save_sheet(sheet, path, plan, race=race)

        session.work(
            f"Saving {path.name}…",
            lambda job: write(),
            lambda _: self._saved(path),
        )

    def _saved(self, path: Path) -> None:
        self.done.emit(f"Saved as {path}.")
        self.saved.emit(path)


def _heading(text: str) -> QLabel:
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label
