"""What is imported after PySide is not read for its features."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path

import pytest

from studio.gui.shell.app import application


def test_the_source_of_what_is_imported_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    application()
    place = tmp_path / "imported_late.py"
    place.write_text("VALUE = 7\n")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        import imported_late  # type: ignore[import-not-found]

        assert imported_late.VALUE == 7
        assert str(place) not in linecache.cache
    finally:
        sys.modules.pop("imported_late", None)
