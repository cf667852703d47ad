"""What becomes of a file or a folder that is dropped on the window, or opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from studio.engine.checkpoints.cards import SUFFIX, read_card
from studio.engine.checkpoints.places import LATEST, is_run
from studio.engine.data.drawing_files import is_drawings
from studio.engine.media.contents import learnable
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import NO_FILE
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.carried import carries
from studio.engine.scenes.lessons import is_lesson
from studio.gui.page import Page


@dataclass(frozen=True)
class Opening:
    """words: what happens when it is dropped, or why nothing does. do: None for nothing.
    otherwise: what a button says that does it, where something else was done first."""

    words: str
    do: Callable[[], object] | None = None
    otherwise: str = ""


class Opener:
    """pages: those that may take a file, the one of the model in use first.
    load: takes a checkpoint. train_on: takes data, and whether they are "pictures" or "recordings".
    learn: takes a lesson.
    recall: takes a file that carries a scene, and what else it can be.
    watch: takes the folder of a run.
    draw: takes a set of drawings.
    """

    def __init__(
        self,
        pages: Callable[[], Iterable[Page]],
        load: Callable[[Path], object],
        train_on: Callable[[Path, str], object],
        learn: Callable[[Path], object],
        recall: Callable[[Path, Opening], object],
        watch: Callable[[Path], object],
        draw: Callable[[Path], object],
    ) -> None:
        self._pages, self._load, self._train_on = pages, load, train_on
        self._learn, self._recall = learn, recall
        self._watch, self._draw = watch, draw

    def of(self, path: Path) -> Opening:
        """What happens with a path; only names, first bytes and headers are looked at."""
        if path.exists() and not path.is_file() and not path.is_dir():
            return Opening(f'"{shortened(path.name, 60)}" cannot be read: {NO_FILE}.')
        plain = self._plain(path)
        if path.is_dir() or not carries(path):
            return plain
        words = f'Open the scene in "{shortened(path.name, 60)}"'
        return Opening(words, lambda: self._recall(path, plain))

    def _plain(self, path: Path) -> Opening:
        """The same as if it carried no scene."""
        name, suffix = f'"{shortened(path.name, 60)}"', path.suffix.lower()
        if is_lesson(path):
            return Opening(f"Begin the lesson {name}", lambda: self._learn(path))
        if is_drawings(path):
            return Opening(f"Open the drawings {name}", lambda: self._draw(path))
        if path.is_dir():
            if (path / LATEST).is_file():
                return self._checkpoint(path / LATEST, name)
            if is_run(path):  # nothing of it is kept yet
                return Opening(f"Watch the training {name}", lambda: self._watch(path))
            return self._data(path, name) or Opening(
                f"The folder {name} holds no pictures, no recordings, no checkpoint and no lesson."
            )
        if (page := next((page for page in self._pages() if page.takes(suffix)), None)) is not None:
            return Opening(f"Open {name}", lambda: page.open_file(path), page.use_text)
        sentences = (page.cannot_read(suffix) for page in self._pages())
        if sentence := next(filter(None, sentences), ""):
            return Opening(sentence)
        return self._data(path, name) or self._checkpoint(path, name)

    def _data(self, path: Path, name: str) -> Opening | None:
        if not (what := learnable(path)):
            return None
        return Opening(
            f"Train a model on {name}", lambda: self._train_on(path, what), "Train a model on it"
        )

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
