"""Whether there is a screen to open a window on. Qt ends the whole process where there is none, so
it is asked before."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_PATIENCE = 3.0  # seconds that a display server on another machine has to answer


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can be opened: always on macOS and Windows,
    elsewhere where a display server answers.

    A platform that was chosen for Qt, such as "offscreen", is taken as it is.
    """
    if platform in ("darwin", "win32") or environment.get("QT_QPA_PLATFORM", "xcb") not in (
        "xcb",
        "wayland",
    ):
        return True
    return _wayland_answers(environment) or _x_answers(environment.get("DISPLAY", ""))


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY", "")
    return bool(name) and connects(str(Path(environment.get("XDG_RUNTIME_DIR", "/"), name)))


def _x_answers(display: str) -> bool:
    """Such as ":0", "unix:1.0", "localhost:10.0"."""
    found = re.fullmatch(r"(.*):(\d+)(\.\d+)?", display)
    if found is None:
        return False
    host, number = found[1], int(found[2])
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        # the second is Linux's namespace without files
        return connects(path) or connects(f"\0{path}")
    return connects((host.strip("[]"), 6000 + number))


def connects(address: str | tuple[str, int]) -> bool:
    """Whether something answers at a socket: a path, or a host and a port."""
    try:
        if isinstance(address, tuple):
            with socket.create_connection(address, _PATIENCE):
                return True
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(address)
            return True
    except OSError:
        return False
