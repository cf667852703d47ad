"""What a training is fed with: every example as its recipe wants it,
and a sentence where that cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.engine import checkpoints
from studio.engine.checkpoints import cards
from studio.engine.data.fingerprints import fingerprint
from studio.engine.data.variants import Variants
from studio.engine.runtime.errors import StudioError
from studio.engine.training.recipe_values import check_recipe
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from studio.engine.training.training_source import PictureSource, SoundSource, open_for
from tests.engine.trainings import SMALL, small_recipe, trained
from tests.tiny import squares


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


def test_a_variant_takes_the_place_of_a_picture_by_chance(blots: Path, tmp_path: Path) -> None:
    """Of every picture there is its negative, besides."""
    run = Run.create("made", tmp_path / "run")
    training = Trainer(
        "made",
        small_recipe("made", blots, preparation="rgb-2"),
        SMALL["made"],
        run,
        torch.device("cpu"),
    )
    assert isinstance(training.source, PictureSource)
    data = training.source.data
    negatives = Variants(255 - data.train, torch.arange(len(data.train)))
    source = PictureSource(
        replace(data, variants=negatives), training.model, training.recipe, torch.device("cpu")
    )
    rows = torch.arange(len(data.train))
    images, _, _ = source.first(rows, torch.Generator())
    shown, _, _ = source.batch(rows, torch.Generator().manual_seed(0))
    same, negative = ((shown == look).flatten(1).all(1) for look in (images, 1 - images))
    assert (same ^ negative).all()
    assert 10 < same.sum() < len(images) - 10


def begun(hums: Path, folder: Path, **changes: object) -> Trainer:
    recipe = small_recipe("wavenet", hums).with_changes(**changes)
    return Trainer(
        "wavenet",
        recipe,
        SMALL["wavenet"],
        Run.create("wavenet", folder / "run"),
        torch.device("cpu"),
    )


def test_what_is_learnt_in_an_epoch_is_every_sample_once(hums: Path, tmp_path: Path) -> None:
    training = begun(hums, tmp_path, window=0.1)
    source = training.source
    assert isinstance(source, SoundSource)
    batches = torch.arange(source.examples).split(5)
    counted = sum(source.share(rows) * len(rows) * source.dimensions for rows in batches)
    assert counted == pytest.approx(source.data.train.samples)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"preparation": "grey-4"},
            "wavenet is made for sound, and grey-4 is a preparation of pictures",
        ),
        ({"data": "mnist"}, 'There is no sound "mnist"'),
        ({"config": {"levels": 16}}, "levels is 16"),
        ({"window": 0}, "window is 0"),
    ],
)
def test_what_cannot_be_learnt_from_is_reported_in_one_sentence(
    changes: dict[str, object], sentence: str, hums: Path, tmp_path: Path
) -> None:
    def begin() -> None:
        check_recipe(small_recipe("wavenet", hums).with_changes(**changes))
        begun(hums, tmp_path, **changes)

    with pytest.raises(StudioError, match=sentence):
        begin()


def test_pictures_are_not_prepared_as_sound(stripes: Path, tmp_path: Path) -> None:
    recipe = small_recipe("made", stripes, preparation="mu-law-256")
    with pytest.raises(
        StudioError, match="made is made for pictures, and mu-law-256 is a preparation of sound"
    ):
        Trainer(
            "made", recipe, SMALL["made"], Run.create("made", tmp_path / "run"), torch.device("cpu")
        )


def test_labels_are_needed_where_the_model_learns_classes(hums: Path, tmp_path: Path) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    for path in hums.rglob("*.wav"):
        path.rename(loose / path.name)
    with pytest.raises(StudioError, match="learns from labels"):
        begun(loose, tmp_path, conditional=True)


def test_a_run_and_its_card_know_where_the_data_lie_from_any_folder(
    stripes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(stripes.parent)
    job = trained("made", Path(stripes.name), tmp_path / "run", epochs=1)
    card = cards.read_card(job.run.latest)
    assert card["data"] == card["recipe"]["data"] == str(stripes)
    assert job.run.read_config()["recipe"].data == str(stripes)
    assert card["data_fingerprint"] == fingerprint({"data": str(stripes)})


def test_a_data_set_that_ships_keeps_its_name_whatever_lies_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "emoji").mkdir()
    data, recipe = open_for("made", small_recipe("made", Path("emoji")), SMALL["made"])
    assert data.name == recipe.data == "emoji"


def test_nothing_is_learnt_from_a_test_part(tmp_path: Path) -> None:
    np.save(tmp_path / "digits-test.npy", squares(20))
    with pytest.raises(StudioError, match="is a test part, and no training part lies beside it"):
        open_for("made", small_recipe("made", tmp_path / "digits-test.npy"), SMALL["made"])
