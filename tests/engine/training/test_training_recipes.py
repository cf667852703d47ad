"""What a recipe asks for: its data and how they are shown,
labels, a starting point, options of the model."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

import models
from models.recipe import Recipe
from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.training.recipe_values import read_changes
from studio.engine.training.training_job import TrainingJob
from tests.engine.trainings import StopAt, done, small_recipe, trained


def test_a_model_that_can_do_without_classes_learns_them_where_the_recipe_says_so(
    blots: Path, tmp_path: Path
) -> None:
    job = trained(
        "gated-pixelcnn", blots, tmp_path / "run", StopAt(5), conditional=True, label_dropout=0.1
    )
    job = done(TrainingJob(resume=job.run.folder))
    model = checkpoints.load(job.run.latest)
    assert model.conditioning == models.Classes(2, ("0", "1"))
    assert model.state_dict()["class_bias"].any()


def test_a_model_may_have_another_recipe_for_other_data(
    blots: Path, stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = models.registry.variant("gated-pixelcnn")
    own = small_recipe(
        "gated-pixelcnn",
        blots,
        epochs=1,
        preparation="rgb-4",
        conditional=True,
        config={"width": 4, "head": 4},
    )
    monkeypatch.setitem(models.registry.variants(), "gated-pixelcnn", replace(usual, others=(own,)))
    assert (
        models.recipe("gated-pixelcnn", "elsewhere")
        == models.recipe("gated-pixelcnn")
        == usual.recipe
    )

    recipe, config = read_changes(
        "gated-pixelcnn", {"data": str(blots), "dilations": "1", "head": "8"}
    )
    assert recipe == own
    job = done(TrainingJob("gated-pixelcnn", recipe=recipe, config=config, folder=tmp_path / "run"))
    card = cards.read_card(job.run.latest)
    assert (card["config"]["width"], card["config"]["head"], card["config"]["classes"]) == (4, 8, 2)
    assert Recipe.from_dict(card["recipe"]) == own
    assert read_changes("gated-pixelcnn", {"data": str(stripes)})[0] == usual.recipe.with_changes(
        data=str(stripes)
    )


def test_no_setting_of_a_model_is_called_like_one_of_a_recipe() -> None:
    recipe = {field.name for field in fields(Recipe)}
    for name in models.available():
        assert not recipe & {
            field.name for field in fields(models.registry.variant(name).defaults)
        }, name
