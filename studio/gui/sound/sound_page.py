"""The stage of sound: what the model makes is heard, and seen to grow as waveform and spectrogram,
take above take.

What is heard is for `Playback`; the page shows what there is, and gives the model what it goes on
from. QtMultimedia is imported when something is first to be heard or recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from studio.engine.audio.listening import SoundSnapshot
from studio.engine.editing.beginnings import Beginning, Beginnings
from studio.engine.editing.gap import Gap
from studio.engine.scenes.kept_session import alike
from studio.engine.scenes.scene import Scene, Sound
from studio.gui.audio.sound_output import SoundOutput
from studio.gui.page import Page
from studio.gui.session import Session
from studio.gui.sound import best_of
from studio.gui.sound.counting import Counting
from studio.gui.sound.gap_filler import GapFiller
from studio.gui.sound.playback import Playback
from studio.gui.sound.recorder import Recorder
from studio.gui.sound.sound_files import (
    SPECTROGRAMS,
    Given,
    SoundFiles,
    is_sound,
    is_vocoder,
    not_read,
)
from studio.gui.sound.sound_legend import SoundLegend
from studio.gui.sound.sound_tools import SoundTools
from studio.gui.sound.sound_transport import SoundTransport
from studio.gui.sound.spectrogram_editor import SpectrogramEditor
from studio.gui.sound.spectrogram_view import SpectrogramView
from studio.gui.sound.time_ruler import TimeRuler
from studio.gui.sound.timeline import MARGIN, Timeline
from studio.gui.sound.waveform_view import WaveformView
from studio.gui.widgets import file_dialogs

if TYPE_CHECKING:
    from models.interface import AudioModel

_AT_ONCE = 2**19  # samples of all takes that are shown at once: some hundredths of a second
_VOCODER_SIZES = [100, 120, 320]  # pixels, in proportion: what is painted needs most room
_HEARD_BEFORE = 0.5  # seconds before a gap that was filled: from there on it is heard
_OTHER_FRAMES = "The spectrogram of the scene is for a model with other frames."
_SEEN_SECONDS = 60.0  # at first, of a sound that is longer


class SoundPage(Page):
    """vocoder: whether the model is one, for which a spectrogram is painted."""

    called, kept_as = "Sound", ".wav"
    open_text, open_key, open_icon = "Open &recording…", "Ctrl+R", "sound"
    use_text = "Use it as a recording"
    steps = False

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._version = self._length = -1  # of the sound that is shown, and how long it is to be
        self.vocoder = False
        self._beginnings = Beginnings()
        self._heard_next: int | None = None  # from there, when what was given is there
        self.timeline = Timeline(self)
        self.editor, self.ruler = SpectrogramEditor(self.timeline), TimeRuler(self.timeline)
        self.waveform = WaveformView(self.timeline)
        self.spectrogram = SpectrogramView(self.timeline)
        self.tools, self.transport = SoundTools(), SoundTransport()
        self.legend = SoundLegend(self.timeline)
        self.output, self.recorder = SoundOutput(self), Recorder(session, self.tools, self)
        self.playback = Playback(session, self.timeline, self.output, self.transport, self)
        self.files, self.filler = SoundFiles(session, self), GapFiller(session, self)
        self.best = best_of.BestOf(session, self._given, self)
        self.playback.first = self.best.before
        self.counting = Counting(
            session, self.playback, self.waveform, self.editor, self.legend, self.transport.counts
        )
        views = self._views = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        views.addWidget(self.waveform)
        views.addWidget(self.spectrogram)
        views.addWidget(self.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in (
            (self.tools, 0),
            (views, 1),
            (self.ruler, 0),
            (self.legend, 0),
            (self.transport, 0),
        ):
            column.addWidget(widget, stretch)
        self._catching_up = QTimer(self, interval=0, singleShot=True)
        self._catching_up.timeout.connect(self._catch_up)
        self._take_wanted: int | None = None  # of a scene, when its takes are there
        self._connect()
        self._take_part()
        if session.model is not None:  # it is made when it is first needed
            self._model_changed()

    def _connect(self) -> None:
        session, timeline, tools, files = self._session, self.timeline, self.tools, self.files
        session.model_changed.connect(self._model_changed)
        session.snapshot.connect(self._show)
        session.reading.connect(self._show_reading)
        for view in (self.waveform, self.spectrogram, self.editor.canvas):
            view.pointed.connect(self.legend.readout.setText)
        self.output.moved.connect(self.message)
        self.transport.followed.connect(timeline.follow)
        self.transport.all_wanted.connect(timeline.show_all)
        timeline.following_changed.connect(self.transport.follow.setChecked)
        tools.kept.connect(self.keep)
        tools.forgotten.connect(self.forget)
        tools.undone.connect(self._beginnings.undo)
        tools.redone.connect(self._beginnings.redo)
        for way in (tools.undone, tools.redone):
            way.connect(self._take_up)
        tools.filled.connect(self.fill)
        tools.stopped.connect(self.filler.stop)
        timeline.selection_changed.connect(
            lambda: tools.show_selection(timeline.selection is not None)
        )
        self.filler.filling.connect(tools.show_filling)
        self.filler.filled.connect(self._take_filling)
        tools.opened.connect(self.ask_to_open)
        tools.tried.connect(files.open_held_out)
        tools.saved.connect(self.ask_to_save)
        files.given.connect(self._give)
        files.done.connect(self.done)
        files.saved.connect(self.saved)
        self.editor.changed.connect(self._give_spectrogram)
        self.transport.best_chosen.connect(self.best.choose)
        self.best.trying.connect(self.transport.show_trying)
        self.recorder.began.connect(self.output.stop)
        self.recorder.recorded.connect(files.take_samples)
        self.playback.slow.connect(self._offer_to_make)
        for part in (self.recorder, files, self.filler, self.best):
            part.message.connect(self.message)
        for failing in (self.editor, self.recorder, self.playback):
            failing.failed.connect(self.failed)

    def _take_part(self) -> None:
        scenes = self._session.scenes
        scenes.take_sound(self._scene_now, self._show_scene)
        scenes.shown.connect(lambda scene: self.best.accept())
        scenes.shown.connect(self._make_again)
        for signal in (
            self.timeline.take_changed,
            self.transport.seconds_chosen,
            self.editor.changed,
        ):
            signal.connect(scenes.changed)

    def _scene_now(self) -> Sound:
        beginning, rate, filled = self._beginnings.now
        return Sound(
            beginning=beginning,
            rate=rate,
            filled=filled,
            spectrogram=self.editor.frames if self.vocoder else None,
            seconds=self.transport.seconds.value(),
            take=self.timeline.take,
        )

    def _show_scene(self, sound: Sound) -> None:
        """Every part that the model takes."""
        self._take_wanted = sound.take
        if sound.seconds:
            self.transport.seconds.setValue(sound.seconds)
        if self.vocoder:
            painted = self.editor.frames
            if sound.spectrogram is not None and painted is not None:
                if sound.spectrogram.shape[1:] == painted.shape[1:]:
                    self.editor.set_frames(np.clip(sound.spectrogram, 0, 1))
                else:
                    self.message.emit(_OTHER_FRAMES)
        else:
            self._beginnings.put(sound.beginning, sound.rate, sound.filled)
            self._take_up()

    def _make_again(self, scene: Scene) -> None:
        """All that was made."""
        if scene.sound is None or scene.position is None or self.playback.player is None:
            return
        rate = self.playback.player.rate
        # as the model is given it
        beginning = None if self.vocoder else self._beginnings.codes(rate)
        start = 0 if beginning is None else beginning.shape[-1]
        if self.vocoder or scene.position - start >= round(scene.sound.seconds * rate):
            self.playback.make()

    def _offer_to_make(self, sentence: str) -> None:
        self.offered.emit(sentence, "Generate it first", self.playback.make_first)

    # ---- what the window asks of a page ----------------------------------------------------------

    @property
    def keys_for(self) -> QWidget:
        return self.waveform

    @property
    def bars(self) -> list[QWidget]:
        return [self.tools, self.transport]

    def toggle(self) -> None:
        self.playback.toggle()

    def finish(self) -> None:
        """Make all of it; while that is done without its being heard, stop."""
        self.transport.make.click()

    def restart(self) -> None:
        self.playback.restart()

    @property
    def seen(self) -> QWidget:
        return self._views

    def looked_at(self) -> list[QRect]:
        return [self._views.geometry(), self.ruler.geometry()]

    @property
    def edits(self) -> list[QAction]:
        return self.editor.tools.edits if self.vocoder else self.tools.edits

    @property
    def kept(self) -> dict[str, int]:
        painting = self.editor.canvas.painting
        return {
            "sound": self.timeline.sound.kept,
            "beginnings to undo": self._beginnings.kept,
            "edits of the spectrogram to undo": 0 if painting is None else painting.kept,
        }

    def takes(self, suffix: str) -> bool:
        return is_sound(suffix) or (self.vocoder and suffix in SPECTROGRAMS)

    def cannot_read(self, suffix: str) -> str:
        return not_read(suffix)

    def open_file(self, path: Path) -> None:
        self.wanted.emit()
        self.files.open(path)

    def ask_to_open(self) -> None:
        ask = file_dialogs.ask_open_spectrogram if self.vocoder else file_dialogs.ask_open_recording
        if (path := ask(self)) is not None:
            self.open_file(path)

    def keep_as(self, path: Path) -> None:
        if (latest := self.playback.latest) is not None:
            self._saver(latest)(path)

    def _saver(self, latest: SoundSnapshot) -> Callable[[Path], object]:
        return self.files.saver(latest, self.timeline.take, self.timeline.filled)

    @property
    def why_not_save(self) -> str:
        latest = self.playback.latest
        made = latest is not None and latest.position
        return "" if made else "There is no sound to save yet: press Play first."

    def ask_to_save(self) -> None:
        latest = self.playback.latest
        if latest is None or self.why_not_save:
            self.message.emit(self.why_not_save)
            return
        save = self._saver(latest)
        if (path := file_dialogs.ask_save_sound(self, f"sound-{latest.options.seed}")) is not None:
            save(path)

    # ---- what the model is given -----------------------------------------------------------------

    def _give(self, given: Given) -> None:
        """What a file or the microphone brought: what is painted, or the beginning."""
        if self.vocoder:
            self.editor.set_frames(given)
        else:
            self.set_beginning(given)

    def keep(self) -> None:
        """The selected stretch of the take that is heard becomes the beginning, or else all of it
        up to the playhead."""
        player, timeline = self.playback.player, self.timeline
        if player is None:
            return
        start, stop = timeline.selection or (0, timeline.playhead or timeline.length)
        self.set_beginning(player.codes(start, stop)[timeline.take])

    def forget(self) -> None:
        """Begin in silence."""
        self.set_beginning(None)

    def set_beginning(self, codes: NDArray[np.uint8] | None, filled: tuple[Gap, ...] = ()) -> None:
        """Codes that the model goes on from, (n,) or (takes, n), None for silence; can be undone.

        filled: the gaps in them that a model has filled.
        """
        if (player := self.playback.player) is not None:
            self._beginnings.put(codes, player.rate, filled)
            self._take_up()

    @property
    def way_back(self) -> tuple[tuple[Beginning, ...], int]:
        """All that was gone on from, and which of it is."""
        return self._beginnings.history

    def take_up(self, history: tuple[Beginning, ...], at: int) -> None:
        """What `way_back` was once."""
        before = self._beginnings.now
        self._beginnings.take_up(history, at)
        if alike(before, self._beginnings.now):
            self.tools.show_way_back(self._beginnings.can_undo, self._beginnings.can_redo)
        else:
            self._take_up()

    def fill(self) -> None:
        """The selected stretch is a gap in what there is: let the model fill it."""
        player, timeline = self.playback.player, self.timeline
        if player is None or timeline.selection is None:
            return
        # what was made after a beginning counts where the gap lies in it
        kept = timeline.beginning
        codes = player.codes(0, kept if timeline.selection[1] <= kept else None)[timeline.take]
        self.filler.fill(codes, Gap(*timeline.selection))

    def _take_filling(self, codes: NDArray[np.uint8], gap: Gap) -> None:
        """Let the recording be heard with its gap filled, from a little before it."""
        others = self.timeline.filled
        apart = [each for each in others if each.end <= gap.begin or each.begin >= gap.end]
        self.set_beginning(codes, (*apart, gap))
        self._heard_next = max(0, gap.begin - round(_HEARD_BEFORE * self.timeline.rate))

    def _take_up(self) -> None:
        """Let the model go on from the present beginning."""
        self._session.scenes.changed.emit()
        self.tools.show_way_back(self._beginnings.can_undo, self._beginnings.can_redo)
        if (player := self.playback.player) is None:
            return
        codes = self._beginnings.codes(player.rate)
        self.best.forget()
        self.output.stop()
        self._heard_next = None
        self.timeline.unselect()
        self.timeline.set_playhead(0)
        self.playback.tell(lambda player: player.set_beginning(codes))

    def _given(self) -> best_of.Given:
        """What the model is given now, and how many samples it is to make of it."""
        rate = self.timeline.rate
        samples = round(self.transport.seconds.value() * rate)
        if self.vocoder:
            return None, self.editor.frames, samples
        return self._beginnings.codes(rate), None, samples

    def _give_spectrogram(self, kept: int) -> None:
        """What is painted, of which the first frames are as they were,
        is what the vocoder is given."""
        frames = self.editor.frames
        self.best.forget()
        self.playback.tell(lambda player: player.set_spectrogram(frames, kept))

    # ---- what is shown ---------------------------------------------------------------------------

    def _model_changed(self) -> None:
        self.recorder.end()
        self.filler.stop()
        self.best.forget()
        self.playback.forget()
        self._heard_next = None
        self.timeline.choose_take(0)
        model, player = self._session.model, self.playback.player
        self.vocoder = player is not None and is_vocoder(model)
        self.editor.setVisible(self.vocoder)
        if self.vocoder:
            self._views.setSizes(_VOCODER_SIZES)
        self.ruler.setVisible(not self.vocoder)  # the editor has one
        self.tools.show_vocoder(self.vocoder)
        self._version = self._length = -1
        self.transport.show_snapshot(None)
        self.tools.show_snapshot(None)
        if player is None:
            self.timeline.begin(1, self.timeline.rate)  # what was made is not held any longer
            return
        self.timeline.begin(self._session.options.count, player.rate)
        self.playback.choose_seconds(self.transport.seconds.value())
        if self.vocoder:
            from studio.engine.scoring.sound_scoring import mel_spec_of

            self.editor.show_model(mel_spec_of(cast("AudioModel", model)))
            self._give_spectrogram(0)
        elif self._beginnings.codes(player.rate) is not None:
            self._take_up()  # the beginning outlives the model that it was given to
        self.playback.compile(cast("AudioModel", model))

    def _show(self, snapshot: object) -> None:
        """Take over what has been made since, or is there instead of what was."""
        timeline, player = self.timeline, self.playback.player
        if player is None or not isinstance(snapshot, SoundSnapshot):
            return
        kept = timeline.length
        if snapshot.takes != timeline.sound.takes:
            kept = 0
            timeline.begin(snapshot.takes, snapshot.rate)
        elif snapshot.version != self._version:
            unchanged = player.unchanged_since(self._version)
            kept = timeline.length if unchanged is None else min(timeline.length, unchanged)
            timeline.cut(kept)
        self._catch_up()
        filled = self._beginnings.filled(player.rate) if snapshot.start else ()
        timeline.set_beginning(snapshot.start, filled)
        if self._take_wanted is not None and self._take_wanted < snapshot.takes:
            take, self._take_wanted = self._take_wanted, None
            timeline.choose_take(take)
        if snapshot.length != self._length:
            # all of it is to be seen, or as much of it as is not too fine
            self._length = snapshot.length
            if not snapshot.by_spectrogram:
                seen = max(1, min(snapshot.length, round(_SEEN_SECONDS * snapshot.rate)))
                timeline.show(0, seen * MARGIN)
        anew = snapshot.version != self._version and self._version >= 0
        self._version = snapshot.version
        self.playback.show_made(snapshot, kept, anew)
        if anew and self._heard_next is not None:
            begin, self._heard_next = self._heard_next, None
            self.playback.play_from(begin)

    def _catch_up(self) -> None:
        """Show what is there and not yet shown: a part of it,
        and the rest when the window has had time to live."""
        timeline, player, latest = self.timeline, self.playback.player, self.playback.latest
        if player is None or latest is None:
            return
        takes = timeline.sound.takes
        fresh = player.samples(
            timeline.length, min(latest.position, timeline.length + _AT_ONCE // takes)
        )
        if len(fresh) == takes and fresh.shape[1]:
            # else the next snapshot says how many takes there are by now
            timeline.append(fresh)
            if timeline.length < latest.position:
                self._catching_up.start()

    def _show_reading(self, snapshot: object) -> None:
        if isinstance(snapshot, SoundSnapshot):
            self.transport.show_snapshot(snapshot)
            self.tools.show_snapshot(snapshot)
            self.playback.show_speed(snapshot)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # another page is shown
            self.recorder.end()
            self.filler.stop()
            self.best.stop()
            self.playback.stop()
