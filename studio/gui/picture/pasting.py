"""Pictures from the clipboard: a file that was copied, or pixels that were, which become a file and
are read like any other; and scenes, as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTemporaryDir
from PySide6.QtGui import QGuiApplication

from studio.engine.scenes.document import is_scene


class Pasting:
    """open_file: takes the file. open_scene: takes the text of a scene. message: takes a sentence
    where there is nothing to paste."""

    def __init__(
        self,
        open_file: Callable[[Path], object],
        open_scene: Callable[[str], object],
        message: Callable[[str], object],
    ) -> None:
        self._open_file, self._open_scene, self._message = open_file, open_scene, message
        self._folder = QTemporaryDir()  # goes with this

    def paste(self) -> None:
        clipboard = QGuiApplication.clipboard()
        files = [url.toLocalFile() for url in clipboard.mimeData().urls() if url.isLocalFile()]
        pasted = self._folder.filePath("pasted picture.png")
        if files:
            self._open_file(Path(files[0]))
        elif is_scene(text := clipboard.text()):
            self._open_scene(text)
        elif clipboard.image().save(pasted):
            self._open_file(Path(pasted))
        else:
            self._message("There is no picture to paste: copy one first.")
