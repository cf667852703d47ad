"""The leak detector: it must be able to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests import leaks


@pytest.fixture
def endless() -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="endless", daemon=True)
    yield thread
    stop.set()
    thread.join()


def test_a_thread_that_goes_on_is_named(endless: threading.Thread) -> None:
    before = leaks.running_threads()
    endless.start()
    assert leaks.leaked_threads(before, patience=0.05) == ["the thread 'endless'"]


def test_a_thread_that_ends_soon_is_no_leak() -> None:
    before = leaks.running_threads()
    threading.Timer(0.05, lambda: None).start()
    assert leaks.leaked_threads(before) == []


def test_a_thread_that_was_there_before_is_no_leak(endless: threading.Thread) -> None:
    endless.start()
    assert leaks.leaked_threads(leaks.running_threads(), patience=0.05) == []


def test_the_test_that_leaks_a_thread_fails(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "PATIENCE", 0.1)
    pytester.makeconftest("from tests.conftest import no_leaked_threads as no_leaked_threads")
    pytester.makepyfile(
        """
        import threading

        stop = threading.Event()

        def test_that_leaks():
            threading.Thread(target=stop.wait, name="endless").start()

        def test_that_is_innocent():
            stop.set()
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:timeout")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_that_leaks*", "*left behind: the thread 'endless'.*"]
    )
