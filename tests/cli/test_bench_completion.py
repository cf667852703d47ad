"""`studio bench --only completion`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from studio.cli.commands import build_parser
from studio.demonstrations import QUICK_COMPLETION
from studio.engine.bench import completion, completion_text
from studio.engine.bench.completion_amounts import QUICK, Amounts
from tests.cli.commands import Capture, complaint, result

pytestmark = pytest.mark.usefixtures("here")
BENCH = ("bench", "--only", "completion")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the engine was asked to measure; it measures nothing."""
    calls: list[Any] = []

    def run(*arguments: Any, show: Any) -> dict[str, str]:
        show("Measuring.")
        calls.append(arguments)
        return {"machine": "a laptop"}

    monkeypatch.setattr(completion, "run", run)
    monkeypatch.setattr(completion_text, "as_text", lambda document: document["machine"])
    return calls


def test_everything_is_measured_by_default(asked: list[Any], capsys: Capture) -> None:
    assert json.loads(result(capsys, *BENCH, "--json")) == {"machine": "a laptop"}
    assert asked == [((), (), None, Amounts(), torch.device("cpu"))]
    assert result(capsys, *BENCH) == "a laptop"


def test_models_methods_and_how_much_can_be_chosen(asked: list[Any], capsys: Capture) -> None:
    result(
        capsys,
        *BENCH,
        "--models=a, b",
        "--methods=clamp,smc",
        "--preparation=dynamic",
        "--digits=10",
        "--completions=9",
        "--particle-digits=8",
        "--particles=7",
        "--samples=6",
        "--step-digits=5",
        "--passes=4",
    )
    amounts = Amounts(
        digits=10,
        completions=9,
        particle_digits=8,
        particles=7,
        samples=6,
        step_digits=5,
        passes=4,
    )
    assert asked == [(["a", "b"], ["clamp", "smc"], "dynamic", amounts, torch.device("cpu"))]


def test_quick_is_few_models_and_little_of_each(asked: list[Any], capsys: Capture) -> None:
    result(capsys, *BENCH, "--quick")
    result(capsys, *BENCH, "--quick", "--models", "a", "--particles", "3")
    first, second = asked
    assert first[0] == QUICK_COMPLETION
    assert first[3] == QUICK
    assert second[0] == ["a"]
    assert second[3].particles == 3
    assert second[3].digits == QUICK.digits


@pytest.mark.parametrize("option", build_parser().parse_args(["bench"]).of_completion.values())
def test_what_is_for_completion_is_refused_elsewhere(option: str, capsys: Capture) -> None:
    said = complaint(capsys, "bench", "--only", "sampling", option, "2")
    assert f"{option} is for `studio bench --only completion`" in said


def test_an_empty_name_is_refused_in_a_sentence(capsys: Capture) -> None:
    assert "list of names" in complaint(capsys, *BENCH, "--models", "a,,b")
