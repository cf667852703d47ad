"""Files that are dragged over the window with the real pointer: a sign says what becomes of them,
before they are dropped and instead of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from studio.gui.shell.main_window import MainWindow
from tests.gui.dragging import Desktop, drag, shown_desktop
from tests.gui.windows import open_window, until
from tests.tiny import squares, tiny_checkpoint, tiny_data, tiny_sounds


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, user_data_folder: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


@pytest.fixture
def desktop(qtbot: QtBot, window: MainWindow) -> Desktop:
    return shown_desktop(qtbot)


def test_a_checkpoint_is_loaded_and_enters_the_library(
    window: MainWindow, desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tiny_checkpoint(tmp_path, "made")
    assert drag(window, desktop, path) == 'Open the model "tiny-made.safetensors"'
    until(qtbot, lambda: window.session.checkpoint == path)
    until(qtbot, lambda: "tiny-made" in [item.data(256).title for item in window.library._items()])


def test_a_picture_becomes_what_is_given(
    window: MainWindow, desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    Image.fromarray(squares(1)[0]).save(tmp_path / "square.png")
    assert drag(window, desktop, tmp_path / "square.png") == 'Open "square.png"'
    painting = window.session.painting
    assert painting is not None
    until(qtbot, lambda: bool(painting.known.any()))


def test_a_folder_of_pictures_is_put_into_the_form_of_a_training(
    window: MainWindow, desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "squares"
    folder.mkdir()
    for number, pixels in enumerate(squares(3)):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    assert drag(window, desktop, folder) == 'Train a model on "squares"'
    form = window.training.form
    until(qtbot, lambda: form.choices is not None and form.fields["data"].text() == str(folder))
    assert window.docks["Training"].isVisible()
    assert form.model.currentText() == "pixelcnn"
    assert "Press Start" in window.messages.label.text()


def test_a_folder_of_sounds_is_learnt_from_by_a_model_of_sound(
    window: MainWindow, desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tiny_sounds(tmp_path)
    drag(window, desktop, folder, over=window.library)
    form = window.training.form
    until(qtbot, lambda: form.choices is not None and form.fields["data"].text() == str(folder))
    assert form.model.currentText() == "wavenet"


def test_an_array_is_data_wherever_it_is_dropped(
    window: MainWindow, desktop: Desktop, qtbot: QtBot, tmp_path: Path
) -> None:
    window.show_training()
    form = window.training.form
    until(qtbot, lambda: form.choices is not None)
    data = tiny_data(tmp_path)
    drag(window, desktop, data, over=form.data.combo)
    assert form.fields["data"].text() == str(data)
    drag(window, desktop, tmp_path / "nothing.safetensors", over=window.library.search)
    assert window.library.search.text() == ""


def test_what_cannot_be_opened_is_refused_while_it_is_dragged_and_when_it_is_dropped(
    window: MainWindow, desktop: Desktop, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("buy milk")
    (tmp_path / "empty").mkdir()
    np.savez(tmp_path / "weights.safetensors.npz", a=np.zeros(3))
    (tmp_path / "weights.safetensors.npz").rename(tmp_path / "weights.safetensors")
    for paths, why in (
        (["notes.txt"], '"notes.txt" cannot be opened'),
        (["empty"], 'The folder "empty" holds no pictures'),
        (["weights.safetensors"], '"weights.safetensors" is a pickle'),
        (["notes.txt", "empty"], "one file or folder at a time"),
    ):
        said = drag(window, desktop, *(tmp_path / name for name in paths))
        assert said.startswith("no: ")
        assert why in said
        assert window.messages.label.text() == said.removeprefix("no: ")


def test_text_that_is_dragged_over_the_window_is_none_of_its_business(
    window: MainWindow, desktop: Desktop
) -> None:
    desktop.data.setText("a selected word")
    data = desktop.data
    desktop.hold = lambda *_: setattr(desktop, "data", data)  # type: ignore[method-assign]
    assert drag(window, desktop) == ""
    assert not window.messages.isVisible()
