"""`GridField`: the receptive field of a pixel in every cell of a grid, as its own model has it. The
pixel is the one under the pointer, whichever cell that is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QWidget

from studio.engine.insights import insights
from studio.engine.insights.question import question_of
from studio.gui.picture.grid_cell import GridCell
from studio.gui.picture.stage_view import Place
from studio.gui.picture.watch import Watch
from studio.gui.session import Session
from studio.gui.widgets.controls import Slider, chip, named
from studio.gui.widgets.flow_layout import together
from studio.gui.widgets.translation import tr

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model
    from studio.engine.scenes.asking_cells import Asked, AskingCells, Replies
    from studio.engine.scenes.scene import ModelReference

FIELD = "receptive-field"
LAYERS = "Layers"
_SLIDER = 110  # pixels
_TIP = "Show in every scene what its model sees when it comes to the pixel under the pointer"
_SLIDER_TIP = "After how many layers of each network; all of them at the left end"


class GridField(QObject):
    """button, depth: what switches it on, and a slider for how many layers.

    model_of: the model that a scene names, None while there is none.
    """

    def __init__(
        self,
        session: Session,
        model_of: Callable[[ModelReference], Model | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._model_of = model_of
        self._cells: Sequence[GridCell] = ()
        self._place: Place | None = None
        self._asking: AskingCells | None = None
        self.button = chip("Receptive field", _TIP)
        self.slider, self._words = Slider(), QLabel()
        self.slider.setRange(0, 0)
        self.slider.setPageStep(1)
        self.slider.setFixedWidth(_SLIDER)
        named(self.slider, _SLIDER_TIP)
        self.depth: QWidget = together(self._words, self.slider)
        self.depth.hide()
        self._tell_depth(0)
        self.button.toggled.connect(self._switch)
        self.slider.valueChanged.connect(self._tell_depth)
        self.slider.valueChanged.connect(lambda value: self.ask())
        self._watch = Watch(session, self)
        self._watch.news.connect(self._show)
        self._watch.failed.connect(session.failed)

    @property
    def resting(self) -> bool:
        """Whether all that was asked is answered and shown."""
        return self._watch.resting

    def show_cells(self, cells: Sequence[GridCell]) -> None:
        """Another grid."""
        self.rest()
        self._cells = cells
        for cell in cells:
            cell.pointed.connect(self._point_at)

    def _switch(self, on: bool) -> None:
        for cell in self._cells:
            cell.show_field(None)
        self.depth.setVisible(on and self.slider.maximum() > 0)
        if on:
            self.ask()
        else:
            self.rest()

    def _tell_depth(self, value: int) -> None:
        self._words.setText(f"{tr(LAYERS)}: {value or tr('all')}")

    def _point_at(self, place: Place) -> None:
        self._place = place
        self.ask()

    def ask(self) -> None:
        """About the pixel that was pointed at last; before there was one, about the next to be
        drawn."""
        if not self.button.isChecked() or not self._cells:
            return
        if self._asking is None:
            from studio.engine.scenes.asking_cells import AskingCells

            self._asking = AskingCells()
            self._watch.begin(self._asking)
        chosen = {LAYERS: self.slider.value()}
        asked = [self._asked(cell, chosen) for cell in self._cells]
        self._asking.ask(insights()[FIELD], asked)
        self._watch.look()

    def _asked(self, cell: GridCell, chosen: Mapping[str, int]) -> Asked | None:
        moment, model = cell.moment, self._model_of(cell.scene.model)
        if moment is None or moment.snapshot is None or model is None or not model.autoregressive:
            return None
        snapshot, picture, site = moment.snapshot, None, None
        if snapshot.captions:
            return None
        if self._place is not None:
            height, width = snapshot.space
            wanted, pixel = self._place
            if pixel[0] >= height or pixel[1] >= width:
                return None
            row, column = snapshot.site_at(*pixel)
            site = row * snapshot.values.shape[3] + column
            picture = min(wanted, snapshot.count - 1)
        question = question_of(snapshot, moment.levels, None, site, chosen, picture)
        return cast("AutoregressiveModel", model), question

    def _show(self, replies: Replies) -> None:
        if len(replies) != len(self._cells):
            return  # of the grid before
        for cell, reply in zip(self._cells, replies, strict=True):
            cell.show_field(reply)
        there = [reply for reply in replies if reply is not None]
        deepest = max((len(reply.choices.get(LAYERS, ())) for reply in there), default=0)
        self.slider.setMaximum(max(0, deepest - 1))
        self.depth.setVisible(deepest > 1)

    def rest(self) -> None:
        """Nobody looks, or at another grid: let go of the models."""
        self._asking = None
        self._watch.end()
