"""Trying again where another program may have held a test up, and saying so: a second try is a
warning, and pytest counts it.

    for attempt in tries(3):
        with attempt:
            ...
            assert seconds < 0.1
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType


class SecondTry(UserWarning):
    """What a test asserts did not hold at first, and was tried again."""


class Attempt:
    """One try. An assertion that fails in it ends the test only in the last one."""

    def __init__(self, last: bool) -> None:
        self._last = last
        self.reason: str | None = None  # for which it failed

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if self._last or not isinstance(error, AssertionError):
            return False
        self.reason = str(error).partition("\n")[0]
        return True


Tries = Callable[[int], Iterator[Attempt]]  # the fixture `tries`: so many attempts at most


def attempts(most: int, before_another: Callable[[], None]) -> Iterator[Attempt]:
    """Up to `most` attempts, until one succeeds; `before_another` is called between two."""
    for number in range(1, most + 1):
        attempt = Attempt(last=number == most)
        yield attempt
        if attempt.reason is None:
            return
        warnings.warn(SecondTry(f"try {number} of {most} failed: {attempt.reason}"), stacklevel=2)
        before_another()


def summary(names: Sequence[str]) -> str:
    """The line about the tests of these names, which hold each once for every further try."""
    tests = dict.fromkeys(names)
    count = "1 test" if len(tests) == 1 else f"{len(tests)} tests"
    return f"{count} needed a second try: {', '.join(tests)}"
