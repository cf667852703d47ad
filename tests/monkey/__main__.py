"""`python -m tests.monkey`: random use of the real window, from a seed, on a display and with a
sound server of its own.

The session is a process of its own: should it die, what it did last is told with the seed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from studio.virtual_display import virtual_display
from tests.conftest import home_variables
from tests.gui.sound_server import sound_server
from tests.monkey.watch import LAST

_SCREEN = "1600x1000x24"
_PATIENCE = 180.0  # seconds more than it was given, before it is taken for dead


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.monkey", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--strict", action="store_true", help="lateness and memory count too")
    parser.add_argument("--folder", type=Path, help="where files and log go, and stay")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        from tests.monkey.session import live

        return live(chosen.folder, chosen.seed, 60 * chosen.minutes, chosen.strict)
    with ExitStack() as stack:
        folder = chosen.folder
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="monkey-")))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sound").mkdir()
        environment = os.environ | home_variables(folder / "home")
        environment |= stack.enter_context(virtual_display(folder, _SCREEN))
        if shutil.which("pulseaudio"):
            server = stack.enter_context(sound_server(folder / "sound"))
            server.add_output("monkey")
            environment["PULSE_SERVER"] = server.address
        return _session(chosen, folder, environment)


def _session(chosen: argparse.Namespace, folder: Path, environment: dict[str, str]) -> int:
    """Runs the session in a process of its own, and tells what it did last where it died."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.monkey", "--here"]
    command += ["--folder", str(folder), "--seed", str(chosen.seed)]
    command += ["--minutes", str(chosen.minutes), *(["--strict"] if chosen.strict else [])]
    with subprocess.Popen(command, env=environment) as process:
        try:
            status = process.wait(60 * chosen.minutes + _PATIENCE)
        except subprocess.TimeoutExpired:
            process.send_signal(6)  # faulthandler then says where each thread is
            status = process.wait()
    if status not in (0, 1):
        log = (folder / "monkey.log").read_text(errors="replace").splitlines()
        print(f"seed {chosen.seed}: the window died ({status}). The last actions before it:")
        print("\n".join(log[-LAST:]))
    return 0 if status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
