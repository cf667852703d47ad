"""What the person at the terminal sees: results on one stream,
messages and progress on the other."""

from __future__ import annotations

import codecs
import io
import json
import logging
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from typing import Any, TextIO

from studio.engine.runtime.files import in_json

DONE, BAD_INPUT, INTERRUPTED = 0, 2, 130  # exit statuses
LINE_EVERY = (
    10.0  # seconds between lines of progress where they cannot be overwritten: in a log file
)
UPDATE_EVERY = 0.1  # seconds between updates of the one line at a terminal


# what stands for characters that a terminal may not have
_SPELT = {
    "×": "x",
    "…": "...",
    "–": "-",
    "−": "-",
    "·": "-",
    "µ": "u",
    "†": "+",
    "’": "'",
    "“": '"',
    "”": '"',
}
_results: ContextVar[TextIO | None] = ContextVar("results", default=None)


def _spell(error: UnicodeError) -> tuple[str, int]:
    """What is printed in the place of characters that the terminal's encoding has not got."""
    assert isinstance(error, UnicodeEncodeError)
    wrong = error.object[error.start : error.end]
    known = (_SPELT.get(each, each.encode("ascii", "backslashreplace").decode()) for each in wrong)
    return "".join(known), error.end


codecs.register_error("spell", _spell)


def take_any_encoding() -> None:
    """Whatever encoding the terminal has, nothing that is printed is an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="spell")


@contextmanager
def results_alone() -> Iterator[None]:
    """Standard output is for one JSON document only: whatever else is printed meanwhile, by a model
    of the person's own or by a library, goes to standard error."""
    token = _results.set(sys.stdout)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _results.reset(token)


def say(message: str) -> None:
    """A message for the person, on standard error."""
    print(message, file=sys.stderr, flush=True)


class _Saying(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(self.format(record))


@contextmanager
def notes_said() -> Iterator[None]:
    """What the engine has to say of the files that it reads is said meanwhile."""
    logger, saying = logging.getLogger("studio.engine"), _Saying(logging.WARNING)
    logger.addHandler(saying)
    try:
        yield
    finally:
        logger.removeHandler(saying)


def print_json(document: Any) -> None:
    """The one JSON document of a command with `--json`. What is no number in JSON is null: it has
    neither infinity nor "not a number"."""
    text = json.dumps(in_json(document), indent=2, allow_nan=False)
    print(text, file=_results.get() or sys.stdout)


def print_table(
    header: list[str], rows: list[list[str]], right: frozenset[int] = frozenset()
) -> None:
    """Columns as wide as they need to be; those numbered in `right` are aligned to the right. What
    a terminal would take for a command is left out of the cells: names come from files."""
    rows = [["".join(filter(str.isprintable, cell)) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = (
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def duration(seconds: float) -> str:
    """Such as 8 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class ProgressLine:
    """One line on standard error that says how far the work is:
    rewritten at a terminal, now and then in a log.

    Use as a context manager, so that the line is ended whatever happens.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._terminal = self._stream.isatty()
        # what ends soon needs no line in a log
        self._shown = 0.0 if self._terminal else time.monotonic()
        self._width = 0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def show(self, text: str) -> None:
        """Show the text if it is time for it."""
        now = time.monotonic()
        if now - self._shown < (UPDATE_EVERY if self._terminal else LINE_EVERY):
            return
        self._shown = now
        if not self._terminal:
            say(text)
            return
        text = text[: shutil.get_terminal_size().columns - 1]
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def end(self) -> None:
        """Clear the line at a terminal: what comes next starts where it stood."""
        if self._terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0
