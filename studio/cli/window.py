"""`studio` without a command: the window."""

from __future__ import annotations

import argparse

from studio.display import has_display
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.log_file import usual_place


def print_log(arguments: argparse.Namespace) -> int:
    """Prints where the log is."""
    print(usual_place())
    return 0


def open_window(arguments: argparse.Namespace) -> int:
    """Stays until the window is closed; StudioError where it cannot be opened here."""
    if not has_display():
        raise StudioError(
            "There is no display here to open the window on; see `studio --help` for what works"
            " without."
        )
    try:
        from studio.gui.shell.app import main
    except ImportError as error:  # a system library that Qt needs, mostly
        raise StudioError(f"The window cannot be opened: {str(error).rstrip('.')}.") from error
    return main()
