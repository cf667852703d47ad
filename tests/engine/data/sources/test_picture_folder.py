"""A folder of pictures as a data set: its subfolders
are classes or parts, and all pictures have one form."""

from __future__ import annotations

import pytest
from PIL import Image

from studio.engine.data.data_sets import open_data
from studio.engine.runtime.errors import StudioError
from tests.engine.sentences import sentence


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


def test_pictures_of_different_sizes_are_told_apart(tmp_path, pictures):
    Image.fromarray(pictures[0]).save(tmp_path / "1.png")
    Image.fromarray(pictures[1, :4]).save(tmp_path / "2.png")
    with pytest.raises(StudioError) as error:
        open_data(tmp_path)
    assert "5 x 4" in sentence(error)


def test_pictures_are_sorted_all_or_none(tmp_path, pictures):
    (tmp_path / "cats").mkdir()
    for path in (tmp_path / "1.png", tmp_path / "cats" / "2.png"):
        Image.fromarray(pictures[0]).save(path)
    with pytest.raises(StudioError) as error:
        open_data(tmp_path)
    assert "sort all or none" in sentence(error)
