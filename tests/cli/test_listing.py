"""`studio models`, `scoreboard` and `bench`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import models
from studio.engine.bench import drawing_speed
from studio.engine.checkpoints import cards
from studio.engine.training.runs import Run
from tests.cli.commands import complaint, result
from tests.tiny import tiny_checkpoint


def test_models_lists_what_can_be_built_and_what_is_trained(here, capsys):
    document = json.loads(result(capsys, "models", "--json"))
    assert [entry["name"] for entry in document["models"]] == models.available()
    assert all(
        entry["summary"] and entry["recipe"] and entry["settings"] for entry in document["models"]
    )
    assert {entry["name"] for entry in document["checkpoints"]} == set(cards.shipped())
    text = result(capsys, "models")
    assert all(name in text for name in models.available())


def test_a_single_model_lists_its_settings_and_what_they_mean(here, capsys):
    text = result(capsys, "models", "made")
    assert re.search(r"hidden +1024 +Units of each of the two hidden layers \(1 to 65,536\)", text)
    assert re.search(r"ema +0.999 +Decay of the moving average", text)
    document = json.loads(result(capsys, "models", "wavenet", "--json"))
    hop = next(setting for setting in document["model"] if setting["key"] == "hop")
    assert (hop["default"], hop["unit"], hop["range"]) == (80, "samples", [1, 65536])
    assert 'There is no model "gpt"' in complaint(capsys, "models", "gpt")


def test_the_runs_of_the_person_are_listed_and_a_damaged_one_says_so(
    here, capsys, user_data_folder
):
    for name in ("good", "damaged"):
        run = Run.create("pixelcnn", user_data_folder / "runs" / name)
        run.write_config("pixelcnn", {}, models.recipe("pixelcnn"), "cpu")
        tiny_checkpoint(run.folder).rename(run.latest)
    Path(user_data_folder / "runs" / "damaged" / "latest.safetensors").write_bytes(b"short")
    runs = {run["name"]: run for run in json.loads(result(capsys, "models", "--json"))["runs"]}
    assert runs["good"]["card"]["model"] == "pixelcnn"
    assert "cut short" in runs["damaged"]["error"]
    assert "cut short" in result(capsys, "models")


def test_the_scoreboard_has_a_row_for_every_shipped_checkpoint(here, capsys):
    board = json.loads(result(capsys, "scoreboard", "--json"))
    assert {row["name"] for row in board} == set(cards.shipped())
    pictures, sound = result(capsys, "scoreboard").split("\n\n")
    for row in board:
        assert row["name"] in (pictures if row["bits_per_sample"] is None else sound)
    assert "bits/sample" in sound
    assert "uniform" in sound


def test_bench_prints_one_document(here, capsys, monkeypatch):
    asked: dict[str, Any] = {}

    def measured(show: Callable[[str], object], **arguments: Any) -> dict[str, Any]:
        show("Measuring.")
        asked.update(arguments)
        return {"machine": "a laptop", "matmul_gflops": 100.0}

    monkeypatch.setattr(drawing_speed, "run", measured)
    assert (
        json.loads(result(capsys, "bench", "--json", "--only", "sampling"))["machine"] == "a laptop"
    )
    assert asked == {"only": "sampling", "quick": False}
    assert "a laptop" in result(capsys, "bench")


def test_every_source_of_data_is_listed(capsys):
    listed = json.loads(result(capsys, "data", "--json"))["data"]
    assert {"mnist", "emoji", "speech"} <= {entry["name"] for entry in listed}
    own = [entry["what"] for entry in listed if not entry["name"]]
    assert any("folder of pictures" in what for what in own)
    assert all(entry["what"] for entry in listed)


def test_a_model_tells_what_it_does_what_to_look_for_and_its_paper(capsys):
    said = result(capsys, "models", "made")
    assert "one pass gives every conditional." in said
    assert "Germain, Gregor, Murray & Larochelle 2015: MADE" in said
    found = json.loads(result(capsys, "models", "made", "--json"))
    assert found["published"]["year"] == 2015
    assert found["does"] in said
    assert found["look_for"] in said


def test_a_card_that_holds_odd_things_is_listed_in_one_short_line(capsys, user_data_folder):
    run = Run.create("pixelcnn", user_data_folder / "runs" / "odd")
    run.write_config("pixelcnn", {}, models.recipe("pixelcnn"), "cpu")
    odd = tiny_checkpoint(run.folder, data="\x1b[2J" + "x" * 10**5, preparation={"a": 1})
    odd.rename(run.latest)
    line = next(line for line in result(capsys, "models").splitlines() if line.startswith("odd"))
    assert len(line) < 400
    assert line.isprintable()
