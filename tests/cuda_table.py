"""What `make test-cuda` prints: one table of all tests that need a GPU, with how each ended, how
long it took and the figures that it recorded (`record_property`). After five minutes the rest are
left out, and that is said."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

SECONDS = float(os.environ.get("SECONDS_OF_CUDA_TESTS", "270"))  # the last one may take some more
_BEGAN = time.monotonic()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if time.monotonic() - _BEGAN > SECONDS:
        pytest.skip("no time was left")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = list(_rows(terminalreporter))
    if not rows:
        return
    terminalreporter.section(_machine())
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        terminalreporter.write_line("  ".join([*cells, row[3]]).rstrip())


def _rows(reporter: pytest.TerminalReporter) -> Iterator[tuple[str, str, str, str]]:
    """What was tried, how it ended, seconds, figures."""
    for ended in ("passed", "failed", "error", "skipped"):
        for report in reporter.stats.get(ended, []):
            name = report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")
            figures = "  ".join(f"{key} {value}" for key, value in report.user_properties)
            why = str(report.longrepr[2]) if ended == "skipped" and report.longrepr else ""
            yield name, ended, f"{report.duration:.1f} s", figures or why.removeprefix("Skipped: ")


def _machine() -> str:
    import torch

    if not torch.cuda.is_available():
        return "there is no GPU here: none of these was run"
    return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
