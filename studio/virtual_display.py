"""A display for programs that need a window where there is no screen:
an X server that draws into memory.

The tests of the window run on one, and so does the window whose picture `make run` takes on a
machine without a screen. Both programs end with the block, or with this process should it be
killed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

PATIENCE = 60.0  # seconds that either program may take to start, on a machine that is busy


def available() -> bool:
    """Whether this machine has an X server that draws into memory."""
    return shutil.which("Xvfb") is not None


@contextmanager
def virtual_display(
    folder: Path, screen: str = "1600x1000x24", window_manager: bool = True
) -> Iterator[dict[str, str]]:
    """Runs Xvfb on a free display, and openbox on it; yields what Qt needs in its environment.

    `folder` takes the logs, `screen` is width x height x depth in pixels and bits. Raises
    RuntimeError with one sentence where a program is missing or does not start.
    """
    for program in ("Xvfb", "openbox") if window_manager else ("Xvfb",):
        if shutil.which(program) is None:
            raise RuntimeError(
                f"A virtual display needs {program}: install the package {program.lower()}."
            )
    with ExitStack() as stack:
        display = stack.enter_context(_x_server(screen, folder / "xvfb.log"))
        variables = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
        if window_manager:
            stack.enter_context(_openbox(folder, os.environ | variables))
        yield variables


@contextmanager
def _x_server(screen: str, log: Path) -> Iterator[str]:
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        screen,
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    with running(command, log, os.environ, pass_fds=(writing,)):
        os.close(writing)
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()  # empty where the server gave up
        if not number:
            raise RuntimeError(f"Xvfb did not start: {_last_line(log)}")
        yield f":{number}"


@contextmanager
def _openbox(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    ready = folder / "openbox-is-ready"
    command = ["openbox", "--sm-disable", "--startup", f"touch '{ready}'"]
    log = folder / "openbox.log"
    with running(command, log, environment) as manager:
        deadline = time.monotonic() + PATIENCE
        while not ready.exists():
            if manager.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"openbox did not start: {_last_line(log)}")
            time.sleep(0.02)
        yield


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str], pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that ends with the block, or with this process should it be killed;
    its output goes to the log."""
    if shutil.which("setpriv"):
        command = ["setpriv", "--pdeathsig", "TERM", *command]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=pass_fds,
            # Ctrl+C in the terminal is ours to handle: the display goes last
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing.")
