"""What the page of pictures reads and writes: each a job, with its question where one is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.player import Player
from studio.engine.generation.snapshot import Snapshot
from studio.engine.media.fits import Fitting
from studio.engine.media.fitting import suggested
from studio.engine.runtime.texts import shortened
from studio.gui.picture.fit_dialog import FitDialog
from studio.gui.picture.recalled import scene_of
from studio.gui.session import Session
from studio.gui.widgets.recent_files import PICTURES

if TYPE_CHECKING:
    from models.interface import Model

_LONGEST_FILM = 30.0  # seconds of an animation


@dataclass(frozen=True, eq=False)
class Opened:
    """pixels: of the file, uint8 (H, W, 4). preview: the same, no larger than can be fitted anew at
    once. suggestion: what to do with them if nobody says otherwise."""

    pixels: NDArray[np.uint8]
    preview: NDArray[np.uint8]
    suggestion: Fitting


class PictureFiles(QObject):
    """Signals: message(sentence) that is good to know; offered(sentence, what can be done about it,
    the function that does it); done(sentence); saved(Path); taken() when a picture has become the
    evidence.

    Its questions are asked over `page`.
    """

    message = Signal(str)
    offered = Signal(str, str, object)
    done = Signal(str)
    saved = Signal(object)
    taken = Signal()

    def __init__(self, session: Session, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._page = session, page

    def open(self, path: Path, then: Callable[[], object] = lambda: None) -> None:
        """Make a picture file the evidence, and then do that; where it does not fit the model as it
        is, the person is asked how it is to."""
        session = self._session
        model = session.model
        if model is None or not isinstance(session.player, Player):
            self.message.emit("Choose a model for pictures first.")
            return

        def read() -> Opened:
            from studio.engine.checkpoints.card_fields import thumbnail
            from studio.engine.media.pictures import read_picture

            height, width = model.pictures.space
            pixels = read_picture(path, "RGBA")
            suggestion = suggested(pixels, (height, width), thumbnail(model.card or {}))
            return Opened(pixels, reduced(pixels, max(height, width)), suggestion)

        def take(found: Opened) -> None:
            from studio.engine.data.of_model import prepared_for
            from studio.engine.editing.evidence_files import evidence_in

            if session.model is not model:
                return
            PICTURES.remember(path)
            preparation = prepared_for(model)

            def evidence(pixels: NDArray[np.uint8], fitting: Fitting) -> Evidence:
                return evidence_in(pixels, model.pictures, preparation, fitting)

            def use(fitting: Fitting) -> None:
                session.work(
                    f"Fitting {path.name}…",
                    lambda job: evidence(found.pixels, fitting),
                    lambda given: self._take(model, given, then),
                )

            size, wanted = found.pixels.shape[:2], model.pictures.space
            if size == wanted and not found.suggestion.invert:
                use(found.suggestion)
                return
            name = shortened(path.name, 60)
            FitDialog(
                self._page,
                f"{name} has {_written(size)} pixels; this model draws {_written(wanted)}.",
                found.suggestion,
                lambda fitting: evidence(found.preview, fitting),
                model.pictures.levels,
                use,
            ).open()

        session.work(f"Reading {path.name}…", lambda job: read(), take)

    def _take(self, model: Model, given: Evidence, then: Callable[[], object]) -> None:
        """Make it what is given, all of it: nothing is thrown away unasked."""
        session = self._session
        if session.model is not model:
            return
        self.taken.emit()
        session.edit(lambda painting: painting.replace(given.values, given.known))
        then()
        if session.generates and given.known.all():
            self.offered.emit(
                "The whole picture is given. Erase (E) what the model should draw.",
                "Keep only the top half",
                lambda: self._keep_half(model, given),
            )

    def _keep_half(self, model: Model, given: Evidence) -> None:
        from studio.engine.data.inpainting_masks import half

        if self._session.model is model:
            top = half("top", model.pictures)
            self._session.edit(lambda painting: painting.replace(given.values, top))

    def saver(self, snapshot: Snapshot, alone: int | None = None) -> Callable[[Path], object]:
        """What writes what is shown now to a path: a still picture, a film of how it was drawn, or
        the levels themselves, with the scene. To be asked for before the person is asked where:
        another model may be in use by then.

        alone: only this one of the pictures.
        """
        model, now = self._session.model, self._session.scenes.now()
        assert model is not None
        assert now is not None
        name, scene = now.model.name, scene_of(now, snapshot, alone)
        values = snapshot.values if alone is None else snapshot.values[alone : alone + 1]

        def write(path: Path) -> None:
            from studio.engine.generation.decoded import shown_in
            from studio.engine.generation.exporting import FRAMES_A_SECOND, frame_at, save_samples
            from studio.engine.generation.provenance import how_it_was_made
            from studio.engine.scenes.document import as_text

            shown, levels = shown_in(path, model)

            def frame(position: int):  # type: ignore[no-untyped-def]
                return shown(frame_at(values, snapshot.order, position, snapshot.known))

            stride = max(1, round(snapshot.position / (_LONGEST_FILM / 5 * FRAMES_A_SECOND)))
            positions = range(snapshot.start, snapshot.position, stride)
            film = (frame(position) for position in positions)
            metadata = how_it_was_made(name, model, snapshot.options)
            last, document = frame(snapshot.position), as_text(scene)
            if (settled := snapshot.settled) is not None:
                settled = settled if alone is None else settled[alone : alone + 1]
                order, known = snapshot.order, snapshot.known
                last = shown(frame_at(values, order, snapshot.position, known, settled))
            save_samples(last, levels, path, film, metadata, scene=document)

        return lambda path: self._session.work(
            f"Saving {path.name}…",
            lambda job: write(path),
            lambda _: self._saved(path),
        )

    def _saved(self, path: Path) -> None:
        PICTURES.remember(path)
        self.done.emit(f"Saved as {path}.")
        self.saved.emit(path)


def reduced(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A large picture in whole steps no larger than a model with such a side makes use of: what is
    seen of it changes with every choice, and has to be there at once."""
    step = min(pixels.shape[:2]) // (8 * side)
    if step < 2:
        return pixels
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).reduce(step))


def _written(size: Sequence[int]) -> str:
    height, width = size
    return f"{width} × {height}"
