"""What the window reads and writes of pictures and checkpoints: each a job, with its question where
one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.gui.widgets import file_dialogs

if TYPE_CHECKING:
    from studio.engine.editing.evidence_files import FileEvidence
    from studio.gui.shell.main_window import MainWindow

PICTURES = frozenset([".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"])
_LONGEST_FILM = 30.0  # seconds of an animation


@dataclass(frozen=True)
class OtherSize:
    """A picture has (height, width) `found`, where the model draws `wanted`."""

    found: tuple[int, int]
    wanted: tuple[int, int]


def take_picture(window: MainWindow, path: Path, resize: bool = False) -> None:
    """Make a picture file the evidence; where its size is another, the person is asked whether to
    fit it."""
    session = window.session
    model = session.model
    if model is None or session.sounds:
        window.messages.show_message(
            "Choose a model for pictures first: its size says what a picture has to be.", "info"
        )
        return

    def read() -> FileEvidence | OtherSize:
        from studio.engine.data.of_model import prepared_for
        from studio.engine.editing.evidence_files import read_evidence
        from studio.engine.media.pictures import read_picture

        height, width = read_picture(path, "L").shape[:2]
        if not resize and (height, width) != model.spec.space:
            rows, columns = model.spec.space
            return OtherSize((height, width), (rows, columns))
        return read_evidence(path, None, model.spec, prepared_for(model), resize)

    def take(found: FileEvidence | OtherSize) -> None:
        if session.model is not model:
            return
        if isinstance(found, OtherSize):
            if file_dialogs.ask_resize(window, found.found, found.wanted):
                take_picture(window, path, resize=True)
            return
        window.show_stage()
        whole = session.reconstructs and not found.chosen
        session.edit(
            lambda painting: painting.replace(found.values, None if whole else found.known)
        )
        if not found.chosen and not whole:
            window.messages.show_message(
                "The top half of the picture is kept; the eraser takes more of it away.", "info"
            )

    session.work(f"Reading {path.name}…", lambda job: read(), take)


def save_pictures(window: MainWindow, path: Path) -> None:
    """Write what the stage shows: a still picture, a film of how it was drawn, or the levels
    themselves."""
    snapshot, model = window.session.latest, window.session.model
    assert snapshot is not None
    assert model is not None
    levels, name = model.spec.levels, model.name

    def write() -> None:
        from studio.engine.generation.exporting import FRAMES_A_SECOND, frame_at, save_samples
        from studio.engine.generation.provenance import how_it_was_made

        def frame(position: int):  # type: ignore[no-untyped-def]
            return frame_at(snapshot.values, snapshot.order, position, snapshot.known)

        stride = max(1, round(snapshot.position / (_LONGEST_FILM / 5 * FRAMES_A_SECOND)))
        film = (frame(position) for position in range(snapshot.start, snapshot.position, stride))
        save_samples(
            frame(snapshot.position),
            levels,
            path,
            film,
            how_it_was_made(name, model, snapshot.options),
        )

    window.session.work(
        f"Saving {path.name}…",
        lambda job: write(),
        lambda _: window.messages.show_message(f"Saved as {path}.", "ok"),
    )


def save_checkpoint(window: MainWindow, path: Path) -> None:
    """Write the model in use, with its card."""
    model = window.session.model
    assert model is not None

    def write() -> None:
        from studio.engine import checkpoints

        checkpoints.save(model, path, model.card)

    def done(_: None) -> None:
        window.messages.show_message(f"Saved as {path}.", "ok")
        window.library.refresh()

    window.session.work(f"Saving {path.name}…", lambda job: write(), done)
