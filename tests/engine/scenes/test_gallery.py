"""What was made is listed, newest first, as long as it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes import gallery as module
from studio.engine.scenes.gallery import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "data" / "gallery.json")


def made(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"made")
    return path


def names(gallery: Gallery) -> list[str]:
    return [one.path.name for one in gallery.listed()]


def test_the_newest_stands_first(gallery: Gallery, tmp_path: Path) -> None:
    for name in ("a.png", "b.gif", "a.png"):
        gallery.add(made(tmp_path, name))
    assert names(gallery) == ["a.png", "b.gif"]


def test_a_file_that_is_gone_is_no_longer_listed(gallery: Gallery, tmp_path: Path) -> None:
    gallery.add(gone := made(tmp_path, "a.png"))
    gallery.add(made(tmp_path, "b.png"))
    gone.unlink()
    assert names(gallery) == ["b.png"]


def test_a_favourite_on_a_disk_that_is_gone_for_a_while_stays_one(
    gallery: Gallery, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    gallery.add(made(disk, "a.png"), favourite=True)
    disk.rename(tmp_path / "gone")
    gallery.add(made(tmp_path, "b.png"))
    assert names(gallery) == ["b.png"]
    (tmp_path / "gone").rename(disk)
    assert names(gallery) == ["b.png", "a.png"]
    assert gallery.listed()[1].favourite


def test_a_favourite_stays_one_when_it_is_made_again(gallery: Gallery, tmp_path: Path) -> None:
    gallery.add(path := made(tmp_path, "a.png"))
    gallery.mark(path, True)
    gallery.add(path)
    assert gallery.listed()[0].favourite
    gallery.mark(path, False)
    assert not gallery.listed()[0].favourite


def test_what_is_removed_from_the_list_stays_on_the_disk(gallery: Gallery, tmp_path: Path) -> None:
    gallery.add(path := made(tmp_path, "a.png"))
    gallery.remove(path)
    assert names(gallery) == []
    assert path.exists()


def test_favourites_are_not_forgotten_for_newer_ones(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    gallery.add(made(tmp_path, "liked.png"), favourite=True)
    for name in ("a.png", "b.png", "c.png"):
        gallery.add(made(tmp_path, name))
    assert names(gallery) == ["c.png", "b.png", "liked.png"]


_NEVER = b'[{"path": "a.png", "when": 1e300}]'


@pytest.mark.parametrize("content", [b"{", b'{"a": 1}', b'[{"path": 3}]', b"[[]]", b"\xff", _NEVER])
def test_a_damaged_list_is_begun_anew(gallery: Gallery, tmp_path: Path, content: bytes) -> None:
    gallery.file.parent.mkdir()
    gallery.file.write_bytes(content)
    assert gallery.listed() == []
    gallery.add(made(tmp_path, "a.png"))
    assert names(gallery) == ["a.png"]


def test_a_name_for_what_is_kept_is_never_that_of_another_file(gallery: Gallery) -> None:
    first = gallery.free_path("pixelcnn-3", ".png")
    first.write_bytes(b"kept")
    assert gallery.free_path("pixelcnn-3", ".png").name == "pixelcnn-3-2.png"


def test_a_list_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file")
    with pytest.raises(StudioError, match="could not be written"):
        Gallery(tmp_path / "data" / "gallery.json").add(made(tmp_path, "a.png"))
