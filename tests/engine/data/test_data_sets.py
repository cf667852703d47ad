"""Data sets: every form that can be opened, and one clear sentence for each that cannot."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.engine.data.data_sets import Preparation, open_data, to_grey
from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.errors import StudioError


def idx(array: NDArray[np.uint8]) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


@pytest.fixture
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (20, 6, 5), dtype=np.uint8)


@pytest.fixture
def labels() -> NDArray[np.uint8]:
    return np.arange(20, dtype=np.uint8) % 4


def sentence(error: pytest.ExceptionInfo[StudioError]) -> str:
    """The message, which is one sentence of one line."""
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


# What can be opened.


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


def test_an_idx_pair_is_read_with_the_labels_beside_it(tmp_path, pictures, labels):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(pictures))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(pictures[:7]))
    (tmp_path / "val-images-idx3-ubyte").write_bytes(idx(pictures[:5]))
    data = open_data(tmp_path)
    assert torch.equal(data.train[:, 0], torch.from_numpy(pictures))
    assert data.train_labels is not None
    assert data.train_labels.tolist() == labels.tolist()
    assert len(data.test) == 7
    assert len(data.validation) == 5
    assert data.test_labels is None
    assert data.class_names == ("0", "1", "2", "3")


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


@pytest.mark.parametrize("called", ["val", "valid", "validation"])
def test_the_parts_of_a_folder_of_pictures_are_what_they_are_called(tmp_path, pictures, called):
    for i, picture in enumerate(pictures[:12]):
        folder = tmp_path / ("train", called, "test")[i % 3] / ("cats" if i % 2 else "dogs")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / f"{i}.png")
    data = open_data(tmp_path)
    assert data.class_names == ("cats", "dogs")
    for number, part in enumerate(("train", "validation", "test")):
        found, labels = data.split(part)
        assert labels is not None
        assert sorted(
            zip(found.flatten(1).sum(1).tolist(), labels.tolist(), strict=True)
        ) == sorted((int(pictures[i].sum()), 1 - i % 2) for i in range(number, 12, 3))


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


def test_the_subfolders_of_a_folder_of_pictures_are_its_classes(tmp_path, pictures):
    for i, picture in enumerate(pictures):
        folder = tmp_path / ("cats" if i % 2 else "dogs")
        folder.mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / f"{i}.png")
    data = open_data(tmp_path)
    assert data.class_names == ("cats", "dogs")
    assert len(data.train) + len(data.validation) + len(data.test) == 20
    assert data.train.shape[1:] == (1, 6, 5)


def test_a_folder_is_in_colour_where_any_of_its_pictures_is(tmp_path, pictures):
    for i, picture in enumerate(pictures[:4]):
        Image.fromarray(picture).save(tmp_path / f"{i}.png")
    assert open_data(tmp_path).train.shape[1:] == (1, 6, 5)
    Image.new("RGB", (5, 6), "red").save(tmp_path / "red.png")
    assert open_data(tmp_path).train.shape[1:] == (3, 6, 5)


def test_colour_becomes_grey_as_pillow_does_it(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (20, 6, 5, 3), dtype=np.uint8)
    np.save(tmp_path / "colours.npy", colours)
    data = open_data(tmp_path / "colours.npy", colour=False)
    everything = {
        bytes(picture.numpy()) for picture in torch.cat([data.train, data.validation, data.test])
    }
    assert everything == {Image.fromarray(picture).convert("L").tobytes() for picture in colours}


def test_grey_becomes_colour_by_being_taken_three_times(tmp_path, pictures):
    np.save(tmp_path / "own.npy", pictures)
    grey, colour = open_data(tmp_path / "own.npy"), open_data(tmp_path / "own.npy", colour=True)
    assert colour.test.shape == (2, 3, 6, 5)
    for channel in colour.test.unbind(1):
        assert torch.equal(channel, grey.test[:, 0])


# What cannot.

BAD_IDX: dict[str, tuple[Callable[[NDArray[np.uint8]], bytes], str]] = {
    "cut short": (lambda pictures: idx(pictures)[:-100], "cut short"),
    "cut short in its header": (lambda pictures: idx(pictures)[:9], "cut short"),
    "too long": (lambda pictures: idx(pictures) + b"more", "goes on after"),
    "no IDX": (lambda pictures: b"GIF89a and so on", "not an IDX file"),
    "of floats": (lambda pictures: b"\0\0\x0d\3" + idx(pictures)[4:], "only bytes"),
    "gzip cut short": (lambda pictures: gzip.compress(idx(pictures))[:-30], "cut short"),
    "gzip damaged": (lambda pictures: damaged(gzip.compress(idx(pictures))), "damaged"),
}


def damaged(data: bytes) -> bytes:
    """The same with the checksum at its end wrong."""
    return data[:-8] + bytes(byte ^ 0xFF for byte in data[-8:-4]) + data[-4:]


@pytest.mark.parametrize("what", BAD_IDX)
def test_a_bad_idx_file_is_told_in_a_sentence(tmp_path, pictures, what):
    make, complaint = BAD_IDX[what]
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(make(pictures))
    with pytest.raises(StudioError) as error:
        open_data(path)
    assert complaint in sentence(error)
    assert path.name in sentence(error)


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


def test_a_numpy_archive_cut_short_is_told_in_a_sentence(tmp_path, pictures):
    path = tmp_path / "own.npz"
    np.savez(path, images=pictures)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StudioError) as error:
        open_data(path)
    assert "cut short" in sentence(error)


def test_pictures_of_different_sizes_are_told_apart(tmp_path, pictures):
    Image.fromarray(pictures[0]).save(tmp_path / "1.png")
    Image.fromarray(pictures[1, :4]).save(tmp_path / "2.png")
    with pytest.raises(StudioError) as error:
        open_data(tmp_path)
    assert "5 x 4" in sentence(error)


def test_what_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(StudioError) as error:
        open_data(tmp_path / "nothing")
    assert "There is no data set" in sentence(error)


# Preparation.


def greys() -> torch.Tensor:
    """Every grey value once, (256, 1, 1, 1)."""
    return torch.arange(256, dtype=torch.uint8).view(256, 1, 1, 1)


def test_thresholded_is_one_above_127():
    assert (
        Preparation.parse("thresholded").apply(greys()).flatten().tolist() == [0] * 128 + [1] * 128
    )


def test_dynamic_is_drawn_anew_with_the_probability_of_the_grey():
    preparation = Preparation.parse("dynamic")
    values = greys().expand(-1, 1, 40, 50)
    first, second = preparation.apply(values), preparation.apply(values)
    assert not torch.equal(first, second)
    # 2,000 draws a grey value: the standard error is at most 0.012
    share = first.float().mean((1, 2, 3))
    torch.testing.assert_close(share, torch.arange(256) / 255, atol=0.06, rtol=0)
    assert first[0].sum() == 0
    assert first[255].min() == 1


def test_a_seeded_draw_of_dynamic_can_be_repeated():
    preparation = Preparation.parse("dynamic")
    one, same = (preparation.apply(greys(), torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one, same)


@pytest.mark.parametrize("kind", ["grey", "rgb"])
@pytest.mark.parametrize("levels", [2, 3, 16, 256])
def test_levels_are_equal_bins(kind, levels):
    preparation = Preparation.parse(f"{kind}-{levels}")
    assert preparation.levels == levels
    prepared = preparation.apply(greys()).flatten()
    sizes = torch.bincount(prepared.long(), minlength=levels)
    assert len(sizes) == levels
    assert sizes.max() - sizes.min() <= 1
    assert prepared.tolist() == sorted(prepared.tolist())


def test_the_lowest_level_is_shown_black_and_the_highest_white():
    assert to_grey(torch.tensor([0, 1, 2]), 3).tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("name", "colour"),
    [("thresholded", False), ("dynamic", False), ("grey-4", False), ("rgb-4", True)],
)
def test_the_name_of_a_preparation_says_whether_it_is_for_colour(name, colour):
    preparation = Preparation.parse(name)
    assert preparation.colour is colour
    assert preparation.settled(not colour) == preparation


def test_the_data_decide_what_levels_n_is():
    preparation = Preparation.parse("levels-16")
    assert preparation.colour is None
    assert preparation.settled(True) == Preparation.parse("rgb-16")
    assert preparation.settled(False) == Preparation.parse("grey-16")


@pytest.mark.parametrize(
    "name", ["grey-1", "grey-257", "grey", "rgb-1", "rgb", "bgr-4", "Thresholded", ""]
)
def test_an_unknown_preparation_is_refused_with_the_choices(name):
    with pytest.raises(StudioError) as error:
        Preparation.parse(name)
    assert "grey-N" in sentence(error)
