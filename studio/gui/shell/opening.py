"""What becomes of a file or a folder that is dropped on the window, or opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from studio.engine.checkpoints.cards import SUFFIX, read_card
from studio.engine.checkpoints.places import LATEST
from studio.engine.media.contents import learnable
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.lessons import is_lesson
from studio.gui.page import Page


@dataclass(frozen=True)
class Opening:
    """words: what happens when it is dropped, or why nothing does. do: None for nothing."""

    words: str
    do: Callable[[], object] | None = None


class Opener:
    """pages: those that may take a file, the one of the model in use first.
    load: takes a checkpoint. train_on: takes data, and whether they are "pictures" or "recordings".
    learn: takes a lesson.
    """

    def __init__(
        self,
        pages: Callable[[], Iterable[Page]],
        load: Callable[[Path], object],
        train_on: Callable[[Path, str], object],
        learn: Callable[[Path], object],
    ) -> None:
        self._pages, self._load, self._train_on, self._learn = pages, load, train_on, learn

    def of(self, path: Path) -> Opening:
        """What happens with a path; only names and first bytes are looked at."""
        name, suffix = f'"{shortened(path.name, 60)}"', path.suffix.lower()
        if is_lesson(path):
            return Opening(f"Begin the lesson {name}", lambda: self._learn(path))
        if path.is_dir():
            if (path / LATEST).is_file():
                return self._checkpoint(path / LATEST, name)
            return self._data(path, name) or Opening(
                f"The folder {name} holds no pictures, no recordings, no checkpoint and no lesson."
            )
        if (page := next((page for page in self._pages() if page.takes(suffix)), None)) is not None:
            return Opening(f"Open {name}", lambda: page.open_file(path))
        sentences = (page.cannot_read(suffix) for page in self._pages())
        if sentence := next(filter(None, sentences), ""):
            return Opening(sentence)
        return self._data(path, name) or self._checkpoint(path, name)

    def _data(self, path: Path, name: str) -> Opening | None:
        if not (what := learnable(path)):
            return None
        return Opening(f"Train a model on {name}", lambda: self._train_on(path, what))

    def _checkpoint(self, path: Path, name: str) -> Opening:
        try:
            read_card(path)
        except StudioError as error:
            if path.suffix.lower() == SUFFIX or not path.exists():
                return Opening(str(error).replace(f'"{path}"', name))
            return Opening(
                f"{name} cannot be opened: it is no picture, no recording, no data and no"
                " checkpoint of the studio."
            )
        return Opening(f"Open the model {name}", lambda: self._load(path))
