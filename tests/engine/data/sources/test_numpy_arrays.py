"""NumPy files as a data set: images and labels under their usual names,
and what is wrong is reported."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError
from tests.engine.sentences import sentence


def test_a_numpy_archive_brings_its_labels(tmp_path, pictures, labels):
    np.savez(tmp_path / "own.npz", images=pictures, labels=labels)
    data = open_data(tmp_path / "own.npz")
    assert (len(data.train), len(data.validation), len(data.test)) == (17, 1, 2)
    assert data.train_labels is not None
    whole = {bytes(p.numpy()): int(c) for p, c in zip(data.train, data.train_labels, strict=True)}
    for picture, label in zip(pictures, labels, strict=True):
        assert whole.get(picture.tobytes(), label) == label


def test_an_array_of_fractions_becomes_grey_values(tmp_path, pictures):
    np.save(tmp_path / "own.npy", (pictures / 255).astype(np.float32))
    data = open_data(tmp_path / "own.npy")
    everything = {
        bytes(picture.numpy()) for picture in torch.cat([data.train, data.validation, data.test])
    }
    assert everything == {picture.tobytes() for picture in pictures}


def test_a_label_for_every_image_is_wanted(tmp_path, pictures, labels):
    np.savez(tmp_path / "own.npz", images=pictures, labels=labels[:-1])
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "own.npz")
    assert "19 labels for the 20 images" in sentence(error)


def test_a_label_out_of_range_is_named(tmp_path, pictures, labels):
    wrong = labels.astype(np.int64)
    wrong[3] = -1
    np.savez(tmp_path / "own.npz", images=pictures, labels=wrong)
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "own.npz")
    assert "The label -1" in sentence(error)


def test_pickled_objects_are_refused(tmp_path):
    np.save(tmp_path / "own.npy", np.array([{"run": "me"}], dtype=object), allow_pickle=True)
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "own.npy")
    assert "pickled" in sentence(error)


def test_a_numpy_archive_cut_short_is_reported_in_one_sentence(tmp_path, pictures):
    path = tmp_path / "own.npz"
    np.savez(path, images=pictures)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StudioError) as error:
        open_data(path)
    assert "cut short" in sentence(error)


def test_an_archive_without_images_says_what_it_holds(tmp_path, labels):
    np.savez(tmp_path / "own.npz", labels=labels, weights=labels)
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "own.npz")
    assert "no array called images or x, but labels, weights" in sentence(error)


def test_an_archive_of_one_array_without_a_name_finds_its_labels_and_its_test_part(
    tmp_path, pictures, labels
):
    for part, rows in (("train", slice(0, 15)), ("test", slice(15, 20))):
        np.savez(tmp_path / f"kmnist-{part}-imgs.npz", pictures[rows])
        np.savez(tmp_path / f"kmnist-{part}-labels.npz", labels[rows])
    for path in (tmp_path, tmp_path / "kmnist-train-imgs.npz"):
        data = open_data(path)
        assert torch.equal(data.test[:, 0], torch.from_numpy(pictures[15:]))
        assert data.test_labels is not None
        assert data.test_labels.tolist() == labels[15:].tolist()
        assert data.labelled


def test_two_arrays_without_names_are_images_and_labels(tmp_path, pictures, labels):
    np.savez(tmp_path / "own.npz", pictures, labels)
    assert open_data(tmp_path / "own.npz").labelled


def test_an_array_beside_pictures_does_not_take_their_place(tmp_path, pictures):
    for number in range(5):
        Image.fromarray(pictures[number]).save(tmp_path / f"{number}.png")
    np.save(tmp_path / "features.npy", np.zeros((5, 7)))
    assert open_data(tmp_path).shape == (1, 6, 5)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["heart", "star", "tree"], ("heart", "star", "tree")),
        (["heart", "star", "tree", "later"], ("heart", "star", "tree", "later")),
        (["heart", "star"], ("0", "1", "2")),  # too few
        (["heart", "star", "star"], ("0", "1", "2")),
        ([f"file {n}" for n in range(20)], ("0", "1", "2")),  # one for each image
        ([7, 8, 9], ("0", "1", "2")),
    ],
)
def test_classes_are_called_by_the_names_that_an_archive_has_for_them(
    tmp_path, pictures, names, found
):
    labels = np.arange(20) % 3
    np.savez(tmp_path / "own.npz", images=pictures, labels=labels, names=np.array(names))
    assert open_data(tmp_path / "own.npz").class_names == found
