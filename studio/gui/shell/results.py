"""What was made: saved where the person says, kept as a favourite, seen again in the gallery."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from studio.engine.scenes.gallery import Gallery
from studio.gui.shell.gallery import GalleryPane
from studio.gui.shell.late import Late

if TYPE_CHECKING:
    from studio.engine.runtime.jobs import Job
    from studio.gui.shell.main_window import MainWindow

TITLE = "Gallery"


class Results(QObject):
    """pane: what is in the dock of the gallery."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.pane = Late(self._make)
        self._liked: set[Path] = set()  # being saved, and favourites from the first

    def _make(self) -> GalleryPane:
        window, pane = self._window, GalleryPane()
        pane.open_wanted.connect(window.open_file)
        pane.failed.connect(window.complain)
        window.put_into_dock(TITLE, pane)
        return pane

    def save(self) -> None:
        """Pictures, or sound, as a file that the person names."""
        self._window.pages.playing.ask_to_save()

    def keep(self) -> None:
        """What is seen now, as a favourite; nobody is asked for a name."""
        window, page = self._window, self._window.pages.playing
        if page.why_not_save or not page.kept_as:
            window.tell(page.why_not_save)
            return
        session = window.session
        path = Gallery().free_path(f"{session.title}-{session.options.seed}", page.kept_as)
        self._liked.add(path)
        page.keep_as(path)

    def take_in(self, path: Path) -> None:
        """A file that was just saved."""
        self.pane().add(path, favourite=path in self._liked)
        self._liked.discard(path)

    def save_screenshot(self) -> None:
        """A picture of the stage."""
        self._window.recalling.ask_to_save_screenshot(self._window.pages.of_model.seen)

    def close_down(self) -> list[Job[Any]]:
        """The window closes; what may still run."""
        return [] if self.pane.there is None else self.pane.there.close_down()
