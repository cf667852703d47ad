"""What the window reads and writes of sound: each a job."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.wavenet_audio import WaveNet
    from studio.engine.audio_data import Sounds
    from studio.gui.main_window import MainWindow

SOUNDS = frozenset([".wav", ".flac", ".ogg"])
SPECTROGRAMS = frozenset([".png", ".npy"])  # as the editor saves them
_SHORTEST_EXAMPLE, _LONGEST_EXAMPLE = 2.0, 8.0  # seconds
_NO_VOICE = "Choose a model for sound first, such as wavenet: this one draws pictures."


def take_recording(window: MainWindow, path: Path) -> None:
    """Make a sound file what the model goes on from; a vocoder says it again."""
    session = window.session
    player, model = session.sound_player, session.model
    if player is None:
        window.messages.show_message(_NO_VOICE, "info")
        return

    def read() -> NDArray[np.float32]:
        from studio.engine.recordings import read_recording

        return read_recording(path, player.rate).samples

    def take(samples: NDArray[np.float32]) -> None:
        if session.model is model:
            take_samples(window, samples)

    session.work(f"Reading {path.name}…", lambda job: read(), take)


def take_held_out(window: MainWindow) -> None:
    """The same with a recording that the model has not learnt from, any that is not very short; a model that goes on from it
    is given its first half."""
    session, model = window.session, cast("WaveNet", window.session.model)

    def read() -> Sounds:
        from studio.engine.sound_scoring import data_of

        return data_of(model).test

    def take(held_out: Sounds) -> None:
        from models.companding import mu_law_decode

        if session.model is model:
            rate = model.settings.sample_rate
            shortest = min(_SHORTEST_EXAMPLE * rate, max(map(len, held_out.codes)))
            recordings = zip(held_out.codes, held_out.files, strict=True)
            codes, name = random.choice([(codes, name) for codes, name in recordings if len(codes) >= shortest])
            samples = mu_law_decode(codes.numpy()[: round(_LONGEST_EXAMPLE * rate)])
            take_samples(window, samples if model.settings.mels else samples[: len(samples) // 2], f"“{Path(name).stem}”")

    session.work("Opening a recording…", lambda job: read(), take)


def take_samples(window: MainWindow, samples: NDArray[np.float32], name: str = "") -> None:
    """The same with samples (n,) at the rate of the model.  name: of what they are from, where it was not the person's
    choice."""
    from models.companding import mu_law_encode
    from studio.engine.mel import log_mel
    from studio.engine.sound_scoring import told_spec

    model, page = cast("WaveNet", window.session.model), window.sound_page
    window.show_stage()
    if model.settings.mels:
        page.editor.set_frames(log_mel(samples, told_spec(model)))
        what = f"The spectrogram of {name}" if name else "Its spectrogram"
        text = f"{what} is what the model is told: press play to hear what it makes of it."
    else:
        page.set_beginning(mu_law_encode(samples))
        what = f"The first half of {name}" if name else "It"
        text = f"{what} is kept as the beginning: press play to hear how it goes on, or select a stretch and keep only that."
    window.messages.show_message(text, "info")


def save_sound(window: MainWindow, path: Path) -> None:
    """Write the take that is heard, with what it was made by."""
    session, page = window.session, window.sound_page
    player, snapshot = session.sound_player, session.latest_sound
    assert player is not None
    assert snapshot is not None
    assert session.model is not None
    take, model, name = page.timeline.take, session.model, session.checkpoint.stem if session.checkpoint is not None else ""
    samples = player.samples()[take]

    def write() -> None:
        from studio.engine.notes import how_it_was_made
        from studio.engine.recordings import write_recording

        kept = f"{snapshot.start / snapshot.rate:.2f} s" if snapshot.start else None
        notes = how_it_was_made(name, model, snapshot.settings, take=take + 1, kept=kept)
        write_recording(path, samples, snapshot.rate, notes)

    session.work(
        f"Saving {path.name}…", lambda job: write(), lambda _: window.messages.show_message(f"Saved as {path}.", "ok")
    )
