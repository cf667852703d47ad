"""Training: it learns, it says what it made, and it says in one sentence what it cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import models
from models.interface import Model, TwoStageModel
from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State
from studio.engine.scoring.scores import Score
from studio.engine.training import trainer
from studio.engine.training.callbacks import Progress
from studio.engine.training.in_flight import Reading
from studio.engine.training.recipe_values import check_recipe
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Callback, Trainer
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_source import PictureSource
from tests.engine.trainings import SMALL, StopAt, done, small_recipe, trained
from tests.thorough import THOROUGH, some_of

# those that learn from pictures of any size, and need no other checkpoint for it
OF_PICTURES = [
    name
    for name, found in sorted(models.registry.variants().items())
    if not (found.sound or issubclass(found.model, TwoStageModel) or "shape" in found.recipe.config)
]


# without THOROUGH every second model is tried here, and the others with odd shapes
SOME = some_of(OF_PICTURES, conditions=False)


@pytest.mark.parametrize("name", SOME if THOROUGH else SOME[::2])
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


@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (1, 1), (2, 2)][:: 1 if THOROUGH else 2])
@pytest.mark.parametrize("name", SOME if THOROUGH else SOME[1::2])
def test_every_model_learns_pictures_of_a_single_row_or_column(
    name: str, shape: tuple[int, int], tmp_path: Path
) -> None:
    random, path = np.random.default_rng(0), tmp_path / "lines.npz"
    images = random.integers(0, 256, (40, *shape), dtype=np.uint8)
    np.savez(path, images=images, labels=np.arange(40) % 2)
    job = trained(name, path, tmp_path / "run", epochs=1)
    assert not job.notes
    assert all(p.isfinite().all() for p in checkpoints.load(job.run.latest).parameters())


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


class Late(Reading):
    """Is there when it is waited for, as the numbers of a GPU may be."""

    there = False  # type: ignore[assignment]


def test_losses_that_are_read_later_make_the_same_table(
    stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lines(name: str) -> list[dict[str, float]]:
        job = trained("made", stripes, tmp_path / name)
        return [
            {key: value for key, value in row.items() if key not in ("seconds", "rate")}
            for row in job.run.metrics()
        ]

    at_once = lines("at once")
    monkeypatch.setattr(trainer, "Reading", Late)
    assert lines("later") == at_once


class Poison(Callback):
    """Spoils the weights after a step, some times."""

    def __init__(self, times: int) -> None:
        self.times = times

    def on_step(self, training: Trainer) -> None:
        if training.step == 12 and self.times:
            self.times -= 1
            with torch.no_grad():
                next(training.learner.model.parameters()).fill_(float("nan"))


def test_it_goes_back_to_a_good_state_as_often_as_it_takes(stripes: Path, tmp_path: Path) -> None:
    job = trained("made", stripes, tmp_path / "run", Poison(times=2))
    assert job.state is State.FINISHED
    assert [note.rpartition("with ")[2] for note in job.notes] == [
        "0.5 times the rate.",
        "0.25 times the rate.",
    ]


def test_where_the_loss_is_no_number_it_goes_back_and_on_with_half_the_rate(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("made", stripes, tmp_path / "run", Poison(times=1))
    assert job.state is State.FINISHED
    (note,) = job.notes
    assert note == (
        "After step 13 the loss was no longer a number: back to step 11, and on with 0.5 times the"
        " rate."
    )
    steps = [row["step"] for row in job.run.metrics()]
    assert steps == sorted(steps)
    assert len(set(steps)) == 27
    assert all(p.isfinite().all() for p in checkpoints.load(job.run.latest).parameters())


def test_a_training_that_is_stopped_with_spoilt_weights_keeps_the_good_ones(
    stripes: Path, tmp_path: Path
) -> None:
    job = trained("made", stripes, tmp_path / "run", Poison(times=1), StopAt(12))
    kept = checkpoints.load(job.run.latest)
    assert all(p.isfinite().all() for p in kept.parameters())
    assert_each_step_once(job)
    resumed = done(TrainingJob(resume=job.run.folder, device="cpu"))
    assert resumed.state is State.FINISHED
    assert_each_step_once(resumed)


def assert_each_step_once(job: TrainingJob) -> None:
    steps = [row["step"] for row in job.run.metrics() if "train_bits_per_dim" in row]
    assert steps == sorted(set(steps))


def test_a_loss_that_is_no_number_again_and_again_ends_with_a_sentence_and_the_last_model_is_kept(
    stripes: Path, tmp_path: Path
) -> None:
    job = TrainingJob(
        "made",
        recipe=small_recipe("made", stripes),
        config=SMALL["made"],
        folder=tmp_path / "run",
        callbacks=[Poison(times=99)],
    )
    job.start()
    job.join(60)
    assert job.state is State.FAILED
    assert "no longer a number after step 13, even with 0.125 times the rate" in job.message
    assert_each_step_once(job)
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
def test_what_cannot_be_trained_is_reported_in_one_sentence(
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
