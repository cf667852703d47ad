"""Screens that are not there: of the sizes and scales that people have, all at once, in memory.

`python -m studio.gui.instruments.screens FOLDER` saves pictures of the window on each, light and
dark: the start page, the stage, the page of sound, and a training that runs. They are to be looked
at.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from studio.gui.shell.main_window import MainWindow

_DOTS_PER_INCH = 96


class Screen(NamedTuple):
    """Pixels of the panel, and how many of them a pixel of the window has."""

    width: int
    height: int
    scale: float = 1.0

    @property
    def name(self) -> str:
        """Such as 1920x1080, or 1920x1080-at-150."""
        at = "" if self.scale == 1 else f"-at-{self.scale:.0%}".rstrip("%")
        return f"{self.width}x{self.height}{at}"


SCREENS = (
    Screen(1366, 768),
    Screen(1280, 720),
    Screen(1920, 1080, 1.5),
    Screen(2560, 1440, 2.0),
)


def in_memory(screens: tuple[Screen, ...], folder: Path) -> dict[str, str]:
    """What Qt needs in its environment, before there is an application, to have these screens, by
    their names. `folder` takes a file that it reads."""
    left, described = 0, []
    for screen in screens:
        described.append(
            {
                "name": screen.name,
                "x": left,
                "y": 0,
                "width": screen.width,
                "height": screen.height,
                "logicalDpi": round(_DOTS_PER_INCH * screen.scale),
                "logicalBaseDpi": _DOTS_PER_INCH,
            }
        )
        left += 2 * screen.width
    file = folder / "screens.json"
    file.write_text(json.dumps({"screens": described}))
    return {"QT_QPA_PLATFORM": f"offscreen:configfile={file}"}


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m studio.gui.instruments.screens", description=__doc__
    )
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        # the person's own settings and runs stay as they are, and do not show
        own = {f"XDG_{what}_HOME": str(Path(home) / what) for what in ("CONFIG", "DATA", "CACHE")}
        os.environ.update(own | in_memory(SCREENS, Path(home)))
        from PySide6.QtCore import QSettings

        from studio.gui.shell.app import application
        from studio.gui.shell.main_window import MainWindow

        app = application()
        for screen in app.screens():
            QSettings().clear()  # each is opened as if it were the first
            window = MainWindow()
            window.setScreen(screen)
            window.move(screen.availableGeometry().topLeft())
            window.show()
            _take(window, folder / screen.name())
            window.close()
    print(folder)
    return 0


def _take(window: MainWindow, name: Path) -> None:
    from studio.demonstrations import FIRST, TRAINED, VOICE
    from studio.engine.checkpoints.cards import shipped
    from studio.gui.instruments.screenshot import run_to, settle, wait_for

    session = window.session

    def load(checkpoint: Path) -> None:
        window.load(checkpoint)
        wait_for(lambda: session.checkpoint == checkpoint and session.latest is not None)
        window.show_stage()

    wait_for(lambda: session.latest is not None)
    settle()
    _grab(window, name, "start")
    load(shipped()[FIRST])
    session.change(count=16)
    wait_for(lambda: not session.polling)
    run_to(window, 0.6)
    settle()
    _grab(window, name, "stage")
    window.show_training()
    training = window.training
    wait_for(lambda: training.form.choices is not None)
    training.form.choose(TRAINED)
    _grab(window, name, "form")
    training.form.fields["hidden"].setText("64")
    training.form.fields["epochs"].setText("8")
    training.start.click()
    wait_for(lambda: training.live is not None and training.live.strip.count() > 1)
    settle(1.0)
    _grab(window, name, "training")
    training.stop()
    wait_for(lambda: not training.running)
    window.docks["Training"].hide()
    load(shipped()[VOICE])
    window.finish()
    settle(2.0)
    _grab(window, name, "sound")


def _grab(window: MainWindow, name: Path, page: str) -> None:
    """A picture of the window, light and dark."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication

    from studio.gui.instruments.screenshot import settle

    hints = QGuiApplication.styleHints()
    for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light):
        hints.colorSchemeChanged.emit(scheme)  # as a desktop says it, where there is one
        settle(0.1)
        window.grab().save(f"{name}-{page}-{scheme.name.lower()}.png")


if __name__ == "__main__":
    sys.exit(main())
