"""Which of the processes one is that `fabric run` starts."""

from __future__ import annotations

import subprocess
import sys

import psutil
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


@pytest.mark.skipif(sys.platform == "win32", reason="there it has a class of priority")
def test_one_that_steps_back_is_as_nice_as_can_be_unless_somebody_waits_for_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        processes.step_back(process, awaited=True)
        assert psutil.Process(process.pid).nice() == 5
        processes.step_back(process)
        assert psutil.Process(process.pid).nice() == 19
        process.communicate()
    processes.step_back(process)  # it has ended: nothing is said
