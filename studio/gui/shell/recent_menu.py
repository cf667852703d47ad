"""The menu of what was opened or saved last, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from studio.engine.checkpoints.places import is_run, name_of
from studio.engine.runtime.texts import shortened
from studio.gui.widgets.recent_files import CHECKPOINTS, EVERY, PICTURES, RECORDINGS, SCENES

_LONGEST = 50  # characters of a name


class RecentMenu(QMenu):
    """Made anew when it is opened: what is gone has dropped out. `open_file` takes what is
    chosen."""

    def __init__(self, parent: QWidget, open_file: Callable[[Path], object]) -> None:
        super().__init__("Open &recent", parent)
        self._open = open_file
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """What there is now."""
        self.clear()
        checkpoints = CHECKPOINTS.paths
        runs = [path for path in checkpoints if is_run(path.parent)]
        self._add("Checkpoints", [path for path in checkpoints if path not in runs], name_of)
        self._add("Runs", runs, name_of)
        for title, files in (
            ("Pictures", PICTURES),
            ("Recordings", RECORDINGS),
            ("Scenes", SCENES),
        ):
            self._add(title, files.paths, lambda path: path.name)
        if self.isEmpty():
            self.addAction("Nothing yet").setEnabled(False)
            return
        self.addSeparator()
        clear = self.addAction("Clear list")
        clear.setToolTip("Forget what was opened and saved; the files stay")
        clear.triggered.connect(self._forget)

    def _add(self, title: str, paths: list[Path], name: Callable[[Path], str]) -> None:
        if not paths:
            return
        if not self.isEmpty():
            self.addSeparator()
        self.addAction(title).setEnabled(False)
        names = Counter(map(name, paths))
        for path in paths:
            text = name(path)
            if names[text] > 1:
                text = f"{text} ({path.parent.name})"
            made = self.addAction("    " + shortened(text, _LONGEST).replace("&", "&&"))
            made.setToolTip(str(path))
            made.triggered.connect(lambda _checked=False, path=path: self._open(path))

    def _forget(self) -> None:
        for files in EVERY:
            files.clear()
