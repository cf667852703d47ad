"""Functions compiled for this processor, kept where that is possible."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest
from numba import types

from studio.engine.runtime import lanes
from studio.engine.runtime.compiling import compiled

SIGNATURE = types.int64(types.int64)


def plus_one(number: int) -> int:
    return number + 1


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *args, **named: folder)
    return folder


def test_what_is_compiled_is_kept_apart_for_each_version_of_what_it_uses(cache: Path) -> None:
    assert compiled(plus_one, SIGNATURE)(4) == 5
    assert compiled(plus_one, SIGNATURE, lanes)(4) == 5
    assert len(list((cache / "compiled").iterdir())) == 2
    assert list(cache.rglob("*.nbi"))


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(cache: Path) -> None:
    cache.write_text("a file where the folder should be")
    assert compiled(plus_one, SIGNATURE)(4) == 5
