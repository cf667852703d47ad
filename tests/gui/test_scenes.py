"""What was made is dropped on the window, or pasted, and everything is as it was; what is missing
is said, and the rest is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints.places import own_folder
from studio.engine.scenes.axes import axis
from studio.engine.scenes.carried import carried_in, carry, save_scene
from studio.engine.scenes.document import as_text
from studio.engine.scenes.plan import plan_of
from studio.engine.scenes.scene import ModelReference, Scene
from studio.gui.session import Session
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import file_dialogs
from tests.gui.dragging import drag, shown_desktop
from tests.gui.windows import at_rest, change_model, click, draw, open_window, press, until
from tests.tiny import SIZE, squares, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, user_data_folder: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def drawn(window: MainWindow, qtbot: QtBot) -> np.ndarray:
    """Four pictures after a stroke, to their end, with the third of them chosen and large, under
    another overlay and at another speed than usual; returns their values."""
    page, session = window.drawing_page, window.session
    page.completion.switch.setChecked(False)
    draw(page.stage, (1, 1), (1, 4))
    session.change(count=4, seed=11, temperature=1.5)
    page.finish()
    at_rest(qtbot, session)
    page.transport.choose_speed(50.0)
    page.stage.set_overlay("entropy")
    page.stage.choose(2)
    page.stage.enlarge(True)
    at_rest(qtbot, session)
    assert session.latest.position == SIZE * SIZE
    return session.latest.values


def changed(window: MainWindow, qtbot: QtBot) -> None:
    """Everything is another."""
    page, session = window.drawing_page, window.session
    page.stage.choose(None)
    page.stage.set_overlay("none")
    page.transport.choose_speed(None)
    session.change(count=1, seed=12, temperature=0.5)
    session.clear()
    at_rest(qtbot, session)
    window.pages.setCurrentWidget(window.start_page)


def all_as_it_was(window: MainWindow, qtbot: QtBot, values: np.ndarray) -> None:
    page, session = window.drawing_page, window.session
    until(qtbot, lambda: page.stage.choice.picture == 2)
    at_rest(qtbot, session)
    np.testing.assert_array_equal(session.latest.values, values)
    assert (session.options.seed, session.options.temperature) == (11, 1.5)
    assert session.painting is not None
    assert session.painting.known.sum() > 0
    assert page.stage.choice.large
    assert page.stage.overlay == "entropy"
    assert page.drawing.speed == pytest.approx(50, rel=0.05)
    assert window.pages.currentWidget() is page


def save(window: MainWindow, qtbot: QtBot, path: Path, alone: int | None = None) -> Path:
    page = window.drawing_page
    with qtbot.waitSignal(page.files.done):
        page.files.saver(window.session.latest, alone)(path)
    return path


def test_one_picture_of_four_that_is_dropped_brings_back_all_of_them(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    values = drawn(window, qtbot)
    path = save(window, qtbot, tmp_path / "one.png", alone=2)
    changed(window, qtbot)

    assert drag(window, shown_desktop(qtbot), path) == 'Open the scene in "one.png"'

    all_as_it_was(window, qtbot, values)
    assert window.messages.label.text() == "Opened the scene of “one.png”."


def test_another_model_that_comes_while_it_is_asked_where_is_not_the_one_of_the_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(window, qtbot)
    page, session = window.drawing_page, window.session
    other = tiny_checkpoint(tmp_path, "made")

    def ask(*about: object) -> Path:
        window.load(other)
        until(qtbot, lambda: session.checkpoint == other)
        return tmp_path / "all.npy"

    monkeypatch.setattr(file_dialogs, "ask_save_pictures", ask)
    with qtbot.waitSignal(page.files.done):
        page.ask_to_save()
    scene = carried_in(tmp_path / "all.npy")
    assert scene is not None
    assert (scene.model.name, scene.options.seed) == ("tiny-pixelcnn", 11)


def test_its_model_is_put_in_the_place_of_another_one(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    values = drawn(window, qtbot)
    path = save(window, qtbot, tmp_path / "all.npy")
    own_folder().mkdir(parents=True)
    kept = own_folder() / "renamed.safetensors"
    shutil.copy(tmp_path / "tiny-pixelcnn.safetensors", kept)
    scene = carried_in(path)
    assert scene is not None
    again = replace(scene, chosen=2, view={**scene.view, "enlarged": True})
    save_scene(again, tmp_path / "all.scene.json")
    change_model(qtbot, window, tiny_checkpoint(tmp_path, "made"))
    (tmp_path / "tiny-pixelcnn.safetensors").unlink()
    changed(window, qtbot)

    drag(window, shown_desktop(qtbot), tmp_path / "all.scene.json")

    all_as_it_was(window, qtbot, values)
    assert window.session.checkpoint == kept


def test_a_model_that_is_chosen_while_that_of_a_scene_is_looked_for_stays(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    scene = window.session.scenes.now()
    assert scene is not None
    change_model(qtbot, window, tiny_checkpoint(tmp_path, "made"))
    shown: list[Scene] = []
    window.session.scenes.shown.connect(shown.append)
    chosen = tiny_checkpoint(tmp_path, "autoencoder")
    window.pages.setCurrentWidget(window.start_page)

    window.session.scenes.show(scene)
    window.load(chosen)
    at_rest(qtbot, window.session)

    assert window.session.checkpoint == chosen
    assert window.pages.currentWidget() is not window.start_page
    assert not shown


def test_a_scene_that_is_asked_for_while_the_first_model_is_read_comes_after_it(
    qtbot: QtBot, tmp_path: Path, user_data_folder: Path
) -> None:
    other = tiny_checkpoint(tmp_path, "made")
    with open_window(qtbot, other) as window:
        scene = window.session.scenes.now()
    assert scene is not None
    session = Session()
    then: list[str] = []

    session.scenes.besides = lambda: [other]
    session.begin(tiny_checkpoint(tmp_path))
    session.scenes.show(scene, lambda: then.append("scene"))
    until(qtbot, lambda: session.checkpoint == other)
    at_rest(qtbot, session)

    assert then == ["scene"]
    assert session.shut_down()


def test_a_missing_model_is_said_in_one_sentence_and_the_rest_is_kept(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    drawn(window, qtbot)
    scene = window.session.scenes.now()
    assert scene is not None
    gone = replace(scene, model=ModelReference("gone", "sha256:" + "0" * 64))
    save_scene(gone, tmp_path / "gone.scene.json")
    changed(window, qtbot)

    drag(window, shown_desktop(qtbot), tmp_path / "gone.scene.json")

    until(qtbot, lambda: window.session.options.seed == 11)
    said = "The model “gone” is not on this machine: its checkpoint is needed to see this."
    until(qtbot, lambda: window.messages.label.text() == said)
    assert window.drawing_page.stage.overlay == "entropy"
    assert window.session.painting is not None
    assert window.session.painting.known.any()


def test_a_picture_with_a_scene_may_be_used_as_a_picture_all_the_same(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "square.png"
    Image.fromarray(squares(1)[0]).save(path)
    scene = window.session.scenes.now()
    assert scene is not None
    carry(path, scene)
    drag(window, shown_desktop(qtbot), path)
    until(qtbot, window.messages.button.isVisible)
    assert window.messages.button.text() == "Use it as a picture"

    click(window.messages.button)

    painting = window.session.painting
    assert painting is not None
    until(qtbot, lambda: bool(painting.known.all()))


def test_a_damaged_scene_is_refused_in_one_sentence(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "broken.scene.json"
    path.write_text(as_text(Scene(ModelReference("made"))).replace('"version": 1', '"version": -1'))
    drag(window, shown_desktop(qtbot), path)
    until(qtbot, window.messages.isVisible)
    assert "its version is not what it should be" in window.messages.label.text()


def test_a_scene_is_copied_as_text_and_pasted(window: MainWindow, qtbot: QtBot) -> None:
    values = drawn(window, qtbot)
    press("ctrl+shift+c")
    until(qtbot, lambda: "seed" in QGuiApplication.clipboard().text())
    changed(window, qtbot)

    press("ctrl+shift+v")

    all_as_it_was(window, qtbot, values)
    QGuiApplication.clipboard().clear()


def test_the_text_of_a_scene_is_dropped(window: MainWindow, qtbot: QtBot) -> None:
    values = drawn(window, qtbot)
    scene = window.session.scenes.now()
    assert scene is not None
    changed(window, qtbot)
    desktop = shown_desktop(qtbot)
    text = QMimeData()
    text.setText(as_text(scene))
    desktop.hold = lambda *_: setattr(desktop, "data", text)  # type: ignore[method-assign]

    assert drag(window, desktop) == "Open the scene"

    all_as_it_was(window, qtbot, values)


def test_a_screenshot_of_the_stage_carries_the_scene(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, path = drawn(window, qtbot), tmp_path / "shot.png"
    monkeypatch.setattr(file_dialogs, "ask_save_screenshot", lambda *_: path)
    window.results.save_screenshot()
    until(qtbot, path.exists)
    until(qtbot, lambda: window.messages.label.text() == f"Saved as {path}.")
    seen: QWidget = window.drawing_page.stage
    with Image.open(path) as picture:
        assert picture.size == (seen.width(), seen.height())
    changed(window, qtbot)

    window.open_file(path)

    all_as_it_was(window, qtbot, values)


def test_a_scene_is_saved_and_opened_from_the_menu(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, path = drawn(window, qtbot), tmp_path / "moment.scene.json"
    monkeypatch.setattr(file_dialogs, "ask_save_scene", lambda *_: path)
    monkeypatch.setattr(file_dialogs, "ask_open_scene", lambda *_: path)
    window.recalling.ask_to_save()
    until(qtbot, path.exists)
    changed(window, qtbot)

    press("ctrl+shift+o")

    all_as_it_was(window, qtbot, values)


def test_what_was_drawn_before_the_temperature_changed_comes_back_too(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    values = drawn(window, qtbot)
    window.session.change(temperature=0.1)
    at_rest(qtbot, window.session)
    np.testing.assert_array_equal(window.session.latest.values, values)
    path = save(window, qtbot, tmp_path / "mixed.png")
    changed(window, qtbot)

    window.open_file(path)

    until(qtbot, lambda: window.session.latest.position == SIZE * SIZE)
    at_rest(qtbot, window.session)
    np.testing.assert_array_equal(window.session.latest.values, values)
    assert window.session.options.temperature == 0.1


def test_a_part_of_the_view_that_nobody_shows_is_kept(window: MainWindow, qtbot: QtBot) -> None:
    scene = window.session.scenes.now()
    assert scene is not None
    strange = replace(scene, view={**scene.view, "lens": 3, "overlay": 7, "speed": "fast"})

    window.session.scenes.show(strange)

    now = window.session.scenes.now()
    assert now is not None
    assert now.view == {**scene.view, "lens": 3}


@pytest.mark.parametrize("part", [{"overlay": [1]}, {"overlay": {}}, {"speed": 10**400}])
def test_a_part_of_the_view_that_means_nothing_changes_nothing(
    window: MainWindow, part: dict[str, object]
) -> None:
    scene = window.session.scenes.now()
    assert scene is not None

    window.session.scenes.show(replace(scene, view={**scene.view, **part}))

    now = window.session.scenes.now()
    assert now is not None
    assert now.view == scene.view


def test_a_sheet_that_is_dropped_is_compared_again_under_its_headings(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    scene, path = window.session.scenes.now(), tmp_path / "sheet.scene.json"
    assert scene is not None
    plan = plan_of(scene, axis("temperature=0.5,1"), axis("seed=3,4"))
    save_scene(plan.as_scene, path)

    drag(window, shown_desktop(qtbot), path)

    page = window.grid_page
    until(qtbot, lambda: window.pages.currentWidget() is page and len(page.cells) == 4)

    def words() -> set[str]:
        return {label.text() for label in page.findChildren(QLabel) if label.isVisible()}

    until(qtbot, lambda: {*plan.across, *plan.down} <= words())
    until(qtbot, lambda: not page.drawing.playing)
