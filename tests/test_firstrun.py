"""`make run`: the window where there is a display, otherwise its main job without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import firstrun, virtual_display
from studio.demonstrations import FIRST
from tests.thorough import thorough_only
from tests.tiny import tiny_checkpoint


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny checkpoint in the place of the one that `make run` draws with."""
    path = tiny_checkpoint(tmp_path)
    monkeypatch.setattr("studio.engine.checkpoints.cards.shipped", lambda: {FIRST: path})
    return path


def test_with_a_display_the_window_opens(monkeypatch):
    import studio.gui.shell.app

    monkeypatch.setattr(firstrun, "has_display", lambda: True)
    monkeypatch.setattr("studio.cli.window.has_display", lambda: True)
    monkeypatch.setattr(studio.gui.shell.app, "main", lambda: 5)
    assert firstrun.main() == 5


def test_without_one_a_digit_is_drawn_and_the_window_photographed(
    tmp_path, monkeypatch, capsys, shipped
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(firstrun, "has_display", lambda: False)
    monkeypatch.setattr(firstrun, "take_picture", lambda path: path.write_bytes(b"a picture"))
    assert firstrun.main() == 0
    out, err = capsys.readouterr()
    assert out.split() == [str(Path("out", "digit.gif")), str(Path("out", "window.png"))]
    assert err.splitlines()[0].startswith("There is no display here")
    assert err.splitlines()[0].count(". ") == 0
    with Image.open("out/digit.gif") as film:
        assert film.n_frames > 5  # type: ignore[attr-defined]
    assert Path("out/window.png").exists()


def test_without_a_virtual_display_the_digit_is_drawn_all_the_same(
    tmp_path, monkeypatch, capsys, shipped
):
    @contextmanager
    def missing(folder: Path) -> Iterator[dict[str, str]]:
        raise RuntimeError("A virtual display needs Xvfb: install the package xvfb.")
        yield {}

    monkeypatch.setattr(virtual_display, "virtual_display", missing)
    assert firstrun.without_window(tmp_path / "out") == 0
    assert (tmp_path / "out" / "digit.gif").exists()
    assert not (tmp_path / "out" / "window.png").exists()
    assert "was left out: A virtual display needs Xvfb" in capsys.readouterr().err


def test_a_window_that_cannot_be_photographed_says_why(tmp_path, monkeypatch):
    @contextmanager
    def no_display(folder: Path) -> Iterator[dict[str, str]]:
        yield {"DISPLAY": ":not-there", "QT_QPA_PLATFORM": "no-such-platform"}

    monkeypatch.setattr(virtual_display, "virtual_display", no_display)
    with pytest.raises(RuntimeError):
        firstrun.take_picture(tmp_path / "window.png")


@thorough_only
@pytest.mark.slow
@pytest.mark.skipif(not virtual_display.available(), reason="there is no Xvfb on this machine")
def test_the_picture_shows_the_real_window(tmp_path):
    firstrun.take_picture(tmp_path / "window.png")
    with Image.open(tmp_path / "window.png") as picture:
        pixels = np.asarray(picture.convert("L"))
    assert pixels.shape[0] >= 500
    assert pixels.shape[1] >= 800
    assert len(np.unique(pixels)) > 20
