"""`python -m studio.gui.instruments.screenshot OUT.png`: opens the real window, lets it draw, and
saves its picture.

With an ending .gif it films the stage instead. The window of the README, and of `make run` on a
machine without a screen, is made so.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication, QPixmap

from studio.engine.editing.painting import Painting
from studio.gui.shell.app import application
from studio.gui.shell.main_window import MainWindow

PAGES = ("start", "drawing", "completing", "training")
PATIENCE = (
    120.0  # seconds for a model to be loaded or a part of a picture to be drawn, on a busy machine
)
_LOOK_SECONDS = 0.01


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m studio.gui.instruments.screenshot", description=__doc__
    )
    parser.add_argument(
        "out", type=Path, help="the picture to write: .png, or .gif for a film of the stage"
    )
    parser.add_argument("--page", choices=PAGES, default="drawing")
    parser.add_argument("--checkpoint", help="what to draw with (the usual model)")
    parser.add_argument("--count", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--condition", type=int)
    parser.add_argument("--part", type=float, default=0.6, help="how much of the pictures to draw")
    chosen = parser.parse_args(arguments)
    app = application()
    window = MainWindow(chosen.checkpoint)
    window.show()
    try:
        wait_for(lambda: window.session.latest is not None)
        if chosen.page != "start":
            window.show_stage()
            show(window, chosen)
        settle()
        if chosen.out.suffix == ".gif":
            film(window, chosen.out)
        else:
            picture_of(window).save(str(chosen.out))
    except TimeoutError as error:
        print(f"screenshot: {error}", file=sys.stderr)
        return 2
    finally:
        window.close()
        app.processEvents()
    print(chosen.out)
    return 0


def show(window: MainWindow, chosen: argparse.Namespace) -> None:
    """Bring the stage to what was asked for."""
    session = window.session
    session.change(count=chosen.count, seed=chosen.seed, condition=chosen.condition)
    if chosen.page == "completing":
        session.edit(paint_half_a_seven)
        session.change(method="clamp")
    if chosen.page == "training":
        window.show_training()
    wait_for(lambda: not session.polling)  # what was asked for has been heard of
    run_to(window, 0.0 if chosen.out.suffix == ".gif" else chosen.part)


def paint_half_a_seven(painting: Painting) -> None:
    """The upper part of a seven, as a person would paint it."""
    painting.begin()
    for start, end in (((6, 7), (6, 19)), ((6, 19), (11, 17))):
        painting.line(start, end, painting.levels - 1, 2)
    painting.end()
    painting.fill_background()


def run_to(window: MainWindow, part: float) -> None:
    """Draw until a part of the pictures is there."""
    latest = window.session.latest
    assert latest is not None
    goal = max(latest.start, round(part * latest.length))
    window.drawing_page.drawing.step(goal - latest.position)
    wait_for(lambda: window.session.latest is not None and window.session.latest.position >= goal)


def film(window: MainWindow, path: Path, frames: int = 98) -> None:
    """The stage while the pictures are drawn, two rows
    of sites in seven frames, as an animated picture."""
    from PIL import Image

    from studio.engine.runtime.files import write_atomically

    pictures = []
    for number in range(frames + 1):
        run_to(window, number / frames)
        settle(0.0)
        shown = window.drawing_page.stage.grab().toImage()
        size = shown.width(), shown.height()
        picture = Image.frombuffer(
            "RGBA", size, bytes(shown.constBits()), "raw", "BGRA", shown.bytesPerLine(), 1
        )
        pictures.append(picture.convert("RGB").quantize(64))
    times = [50] * frames + [2500]
    write_atomically(
        path,
        lambda part: pictures[0].save(
            part, save_all=True, append_images=pictures[1:], duration=times, loop=0
        ),
    )


def picture_of(window: MainWindow) -> QPixmap:
    """The window as it is on the screen, with what the window manager put round it left out."""
    screen = QGuiApplication.primaryScreen()
    shot = screen.grabWindow(int(window.winId()))
    return shot if not shot.isNull() else window.grab()


def settle(seconds: float = 0.5) -> None:
    """Let the window live for so long, as it does when nobody asks anything of it."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_for(done: Callable[[], bool]) -> None:
    """Let the window live until it is so; TimeoutError after `PATIENCE` seconds."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise TimeoutError("the window did not come to what was asked for in time")
        settle(_LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
