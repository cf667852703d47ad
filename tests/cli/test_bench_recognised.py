"""`studio bench --only recognised`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from studio.engine.bench import recognition
from tests.cli.commands import Capture, complaint, result

pytestmark = pytest.mark.usefixtures("here")
BENCH = ("bench", "--only", "recognised")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the engine was asked to measure; it measures nothing."""
    calls: list[Any] = []

    def run(*arguments: Any, quick: bool, show: Any) -> dict[str, str]:
        calls.append((*arguments, quick))
        return {"machine": "a laptop"}

    monkeypatch.setattr(recognition, "run", run)
    monkeypatch.setattr(recognition, "as_text", lambda document: document["machine"])
    return calls


def test_all_shipped_models_are_judged_by_default(asked: list[Any], capsys: Capture) -> None:
    assert json.loads(result(capsys, *BENCH, "--json")) == {"machine": "a laptop"}
    assert result(capsys, *BENCH, "--quick") == "a laptop"
    cpu = torch.device("cpu")
    assert asked == [((), None, cpu, False), ((), None, cpu, True)]


def test_models_and_the_number_of_samples_can_be_chosen(asked: list[Any], capsys: Capture) -> None:
    result(capsys, *BENCH, "--models", "a,b", "--samples", "7", "--device", "cpu")
    assert asked == [(["a", "b"], 7, torch.device("cpu"), False)]


def test_what_is_for_completion_alone_is_refused(capsys: Capture) -> None:
    said = complaint(capsys, *BENCH, "--digits", "3")
    assert "--digits is for `studio bench --only completion`" in said
