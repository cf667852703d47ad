"""MNIST comes with the studio, and its parts are always the same."""

from __future__ import annotations

import gzip

import torch

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.assets import assets_folder


def test_mnist_comes_with_the_studio():
    data = open_data("mnist")
    assert data.train.shape == (55_000, 1, 28, 28)
    assert data.validation.shape == (5_000, 1, 28, 28)
    assert data.test.shape == (10_000, 1, 28, 28)
    assert data.train.dtype == torch.uint8
    assert data.class_names == tuple("0123456789")
    assert data.test_labels is not None
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_the_last_images_of_mnist_that_are_no_test_are_for_validation_some_of_every_digit():
    data = open_data("mnist")
    folder = assets_folder() / "data" / "mnist"
    whole = gzip.decompress((folder / "train-images-idx3-ubyte.gz").read_bytes())
    assert data.validation.numpy().tobytes() == whole[-5_000 * 28 * 28 :]
    assert data.validation_labels is not None
    assert data.validation_labels.bincount().min() > 400
