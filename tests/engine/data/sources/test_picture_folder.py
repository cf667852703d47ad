"""A folder of pictures as a data set: its subfolders
are classes or parts, and all pictures have one form."""

from __future__ import annotations

import pytest
from PIL import Image

from studio.engine.data.data_sets import open_data
from studio.engine.runtime import memory
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
    assert "2 sizes, 5 x 6, 5 x 4" in sentence(error)
    assert "the setting shape=1,6,5 (channels, rows, columns)" in sentence(error)
    Image.fromarray(pictures[2]).save(tmp_path / "3.png")
    assert open_data(tmp_path, size=(4, 4)).shape == (1, 4, 4)


def test_pictures_are_sorted_all_or_none(tmp_path, pictures):
    (tmp_path / "cats").mkdir()
    for path in (tmp_path / "1.png", tmp_path / "cats" / "2.png"):
        Image.fromarray(pictures[0]).save(path)
    with pytest.raises(StudioError) as error:
        open_data(tmp_path)
    assert "sort all or none" in sentence(error)


def fill(folder, pictures, *names):
    """A folder with a picture for each name."""
    for name, picture in zip(names, pictures, strict=False):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name)
    return folder


def test_parts_without_a_test_part_are_parts_all_the_same(tmp_path, pictures):
    names = [f"{part}/c{i % 2}/{i}.png" for part in ("train", "val") for i in range(10)]
    fill(tmp_path, pictures, *names)
    data = open_data(tmp_path)
    assert len(data.validation) == 10
    assert data.class_names == ("c0", "c1")


def test_what_lies_deeper_in_a_class_belongs_to_it(tmp_path, pictures):
    fill(tmp_path, pictures, *(f"{name}/{i}/a.png" for name in ("cats", "dogs") for i in range(5)))
    assert open_data(tmp_path).class_names == ("cats", "dogs")


def test_a_folder_in_a_folder_is_opened(tmp_path, pictures):
    names = [f"all/{part}/cats/{i}.png" for part in ("train", "test") for i in range(5)]
    data = open_data(fill(tmp_path, pictures, *names))
    assert (len(data.test), data.class_names) == (5, ("cats",))


def test_what_lies_beside_the_parts_is_left_out_and_said(tmp_path, pictures, caplog):
    names = [f"{part}/{i}.png" for part in ("train", "test", "raw") for i in range(5)]
    assert len(open_data(fill(tmp_path, pictures, *names)).test) == 5
    assert caplog.messages == [f'Read as parts of "{tmp_path}": test, train; left out: raw.']


def test_a_class_may_be_called_train(tmp_path, pictures):
    names = [f"{name}/{i}.png" for name in ("train", "plane") for i in range(5)]
    assert open_data(fill(tmp_path, pictures, *names)).class_names == ("plane", "train")


def test_a_folder_that_is_called_like_a_picture_is_none(tmp_path, pictures):
    fill(tmp_path, pictures, *(f"{i}.png" for i in range(5)))
    (tmp_path / "a.png").mkdir()
    data = open_data(tmp_path)
    assert len(data.train) + len(data.validation) + len(data.test) == 5


@pytest.fixture
def damaged(tmp_path, pictures):
    fill(tmp_path, pictures, *(f"{i}.png" for i in range(6)))
    (tmp_path / "2.png").write_bytes(b"")
    (tmp_path / "4.png").write_bytes((tmp_path / "4.png").read_bytes()[:40])
    return tmp_path


def test_all_damaged_pictures_are_named_at_once(damaged):
    with pytest.raises(StudioError) as error:
        open_data(damaged)
    assert f'2 of the 6 pictures in "{damaged}" cannot be read (2.png, 4.png)' in sentence(error)


def test_damaged_pictures_are_left_out_where_that_is_asked_for(damaged, caplog):
    data = open_data(damaged, skip_damaged=True)
    assert len(data.train) + len(data.validation) + len(data.test) == 4
    assert caplog.messages == [f'Left out of "{damaged}": 2 of 6 pictures, damaged (2.png, 4.png).']


def test_of_many_damaged_pictures_some_are_named(tmp_path):
    for i in range(9):
        (tmp_path / f"{i}.png").touch()
    with pytest.raises(StudioError, match=r"0.png, 1.png, 2.png, 3.png, 4.png and 4 more\)"):
        open_data(tmp_path)


def test_files_that_are_no_pictures_are_counted(tmp_path, pictures, caplog):
    fill(tmp_path, pictures, *(f"{i}.png" for i in range(5)))
    for name in ("a.heic", "b.heic", "notes.txt", ".hidden", "Thumbs.db"):
        (tmp_path / name).touch()
    open_data(tmp_path)
    assert caplog.messages == [
        f'Left out of "{tmp_path}": 3 of 8 files, no pictures that are read (2 .heic, 1 .txt).'
    ]


def test_what_several_pictures_have_in_common_is_said_once(tmp_path, caplog):
    for i in range(4):
        Image.new("RGBA" if i else "RGB", (2, 2)).save(tmp_path / f"{i}.png")
    open_data(tmp_path)
    assert caplog.messages == [
        f'3 of 4 pictures in "{tmp_path}" are transparent in places: laid on white.'
    ]


def test_pictures_of_zeros_and_ones_are_black_and_white(tmp_path, pictures, caplog):
    fill(tmp_path, pictures[:5] // 128, *(f"{i}.png" for i in range(5)))
    assert open_data(tmp_path).train.unique().tolist() == [0, 255]
    assert caplog.messages == [
        f'5 of 5 pictures in "{tmp_path}" are all 0 and 1: read as black and white.'
    ]


def test_pictures_that_would_not_fit_the_memory_are_refused_before_they_are_read(
    tmp_path, pictures, monkeypatch
):
    fill(tmp_path, pictures, *(f"{i}.png" for i in range(20)))
    monkeypatch.setattr(memory, "free", lambda device="cpu": 3_000)
    with pytest.raises(StudioError, match="at 5 x 6 pixels would take about 4 kB"):
        open_data(tmp_path)
