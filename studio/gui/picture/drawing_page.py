"""The stage of pictures: they are drawn, and seen to come about, pixel by pixel; or given back,
where the model does that."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.engine.media.pictures import SUFFIXES
from studio.gui.page import Page
from studio.gui.picture.drawing import Drawing
from studio.gui.picture.picture_files import PictureFiles
from studio.gui.picture.stage import Stage
from studio.gui.picture.tools import Tools
from studio.gui.picture.transport import Transport
from studio.gui.session import Session
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.legend import Legend


class DrawingPage(Page):
    """The tools above, the pictures in the middle, what
    their colours mean and the transport below."""

    open_text, open_key, open_icon = "Open &picture…", "Ctrl+I", "picture"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.drawing = Drawing(session, self)
        self.stage, self.transport, self.legend = Stage(), Transport(), Legend()
        self.tools = Tools(self.drawing, self.stage)
        self.files = PictureFiles(session, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in (
            (self.tools, 0),
            (self.stage, 1),
            (self.legend, 0),
            (self.transport, 0),
        ):
            column.addWidget(widget, stretch)
        self.setFocusProxy(self.stage)
        self._connect()

    def _connect(self) -> None:
        session, drawing, transport = self._session, self.drawing, self.transport
        session.model_changed.connect(self._model_changed)
        session.painting_changed.connect(lambda: self.stage.show_painting(session.painting))
        drawing.snapshot.connect(self.stage.show_snapshot)
        drawing.reading.connect(transport.show_snapshot)
        drawing.reading.connect(self.legend.show_snapshot)
        transport.toggled.connect(drawing.toggle)
        transport.stepped.connect(drawing.step)
        transport.finished.connect(drawing.finish)
        transport.restarted.connect(drawing.restart)
        transport.sought.connect(drawing.seek)
        transport.speed_chosen.connect(drawing.set_speed)
        self.stage.overlay_changed.connect(self.legend.show_overlay)
        self.tools.picture_wanted.connect(self.ask_to_open)
        self.files.message.connect(self.message)
        self.files.done.connect(self.done)
        self.files.taken.connect(self.wanted)

    def _model_changed(self) -> None:
        for part in (self.stage, self.transport, self.legend):
            part.show_snapshot(None)

    def toggle(self) -> None:
        self.drawing.toggle()

    def step(self, count: int) -> None:
        self.drawing.step(count)

    def finish(self) -> None:
        self.drawing.finish()

    def restart(self) -> None:
        self.drawing.restart()

    def looked_at(self) -> list[QRect]:
        corner = self.stage.mapTo(self, QPoint())
        return [self.stage.picture_rect(i).translated(corner) for i in range(self.stage.count)]

    @property
    def edits(self) -> list[QAction]:
        tools = self.tools
        return [tools.undo, tools.redo, tools.clear_all, tools.background, tools.keep]

    def takes(self, suffix: str) -> bool:
        return suffix in SUFFIXES

    def open_file(self, path: Path) -> None:
        self.files.open(path)

    def ask_to_open(self) -> None:
        if (path := file_dialogs.ask_open_picture(self)) is not None:
            self.files.open(path)

    def ask_to_save(self) -> None:
        snapshot = self.drawing.latest
        if snapshot is None:
            self.message.emit("There is nothing to save yet: press play first.")
        elif (path := file_dialogs.ask_save_pictures(self)) is not None:
            self.files.save(snapshot, path)
