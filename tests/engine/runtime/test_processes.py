"""Which of the processes one is that `fabric run` starts."""

from __future__ import annotations

import pytest

from studio.engine.runtime import processes


def test_alone_it_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LT_CLI_USED", raising=False)
    monkeypatch.setenv("RANK", "3")  # of something else that was started so
    assert (processes.together(), processes.rank(), processes.leads()) == (False, 0, True)


def test_started_together_each_has_its_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LT_CLI_USED", "1")
    monkeypatch.setenv("RANK", "3")
    assert (processes.together(), processes.rank(), processes.leads()) == (True, 3, False)
