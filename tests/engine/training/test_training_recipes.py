"""What a recipe asks for: its data and how they are shown, labels, a starting point, options of
the model."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

import models
from models.recipe import Recipe
from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.generation.generation import generating
from studio.engine.runtime.errors import StudioError
from studio.engine.training.recipe_values import read_changes
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from studio.engine.training.training_job import TrainingJob
from studio.engine.training.training_source import PictureSource
from tests.engine.trainings import SMALL, StopAt, done, small_recipe, trained


@pytest.mark.parametrize(
    "name", ["gated-pixelcnn-class", "gated-pixelcnn-location", "gated-pixelcnn-map"]
)
def test_a_conditional_model_begins_as_the_one_without_a_condition(
    name: str, tmp_path: Path
) -> None:
    recipe = models.recipe(name)
    assert recipe.start == "gated-pixelcnn"
    model = generating(
        Trainer(name, recipe, {}, Run.create(name, tmp_path / "run"), torch.device("cpu")).model
    )
    x = torch.randint(2, (2, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    told = (
        model.painted(x, torch.ones(2, 28, 28, dtype=torch.bool))
        if model.takes_painting
        else torch.tensor([3, 4])
    )
    expected = generating(checkpoints.load("gated-pixelcnn")).log_prob(x)
    torch.testing.assert_close(model.log_prob(x, told), expected)


def test_only_what_the_model_names_as_serving_its_condition_may_be_missing_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "gated-pixelcnn-class"
    monkeypatch.setattr(models.registry.variant(name).model, "CONDITION_PARTS", ())
    with pytest.raises(StudioError, match='weights of "gated-pixelcnn" do not fit'):
        Trainer(
            name, models.recipe(name), {}, Run.create(name, tmp_path / "run"), torch.device("cpu")
        )


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


@pytest.mark.parametrize(
    ("preparation", "settled", "channels"),
    [("rgb-4", "rgb-4", 3), ("levels-4", "rgb-4", 3), ("grey-4", "grey-4", 1)],
)
def test_the_preparation_decides_whether_a_model_learns_in_colour(
    preparation: str, settled: str, channels: int, blots: Path, tmp_path: Path
) -> None:
    job = trained("gated-pixelcnn", blots, tmp_path / "run", preparation=preparation, epochs=1)
    model = checkpoints.load(job.run.latest)
    assert model.spec.shape == (channels, 8, 8)
    assert model.spec.levels == 4
    assert model.card is not None
    assert model.card["preparation"] == model.card["recipe"]["preparation"] == settled


def test_levels_of_grey_data_are_grey(stripes: Path, tmp_path: Path) -> None:
    job = trained("gated-pixelcnn", stripes, tmp_path / "run", preparation="levels-4", epochs=1)
    assert cards.read_card(job.run.latest)["preparation"] == "grey-4"


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


def test_a_model_without_classes_cannot_learn_them(blots: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", blots, conditional=True)
    with pytest.raises(StudioError, match="made cannot be conditioned on classes"):
        Trainer(
            "made", recipe, SMALL["made"], Run.create("made", tmp_path / "run"), torch.device("cpu")
        )


def test_pictures_are_mirrored_every_other_time(blots: Path, tmp_path: Path) -> None:
    run = Run.create("made", tmp_path / "run")
    training = Trainer(
        "made",
        small_recipe("made", blots, flip=True, preparation="rgb-2"),
        SMALL["made"],
        run,
        torch.device("cpu"),
    )
    source = training.source
    assert isinstance(source, PictureSource)
    images = source.images
    prepared = source.batch(torch.arange(len(images)), torch.Generator().manual_seed(0))[0].bool()
    straight, mirrored = (
        (prepared == side.bool()).flatten(1).all(1) for side in (images, images.flip(-1))
    )
    assert (straight ^ mirrored).all()
    assert 10 < straight.sum() < len(images) - 10


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
