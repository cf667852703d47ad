"""The main window: library left, stage and transport in the middle, inspector right, training and
log at the bottom."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QProgressBar,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.engine.checkpoints.cards import shipped
from studio.engine.editing.painting import Painting
from studio.engine.runtime.jobs import stop_all
from studio.gui.inspector.inspector import Inspector
from studio.gui.library.library import Library
from studio.gui.picture.stage import Stage
from studio.gui.picture.tools import Tools
from studio.gui.picture.transport import Transport
from studio.gui.session import Session
from studio.gui.shell import picture_files, sound_files
from studio.gui.shell.log_panel import LogPanel
from studio.gui.shell.menus import make_menus
from studio.gui.shell.start_page import StartPage
from studio.gui.sound.sound_page import SoundPage
from studio.gui.sound.spectrogram_view import MAP
from studio.gui.training.dock import TrainingDock
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.colour_maps import colour_map
from studio.gui.widgets.failure_dialog import FailureDialog
from studio.gui.widgets.legend import Legend
from studio.gui.widgets.message_bar import MessageBar
from studio.gui.widgets.overlays import overlays

CLOSING_SECONDS = 3.0  # how long the window waits for its threads before it lets go of them
_TRANSPORT = 58  # pixels that messages leave free under them: then they lie over the legend
_DEMO_SPEED = 120.0  # pixels a second: a digit in about six seconds
_VOICE = "wavenet"  # the shipped model that is heard
_FINISHER = "gated-pixelcnn-map"  # is told all that is painted, wherever it lies


class MainWindow(QMainWindow):
    """Puts the parts together; what they do is theirs. `checkpoint`: what to open first, None for
    the usual model."""

    def __init__(self, checkpoint: Path | str | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Autoregressive Studio")
        self.resize(1440, 920)
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(True)
        self._checkpoint = checkpoint
        self._begun = self._prepared = False
        self.session = Session(self)
        self.stage = Stage()
        self.tools = Tools(self.session, self.stage)
        self.transport = Transport()
        self.legend = Legend()
        self.messages = MessageBar()
        self.start_page = StartPage()
        self.sound_page = SoundPage(self.session)
        self.pages = QStackedWidget()
        self.library = Library()
        self.inspector = Inspector(self.session, self.stage)
        self.sound_page.addActions(
            self.inspector.class_keys
        )  # a key works where a widget that has it is seen
        self.training = TrainingDock()
        self.log = LogPanel()
        self._put_together()
        self._connect()
        make_menus(self)
        self._log_handler = self.log.handler()
        for package in ("studio", "models"):
            logging.getLogger(package).addHandler(self._log_handler)
        self._restore()

    # ---- building --------------------------------------------------------------------------------

    def _put_together(self) -> None:
        self.drawing_page = QWidget()
        column = QVBoxLayout(self.drawing_page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in (
            (self.tools, 0),
            (self.stage, 1),
            (self.legend, 0),
            (self.transport, 0),
        ):
            column.addWidget(widget, stretch)
        for page in (self.start_page, self.drawing_page, self.sound_page):
            self.pages.addWidget(page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        self.messages.lie_over(centre, _TRANSPORT)
        self.setCentralWidget(centre)
        self.docks = {
            "Library": self.add_dock("Library", self.library, Qt.DockWidgetArea.LeftDockWidgetArea),
            "Inspector": self.add_dock(
                "Inspector", _scrolled(self.inspector), Qt.DockWidgetArea.RightDockWidgetArea
            ),
            "Training": self.add_dock(
                "Training", self.training, Qt.DockWidgetArea.BottomDockWidgetArea
            ),
            "Log": self.add_dock("Log", self.log, Qt.DockWidgetArea.BottomDockWidgetArea),
        }
        self.tabifyDockWidget(self.docks["Training"], self.docks["Log"])
        self.docks["Training"].raise_()
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.busy_bar = QProgressBar(maximum=0, textVisible=False)
        self.busy_bar.setFixedSize(120, 12)
        self.busy_bar.hide()
        self.busy_text = QLabel()
        self.place = QLabel()
        self.statusBar().addWidget(self.busy_bar)
        self.statusBar().addWidget(self.busy_text)
        self.statusBar().addPermanentWidget(self.place)

    def add_dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        """A dock that can be moved, closed and restored; its object name is what the saved layout
        goes by."""
        dock = QDockWidget(title, self)
        dock.setObjectName(title.lower())
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        session, transport = self.session, self.transport
        session.snapshot.connect(self.stage.show_snapshot)
        session.reading.connect(transport.show_snapshot)
        session.reading.connect(self.legend.show_snapshot)
        session.painting_changed.connect(lambda: self.stage.show_painting(session.painting))
        session.model_changed.connect(self._model_changed)
        session.failed.connect(self.show_failure)
        session.busy.connect(self._show_busy)
        transport.toggled.connect(session.toggle)
        transport.stepped.connect(session.step)
        transport.finished.connect(session.finish)
        transport.restarted.connect(session.restart)
        transport.sought.connect(session.seek)
        transport.speed_chosen.connect(session.set_speed)
        self.stage.hovered.connect(self._show_place)
        self.stage.overlay_changed.connect(self.legend.show_overlay)
        self.tools.picture_wanted.connect(self.open_picture)
        self.library.checkpoint_chosen.connect(self.load)
        self.library.train_requested.connect(self.show_training)
        self.library.failed.connect(lambda sentence: self.show_failure(sentence, ""))
        self.training.checkpoint_chosen.connect(self.load)
        self.training.message.connect(lambda text: self.messages.show_message(text, "info"))
        self.training.failed.connect(self.show_failure)
        self.training.ended.connect(self.library.refresh)
        sound = self.sound_page
        sound.failed.connect(lambda sentence: self.show_failure(sentence, ""))
        sound.message.connect(lambda text: self.messages.show_message(text, "info"))
        make_first = ("Make it first", sound.make_first)
        sound.slow.connect(lambda text: self.messages.show_message(text, "info", make_first))
        sound.open_wanted.connect(self.open_recording)
        sound.example_wanted.connect(lambda: sound_files.take_held_out(self))
        sound.save_wanted.connect(self.save_sound)
        sound.recorder.recorded.connect(lambda samples: sound_files.take_samples(self, samples))
        page = self.start_page
        page.watch_requested.connect(self.watch)
        page.finish_requested.connect(self.finish_my_digit)
        page.hear_requested.connect(self.hear)
        page.train_requested.connect(self.show_training)
        page.open_requested.connect(self.open_checkpoint)

    # ---- models ----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._begun:  # the window is there: now the slow things
            self._begun = True
            QTimer.singleShot(0, self._begin)

    def _begin(self) -> None:
        if not self.isVisible():
            return  # it was closed as soon as it was there
        self.start_page.set_sound_available(_VOICE in shipped())
        self.session.begin(self._checkpoint)
        self.library.refresh()

    def load(self, checkpoint: Path | str) -> None:
        """Load a checkpoint and show the stage."""
        self.session.load(checkpoint, then=self.show_stage)

    def _model_changed(self) -> None:
        for part in (self.stage, self.transport, self.legend):
            part.show_snapshot(None)
        if self.session.checkpoint is not None:
            self.library.set_current(self.session.checkpoint)
            self.setWindowTitle(f"{self.session.title} – Autoregressive Studio")
        if (
            not self._prepared
        ):  # so that nobody waits for the colours of the first overlay or spectrogram
            self._prepared = True
            self.session.work(
                "Getting ready…",
                lambda job: [
                    colour_map(name)
                    for name in (*(overlay.colours for overlay in overlays().values()), MAP)
                ],
                lambda _: None,
            )
        if self.pages.currentWidget() is not self.start_page:
            self.show_stage()

    def _ready(self, do: Callable[[], None]) -> None:
        """Do it now, or as soon as there is a model that can draw: the usual one comes in the place
        of one that cannot."""
        if self.session.model is None:
            self.session.when_loaded(lambda: self._ready(do))
        elif self.session.reconstructs or self.session.sounds:
            self.session.begin(then=do)
        else:
            do()

    def show_stage(self) -> None:
        """The stage for what the model makes: pictures, or sound."""
        if self.session.sounds:
            self.pages.setCurrentWidget(self.sound_page)
            self.sound_page.waveform.setFocus()
        else:
            self.pages.setCurrentWidget(self.drawing_page)
            self.stage.setFocus()

    # ---- playing, whatever it is -----------------------------------------------------------------

    def toggle(self) -> None:
        (self.sound_page if self.session.sounds else self.session).toggle()

    def finish(self) -> None:
        if self.session.sounds:
            self.sound_page.make_or_stop()
        else:
            self.session.finish()

    def restart(self) -> None:
        (self.sound_page if self.session.sounds else self.session).restart()

    # ---- demonstrations --------------------------------------------------------------------------

    def watch(self) -> None:
        """Draw a digit, slowly enough to watch."""

        def begin() -> None:
            self.show_stage()
            self.session.change(count=1)
            self.session.edit(Painting.clear)
            self.transport.choose_speed(_DEMO_SPEED)
            self.session.restart()
            self.session.play()

        self._ready(begin)

    def finish_my_digit(self) -> None:
        """An empty picture to paint on, and a model that sees all of the painting: the one in use,
        or the shipped one."""

        def begin() -> None:
            self.show_stage()
            self.session.change(count=4)
            self.session.edit(Painting.clear)
            self.session.restart()
            self.messages.show_message(
                "Paint some strokes of a digit, wherever you like, then press play: the model makes"
                " a digit of them.",
                "info",
            )

        model = self.session.model
        if model is not None and model.sees_all_given:
            begin()
        else:
            self.session.load(_FINISHER, then=begin)

    def hear(self) -> None:
        """The shipped voice, speaking at once."""

        def begin() -> None:
            self.show_stage()
            self.session.change(
                count=1, temperature=1.0, top_k=0, top_p=1.0
            )  # whatever was set for pictures
            self.sound_page.play_from(0)

        self.session.load(_VOICE, then=begin)

    def show_training(self) -> None:
        dock = self.docks["Training"]
        dock.show()
        dock.raise_()
        self.training.start_form(
            self.session.model.name if self.session.model is not None else None
        )

    # ---- files -----------------------------------------------------------------------------------

    def open_checkpoint(self) -> None:
        if (path := file_dialogs.ask_open_checkpoint(self)) is not None:
            self.open_file(path)

    def save_checkpoint(self) -> None:
        if self.session.model is None:
            self.messages.show_message("There is no model to save yet.", "info")
        elif (path := file_dialogs.ask_save_checkpoint(self, self.session.model.name)) is not None:
            picture_files.save_checkpoint(self, path)

    def open_picture(self) -> None:
        if (path := file_dialogs.ask_open_picture(self)) is not None:
            picture_files.take_picture(self, path)

    def save_made(self) -> None:
        """Pictures, or sound."""
        if self.session.sounds:
            self.save_sound()
        else:
            self.save_pictures()

    def open_recording(self) -> None:
        ask = file_dialogs.ask_open_spectrogram if self._told else file_dialogs.ask_open_recording
        if (path := ask(self)) is not None:
            sound_files.take_file(self, path)

    @property
    def _told(self) -> bool:
        """Whether the model is a vocoder, and takes pictures for spectrograms."""
        return self.session.sounds and self.sound_page.told

    def save_sound(self) -> None:
        latest = self.session.latest_sound
        if latest is None or not latest.position:
            self.messages.show_message("There is no sound to save yet: press play first.", "info")
        elif (
            path := file_dialogs.ask_save_sound(self, f"sound-{latest.options.seed}")
        ) is not None:
            sound_files.save_sound(self, path)

    def save_pictures(self) -> None:
        if self.session.latest is None:
            self.messages.show_message("There is nothing to save yet: press play first.", "info")
        elif (path := file_dialogs.ask_save_pictures(self)) is not None:
            picture_files.save_pictures(self, path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.open_file(Path(event.mimeData().urls()[0].toLocalFile()))

    def open_file(self, path: Path) -> None:
        """A file of any kind: a picture or sound for the model, or another model."""
        suffix = path.suffix.lower()
        if suffix in sound_files.SOUNDS or (
            self._told and suffix in picture_files.PICTURES | {".npy"}
        ):
            sound_files.take_file(self, path)
        elif suffix in picture_files.PICTURES:
            picture_files.take_picture(self, path)
        elif suffix in sound_files.OTHER_SOUNDS:
            self.messages.show_message(
                f"WAV, FLAC and OGG files are read, not {suffix[1:].upper()}.", "info"
            )
        else:
            self.load(path)

    # ---- news ------------------------------------------------------------------------------------

    def show_failure(self, sentence: str, details: str) -> None:
        """One sentence in the bar; where there is a traceback, a dialog that can copy it."""
        self.log.add(details or sentence, "error")
        if details:
            FailureDialog(self, sentence, details).open()
        else:
            self.messages.show_message(sentence, "error")

    def _show_busy(self, what: str) -> None:
        self.busy_bar.setVisible(bool(what))
        self.busy_text.setText(what)
        if what:
            self.log.add(what)

    def _show_place(self, row: int, column: int) -> None:
        self.place.setText("" if row < 0 else f"row {row}, column {column}")

    # ---- the window itself -----------------------------------------------------------------------

    def _restore(self) -> None:
        options = QSettings()
        geometry, state = options.value("geometry"), options.value("state")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if state is not None:
            self.restoreState(state)
        else:
            self.resizeDocks(
                [self.docks["Library"], self.docks["Inspector"]],
                [324, 290],
                Qt.Orientation.Horizontal,
            )
            self.resizeDocks([self.docks["Training"]], [260], Qt.Orientation.Vertical)
            self.docks["Training"].hide()  # until they are wanted, the stage has the room
            self.docks["Log"].hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        options = QSettings()
        options.setValue("geometry", self.saveGeometry())
        options.setValue("state", self.saveState())
        for package in ("studio", "models"):
            logging.getLogger(package).removeHandler(self._log_handler)
        self.hide()  # it shows at once; what still runs is given its time out of sight
        self.library.close_down()
        jobs = self.training.jobs()
        for job in jobs:
            job.cancel()
        self.session.shut_down(CLOSING_SECONDS)
        stop_all(jobs, CLOSING_SECONDS)
        self.training.close_down()
        super().closeEvent(event)


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea(widgetResizable=True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(widget)
    bar = area.verticalScrollBar().sizeHint().width()
    area.setMinimumWidth(widget.minimumSizeHint().width() + bar)
    return area
