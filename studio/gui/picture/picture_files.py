"""What the page of pictures reads and writes: each a job, with its question where one is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.engine.generation.player import Player
from studio.engine.generation.snapshot import Snapshot
from studio.gui.session import Session
from studio.gui.widgets import file_dialogs

if TYPE_CHECKING:
    from studio.engine.editing.evidence_files import FileEvidence

_LONGEST_FILM = 30.0  # seconds of an animation


@dataclass(frozen=True)
class OtherSize:
    """A picture has (height, width) `found`, where the model draws `wanted`."""

    found: tuple[int, int]
    wanted: tuple[int, int]


class PictureFiles(QObject):
    """Signals: message(sentence) that is good to know; done(sentence); taken() when a picture has
    become the evidence.

    Its questions are asked over `page`.
    """

    message = Signal(str)
    done = Signal(str)
    taken = Signal()

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._page = session, page

    def open(self, path: Path, resize: bool = False) -> None:
        """Make a picture file the evidence; where its size is another,
        the person is asked whether to fit it."""
        session = self._session
        model = session.model
        if model is None or not isinstance(session.player, Player):
            self.message.emit(
                "Choose a model for pictures first: its size says what a picture has to be."
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
                if file_dialogs.ask_resize(self._page, found.found, found.wanted):
                    self.open(path, resize=True)
                return
            self.taken.emit()
            whole = not session.generates and not found.chosen
            session.edit(
                lambda painting: painting.replace(found.values, None if whole else found.known)
            )
            if not found.chosen and not whole:
                self.message.emit(
                    "The top half of the picture is kept; the eraser takes more of it away."
                )

        session.work(f"Reading {path.name}…", lambda job: read(), take)

    def save(self, snapshot: Snapshot, path: Path) -> None:
        """Write what is shown: a still picture, a film
        of how it was drawn, or the levels themselves."""
        model = self._session.model
        assert model is not None
        levels, name = model.spec.levels, model.name

        def write() -> None:
            from studio.engine.generation.exporting import FRAMES_A_SECOND, frame_at, save_samples
            from studio.engine.generation.provenance import how_it_was_made

            def frame(position: int):  # type: ignore[no-untyped-def]
                return frame_at(snapshot.values, snapshot.order, position, snapshot.known)

            stride = max(1, round(snapshot.position / (_LONGEST_FILM / 5 * FRAMES_A_SECOND)))
            positions = range(snapshot.start, snapshot.position, stride)
            film = (frame(position) for position in positions)
            metadata = how_it_was_made(name, model, snapshot.options)
            save_samples(frame(snapshot.position), levels, path, film, metadata)

        self._session.work(
            f"Saving {path.name}…",
            lambda job: write(),
            lambda _: self.done.emit(f"Saved as {path}."),
        )
