"""Names of files say which part of a data set they are, and what goes with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.data.part_names import labels_beside, part_of, set_of, sets_in, title_of


@pytest.fixture
def emnist(tmp_path: Path) -> Path:
    for name in ("balanced", "letters"):
        for part in ("train", "test"):
            for what in ("images-idx3", "labels-idx1"):
                (tmp_path / f"emnist-{name}-{part}-{what}-ubyte.gz").touch()
    return tmp_path


def test_parts_are_paired_by_what_else_their_names_say(emnist):
    sets = sets_in(emnist.glob("*idx3*"))
    assert [title_of(common) for common in sets] == ["emnist-balanced", "emnist-letters"]
    assert [{part: file.name for part, file in parts.items()} for parts in sets.values()] == [
        {part: f"emnist-{name}-{part}-images-idx3-ubyte.gz" for part in ("test", "train")}
        for name in ("balanced", "letters")
    ]


@pytest.mark.parametrize("part", ["train", "test"])
def test_each_part_finds_the_others(emnist, part):
    parts = set_of(emnist / f"emnist-letters-{part}-images-idx3-ubyte.gz")
    assert {part: file.name.split("-")[1:3] for part, file in parts.items()} == {
        "train": ["letters", "train"],
        "test": ["letters", "test"],
    }


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz"),
        ("binarized_mnist_train.amat", "binarized_mnist_test.amat"),
        ("Train.npy", "Test.npy"),
        ("mnist.training.csv", "mnist.testing.csv"),
    ],
)
def test_many_ways_to_name_parts_are_known(tmp_path, train, test):
    for name in (train, test):
        (tmp_path / name).touch()
    assert set_of(tmp_path / train) == {"train": tmp_path / train, "test": tmp_path / test}


@pytest.mark.parametrize("name", ["restrained.npy", "latest.npy", "digits.npy", "interval.npy"])
def test_a_name_that_speaks_of_no_part_is_a_training_part_alone(tmp_path, name):
    for one in (name, "other.npy", "test.npy"):
        (tmp_path / one).touch()
    assert set_of(tmp_path / name) == {"train": tmp_path / name}


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz"),
        ("kmnist-train-imgs.npz", "kmnist-train-labels.npz"),
    ],
)
def test_labels_are_called_like_their_images(tmp_path, images, labels):
    assert labels_beside(tmp_path / images) is None
    (tmp_path / labels).touch()
    assert labels_beside(tmp_path / images) == tmp_path / labels


def test_images_are_not_their_own_labels(tmp_path):
    (tmp_path / "digits.npy").touch()
    assert labels_beside(tmp_path / "digits.npy") is None


def test_a_folder_is_a_part_by_its_whole_name():
    assert [part_of(name) for name in ("Train", "val", "testing", "my test")] == [
        "train", "validation", "test", "",
    ]  # fmt: skip
