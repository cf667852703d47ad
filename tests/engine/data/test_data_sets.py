"""Data sets: which images are held out, and of which kind they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError
from tests.engine.sentences import sentence


@pytest.mark.parametrize("part", ["validation", "test"])
def test_what_is_held_out_is_always_the_same(tmp_path, pictures, part):
    np.save(tmp_path / "own.npy", pictures)
    first, again = open_data(tmp_path / "own.npy"), open_data(tmp_path / "own.npy")
    assert torch.equal(first.split(part)[0], again.split(part)[0])


def test_the_held_out_tenth_is_the_one_of_earlier_versions(tmp_path):
    numbered = np.arange(60, dtype=np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2)
    np.save(tmp_path / "own.npy", numbered)
    assert open_data(tmp_path / "own.npy").test[:, 0, 0, 0].tolist() == [2, 14, 25, 40, 53, 56]


def test_a_part_that_there_is_not_is_refused_with_the_choices():
    with pytest.raises(StudioError, match="choose train, validation or test"):
        open_data("mnist").split("practice")


def test_a_validation_part_of_ones_own_leaves_the_training_part_whole(tmp_path, pictures, labels):
    np.savez(tmp_path / "own.npz", x_train=pictures, y_train=labels, x_test=pictures[:3])
    np.savez(tmp_path / "other.npz", images=pictures[:4] // 2, labels=labels[:4])
    data = open_data(tmp_path / "own.npz", validation=tmp_path / "other.npz")
    assert len(data.train) == 20
    assert torch.equal(data.validation[:, 0], torch.from_numpy(pictures[:4] // 2))
    assert data.validation_labels is not None
    assert data.validation_labels.tolist() == labels[:4].tolist()


def test_classes_of_a_validation_folder_go_by_their_names(tmp_path, pictures):
    for i, picture in enumerate(pictures):
        folder = tmp_path / "data" / ("ape", "bee", "cat")[i % 3]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / f"{i}.png")
    (tmp_path / "own" / "cat").mkdir(parents=True)
    Image.new("RGB", (5, 6), "red").save(tmp_path / "own" / "cat" / "red.png")
    data = open_data(tmp_path / "data", validation=tmp_path / "own")
    assert data.validation.shape == (1, 1, 6, 5), "grey, as the others are"
    assert data.validation_labels is not None
    assert data.validation_labels.tolist() == [2]
    (tmp_path / "own" / "cat").rename(tmp_path / "own" / "dog")
    with pytest.raises(StudioError, match="has a class dog"):
        open_data(tmp_path / "data", validation=tmp_path / "own")


def test_three_images_are_one_for_each_part_and_two_are_too_few(tmp_path, pictures):
    np.save(tmp_path / "own.npy", pictures[:3])
    data = open_data(tmp_path / "own.npy")
    assert (len(data.train), len(data.validation), len(data.test)) == (1, 1, 1)
    np.save(tmp_path / "own.npy", pictures[:2])
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "own.npy")
    assert "has 2 images to learn from, too few" in sentence(error)


def test_grey_becomes_colour_by_being_taken_three_times(tmp_path, pictures):
    np.save(tmp_path / "own.npy", pictures)
    grey, colour = open_data(tmp_path / "own.npy"), open_data(tmp_path / "own.npy", colour=True)
    assert colour.test.shape == (2, 3, 6, 5)
    for channel in colour.test.unbind(1):
        assert torch.equal(channel, grey.test[:, 0])


def test_what_is_not_there_is_reported_in_one_sentence(tmp_path):
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "nothing")
    assert "There is no data set" in sentence(error)


def test_a_text_too_long_for_a_name_is_no_data_set_either():
    with pytest.raises(StudioError) as error:
        open_data("mnist" * 1000)
    assert "There is no data set" in sentence(error)
    assert len(sentence(error)) < 500
