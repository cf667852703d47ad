"""The weights that a training begins with: those of another model,
and labels where they are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import models
from studio.engine import checkpoints
from studio.engine.checkpoints.cards import read_card
from studio.engine.generation.generation import as_autoregressive
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import State
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import SMALL, StopAt, done, small_recipe, trained
from tests.tiny import CONFIGS, tiny_checkpoint


@pytest.mark.parametrize(
    "name", ["gated-pixelcnn-class", "gated-pixelcnn-location", "gated-pixelcnn-map"]
)
def test_a_conditional_model_begins_as_the_one_without_a_condition(
    name: str, tmp_path: Path
) -> None:
    recipe = models.recipe(name)
    assert recipe.start == "gated-pixelcnn"
    model = as_autoregressive(
        Trainer(name, recipe, {}, Run.create(name, tmp_path / "run"), torch.device("cpu")).model
    )
    x = torch.randint(2, (2, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    given = (
        model.painted(x, torch.ones(2, 28, 28, dtype=torch.bool))
        if model.takes_painting
        else torch.tensor([3, 4])
    )
    expected = as_autoregressive(checkpoints.load("gated-pixelcnn")).log_prob(x)
    torch.testing.assert_close(model.log_prob(x, given), expected)


def test_a_model_of_paintings_begins_as_the_one_with_classes_without_a_label(
    tmp_path: Path,
) -> None:
    recipe = models.recipe("gated-pixelcnn-map").with_changes(start="gated-pixelcnn-class")
    run, cpu = Run.create("map", tmp_path / "run"), torch.device("cpu")
    model = as_autoregressive(Trainer("gated-pixelcnn-map", recipe, {}, run, cpu).model)
    x = torch.randint(2, (2, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    expected = as_autoregressive(checkpoints.load(recipe.start)).log_prob(x)
    torch.testing.assert_close(model.log_prob(x), expected)


def test_only_what_the_model_names_as_serving_its_condition_may_be_missing_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "gated-pixelcnn-class"
    monkeypatch.setattr(models.registry.variant(name).model, "CONDITION_PARTS", ())
    said: list[str] = []
    Trainer(
        name,
        models.recipe(name),
        {},
        Run.create(name, tmp_path / "run"),
        torch.device("cpu"),
        note=said.append,
    )
    assert len(said) == 1
    assert said[0].startswith(f"{name} begins with fresh weights: those of gated-pixelcnn")


def test_a_start_of_the_recipes_own_that_does_not_fit_is_left_out_with_a_word(
    stripes: Path, tmp_path: Path
) -> None:
    name = "gated-pixelcnn-class"
    own = models.recipe(name).start
    job = trained(name, stripes, tmp_path / "run", preparation="grey-16", start=own, epochs=1)
    (note,) = job.notes
    assert note == (
        "gated-pixelcnn-class begins with fresh weights: those of gated-pixelcnn do not fit these"
        " data and settings."
    )
    assert job.run.read_config()["recipe"].start == ""
    assert read_card(job.run.latest)["recipe"]["start"] == ""


def test_of_a_start_that_the_person_gave_what_fits_is_taken_over_and_the_rest_is_told(
    stripes: Path, tmp_path: Path
) -> None:
    start = tiny_checkpoint(tmp_path, "gated-pixelcnn-class")
    name, small = "gated-pixelcnn-class", CONFIGS["gated-pixelcnn-class"]
    job = TrainingJob(
        name,
        recipe=small_recipe(name, stripes, start=str(start), epochs=1),
        config={key: small[key] for key in ("width", "dilations", "head")},
        folder=tmp_path / "run",
    )
    done(job)
    (note,) = job.notes
    assert note.endswith("these begin afresh: class_bias."), "its classes are a, b and c"
    assert read_card(job.run.latest)["recipe"]["start"] == str(start)


def test_a_run_goes_on_without_what_it_started_from(stripes: Path, tmp_path: Path) -> None:
    start = tiny_checkpoint(tmp_path, "made")
    recipe = small_recipe("made", stripes, start=str(start), epochs=1)
    part = TrainingJob(
        "made", recipe=recipe, config={"hidden": 16}, folder=tmp_path / "run", callbacks=[StopAt(5)]
    )
    done(part)
    start.unlink()
    resumed = done(TrainingJob(resume=tmp_path / "run"))
    assert resumed.state is State.FINISHED
    assert not resumed.notes


def test_a_start_of_another_family_is_refused(stripes: Path, tmp_path: Path) -> None:
    recipe = small_recipe("gated-pixelcnn-class", stripes, start="made")
    job = TrainingJob("gated-pixelcnn-class", recipe=recipe, folder=tmp_path / "run")
    job.start()
    job.join(60)
    assert 'The weights of "made" do not fit this model, which is of another family' in job.message


def test_labels_are_needed_where_the_model_learns_from_them(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((20, 8, 8), np.uint8))
    job = TrainingJob(
        "gated-pixelcnn-class",
        recipe=small_recipe("gated-pixelcnn-class", tmp_path / "a.npy"),
        folder=tmp_path / "run",
    )
    job.start()
    job.join(60)
    assert "learns from labels" in job.message


def test_a_model_without_classes_cannot_learn_them(blots: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", blots, conditional=True)
    with pytest.raises(StudioError, match="made cannot be conditioned on classes"):
        Trainer(
            "made", recipe, SMALL["made"], Run.create("made", tmp_path / "run"), torch.device("cpu")
        )
