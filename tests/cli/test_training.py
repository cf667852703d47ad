"""`studio train` and `evaluate`."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main, training
from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.runtime import costs
from studio.engine.runtime.jobs import Job
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from tests.cli.commands import SMALL, complaint, result
from tests.tiny import squares, tiny_checkpoint, tiny_data, tiny_sounds


def test_a_model_is_trained_scored_and_asked_to_draw(here, capsys):
    data = tiny_data(here)
    assert (
        main(
            [
                "train",
                "pixelcnn",
                "--data",
                str(data),
                "--out",
                "run",
                "--device",
                "cpu",
                "--set",
                "epochs=2",
                *SMALL,
            ]
        )
        == 0
    )
    out, err = capsys.readouterr()
    path = out.strip()
    assert path == str(Path("run", "latest.safetensors"))
    assert "the run is kept in run" in err
    assert "bits/dim on 6 test images" in err
    score = json.loads(result(capsys, "evaluate", path, "--json"))
    assert set(score) == {"bits_per_dim", "nats", "examples", "seconds"}
    assert score["examples"] == 6
    card = cards.read_card(path)
    assert card["metrics"]["bits_per_dim"] == pytest.approx(score["bits_per_dim"], rel=1e-3)
    assert result(capsys, "generate", path, "--out", "digit.png") == "digit.png"


def test_a_model_of_sound_is_trained_and_scored_beside_trivial_ones(here, capsys, monkeypatch):
    monkeypatch.setattr("studio.engine.training.epoch_samples.SECONDS", 0.02)
    monkeypatch.setattr("studio.engine.scoring.sound_scoring._REMADE", 0.02)
    data = tiny_sounds(here)
    small = ["width=4", "skip=4", "dilations=1,2", "map_width=4", "epochs=1", "start="]
    assert (
        main(
            [
                "train",
                "wavenet-mel",
                "--data",
                str(data),
                "--out",
                "run",
                "--device",
                "cpu",
                "--set",
                *small,
            ]
        )
        == 0
    )
    out, err = capsys.readouterr()
    assert "bits/sample on 1 test recording" in err
    text = result(capsys, "evaluate", out.strip())
    assert "Trivial models: 8.0000 uniform" in text
    assert "dB from the recordings" in text
    assert "made for sound" in complaint(capsys, "evaluate", out.strip(), "--preparation", "grey-4")
    assert "leave out the file of labels" in complaint(
        capsys, "evaluate", out.strip(), "--labels", "labels.npy"
    )


def test_a_model_that_is_conditioned_on_what_is_given_is_scored_with_each_half_too(here, capsys):
    path, data = str(tiny_checkpoint(here, "gated-pixelcnn-map")), str(tiny_data(here))
    score = json.loads(result(capsys, "evaluate", path, "--data", data, "--json"))
    assert set(score["completion"]) == {"top", "bottom", "left", "right"}
    assert "of the rest, given the bottom half" in result(capsys, "evaluate", path, "--data", data)


def test_an_autoencoder_is_trained_and_measured_but_not_by_a_likelihood(here, capsys):
    data = tiny_data(here)
    assert (
        main(
            [
                "train",
                "autoencoder",
                "--data",
                str(data),
                "--out",
                "run",
                "--device",
                "cpu",
                "--set",
                "epochs=2",
                "hidden=16",
                "code=8",
            ]
        )
        == 0
    )
    out, err = capsys.readouterr()
    assert "bits/dim to reconstruct on 6 test images" in err
    text = result(capsys, "evaluate", out.strip())
    assert text.count("of the pixels right") == 2
    assert "not a likelihood" in text
    score = json.loads(result(capsys, "evaluate", out.strip(), "--json"))
    assert "bits_per_dim" not in score
    assert 0 <= score["pixels_right"] <= 1


def test_set_reaches_the_recipe_and_the_model(here, capsys):
    path = result(
        capsys,
        "train",
        "made",
        "--data",
        str(tiny_data(here)),
        "--out",
        "run",
        "--preparation",
        "grey-4",
        "--set",
        "epochs=0.5",
        "--set",
        "hidden=16",
        "any_order=true",
        "seed=3",
    )
    card = cards.read_card(path)
    assert (card["recipe"]["epochs"], card["recipe"]["seed"], card["preparation"]) == (
        0.5,
        3,
        "grey-4",
    )
    assert (card["config"]["hidden"], card["config"]["any_order"], card["levels"]) == (16, True, 4)


def test_a_training_of_minutes_from_another_model_says_what_it_takes_over(here, capsys):
    start = tiny_checkpoint(here, "made")
    data = ["--data", str(tiny_data(here)), "--out", "run", "--device", "cpu"]
    fast = ["--minutes", "0.01", "--from", str(start), "--set", "hidden=16"]
    assert main(["train", "made", *data, *fast]) == 0
    out, err = capsys.readouterr()
    card = cards.read_card(out.strip())
    assert (card["recipe"]["minutes"], card["recipe"]["start"]) == (0.01, str(start))
    assert "The shipped model took 30 epochs (16 minutes" in err
    assert "Training begins with all weights of" in err


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["made", "--minutes", "5", "--set", "epochs=3"], "after minutes or after epochs"),
        (["--resume", "run", "--minutes", "5"], "goes on as it began: leave out --minutes"),
        (["--resume", "run", "--from", "made"], "goes on as it began: leave out --from"),
        (["made", "--minutes", "0"], "0 is less than 0.001"),
    ],
)
def test_minutes_that_contradict_something_are_refused(here, capsys, asked, sentence):
    assert sentence in complaint(capsys, "train", *asked)


def test_files_of_ones_own_are_validated_with_and_can_be_scored(here, capsys):
    folder = here / "own"
    folder.mkdir()
    own = tiny_data(folder, 7)
    data = ["--data", str(tiny_data(here)), "--validation", str(own)]
    path = result(capsys, "train", "made", *data, "--out", "run", "--set", "epochs=1", "hidden=8")
    card = cards.read_card(path)
    assert card["recipe"]["validation"] == str(own)
    assert card["learnt_from"] == {"train": 54, "validation": 7}
    score = json.loads(result(capsys, "evaluate", path, "--split", "validation", "--json"))
    assert score["examples"] == 7
    assert score["bits_per_dim"] == pytest.approx(card["run_metrics"]["val_bits_per_dim"], rel=1e-3)


def test_scoring_an_older_model_on_validation_says_that_it_has_learnt_from_it(here, capsys):
    path = str(tiny_checkpoint(here, data=str(tiny_data(here)), preparation="thresholded"))
    assert main(["evaluate", path, "--split", "validation"]) == 0
    assert "it has learnt from these too" in capsys.readouterr().err


def test_a_model_that_cannot_be_built_leaves_no_run_behind(here, capsys):
    run = ["train", "pixelcnn", "--data", str(tiny_data(here)), "--out", "run", "--set"]
    assert "width is -1, but must lie between" in complaint(capsys, *run, "width=-1")
    assert "shape is (1, 9, 9), but the data" in complaint(capsys, *run, "shape=1,9,9")
    assert not Path("run").exists()


def test_what_nobody_foresaw_comes_with_its_traceback(here, monkeypatch):
    def surprise(self: Trainer) -> None:
        raise LookupError("where is it?")

    monkeypatch.setattr(Trainer, "validate", surprise)
    with pytest.raises(RuntimeError, match=r"(?s)in surprise.*LookupError: where is it\?"):
        main(
            [
                "train",
                "pixelcnn",
                "--data",
                str(tiny_data(here)),
                "--out",
                "run",
                "--set",
                "epochs=1",
                *SMALL,
            ]
        )


def interrupted(condition: Callable[[], bool]) -> threading.Thread:
    """Presses Ctrl+C as soon as the condition holds."""

    def press() -> None:
        deadline = time.monotonic() + 60
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.fixture
def endless(here: Path) -> list[str]:
    """A training that would go on for hours."""
    data = str(tiny_data(here))
    return [
        "train",
        "pixelcnn",
        "--data",
        data,
        "--out",
        "run",
        "--device",
        "cpu",
        "--set",
        "epochs=1e5",
        *SMALL,
    ]


def test_interrupting_a_training_keeps_it_and_it_can_be_resumed(here, capsys, endless):
    before = signal.getsignal(signal.SIGINT)
    thread = interrupted(lambda: Path("run/metrics.csv").exists())
    assert main(endless) == 130
    thread.join()
    out, err = capsys.readouterr()
    assert out.strip() == str(Path("run", "latest.safetensors"))
    assert "studio train --resume run" in err
    assert signal.getsignal(signal.SIGINT) is before
    steps = Run.open("run").metrics()[-1]["step"]
    thread = interrupted(lambda: Run.open("run").metrics()[-1]["step"] > steps)
    assert main(["train", "--resume", "run", "--device", "cpu"]) == 130
    thread.join()
    assert checkpoints.load("run/latest.safetensors").name == "pixelcnn"
    capsys.readouterr()
    assert "pixelcnn, not made" in complaint(capsys, "train", "made", "--resume", "run")


def test_a_second_interrupt_leaves_at_once(monkeypatch):
    left: list[int] = []
    monkeypatch.setattr("os._exit", left.append)
    job: Job[Path] = Job(lambda job: Path())
    with training.interrupts_stop(job):
        signal.raise_signal(signal.SIGINT)
        assert job.token.cancelled
        assert left == []
        signal.raise_signal(signal.SIGINT)
        assert left == [130]


def test_a_model_of_any_order_is_scored_over_as_many_as_are_asked_for(here, capsys):
    path = str(tiny_checkpoint(here, "made-any-order", data=str(tiny_data(here))))
    score = json.loads(result(capsys, "evaluate", path, "--orders", "3", "--json"))
    assert score["orders"] == 3
    assert score["bits_per_dim"] < score["single_order_bits_per_dim"]
    assert "ensemble of 32 orders" in result(capsys, "evaluate", path)
    fixed = str(tiny_checkpoint(here, "pixelcnn", data=str(tiny_data(here))))
    assert "not scored as an ensemble" in complaint(capsys, "evaluate", fixed, "--orders", "3")


def test_a_run_has_the_name_that_it_is_given_and_is_found_by_it(here, capsys, user_data_folder):
    data = tiny_data(here)
    asked = ["train", "pixelcnn", "--data", str(data), "--device", "cpu", "--set", "epochs=1"]
    assert main([*asked, *SMALL, "--name", "my digits"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == user_data_folder / "runs" / "my digits" / "latest.safetensors"
    assert result(capsys, "generate", "my digits") == "my digits-0.png"
    assert "my digits" in result(capsys, "models")
    assert 'There is a run "my digits" already' in complaint(
        capsys, *asked, *SMALL, "--name", "my digits"
    )


def test_a_run_has_a_name_or_a_folder_not_both(here, capsys):
    said = complaint(capsys, "train", "made", "--name", "mine", "--out", "there")
    assert "leave out --name or --out" in said


def test_what_a_model_draws_is_scored_as_what_it_drew(here, capsys):
    path = str(tiny_checkpoint(here))
    result(capsys, "generate", path, "--count", "40", "--out", "drawn.npy")
    np.save("as-greys.npy", np.load("drawn.npy") * np.uint8(255))
    scores = [
        json.loads(result(capsys, "evaluate", path, "--data", data, "--json"))["bits_per_dim"]
        for data in ("drawn.npy", "as-greys.npy")
    ]
    assert scores[0] == scores[1]


@pytest.fixture
def damaged(here):
    """A folder of pictures, two of which are none."""
    folder = here / "photos"
    folder.mkdir()
    for number, picture in enumerate(squares(12)):
        Image.fromarray(picture).save(folder / f"{number:02}.png")
    for name in ("03.png", "07.png"):
        (folder / name).write_bytes(b"no picture")
    return str(folder)


def test_damaged_pictures_are_all_named_or_left_out(damaged, capsys):
    command = ["train", "pixelcnn", "--data", damaged, "--device", "cpu", "--out", "run"]
    small = ["--set", "epochs=1", *SMALL]
    assert "(03.png, 07.png)" in complaint(capsys, *command, *small)
    assert main([*command, "--skip-damaged", *small]) == 0
    assert "2 of 12 pictures, damaged" in capsys.readouterr().err
    result(capsys, "evaluate", "run/latest.safetensors")  # it knows that they were left out


def test_damaged_pictures_may_be_left_out_of_a_score(damaged, here, capsys):
    score = ["evaluate", str(tiny_checkpoint(here)), "--data", damaged]
    assert "--skip-damaged" in complaint(capsys, *score)
    assert "bits/dim" in result(capsys, *score, "--skip-damaged")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("shape=8", "shape is 8, but it takes 3 whole numbers"),
        ("shape=8,8", "shape is 8, 8, but it takes 3 whole numbers"),
        ("shape=1,0,8", "shape is 1, 0, 8, but each of them must lie between"),
        ("kernel=4", "kernel is 4, but must be odd"),
        ("width=0", "width is 0, but must lie between"),
        ("hidden=100000000", "hidden is 100000000, but must lie between"),
        ("betas=0.9", "betas is 0.9, but it takes 2 numbers"),
        ("betas=2,3", "betas is 2, 3, but each of them must lie between"),
        ("rate=nan", "rate is nan, but must lie between"),
        ("optimiser=hope", "There is no optimiser"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_before_anything_starts(here, capsys, change, sentence):
    assert sentence in complaint(capsys, "train", "pixelcnn", "--out", "run", "--set", change)
    assert not Path("run").exists()


def test_what_is_too_large_is_refused_with_the_estimate_and_the_way_round_it(
    here, capsys, monkeypatch
):
    monkeypatch.setattr(costs, "training", lambda *_: costs.Training("made", 1e15))
    said = complaint(capsys, "train", "made", "--data", str(tiny_data(here)), "--out", "run")
    assert "Training made like this would take about" in said
    assert said.endswith("With --anyway it is tried all the same.\n")
