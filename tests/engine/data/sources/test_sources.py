"""A source of pictures is one file: what it declares is opened by its name, or recognised."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch

from studio.engine.data import sources
from studio.engine.data.data_sets import open_data
from studio.engine.data.sources import Found, Source, Wanted
from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.errors import StudioError


def _dots(path: Path, wanted: Wanted) -> Found:
    lines = path.read_text().splitlines()
    images = torch.tensor([[255 * (sign == "x") for sign in line] for line in lines])
    return Found({"train": (images.to(torch.uint8)[:, None, None], None)})


@pytest.fixture
def dots(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Source(
        "pictures of one row as text, a line each",
        _dots,
        recognises=lambda path: path.suffix == ".dots",
        no_labels="There is no room for labels.",
    )
    known = (form, *sources.sources())
    monkeypatch.setattr(sources, "sources", lambda: known)


@pytest.mark.usefixtures("dots")
def test_a_form_of_ones_own_is_recognised_and_read(tmp_path: Path):
    (tmp_path / "a.dots").write_text("x.x\n" * 40)
    data = open_data(tmp_path / "a.dots")
    assert data.shape == (1, 1, 3)
    assert data.train[0].flatten().tolist() == [255, 0, 255]
    assert len(data.train) + len(data.validation) + len(data.test) == 40


@pytest.mark.usefixtures("dots")
def test_a_label_file_that_cannot_go_with_it_is_refused(tmp_path: Path):
    (tmp_path / "a.dots").write_text("x.x\n" * 40)
    with pytest.raises(StudioError, match="no room for labels"):
        open_data(tmp_path / "a.dots", tmp_path / "labels.npy")


def test_data_sets_that_ship_have_a_name_and_forms_of_files_have_none():
    assert {"emoji", "mnist"} <= set(sources.shipped_names())
    for name in sources.shipped_names():
        folder = name.partition("-")[0]  # two sets may be of the same files
        assert list((assets_folder() / "data").glob(f"{folder}*")), name
    assert all(source.summary for source in sources.sources())


def test_pickles_are_refused_with_the_reason_before_anything_is_read(tmp_path: Path):
    (tmp_path / "data_batch_1").write_bytes(pickle.dumps({b"data": [0] * 3072}))
    for path in (tmp_path, tmp_path / "data_batch_1"):
        with pytest.raises(StudioError, match=r"is a Python pickle, .* take the binary version"):
            open_data(path)
