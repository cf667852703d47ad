"""The model of the README is one short file, and all that it takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import models
from models.stepping import PrefixStepper
from tests import example_model
from tests.cli.commands import Capture, result
from tests.tiny import tiny_data

FILE = Path(example_model.__file__)


@pytest.fixture
def registered(own_models: None) -> None:
    models.register(*example_model.VARIANTS)


def test_the_readme_shows_this_very_file() -> None:
    readme = (FILE.parents[1] / "README.md").read_text()
    assert f"```python\n{FILE.read_text()}```\n" in readme


def test_it_has_no_more_than_40_lines() -> None:
    assert len(FILE.read_text().splitlines()) <= 40


def test_it_says_nothing_of_steppers_and_has_one_all_the_same(registered: None) -> None:
    model = models.build("nade")
    assert isinstance(model, models.AutoregressiveModel)
    assert isinstance(model.stepper(1), PrefixStepper)


def test_it_is_trained_scored_and_draws_by_command(
    registered: None, user_data_folder: Path, tmp_path: Path, capsys: Capture
) -> None:
    run, digit = tmp_path / "run", tmp_path / "digit.png"
    settings = ["--set", "epochs=30", "hidden=16", "batch=10"]
    data = ["--data", str(tiny_data(tmp_path))]
    path = result(capsys, "train", "nade", *data, "--out", str(run), "--device", "cpu", *settings)
    score = json.loads(result(capsys, "evaluate", path, "--json"))
    assert score["bits_per_dim"] < 0.9  # of coins, it would be 1
    assert result(capsys, "generate", path, "--out", str(digit)) == str(digit)


def test_its_settings_say_what_they_mean_and_are_checked(registered: None) -> None:
    with pytest.raises(ValueError, match="hidden is 0, but must lie between 1 and 4,096"):
        models.build("nade", hidden=0)
