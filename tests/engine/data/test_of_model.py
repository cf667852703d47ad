"""A model's data and their preparation are those on its card, where nobody names others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import models
from models.interface import Model
from studio.engine.data.fingerprints import fingerprint
from studio.engine.data.of_model import data_for, prepared_for
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small_of_any_kind
from tests.tiny import CONFIGS, squares, tiny_data


def carded(channels: int = 1, levels: int = 2, **card: Any) -> Model:
    model = small_of_any_kind("pixelcnn", (channels, 8, 8), levels, **CONFIGS["pixelcnn"])
    model.card = card
    return model


@pytest.mark.parametrize(
    ("channels", "levels", "name"),
    [(1, 2, "thresholded"), (1, 16, "grey-16"), (3, 2, "rgb-2"), (3, 256, "rgb-256")],
)
def test_without_a_card_the_preparation_is_the_usual_one(channels, levels, name):
    model = carded(channels, levels)
    model.card = None
    assert prepared_for(model).name == name


def test_sound_is_prepared_as_sound():
    assert prepared_for(models.build("wavenet")).sound


def test_the_preparation_of_the_card_counts_before_the_usual_one_and_a_named_one_before_both():
    model = carded(preparation="dynamic")
    assert prepared_for(model).name == "dynamic"
    assert prepared_for(model, "levels-2").name == "grey-2"


@pytest.fixture
def learnt_from(tmp_path: Path) -> Model:
    """A model whose card names its data, with labels and validation images from elsewhere."""
    np.save(tmp_path / "labels.npy", np.full(60, 7))
    np.savez(tmp_path / "validation.npz", images=squares(4))
    recipe = {
        "labels": str(tmp_path / "labels.npy"),
        "validation": str(tmp_path / "validation.npz"),
    }
    return carded(data=str(tiny_data(tmp_path)), recipe=recipe)


def test_the_data_are_those_of_the_card_with_their_labels_and_validation_part(learnt_from):
    data = data_for(learnt_from)
    assert data.train_labels is not None
    assert set(data.train_labels.tolist()) == {7}
    assert len(data.validation) == 4


def test_data_that_are_named_are_not_mixed_with_those_of_the_card(learnt_from, tmp_path):
    np.save(tmp_path / "other.npy", squares(20))
    data = data_for(learnt_from, tmp_path / "other.npy")
    assert data.train_labels is None
    assert (len(data.train), len(data.validation), len(data.test)) == (17, 1, 2)


def test_pictures_in_a_folder_get_the_size_and_the_colours_of_the_model(tmp_path):
    for number in range(3):
        Image.new("RGB", (16, 16), "red").save(tmp_path / f"{number}.png")
    assert data_for(carded(), tmp_path).shape == (1, 8, 8)
    assert data_for(carded(channels=3), tmp_path).shape == (3, 8, 8)


def test_levels_that_a_model_drew_are_read_as_the_levels_that_they_are(tmp_path):
    levels = np.random.default_rng(0).integers(0, 16, (20, 1, 8, 8), dtype=np.uint8)
    np.save(tmp_path / "drawn.npy", levels)
    model = carded(levels=16)
    data = data_for(model, tmp_path / "drawn.npy")
    found = prepared_for(model).apply(torch.cat([data.train, data.validation, data.test]))
    assert {bytes(one.numpy()) for one in found} == {one.tobytes() for one in levels}


def test_other_data_under_the_name_on_the_card_are_used_only_where_they_are_named(tmp_path):
    path = tiny_data(tmp_path)
    model = carded(data=str(path), recipe={}, data_fingerprint=fingerprint({"data": str(path)}))
    data_for(model)
    np.savez(path, images=squares(30))
    with pytest.raises(StudioError, match="have changed since the model learnt from them"):
        data_for(model)
    assert len(data_for(model, path).train) == 26


def test_what_was_left_out_of_the_data_on_the_card_is_left_out_again(tmp_path):
    for number in range(6):
        Image.new("L", (8, 8), 40 * number).save(tmp_path / f"{number}.png")
    (tmp_path / "2.png").write_bytes(b"")
    with pytest.raises(StudioError, match="cannot be read"):
        data_for(carded(data=str(tmp_path)))
    assert len(data_for(carded(data=str(tmp_path), recipe={"skip_damaged": True})).train) == 3
