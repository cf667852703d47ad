"""A sweep: a request for each combination, what cannot be refused, and a table of its runs."""

from __future__ import annotations

from typing import Any

import pytest

import models
from studio.engine.checkpoints.places import runs_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.training.queue import Queue
from studio.engine.training.runs import Run, columns
from studio.engine.training.sweeps import names, read_over, sweep, table
from studio.engine.training.training_request import request_for

pytestmark = pytest.mark.usefixtures("user_data_folder")


@pytest.fixture
def request_() -> dict[str, Any]:
    return request_for("made", models.recipe("made"), {"hidden": 8})


def test_there_is_a_request_for_each_combination(request_: dict[str, Any]) -> None:
    made = sweep(request_, {"rate": [1e-3, 2e-3], "hidden": ["16", "32", "64"]}, name="mine")
    assert [one["name"] for one in made] == [f"mine-{number}" for number in range(1, 7)]
    assert {one["sweep"] for one in made} == {"mine"}
    assert made[1]["changes"] == {"rate": "0.001", "hidden": "32"}
    assert (made[1]["recipe"]["rate"], made[1]["config"]["hidden"]) == (1e-3, 32)


def test_a_sweep_without_a_name_gets_one_that_is_free(request_: dict[str, Any]) -> None:
    first = sweep(request_, {"hidden": [1]})[0]
    Queue().add(first)
    second = sweep(request_, {"hidden": [1]})[0]
    assert first["sweep"].startswith("made-sweep-")
    assert first["sweep"] != second["sweep"]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({}, "needs values to try"),
        ({"rate": []}, "at least one value"),
        ({"rate": [1e-3] * 13}, "These are 13 settings; a sweep has 12 at most"),
        ({"rate": [1] * 4, "hidden": [1] * 4}, "These are 16 settings"),
        ({"rate": ["1e-3", "0.001"]}, "rate=0.001 is there twice"),
        ({"flavour": ["vanilla"]}, 'There is no setting "flavour" for made'),
        ({"hidden": [0]}, "hidden is 0, but must lie between"),
        ({"rate": ["fast"]}, '"fast" does not fit rate'),
        ({"rate": [1e-3, 1e300]}, "rate is 1e.300, but must lie between"),
    ],
)
def test_what_cannot_be_is_refused(
    request_: dict[str, Any], over: dict[str, list[Any]], sentence: str
) -> None:
    with pytest.raises(StudioError, match=sentence):
        sweep(request_, over)


def test_values_are_read_as_they_are_typed() -> None:
    assert read_over("made", ["rate=1e-3,2e-3", "hidden=16, 32"]) == {
        "rate": ["1e-3", "2e-3"],
        "hidden": ["16", "32"],
    }


def test_lists_are_separated_by_semicolons() -> None:
    over = read_over("wavenet", ["dilations=1,2;1,2,4"])
    assert over == {"dilations": ["1,2", "1,2,4"]}


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["rate"], "write key=A,B"),
        (["rate=1,,2"], "an empty value"),
        (["rate=1", "rate=2"], "rate is there twice"),
    ],
)
def test_what_cannot_be_read_is_refused(texts: list[str], sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        read_over("made", texts)


def ran(name: str, sweep: str, validation: list[float]) -> None:
    """A run of a sweep, by the figures of its epochs."""
    run = Run.create("made", runs_folder() / name)
    run.write_config("made", {}, models.recipe("made"), "cpu")
    run.write_sweep(sweep, {"rate": name})
    for epoch, value in enumerate(validation, 1):
        row = {"step": epoch, "epoch": epoch, "seconds": 2.0 * epoch, "val_bits_per_dim": value}
        run.add_metrics(row, columns("bits_per_dim"))


def test_the_table_has_the_best_of_each_run_the_best_run_first() -> None:
    ran("slow", "mine", [0.9, 0.8])
    ran("good", "mine", [0.5, 0.2, 0.3])
    ran("none", "mine", [])
    ran("other", "another", [0.1])
    rows = table("mine")
    assert [(row.run, row.validation) for row in rows] == [
        ("good", 0.2),
        ("slow", 0.8),
        ("none", None),
    ]
    assert (rows[0].epochs, rows[0].seconds, rows[0].measure) == (3, 6, "bits_per_dim")
    assert rows[0].changes == {"rate": "good"}
    assert names() == ["another", "mine"]


def test_what_only_waits_is_in_the_table_too(request_: dict[str, Any]) -> None:
    for one in sweep(request_, {"hidden": [1, 2]}, name="mine"):
        Queue().add(one)
    assert [(row.run, row.state, row.changes) for row in table("mine")] == [
        ("mine-1", "queued", {"hidden": "1"}),
        ("mine-2", "queued", {"hidden": "2"}),
    ]


def test_each_training_of_a_sweep_takes_the_minutes_that_it_is_given(
    request_: dict[str, Any],
) -> None:
    made = sweep(request_, {"hidden": [1, 2]}, minutes=0.5)
    assert [one["recipe"]["minutes"] for one in made] == [0.5, 0.5]
    with pytest.raises(StudioError, match="minutes are given twice"):
        sweep(request_, {"minutes": [1, 2]}, minutes=0.5)
    with pytest.raises(StudioError, match="leave out these, or the epochs"):
        sweep(request_, {"epochs": [1, 2]}, minutes=0.5)
