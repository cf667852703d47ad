"""Functions compiled for this processor, kept where that is possible."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from numba import types

from studio.engine.runtime import compiling, lanes
from studio.engine.runtime.compiling import compiled

SIGNATURE = types.int64(types.int64)
MODULE = """
import os
from numba import types
from studio.engine.runtime.compiling import compiled

def plus_one(number):
    return number + 1

with open({told!r}, "a") as file:
    print(os.getpid(), file=file)
run = compiled(plus_one, types.int64(types.int64))
"""


def plus_one(number: int) -> int:
    return number + 1


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This is the process that compiles."""
    monkeypatch.setenv(compiling._HERE, "1")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches" / "autoregressive-studio"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Imports, as for the first time, a module with a compiled function; `tmp_path / "told"` holds
    the number of each process that did."""
    (tmp_path / "compiled_for_a_test.py").write_text(MODULE.format(told=str(tmp_path / "told")))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")

    def imported() -> Any:
        monkeypatch.delitem(sys.modules, "compiled_for_a_test", raising=False)
        return importlib.import_module("compiled_for_a_test")

    return imported


def compilations(function: Any) -> int:
    """How often it was compiled in this process, and not taken from the cache."""
    return sum(function.stats.cache_misses.values())


def test_another_process_compiles_once_for_all(
    cache: Path, module: Callable[[], Any], tmp_path: Path
) -> None:
    first = module()
    assert first.run(4) == 5
    assert compilations(first.run) == 0
    assert len(set((tmp_path / "told").read_text().split())) == 2
    again = module()
    assert again.run(4) == 5
    assert compilations(again.run) == 0
    assert len(set((tmp_path / "told").read_text().split())) == 2


def test_where_no_other_process_can_be_started_this_one_compiles(
    cache: Path, module: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = module()
    assert found.run(4) == 5
    assert compilations(found.run) == 1


def test_a_process_that_does_not_come_back_is_ended(
    cache: Path, module: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], **named: Any) -> None:
            super().__init__([*command[:-1], "import time; time.sleep(60)"], **named)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    monkeypatch.setattr(compiling, "_PATIENCE", 0.2)
    assert module().run(4) == 5
    assert [process.returncode for process in started] == [-9]


def test_what_is_compiled_is_kept_apart_for_each_version_of_what_it_uses(
    cache: Path, here: None
) -> None:
    assert compiled(plus_one, SIGNATURE)(4) == 5
    assert compiled(plus_one, SIGNATURE, lanes)(4) == 5
    assert len(list((cache / "compiled").iterdir())) == 2
    assert list(cache.rglob("*.nbi"))


def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(cache: Path, here: None) -> None:
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    assert compiled(plus_one, SIGNATURE)(4) == 5
