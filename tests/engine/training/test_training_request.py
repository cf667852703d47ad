"""What a training is asked for goes into a file and comes back, whoever carries it out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import models
from studio.engine.runtime.errors import StudioError
from studio.engine.training.training_request import changed, read_request, request_for


def asked(**changes: Any) -> dict[str, Any]:
    recipe = models.recipe("made").with_changes(**changes)
    request = request_for("made", recipe, {"hidden": 8, "shape": (1, 4, 4)}, run_name="mine")
    return json.loads(json.dumps(request))


def test_it_comes_back_from_a_file(stripes: Path) -> None:
    name, recipe, config = read_request(asked(data=str(stripes), epochs=2.0))
    assert (name, config) == ("made", {"hidden": 8, "shape": [1, 4, 4]})
    assert recipe == models.recipe("made").with_changes(data=str(stripes), epochs=2.0)


def test_files_are_found_from_any_folder(stripes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(stripes.parent)
    request = asked(data=stripes.name, start="stripes.npz")
    assert request["recipe"]["data"] == str(stripes)
    assert request["recipe"]["start"] == str(stripes)


def test_a_data_set_that_ships_keeps_its_name() -> None:
    assert asked(data="mnist")["recipe"]["data"] == "mnist"


def test_it_is_changed_as_by_set(stripes: Path) -> None:
    request = changed(asked(data=str(stripes)), {"rate": "0.01", "hidden": "16"})
    assert (request["recipe"]["rate"], request["config"]["hidden"]) == (0.01, 16)
    assert request["name"] == "mine"
    with pytest.raises(StudioError, match='no setting "flavour"'):
        changed(request, {"flavour": "vanilla"})


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({}, "not a training that can be read"),
        ({"model": "made", "recipe": {"flavour": 1}}, "not a training that can be read"),
        ({"model": "nobody", "recipe": {}}, 'needs the model "nobody"'),
        ({"model": "made", "recipe": {"batch": 0}}, "batch is 0"),
    ],
)
def test_what_cannot_be_carried_out_is_refused(request_: dict[str, Any], sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        read_request(request_)
