"""`studio bench --device`: how fast a device is, for a person and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch

from studio.engine.bench import device_speed
from tests.cli.commands import complaint, result

DOCUMENT: dict[str, Any] = {
    "machine": "a GPU",
    "device": "cpu",
    "torch": "2",
    "quick": False,
    "drawing": {
        "made": [
            {
                "batch": 1,
                "decoder": "graph",
                "first": 1.5,
                "seconds": 0.5,
                "sites_per_second": 1568.0,
            }
        ]
    },
    "training": {
        "made": [
            {
                "batch": 32,
                "captured": True,
                "steps_per_second": 1000.0,
                "examples_per_second": 32_000.0,
            }
        ]
    },
}


def test_a_device_is_measured_as_a_whole_or_one_model_on_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def run(*given: Any) -> dict[str, Any]:
        asked.append(given)
        return DOCUMENT

    monkeypatch.setattr(device_speed, "run", run)
    assert json.loads(result(capsys, "bench", "--device", "cpu", "--json")) == DOCUMENT
    lines = result(capsys, "bench", "--device", "cpu", "--only", "made").splitlines()
    assert [list(each[1]) for each in asked] == [[], ["made"]]
    assert asked[0][0] == torch.device("cpu")
    assert lines[3].split() == ["made", "graph", "1", "1.500", "s", "0.500", "s", "1,568"]
    assert lines[-1].split() == ["made", "captured", "32", "1,000.0", "32,000"]


def test_options_of_other_benchmarks_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said = complaint(capsys, "bench", "--device", "cpu", "--digits", "3")
    assert "--digits is for `studio bench --only completion`" in said
