"""What a run leaves behind: its folder, its tables,
its cards, and progress for whoever looks on."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from PIL import Image

from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.scoring.evaluation import evaluate
from studio.engine.training.callbacks import Progress
from tests.engine.trainings import trained


def test_a_run_is_a_folder_with_all_that_was_promised(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run")
    run = job.run
    assert job.result == run.latest
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "config.json",
        "metrics.csv",
        "tensorboard",
        "samples",
        "epochs",
        "status.json",
        "latest.safetensors",
        "best.safetensors",
        "resume.safetensors",
        ".lock",
    }
    assert [path.name for path in run.sample_files()] == [
        "epoch-001.png",
        "epoch-002.png",
        "epoch-003.png",
    ]
    assert any(path.name.startswith("events.out.tfevents") for path in run.tensorboard.iterdir())
    with run.metrics_file.open() as file:
        assert [row["step"] for row in csv.DictReader(file) if row["train_bits_per_dim"]] == [
            str(n) for n in range(1, 28)
        ]
    with Image.open(run.sample_files()[-1]) as picture:
        assert picture.size[0] >= 8 * 8


def test_the_card_says_how_it_was_made(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run", seed=5)
    model = checkpoints.load(job.run.latest)
    card = model.card
    assert card is not None
    assert card["recipe"] == job.recipe.to_dict()
    assert (card["seed"], card["epochs"], card["preparation"], card["weights"]) == (
        5,
        3,
        "thresholded",
        "ema",
    )
    assert card["metrics"]["examples"] == 12
    assert card["metrics"]["split"] == "test"
    assert card["thumbnail"]

    score = evaluate(model, stripes)
    assert score is not None
    assert score.bits_per_dim == pytest.approx(card["metrics"]["bits_per_dim"], rel=1e-5)


def test_a_card_says_how_many_were_learnt_from_and_what_each_part_was_scored(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("made", stripes, tmp_path / "run")
    card = cards.read_card(job.run.latest)
    assert card["learnt_from"] == {"train": 103, "validation": 5}
    rows = job.run.metrics()
    for name in ("train_bits_per_dim", "val_bits_per_dim", "test_bits_per_dim"):
        assert card["run_metrics"][name] == [row[name] for row in rows if name in row][-1]
    assert card["run_metrics"]["test_bits_per_dim"] == card["metrics"]["bits_per_dim"]


def test_progress_reaches_the_mailbox_with_all_that_a_window_shows(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run")
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert (progress.step, progress.steps, progress.epoch, progress.epochs) == (27, 27, 3, 3)
    assert progress.history[-1] == (27, progress.loss)
    assert [epoch for epoch, _ in progress.validation_history] == [1, 2, 3]
    assert progress.samples is not None
    assert progress.samples.shape == (64, 1, 8, 8)
    assert progress.seconds > 0
    assert [step for step, _ in progress.gradient_history] == [*range(1, 28)]
    assert progress.gradient_norm == progress.gradient_history[-1][1]
    assert job.progress == 1


def test_what_was_learnt_by_every_epoch_is_kept_and_can_be_loaded(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("made", stripes, tmp_path / "run", epochs=1)
    kept = job.run.epoch_checkpoints()[1]
    assert kept.name == "epoch-001.safetensors"
    assert cards.read_card(kept)["epochs"] == 1
    last, latest = checkpoints.load(kept), checkpoints.load(job.run.latest)
    for one, other in zip(last.parameters(), latest.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=2**-7, atol=1e-6)  # as bfloat16 rounds
    assert kept.stat().st_size < 0.75 * job.run.latest.stat().st_size
