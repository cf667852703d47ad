"""`make run`: opens the window where there is a display;
where there is none, does the main job without one.

The main job is a digit being drawn: `out/digit.gif` shows it. `out/window.png` shows the window,
which opens on a display in memory for its picture.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from studio import virtual_display
from studio.cli import main as command
from studio.cli.terminal import say
from studio.demonstrations import FIRST
from studio.display import has_display

OUT = Path("out")
_PATIENCE = 180  # seconds that taking the window's picture may take


def main() -> int:
    """Open the window, or say that there is no display and write both pictures;
    returns the exit status."""
    if has_display():
        return command([])
    say(
        f"There is no display here, so the studio draws a digit into {OUT / 'digit.gif'} and takes"
        f" a picture of its window into {OUT / 'window.png'}."
    )
    return without_window(OUT)


def without_window(out: Path) -> int:
    """Write `digit.gif` and `window.png` into the folder `out`; returns the exit status."""
    out.mkdir(parents=True, exist_ok=True)
    status = draw_digit(out / "digit.gif")
    try:
        take_picture(out / "window.png")
        print(out / "window.png")
    except RuntimeError as error:
        say(f"The window's picture was left out: {error}")
    return status


def draw_digit(path: Path) -> int:
    """The animation of a digit being drawn, by the same command that anybody can give."""
    return command(["generate", FIRST, "--seed", "1", "--out", str(path)])


def take_picture(path: Path) -> None:
    """A picture of the real window, on a display in memory;
    RuntimeError, one sentence, where it fails."""
    with tempfile.TemporaryDirectory(prefix="studio-display-") as folder, ExitStack() as stack:
        variables = stack.enter_context(virtual_display.virtual_display(Path(folder)))
        program = [sys.executable, "-m", "studio.gui.instruments.screenshot", str(path)]
        environment = os.environ | variables
        try:
            ended = subprocess.run(
                program,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"it took more than {_PATIENCE} seconds.") from None
    if ended.returncode != 0:
        lines = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
        raise RuntimeError(lines[-1] if lines else f"it ended with status {ended.returncode}.")


if __name__ == "__main__":
    sys.exit(main())
