"""Training: it learns, it says what it made, and it says in one sentence what it cannot do."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import models
from models.interface import Model
from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job, State
from studio.engine.scoring.scores import Score
from studio.engine.training.callbacks import Progress
from studio.engine.training.recipe_values import check_recipe
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Callback, Trainer
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_source import PictureSource
from tests.engine.trainings import SMALL, small_recipe, trained


@pytest.mark.parametrize(
    "name", [name for name in models.available() if not models.registry.variant(name).sound]
)
def test_every_model_of_pictures_learns(name: str, stripes: Path, tmp_path: Path) -> None:
    job = trained(name, stripes, tmp_path / "run", epochs=8, rate=2e-2, muon_rate=4e-2)
    assert job.state is State.FINISHED
    measure = models.build(name).measure
    column = f"val_{measure}"
    validation = [row[column] for row in job.run.metrics() if column in row]
    assert len(validation) == 8
    assert validation[-1] < validation[0]
    # bits: a coin would need 1
    assert cards.read_card(job.run.latest)["metrics"][measure] < 0.8


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
        "latest.safetensors",
        "best.safetensors",
        "resume.safetensors",
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
    from studio.engine.scoring.evaluation import evaluate

    score = evaluate(model, stripes)
    assert score is not None
    assert score.bits_per_dim == pytest.approx(card["metrics"]["bits_per_dim"], rel=1e-5)


def test_the_test_part_is_touched_once_and_at_the_end(
    stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touched: list[str] = []
    scored = PictureSource.score

    def score(self: PictureSource, model: Model, split: str, *rest: Any) -> Score | None:
        touched.append(split)
        return scored(self, model, split, *rest)

    monkeypatch.setattr(PictureSource, "score", score)
    job = trained("made", stripes, tmp_path / "run")
    assert touched == ["validation"] * 3 + ["test"]
    assert cards.read_card(job.run.best)["selected_on"] == "validation"
    assert cards.read_card(job.run.best)["metrics"]["split"] == "validation"


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


def test_samples_and_curves_are_the_same_whatever_the_test_images_are(
    stripes: Path, tmp_path: Path
) -> None:
    whole = open_data(stripes)
    runs = []
    for name, test in (("one", whole.test), ("other", 255 - whole.test)):
        np.savez(
            tmp_path / f"{name}.npz",
            x_train=whole.train.numpy(),
            x_val=whole.validation.numpy(),
            x_test=test.numpy(),
        )
        runs.append(trained("gated-pixelcnn-map", tmp_path / f"{name}.npz", tmp_path / name).run)
    assert [path.read_bytes() for path in runs[0].sample_files()] == [
        path.read_bytes() for path in runs[1].sample_files()
    ]
    figures = [[row.get("val_bits_per_dim") for row in run.metrics()] for run in runs]
    assert figures[0] == figures[1]


def test_an_autoencoder_is_kept_with_figures_of_its_own_and_says_why_it_cannot_generate(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("autoencoder", stripes, tmp_path / "run", epochs=12, rate=2e-2, muon_rate=4e-2)
    card = cards.read_card(job.run.latest)
    assert card["autoregressive"] is False
    assert card["why"].startswith("An autoencoder cannot generate")
    assert set(card["metrics"]) == {
        "reconstruction_bits", "pixels_right", "plain_reconstruction_bits", "plain_pixels_right",
        "examples", "split", "weights",
    }  # fmt: skip
    assert card["metrics"]["pixels_right"] > 0.8
    assert "bits_per_dim" not in job.run.metrics_file.read_text()
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert progress.measure == "reconstruction_bits"
    assert progress.samples is not None
    shown, made = progress.samples[::2], progress.samples[1::2]
    assert shown.shape == made.shape == (5, 1, 8, 8)
    rows = np.arange(8) % 2
    kinds = np.stack([np.tile(rows[:, None], (1, 8)), np.tile(rows, (8, 1))])
    wrong = [
        np.abs(some[:, :, None] - kinds).mean((3, 4)).min(2).mean()
        for some in (shown.astype(int), made.astype(int))
    ]
    assert wrong[1] < wrong[0] / 2, "most of the noise has gone"


def test_a_model_that_generates_says_so_on_its_card(stripes: Path, tmp_path: Path) -> None:
    card = cards.read_card(trained("made", stripes, tmp_path / "run", epochs=1).run.latest)
    assert card["autoregressive"] is True
    assert "why" not in card


def test_the_same_seed_gives_the_same_weights_and_another_one_others(
    stripes: Path, tmp_path: Path
) -> None:
    weights = [
        load_file(
            trained("made", stripes, tmp_path / f"run-{number}", epochs=1, seed=seed).run.latest
        )
        for number, seed in enumerate((1, 1, 2))
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not all(torch.equal(weights[0][name], weights[2][name]) for name in weights[0])


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
    assert job.progress == 1


def test_a_loss_that_is_no_number_ends_with_a_sentence_and_the_last_model_is_kept(
    stripes: Path, tmp_path: Path
) -> None:
    class Poison(Callback):
        def on_step(self, training: Trainer) -> None:
            if training.step == 12:
                with torch.no_grad():
                    next(training.learner.model.parameters()).fill_(float("nan"))

    job = TrainingJob(
        "made",
        recipe=small_recipe("made", stripes),
        config=SMALL["made"],
        folder=tmp_path / "run",
        callbacks=[Poison()],
    )
    job.start()
    job.join(60)
    assert job.state is State.FAILED
    assert "no longer a number" in job.message
    kept = checkpoints.load(job.run.latest)
    assert all(p.isfinite().all() for p in kept.parameters())


@pytest.mark.parametrize(
    ("changes", "config", "sentence"),
    [
        ({"batch": 0}, {}, "batch is 0"),
        ({"epochs": -1}, {}, "epochs is -1"),
        ({"preparation": "upside-down"}, {}, "not a preparation"),
        ({"optimiser": "hope"}, {}, "no optimiser"),
        ({"data": "nowhere"}, {}, "no data set"),
        ({}, {"levels": 7}, "levels is 7"),
        ({}, {"hidden": -3}, "cannot be built"),
        ({"start": "nowhere"}, {}, "no checkpoint"),
    ],
)
def test_what_cannot_be_trained_is_told_in_a_sentence(
    changes: dict[str, Any], config: dict[str, Any], sentence: str, stripes: Path, tmp_path: Path
) -> None:
    recipe = small_recipe("made", stripes).with_changes(**changes)

    def begin() -> None:
        check_recipe(recipe)
        Trainer(
            "made",
            recipe,
            SMALL["made"] | config,
            Run.create("made", tmp_path / "run"),
            torch.device("cpu"),
        )

    with pytest.raises(StudioError, match=sentence):
        begin()


def test_a_folder_that_is_in_use_or_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").touch()
    with pytest.raises(StudioError, match="is not empty"):
        TrainingJob("made", folder=tmp_path / "used")
    (tmp_path / "file").touch()
    with pytest.raises(StudioError, match="cannot be written"):
        TrainingJob("made", folder=tmp_path / "file" / "run")


def test_a_job_that_failed_holds_on_to_nothing(stripes: Path, tmp_path: Path) -> None:
    job: Job[Path] = TrainingJob(
        "made", recipe=small_recipe("made", stripes, start="nowhere"), folder=tmp_path / "run"
    )
    job.start()
    job.join(60)
    assert "Traceback" in job.error
    assert job.refused
