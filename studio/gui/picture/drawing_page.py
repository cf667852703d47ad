"""The stage of pictures: they are drawn, and seen to come about, pixel by pixel; or given back,
where the model does that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.engine.generation.decoders import GRAPH, PARALLEL, SLOW_BY_SITE, decoders_for
from studio.engine.generation.sampling_options import refusal_to_decode
from studio.engine.generation.snapshot import Snapshot
from studio.engine.media.pictures import SUFFIXES
from studio.gui.page import Page
from studio.gui.picture.auto_completion import AutoCompletion
from studio.gui.picture.branching import Branching
from studio.gui.picture.choice import Choice
from studio.gui.picture.chosen_bar import ChosenBar
from studio.gui.picture.code_pane import CodePane
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.insight_bar import InsightBar
from studio.gui.picture.insight_on_stage import InsightOnStage
from studio.gui.picture.masking import Masking
from studio.gui.picture.pasting import Pasting
from studio.gui.picture.peeking import Peeking
from studio.gui.picture.picture_files import PictureFiles
from studio.gui.picture.recalled import RecalledPictures
from studio.gui.picture.stage import Stage
from studio.gui.picture.staging import Staging
from studio.gui.picture.tools import Tools
from studio.gui.picture.transport import Transport
from studio.gui.session import Session
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.controls import action
from studio.gui.widgets.legend import Legend
from studio.gui.widgets.translation import tr

_HINT = (
    "Paint a part of a picture here: when you pause, or press Play, the model draws the rest.\n"
    "Or press Play at once, and it draws all of it."
)
_UNLIMITED = 2**24 - 1  # pixels: Qt's own word for no limit is not there in Python


class DrawingPage(Page):
    """The tools above, the pictures in the middle, what
    their colours mean and the transport below."""

    called, kept_as = "Pictures", ".png"
    open_text, open_key, open_icon = "Open &picture…", "Ctrl+I", "picture"
    use_text = "Use it as a picture"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.drawing = Drawing(session, self)
        self.stage, self.transport, self.legend = Stage(), Transport(), Legend()
        self.branching = Branching(self.drawing, self)
        self.tools = Tools(self.drawing, self.stage, self.branching)
        self.chosen = ChosenBar(self.drawing, self.stage)
        self.insight = InsightBar(self.stage)
        InsightOnStage(session, self.stage, self.insight, self.legend)
        self.peeking = Peeking(self.stage, self.insight, self)
        self.files = PictureFiles(session, self)
        self._pasting = Pasting(self.files.open, self.scene_pasted.emit, self.message.emit)
        tip = "Complete a picture from the clipboard"
        self.paste = action(self, "Paste picture", self._pasting.paste, "Ctrl+V", tip=tip)
        self.completion = AutoCompletion(self.drawing, self)
        self.staging = Staging(self.drawing, self)
        self.masking = Masking(self.drawing, self.stage, self)
        self.erase = action(self, "Open a picture and erase a part…", self._ask_to_erase)
        tip = "Keep what you see now as a branch"
        self.branch_here = action(
            self, "Branch here", self.branching.branch_here, "Ctrl+B", "branch", tip
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.codes = CodePane(self.drawing, self.stage)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self.stage, 1)
        beside.addWidget(self.codes)
        column.addWidget(self.tools)
        column.addLayout(beside, 1)
        column.addWidget(self.insight)
        column.addWidget(self.staging)
        column.addWidget(_Below(self.legend, self.chosen))
        column.addWidget(self.transport)
        self._connect()
        RecalledPictures(self.drawing, self.stage, self.transport)  # hears after the stage

    def _connect(self) -> None:
        session, drawing, transport = self._session, self.drawing, self.transport
        session.model_changed.connect(self._model_changed)
        drawing.message.connect(self.message)
        drawing.offered.connect(self.offered)
        self.stage.message.connect(self.message)
        session.painting_changed.connect(self._show_painting)
        drawing.snapshot.connect(self.stage.show_snapshot)
        drawing.reading.connect(transport.show_snapshot)
        drawing.reading.connect(self.legend.show_snapshot)
        drawing.reading.connect(lambda snapshot: self._tell_of_patches())
        transport.toggled.connect(drawing.toggle)
        transport.stepped.connect(drawing.step)
        transport.finished.connect(drawing.finish)
        transport.restarted.connect(drawing.restart)
        transport.sought.connect(drawing.seek)
        transport.speed_chosen.connect(drawing.set_speed)
        transport.decoder_chosen.connect(drawing.decode)
        session.options_changed.connect(self._show_decoder)
        self.stage.overlay_changed.connect(self.legend.show_overlay)
        self.stage.chosen.connect(self._choose)
        self.chosen.save_wanted.connect(self._ask_to_save_one)
        self.chosen.change_wanted.connect(self.tools.change_pixel)
        self.branching.message.connect(self.message)
        self.branching.offered.connect(self.offered)
        self.tools.picture_wanted.connect(self.ask_to_open)
        self.files.message.connect(self.message)
        self.files.offered.connect(self.offered)
        self.files.done.connect(self.done)
        self.files.saved.connect(self.saved)
        self.files.taken.connect(self.wanted)
        self.tools.stroked.connect(self.completion.stroke)
        self.masking.masked.connect(self.completion.stroke)
        self.masking.message.connect(self.message)
        self.masking.done.connect(self.done)
        self.staging.message.connect(self.message)
        self.staging.failed.connect(self.failed)
        switch = self.completion.switch
        transport.set_switch(switch)
        switch.toggled.connect(self._let_strokes_go_on)
        self._let_strokes_go_on(switch.isChecked())

    def _show_painting(self) -> None:
        self.stage.show_painting(self._session.painting)
        self._tell_of_patches()

    def _tell_of_patches(self) -> None:
        self.legend.show_partly(self.stage.partly_given)

    def _let_strokes_go_on(self, completes: bool) -> None:
        self.stage.yields = completes

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.completion.rest()

    def _choose(self, choice: Choice) -> None:
        self.drawing.choose(choice.picture, choice.large)

    def _model_changed(self) -> None:
        self.stage.hint = tr(_HINT) if self._session.generates else ""
        for part in (self.stage, self.transport, self.legend):
            part.show_snapshot(None)
        self._show_decoder()

    def _show_decoder(self) -> None:
        session = self._session
        if session.model is not None and len(session.model.spec.space) == 2:
            asked = replace(session.options, decode=PARALLEL)
            refusal = refusal_to_decode(asked, session.model)
            quickly = session.model.device.type == SLOW_BY_SITE
            captured = session.options.decode == GRAPH or (
                quickly and GRAPH in decoders_for(session.model)
            )
            self.transport.show_decoder(session.options, refusal, captured)

    def toggle(self) -> None:
        self.drawing.toggle()

    def step(self, count: int) -> None:
        self.drawing.step(count)

    def finish(self) -> None:
        self.drawing.finish()

    def restart(self) -> None:
        self.drawing.restart()

    @property
    def keys_for(self) -> QWidget:
        return self.stage

    @property
    def bars(self) -> list[QWidget]:
        return [self.tools, self.insight, self.staging, self.chosen, self.transport]

    @property
    def seen(self) -> QWidget:
        return self.stage

    def looked_at(self) -> list[QRect]:
        corner = self.stage.mapTo(self, QPoint())
        return [rect.translated(corner) for rect in self.stage.looked_at]

    @property
    def edits(self) -> list[QAction]:
        tools = self.tools
        return [tools.undo, tools.redo, tools.clear_all, tools.background, tools.keep, self.paste]

    @property
    def kept(self) -> dict[str, int]:
        painting = self._session.painting
        return {"strokes to undo": 0 if painting is None else painting.kept}

    def takes(self, suffix: str) -> bool:
        return suffix in SUFFIXES

    def open_file(self, path: Path) -> None:
        self.files.open(path)

    def ask_to_open(self) -> None:
        if (path := file_dialogs.ask_open_picture(self)) is not None:
            self.files.open(path)

    def _ask_to_save_one(self, picture: int) -> None:
        snapshot = self.drawing.latest
        if snapshot is None:
            return
        name = f"{self._name_of(snapshot)}-picture-{picture + 1}"
        save = self.files.saver(snapshot, picture)
        if (path := file_dialogs.ask_save_pictures(self, name)) is not None:
            save(path)

    def _ask_to_erase(self) -> None:
        """A picture from a file, and the eraser in hand."""
        if (path := file_dialogs.ask_open_picture(self)) is not None:
            self.files.open(path, self.tools.eraser.trigger)

    @property
    def masks(self) -> list[QAction | None]:
        """What a menu has of masks, None for a line between."""
        return [self.erase, None, *self.masking.actions]

    def ask_to_save(self) -> None:
        snapshot = self.drawing.latest
        if snapshot is None or self.why_not_save:
            self.message.emit(self.why_not_save)
            return
        save = self.files.saver(snapshot)
        if (path := file_dialogs.ask_save_pictures(self, self._name_of(snapshot))) is not None:
            save(path)

    def keep_as(self, path: Path) -> None:
        if (snapshot := self.drawing.latest) is not None:
            self.files.saver(snapshot)(path)

    @property
    def why_not_save(self) -> str:
        snapshot = self.drawing.latest
        drawn = snapshot is not None and (snapshot.position > 0 or bool(snapshot.captions))
        return "" if drawn else "Nothing is drawn yet: press Play first."

    def _name_of(self, snapshot: Snapshot) -> str:
        """After the model and the seed."""
        return f"{self._session.title}-{snapshot.options.seed}"


class _Below(QWidget):
    """The legend and what can be done with the chosen picture, in one line. Where there is not room
    for both, the words of the latter go first."""

    def __init__(self, legend: Legend, chosen: ChosenBar) -> None:
        super().__init__()
        self._legend, self._chosen = legend, chosen
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.addWidget(legend, 1)
        row.addWidget(chosen)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())  # it must not make the window wider

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._share()
        return super().event(event)

    def _share(self) -> None:
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self._row.spacing()
        chosen, legend = self._chosen, self._legend.sizeHint().width()
        worded = chosen.sizeHint().width() + legend <= room
        most = _UNLIMITED if worded else chosen.minimumSizeHint().width()
        if chosen.maximumWidth() != most:
            chosen.setMaximumWidth(most)
