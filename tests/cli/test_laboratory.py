"""`studio runs`, `queue`, `sweep`, and `train` with --find-rate, --like, --later and --queue."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

import models
from studio.cli import main, watching
from studio.engine.checkpoints import cards
from studio.engine.training import batch_finding, rate_finding
from studio.engine.training.batch_finding import Measured, Proposal
from studio.engine.training.rate_finding import RateTest, Tried
from studio.engine.training.runs import Run, columns
from tests.cli.commands import complaint, result
from tests.tiny import tiny_data

TINY = ["--device", "cpu", "--set", "epochs=0.2", "hidden=8", "batch=10"]


@pytest.fixture
def train(here, monkeypatch) -> list[str]:
    """A training that takes no time, as nothing is drawn after its epochs."""
    monkeypatch.setattr("studio.engine.training.callbacks.made_by", lambda training: None)
    return ["train", "made", "--data", str(tiny_data(here)), *TINY]


@pytest.fixture
def run(here, user_data_folder) -> Run:
    """A run that was stopped after its third step."""
    run = Run.create("made", user_data_folder / "runs" / "mine")
    run.write_config("made", {}, models.recipe("made"), "cpu")
    for step in (1, 2, 3):
        row = {"step": step, "epoch": step / 2, "seconds": step, "train_bits_per_dim": 1 / step}
        run.add_metrics(row, columns("bits_per_dim"))
    run.note("After step 3 the loss was no longer a number.")
    run.tell("failed", "The disk is full.")
    return run


def test_runs_are_listed_with_how_they_stand(run, capsys):
    assert main(["runs"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split()[:4] == ["mine", "made", "stopped", "1.5"]
    assert "mine: The disk is full." in err
    assert "no longer a number" in err
    (found,) = json.loads(result(capsys, "runs", str(run.folder.parent), "--json"))["runs"]
    assert (found["state"], found["train"], found["error"]) == (
        "stopped",
        1 / 3,
        "The disk is full.",
    )


def test_a_run_is_followed_until_it_is_over(run, capsys, monkeypatch):
    run.tell("running")

    def meanwhile(seconds: float) -> None:
        run.rewind_metrics(2, columns("bits_per_dim"))
        run.add_metrics({"step": 3, "train_bits_per_dim": 0.25}, columns("bits_per_dim"))
        run.tell("finished")

    monkeypatch.setattr(watching, "time", SimpleNamespace(sleep=meanwhile))
    assert main(["runs", "mine", "--follow"]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["step", "1", "2", "3", "3"]
    assert out.splitlines()[-1].split()[-1] == "0.25"
    assert "It went back to step 2." in err
    assert err.endswith("mine is finished.\n")


def test_a_run_that_is_gone_is_followed_no_longer(run, capsys, monkeypatch):
    run.tell("running")
    gone = SimpleNamespace(sleep=lambda seconds: shutil.rmtree(run.folder))
    monkeypatch.setattr(watching, "time", gone)
    assert main(["runs", "mine", "--follow"]) == 0
    assert capsys.readouterr().err.endswith("mine is gone.\n")


def test_what_cannot_be_followed_is_refused(run, capsys):
    assert "leave out --json" in complaint(capsys, "runs", "mine", "--follow", "--json")
    assert "for one run" in complaint(capsys, "runs", "--follow")
    assert 'no folder of runs, "nowhere"' in complaint(capsys, "runs", "nowhere")


def test_the_rates_that_were_tried_are_printed_and_what_follows(train, capsys, monkeypatch):
    tried = tuple(Tried({"rate": 10.0**n, "muon_rate": 5.0}, 0.5, 0.25) for n in range(-6, 0))
    found = RateTest(tried, {"rate": 0.01, "muon_rate": 0.05}, "It falls.", "bits_per_dim")
    monkeypatch.setattr(rate_finding, "find_rate", lambda *_, **__: found)
    lines = result(capsys, *train, "--find-rate").splitlines()
    assert lines[0].split() == ["rate", "muon_rate", "bits/dim", "smoothed"]
    assert lines[1].split() == ["1.00e-06", "5.00e+00", "0.5000", "0.2500"]
    assert lines[-2:] == ["It falls.", "studio train made --set rate=0.01 muon_rate=0.05"]
    document = json.loads(result(capsys, *train, "--find-rate", "--json"))
    assert document == {"model": "made", **found.to_dict()}


def test_the_batches_that_were_tried_are_printed_and_what_is_proposed(train, capsys, monkeypatch):
    tried = (Measured(32, 0.5, None), Measured(64, 0.5, 2_000_000_000))
    found = Proposal(tried, 64, {"rate": 0.01}, "It is faster.")
    monkeypatch.setattr(batch_finding, "find_batch", lambda *_, **__: found)
    lines = result(capsys, *train, "--find-batch").splitlines()
    assert lines[1].split() == ["32", "500.0", "64"]
    assert lines[2].split() == ["64", "500.0", "128", "2.0", "GB"]
    assert lines[-2:] == ["It is faster.", "studio train made --set batch=64 rate=0.01"]
    document = json.loads(result(capsys, *train, "--find-batch", "--json"))
    assert (document["batch"], document["rate"]) == (64, 0.01)
    assert document["measured"][1]["examples_per_second"] == 128
    assert "do not go together" in complaint(capsys, *train, "--find-batch", "--find-rate")


def test_a_run_is_trained_like_another_but_for_what_is_set_and_its_epochs_can_be_asked_to_draw(
    train, capsys, user_data_folder
):
    recipe = models.recipe("made").with_changes(
        data=train[3], epochs=0.2, batch=10, rate=0.01, start=""
    )
    first = Run.create("made", user_data_folder / "runs" / "first")
    first.write_config("made", {"hidden": 8}, recipe, "cpu")
    path = result(capsys, "train", "--like", "first", "--set", "epochs=0.5", "--name", "second")
    recipe = cards.read_card(path)["recipe"]
    assert (recipe["rate"], recipe["epochs"]) == (0.01, 0.5)
    assert cards.read_card(path)["config"]["hidden"] == 8
    assert result(capsys, "generate", "second@1") == "second@1-0.png"
    assert "no checkpoint of epoch 7: it keeps 1" in complaint(capsys, "generate", "second@7")
    assert "trains made, not pixelcnn" in complaint(capsys, "train", "pixelcnn", "--like", "first")


def test_trainings_wait_and_are_worked_off(train, capsys, user_data_folder):
    assert result(capsys, *train, "--name", "one", "--later") == "1"
    assert result(capsys, *train, "--later") == "2"
    entries = json.loads(result(capsys, "queue", "--move", "2", "0", "--json"))["entries"]
    assert [(entry["id"], entry["name"]) for entry in entries] == [("2", "made"), ("1", "one")]
    assert "queued" in result(capsys, "queue", "--remove", "2")
    assert main(["train", "--queue"]) == 0
    assert "one is finished." in capsys.readouterr().err
    assert Run.open("one").latest.is_file()
    assert result(capsys, "queue", "--clear") == "nothing waits"


def test_a_sweep_ends_with_a_table_the_best_first(train, here, capsys):
    sweep = ["sweep", *train[1:], "--over", "hidden=4,8", "--name", "widths"]
    found = json.loads(result(capsys, *sweep, "--json"))
    assert found["sweep"] == "widths"
    figures = [row["validation"] for row in found["runs"]]
    assert figures == sorted(figures)
    assert {row["changes"]["hidden"] for row in found["runs"]} == {"4", "8"}
    text = result(capsys, "sweep", "--table", "widths")
    assert text.splitlines()[0].split()[:2] == ["hidden", "validation"]
    assert "there are widths" in complaint(capsys, "sweep", "--table", "nothing")
    assert 'There is a sweep "widths" already' in complaint(capsys, *sweep)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "made", "--queue"], "to put a training there, use --later"),
        (["train", "--queue", "--minutes", "5"], "leave out --minutes; to put a training there"),
        (["train", "made", "--find-rate", "--name", "x"], "keeps nothing: leave out --name"),
        (["train", "made", "--queue", "--later"], "do not go together"),
        (["train", "made", "--json"], "--json is for --find-rate"),
        (["train", "made", "--later", "--out", "there"], "give it one with --name"),
        (["train", "--find-rate"], "Name a model"),
        (["train", "--like", "nothing"], 'There is no run "nothing"'),
        (["sweep", "made"], "needs values to try"),
        (["sweep", "made", "--over", "flavour=a,b"], 'no setting "flavour"'),
        (
            ["sweep", "made", "--over", "rate=1,2", "--name", "a/b"],
            "cannot contain the character /",
        ),
        (["sweep", "made", "--over", "epochs=1,2", "--minutes", "1"], "as many minutes"),
        (["queue", "--stop", "7"], 'no entry "7"'),
        (["queue", "--move", "1", "first"], "not a position"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(here, capsys, words, sentence):
    assert sentence in complaint(capsys, *words)
    assert not Path("there").exists()
