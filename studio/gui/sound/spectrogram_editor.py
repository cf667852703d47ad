"""The painted spectrogram of a vocoder: tools, canvas and ruler, and its files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.engine.editing.spectrogram_painting import Frames, Span, SpectrogramPainting
from studio.engine.media.mel import MelSpec
from studio.engine.runtime.errors import StudioError
from studio.gui.sound.spectrogram_canvas import SpectrogramCanvas
from studio.gui.sound.spectrogram_tools import SpectrogramTools
from studio.gui.sound.time_ruler import TimeRuler
from studio.gui.sound.timeline import MARGIN, Timeline
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.controls import action

_SECONDS = 3.0  # of silence, where nothing has been painted


class SpectrogramEditor(QWidget):
    """Paints what a vocoder is given. It lies along a `Timeline`,
    the one that the views of the sound share.

    The page calls
        show_model(spec)        the frames that condition the model, None for a model without;
                                begins with silence, or keeps what is painted where the frames are
                                of the same kind
        set_frames(frames)      take others, float (frames, mels) in 0..1, as `log_mel` makes of a
                                recording; can be undone
        saver()(path)           to an array or a picture
    and on the timeline set_playhead. It reads `frames`, or None, and hears
        changed(frame)          the painting is another from that frame on, whoever did it: once a
                                stroke, when the button is let go; not for show_model. What was made
                                of earlier frames can stay, but for the few that the model looks
                                ahead.
        failed(sentence)        a file could not be written
        timeline.sought(sample) play from there: a click on the ruler
    `tools` has the actions (undo, redo, copy, paste ...) for a menu. Its keys hold in the whole
    window while it can be seen: B, E, M, S, [, ], Ctrl+Z, Ctrl+Shift+Z, Ctrl+Backspace, Ins,
    Ctrl+Del, Del, Ctrl+A, Ctrl+C, Ctrl+V. Arrows move a selected region where the canvas has the
    focus, and with Shift make its time longer or shorter.
    """

    changed = Signal(int)
    failed = Signal(str)

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec: MelSpec | None = None
        self.timeline = timeline
        self.canvas = SpectrogramCanvas(timeline)
        self.ruler = TimeRuler(timeline)
        self.tools = SpectrogramTools(self.canvas)
        self.tools.addSeparator()
        tip = "Save the painted spectrogram as a picture or an array of levels"
        self.keep = action(self.tools, "Save the spectrogram…", self._ask_save, None, "save", tip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.ruler)
        self.tools.edited.connect(self._edited)

    @property
    def frames(self) -> Frames | None:
        """A copy of what is painted, float32 (frames, mels); None where the model takes none."""
        painting = self.canvas.painting
        return None if painting is None else painting.frames.copy()

    def show_model(self, spec: MelSpec | None) -> None:
        """How the frames for the model are made, None for a model that takes none."""
        if spec == self._spec:
            return
        self.tools.finish()
        self._spec = spec
        painting = None
        if spec is not None:
            self.tools.second = round(spec.rate / spec.hop)
            painting = SpectrogramPainting(
                np.zeros((round(_SECONDS * self.tools.second), spec.mels), np.float32)
            )
        self.canvas.show_painting(painting, spec or MelSpec())
        self._show_all()
        self.tools.refresh()

    def set_frames(self, frames: Frames) -> None:
        """Take others, (frames, mels) in 0..1; ValueError where they do not fit the model."""
        painting = self.canvas.painting
        if painting is None:
            raise ValueError("the model takes no spectrogram")
        length = painting.length
        self.tools.edit(lambda painting: painting.replace(frames))
        if painting.length != length:
            self._show_all()

    def saver(self) -> Callable[[Path], None]:
        """What writes to a path what is painted now; `failed` says where it cannot be written. To
        be asked for before the person is asked where: another model may be in use by then."""
        spec, frames = self._spec, self.frames

        def save(path: Path) -> None:
            from studio.engine.audio.spectrogram_files import (
                write_spectrogram,  # brings libraries for sound: when they are wanted
            )

            if spec is None or frames is None:
                return
            about = {"rate": spec.rate, "hop": spec.hop, "mels": spec.mels}
            try:
                write_spectrogram(path, frames, about)
            except StudioError as error:
                self.failed.emit(str(error))

        return save

    def _ask_save(self) -> None:
        save = self.saver()
        if (path := file_dialogs.ask_save_spectrogram(self)) is not None:
            save(path)

    def _edited(self, span: Span) -> None:
        self.changed.emit(span.start)

    def _show_all(self) -> None:
        self.timeline.show(0, max(1, self.timeline.extent) * MARGIN)
