"""A test that is tried again holds in the end or fails, and is named in the summary either way."""

from __future__ import annotations

import pytest

from tests.tries import SecondTry, attempts, summary


def failing(times: int, most: int) -> list[str]:
    """What happens when an assertion fails so many times, and then holds."""
    happened: list[str] = []
    for attempt in attempts(most, lambda: happened.append("made ready")):
        with attempt:
            happened.append("tried")
            assert happened.count("tried") > times, "too slow"
    return happened


def test_what_holds_at_once_is_tried_once_without_a_word() -> None:
    assert failing(0, most=3) == ["tried"]


def test_what_holds_at_the_second_try_is_a_warning() -> None:
    with pytest.warns(SecondTry, match=r"try 1 of 3 failed: too slow"):
        assert failing(1, most=3) == ["tried", "made ready", "tried"]


@pytest.mark.filterwarnings("ignore::tests.tries.SecondTry")
def test_what_never_holds_fails() -> None:
    with pytest.raises(AssertionError, match="too slow"):
        failing(3, most=3)


def test_what_is_no_assertion_is_not_tried_again() -> None:
    for attempt in attempts(3, lambda: pytest.fail("it was tried again")):
        with pytest.raises(KeyError), attempt:
            raise KeyError


def test_the_summary_names_each_test_once() -> None:
    assert summary(["a.py::test_a", "a.py::test_a"]) == "1 test needed a second try: a.py::test_a"
    assert (
        summary(["a.py::test_a", "b.py::test_b"])
        == "2 tests needed a second try: a.py::test_a, b.py::test_b"
    )


@pytest.mark.parametrize("processes", ["0", "2"])
def test_the_run_says_which_tests_needed_a_second_try(
    pytester: pytest.Pytester, processes: str
) -> None:
    pytester.makeconftest("from tests.conftest import *")
    pytester.makepyfile(
        """
        def test_that_is_held_up(tries):
            for number, attempt in enumerate(tries(2)):
                with attempt:
                    assert number, "held up"

        def test_that_is_not(tries):
            for attempt in tries(2):
                with attempt:
                    pass
        """
    )
    pytester.makeini("[pytest]\nmarkers = timed\n cuda\n")
    result = pytester.runpytest_subprocess("-n", processes)
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["1 test needed a second try: *::test_that_is_held_up"])
