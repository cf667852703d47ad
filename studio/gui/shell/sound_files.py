"""What the window reads and writes of sound: each a job."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.wavenet_audio import WaveNet
    from studio.gui.shell.main_window import MainWindow

Samples = NDArray[np.float32]
Given = NDArray[Any]  # codes (n,) to go on from, or the frames (n, mels) that a vocoder is told

SOUNDS = frozenset([".wav", ".flac", ".ogg"])
OTHER_SOUNDS = frozenset(
    [".mp3", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".opus"]
)  # that are not read
_LONGEST = 600.0  # seconds of a recording
_SHORTEST_EXAMPLE, _LONGEST_EXAMPLE = 2.0, 8.0  # seconds
_NO_VOICE = "Choose a model for sound first, such as wavenet."


def take_file(window: MainWindow, path: Path) -> None:
    """Make a recording what the model goes on from. A vocoder says it again, or what an array or
    picture shows."""

    def read(model: WaveNet) -> tuple[Given, str]:
        from studio.engine.audio.spectrogram_files import read_spectrogram
        from studio.engine.editing.spectrogram_painting import MOST_FRAMES
        from studio.engine.media.recordings import read_recording
        from studio.engine.scoring.sound_scoring import told_spec

        if model.config.mels:
            return read_spectrogram(path, told_spec(model), MOST_FRAMES), f"“{path.name}”"
        return (
            _given(model, read_recording(path, model.config.sample_rate).samples),
            f"“{path.name}”",
        )

    window.show_stage()
    _take(window, f"Reading {path.name}…", read)


def take_held_out(window: MainWindow) -> None:
    """The same with a recording that the model has not learnt from, any that is not very short; a
    model that goes on from it is given its first half."""

    def read(model: WaveNet) -> tuple[Given, str]:
        from models.companding import mu_law_decode
        from studio.engine.scoring.sound_scoring import data_of

        held_out, rate = data_of(model).test, model.config.sample_rate
        shortest = min(_SHORTEST_EXAMPLE * rate, max(map(len, held_out.codes)))
        recordings = zip(held_out.codes, held_out.files, strict=True)
        codes, name = random.choice(
            [(codes, name) for codes, name in recordings if len(codes) >= shortest]
        )
        samples = mu_law_decode(codes.numpy()[: round(_LONGEST_EXAMPLE * rate)])
        if model.config.mels:
            return _given(model, samples), f"“{Path(name).stem}”"
        return _given(model, samples[: len(samples) // 2]), f"The first half of “{Path(name).stem}”"

    _take(window, "Opening a recording…", read)


def take_samples(window: MainWindow, samples: Samples) -> None:
    """The same with samples (n,) at the rate of the model."""
    _take(
        window, "Taking the recording…", lambda model: (_given(model, samples), "What was recorded")
    )


def _take(window: MainWindow, doing: str, read: Callable[[WaveNet], tuple[Given, str]]) -> None:
    """The same with what a job finds: what the model is given, and what to call it."""
    session = window.session
    if not session.sounds:
        window.messages.show_message(_NO_VOICE, "info")
        return
    model, page = cast("WaveNet", session.model), window.sound_page

    def take(found: tuple[Given, str]) -> None:
        if session.model is not model:
            return
        given, what = found
        if model.config.mels:
            page.editor.set_frames(given)
            text = (
                f"{what} is the spectrogram that the model is told: press play to hear what it"
                " makes of it."
            )
        else:
            page.set_beginning(given)
            text = (
                f"{what} is kept as the beginning: press play to hear how it goes on, or keep only"
                " a stretch of it."
            )
        window.messages.show_message(text, "info")

    session.work(doing, lambda job: read(model), take)


def _given(model: WaveNet, samples: Samples) -> Given:
    """Samples (n,) as what a model is given; StudioError for none, or too many."""
    from models.companding import mu_law_encode
    from studio.engine.media.mel import log_mel
    from studio.engine.runtime.errors import StudioError
    from studio.engine.scoring.sound_scoring import told_spec

    seconds = len(samples) / model.config.sample_rate
    if not len(samples):
        raise StudioError("The recording is too short: there is no sound in it.")
    if seconds > _LONGEST:
        raise StudioError(
            f"The recording is too long: it lasts {seconds:,.0f} s, and at most {_LONGEST:.0f} s"
            " are taken."
        )
    return log_mel(samples, told_spec(model)) if model.config.mels else mu_law_encode(samples)


def save_sound(window: MainWindow, path: Path) -> None:
    """Write the take that is heard, with what it was made by."""
    session, page = window.session, window.sound_page
    player, snapshot = session.sound_player, session.latest_sound
    assert player is not None
    assert snapshot is not None
    assert session.model is not None
    take, model, name = page.timeline.take, session.model, session.title
    codes = player.codes()[take]

    def write() -> None:
        from models.companding import mu_law_decode
        from studio.engine.generation.provenance import how_it_was_made
        from studio.engine.media.recordings import write_recording

        kept = f"{snapshot.start / snapshot.rate:.2f} s" if snapshot.start else None
        notes = how_it_was_made(name, model, snapshot.options, take=take + 1, kept=kept)
        write_recording(path, mu_law_decode(codes), snapshot.rate, notes)

    session.work(
        f"Saving {path.name}…",
        lambda job: write(),
        lambda _: window.messages.show_message(f"Saved as {path}.", "ok"),
    )
