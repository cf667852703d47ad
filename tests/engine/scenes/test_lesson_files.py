"""Of a lesson only files of its folder are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.lesson_files import MOST_PICTURE, read_file, read_picture

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9" fill="currentColor"/></svg>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.svg").write_bytes(DRAWING)
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "formula.svg").write_bytes(DRAWING)
    return folder


def test_a_file_of_the_folder_is_read(folder: Path):
    assert read_picture(folder, "formula.svg") == DRAWING


@pytest.mark.parametrize("name", ["../secret.svg", "{}/secret.svg", "away.svg"])
def test_a_name_that_leads_out_of_the_folder_is_refused(folder: Path, name: str):
    (folder / "away.svg").symlink_to(folder.parent / "secret.svg")

    with pytest.raises(StudioError, match="is not in the lesson's folder"):
        read_picture(folder, name.format(folder.parent))


@pytest.mark.parametrize("name", ["none.svg", "folder.svg", "no\0name.svg"])
def test_a_name_of_nothing_is_told(folder: Path, name: str):
    (folder / "folder.svg").mkdir()

    with pytest.raises(StudioError, match=r"^(There is no file|“.*” cannot be read)"):
        read_picture(folder, name)


def test_a_file_larger_than_it_may_be_is_not_read_whole(folder: Path):
    with (folder / "large.png").open("wb") as file:
        file.truncate(MOST_PICTURE + 1)

    with pytest.raises(StudioError, match=r"“large\.png” is larger than 8 MB"):
        read_picture(folder, "large.png")
    with pytest.raises(StudioError, match="larger than 0 MB"):
        read_file(folder, "formula.svg", 4)


@pytest.mark.parametrize("name", ["notes.txt", "https://example.org/a.png", "formula"])
def test_what_is_no_picture_by_its_name_is_refused(folder: Path, name: str):
    with pytest.raises(StudioError, match="is no picture that a lesson can show"):
        read_picture(folder, name)


@pytest.mark.parametrize(
    "inside",
    [
        b'<image href="/etc/hostname"/>',
        b'<!DOCTYPE a [<!ENTITY b "bb">]>',
        b"<script>alert()</script>",
        b'<use xlink:href="file:///etc/hostname"/>',
    ],
)
def test_a_drawing_that_reaches_for_something_is_refused(folder: Path, inside: bytes):
    (folder / "formula.svg").write_bytes(DRAWING.replace(b"<path", inside + b"<path"))

    with pytest.raises(StudioError, match="more than a drawing"):
        read_picture(folder, "formula.svg")


def test_a_drawing_may_use_its_own_parts(folder: Path):
    drawing = DRAWING.replace(b"<path", b'<use xlink:href="#digit"/><path')
    (folder / "formula.svg").write_bytes(drawing)

    assert read_picture(folder, "formula.svg") == drawing
