"""What the page of sound reads and writes: each a job."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from studio.demonstrations import VOICE
from studio.engine.audio.listening import SoundSnapshot
from studio.engine.audio.sound_player import SoundPlayer
from studio.engine.editing.gap import Gap
from studio.engine.media.pictures import SUFFIXES
from studio.engine.scenes.scene import Sound
from studio.gui.session import Session
from studio.gui.widgets.recent_files import RECORDINGS

if TYPE_CHECKING:
    from models.interface import AudioModel

Samples = NDArray[np.float32]
Given = NDArray[Any]  # codes (n,) to go on from, or the frames (n, mels) that a vocoder is given

SPECTROGRAMS = SUFFIXES | {".npy"}  # that a vocoder is given, beside those of sounds
# sounds and films that are not read
_OTHERS = frozenset(
    [".m4a", ".aac", ".wma", ".amr", ".ape", ".wv", ".mpc", ".mka", ".mp4", ".mov", ".mkv", ".webm"]
)
_LONGEST = 600.0  # seconds of a recording
_SHORTEST_EXAMPLE, _LONGEST_EXAMPLE = 2.0, 8.0  # seconds
_NO_VOICE = f"Choose a model for sound first, such as {VOICE}."


class SoundFiles(QObject):
    """Signals: message(sentence) that is good to know; done(sentence); saved(Path); given(Given)
    when something has been found for the model in use."""

    message = Signal(str)
    done = Signal(str)
    saved = Signal(object)
    given = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def open(self, path: Path) -> None:
        """Make a recording what the model goes on from. A vocoder says it again, or what an array
        or picture shows."""

        def read(model: AudioModel) -> tuple[Given, str]:
            from studio.engine.audio.spectrogram_files import read_spectrogram
            from studio.engine.editing.spectrogram_painting import MOST_FRAMES
            from studio.engine.media.recordings import read_recording
            from studio.engine.scoring.sound_scoring import mel_spec_of

            name = f"“{path.name}”"
            if is_vocoder(model):
                return read_spectrogram(path, mel_spec_of(model), MOST_FRAMES), name
            recording = read_recording(path, model.sample_rate, _LONGEST)
            return _given(model, recording.samples), name

        self._take(f"Reading {path.name}…", read, lambda: RECORDINGS.remember(path))

    def open_held_out(self) -> None:
        """The same with a recording that the model has not learnt from, any that is not very short;
        a model that goes on from it is given its first half."""

        def read(model: AudioModel) -> tuple[Given, str]:
            from models.companding import mu_law_decode
            from studio.engine.scoring.sound_scoring import held_out_for

            held_out, rate = held_out_for(model), model.sample_rate
            shortest = min(_SHORTEST_EXAMPLE * rate, max(map(len, held_out.codes)))
            recordings = zip(held_out.codes, held_out.files, strict=True)
            codes, name = random.choice(
                [(codes, name) for codes, name in recordings if len(codes) >= shortest]
            )
            samples, name = (
                mu_law_decode(codes.numpy()[: round(_LONGEST_EXAMPLE * rate)]),
                Path(name).stem,
            )
            if is_vocoder(model):
                return _given(model, samples), f"“{name}”"
            return _given(model, samples[: len(samples) // 2]), f"The first half of “{name}”"

        self._take("Opening a recording…", read)

    def take_samples(self, samples: Samples) -> None:
        """The same with samples (n,) at the rate of the model."""
        self._take("Taking the recording…", lambda model: (_given(model, samples), "Recording"))

    def _take(
        self,
        doing: str,
        read: Callable[[AudioModel], tuple[Given, str]],
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """The same with what a job finds: what the model is given, and what to call it."""
        session = self._session
        if not isinstance(session.player, SoundPlayer):
            self.message.emit(_NO_VOICE)
            return
        model = cast("AudioModel", session.model)

        def take(found: tuple[Given, str]) -> None:
            if session.model is not model:
                return
            given, what = found
            self.given.emit(given)
            then()
            if is_vocoder(model):
                text = f"{what} is now the model's spectrogram: press Play to hear it."
            else:
                text = (
                    f"{what} is the beginning: press Play to hear how the model continues it, keep"
                    " only a part, or select a gap for the model to fill."
                )
            self.message.emit(text)

        session.work(doing, lambda job: read(model), take)

    def saver(
        self, snapshot: SoundSnapshot, take: int, filled: Sequence[Gap]
    ) -> Callable[[Path], object]:
        """What writes a take to a path, with what it was made by. To be asked for before the person
        is asked where: another model may be in use by then.

        filled: the gaps in what is kept that are filled by the model.
        """
        player, model, name = self._session.player, self._session.model, self._session.title
        assert isinstance(player, SoundPlayer)
        assert model is not None
        codes = player.codes()[take]
        now = self._session.scenes.now()
        assert now is not None
        seconds = (len(codes) - snapshot.start) / snapshot.rate
        scene = replace(
            now,
            options=snapshot.options,
            position=len(codes),
            sound=replace(now.sound or Sound(), take=take, seconds=seconds),
        )

        def write(path: Path) -> None:
            from models.companding import mu_law_decode
            from studio.engine.generation.provenance import how_it_was_made
            from studio.engine.media.recordings import write_recording
            from studio.engine.scenes.document import as_text

            kept = f"{snapshot.start / snapshot.rate:.2f} s" if snapshot.start else None
            gaps = ", ".join(gap.in_words(snapshot.rate) for gap in filled) or None
            number = snapshot.options.take_numbers[take] + 1
            metadata = how_it_was_made(
                name, model, snapshot.options, take=number, kept=kept, filled=gaps
            )
            samples, document = mu_law_decode(codes), as_text(scene)
            write_recording(path, samples, snapshot.rate, metadata, document)

        return lambda path: self._session.work(
            f"Saving {path.name}…",
            lambda job: write(path),
            lambda _: self._saved(path),
        )

    def _saved(self, path: Path) -> None:
        RECORDINGS.remember(path)
        self.done.emit(f"Saved as {path}.")
        self.saved.emit(path)


def is_sound(suffix: str) -> bool:
    """Whether files with this ending are recordings that can be read."""
    from studio.engine.media.recordings import SUFFIXES as SOUNDS  # not before sound is wanted

    return suffix in SOUNDS


def not_read(suffix: str) -> str:
    """A sentence where files with this ending hold sound that cannot be read; else ""."""
    if suffix not in _OTHERS:
        return ""
    return f"{suffix[1:].upper()} files cannot be read: convert it to WAV, FLAC or MP3."


def is_vocoder(model: object) -> bool:
    """Whether it is conditioned on a spectrogram of what is to be heard. Free of torch."""
    return hasattr(getattr(model, "conditioning", None), "mels")


def _given(model: AudioModel, samples: Samples) -> Given:
    """Samples (n,) as what a model is given; StudioError for none, or too many."""
    from models.companding import mu_law_encode
    from studio.engine.media.mel import log_mel
    from studio.engine.runtime.errors import StudioError
    from studio.engine.scoring.sound_scoring import mel_spec_of

    seconds = len(samples) / model.sample_rate
    if not len(samples):
        raise StudioError("The recording is too short: there is no sound in it.")
    if seconds > _LONGEST:
        raise StudioError(
            f"The recording is too long: it lasts {seconds:,.0f} s, and at most {_LONGEST:.0f} s"
            " are taken."
        )
    return log_mel(samples, mel_spec_of(model)) if is_vocoder(model) else mu_law_encode(samples)
