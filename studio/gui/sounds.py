"""What the window reads and writes of sound: each a job."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.wavenet_audio import WaveNet
    from studio.gui.main_window import MainWindow

SOUNDS = frozenset([".wav", ".flac", ".ogg"])
SPECTROGRAMS = frozenset([".png", ".npy"])  # as the editor saves them
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


def take_samples(window: MainWindow, samples: NDArray[np.float32]) -> None:
    """The same with samples (n,) at the rate of the model."""
    from models.companding import mu_law_encode
    from studio.engine.mel import log_mel
    from studio.engine.sound_scoring import told_spec

    model, page = cast("WaveNet", window.session.model), window.sound_page
    window.show_stage()
    if model.settings.mels:
        page.editor.set_frames(log_mel(samples, told_spec(model)))
        text = "Its spectrogram is what the model is told: press play to hear what it makes of it."
    else:
        page.set_beginning(mu_law_encode(samples))
        text = "It is kept as the beginning: press play to hear how it goes on, or select a stretch and keep only that."
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
