"""The C library is asked to keep what is freed, where it is one that can be asked."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from studio.engine.runtime.memory import keep_freed_memory


@pytest.fixture(autouse=True)
def not_asked_yet() -> Iterator[None]:
    keep_freed_memory.cache_clear()
    yield
    keep_freed_memory.cache_clear()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """What glibc was asked: values by the numbers of its settings, see mallopt(3)."""
    found: dict[int, int] = {}
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=found.__setitem__))
    monkeypatch.setattr(sys, "platform", "linux")
    return found


def test_large_blocks_come_from_the_heap_and_nothing_is_given_back(asked: dict[int, int]) -> None:
    keep_freed_memory()
    mmap_threshold, trim_threshold = asked[-3], asked[-1]
    assert mmap_threshold >= 1 << 30
    assert trim_threshold >= mmap_threshold


def test_it_is_asked_once_only(asked: dict[int, int]) -> None:
    keep_freed_memory()
    asked.clear()
    keep_freed_memory()
    assert not asked


def test_on_another_system_nothing_is_asked(
    asked: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    keep_freed_memory()
    assert not asked


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    keep_freed_memory()
