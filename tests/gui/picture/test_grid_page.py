"""Scenes compared in the window."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from studio.engine import checkpoints
from studio.engine.generation.methods import methods
from studio.engine.scenes.drawing import drawn
from studio.engine.scenes.scene import Scene
from studio.gui.picture.grid_cell import GridCell
from studio.gui.picture.grid_page import GridPage
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import file_dialogs
from tests.gui.windows import Busy, at_rest, click, drag, draw, open_window, press, until
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def opened(qtbot: QtBot, window: MainWindow) -> GridPage:
    """The page, with its first grid drawn."""
    window.drawing_page.stage.setFocus()
    press("ctrl+m")
    page = window.grid_page
    until(qtbot, page.isVisible)
    until(qtbot, lambda: finished(page))
    return page


def finished(page: GridPage) -> bool:
    latest = page.drawing.latest
    return latest is not None and latest.finished and not latest.playing


def again(qtbot: QtBot, page: GridPage, count: int) -> None:
    """Wait for another grid, of so many scenes, to be drawn."""
    until(qtbot, lambda: len(page.cells) == count and finished(page))


def pictures(cell: GridCell) -> np.ndarray:
    assert cell.moment is not None
    assert cell.moment.snapshot is not None
    return cell.moment.snapshot.values


def typed(page: GridPage, text: str) -> None:
    page.across.numbers.setFocus()
    page.across.numbers.selectAll()
    for key in text:
        press({",": "comma", " ": "space", ".": "period"}.get(key, key))
    press("Return")


def test_from_the_menu_to_a_sheet_by_the_mouse(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = window.menuBar()
    generate = next(one for one in bar.actions() if one.text() == "&Generate")
    drag(bar, [bar.actionGeometry(generate).center()])
    menu = generate.menu()
    assert isinstance(menu, QMenu)
    until(qtbot, menu.isVisible)
    compare = next(one for one in menu.actions() if one.text() == "&Compare…")
    drag(menu, [menu.actionGeometry(compare).center()])
    page = window.grid_page
    until(qtbot, lambda: page.isVisible() and finished(page))
    assert [cell.title for cell in page.cells] == [
        "temperature 0.5",
        "temperature 0.8",
        "temperature 1",
        "temperature 1.2",
    ]
    typed(page, "0.5, 2")
    again(qtbot, page, 2)
    for cell in page.cells:
        alone = drawn(cell.scene, checkpoints.load(tmp_path / "tiny-pixelcnn.safetensors"))
        assert np.array_equal(pictures(cell), alone.values)
        assert "bits" in cell.below.text
        assert " s" in cell.below.text

    out = tmp_path / "compared.png"
    monkeypatch.setattr(file_dialogs, "ask_save_sheet", lambda page, name: out)
    click(page.save_button)
    until(qtbot, lambda: window.messages.label.text().startswith("Saved as"))
    with Image.open(out) as sheet:
        assert sheet.width > sheet.height


def test_with_something_painted_methods_are_compared(window: MainWindow, qtbot: QtBot) -> None:
    window.drawing_page.tools.size_box.setValue(1)
    draw(window.drawing_page.stage, (6, 1), (6, 5))
    at_rest(qtbot, window.session)

    page = opened(qtbot, window)

    assert [cell.title for cell in page.cells] == ["Clamp", "Particles", "Particles, refined"]
    assert window.session.painting is not None
    for cell in page.cells:
        assert cell.scene.evidence is not None
        assert np.array_equal(cell.scene.evidence.known, window.session.painting.known)
        assert cell.scene.options.seed == window.session.options.seed


def test_a_grid_begins_when_what_was_let_go_has_ended(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    busy = Busy()
    window.session.let_go(busy)
    typed(page, "0.5, 2")
    until(qtbot, lambda: len(page.cells) == 2)
    qtbot.wait(300)
    assert page.drawing.latest is None
    busy.through.set()
    again(qtbot, page, 2)


def test_a_click_on_a_scene_shows_it_on_the_stage(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    chosen = page.cells[1]
    wanted = pictures(chosen)

    click(chosen)

    until(qtbot, window.drawing_page.isVisible)
    assert window.session.options.temperature == 0.8
    window.drawing_page.drawing.finish()
    at_rest(qtbot, window.session)
    assert np.array_equal(window.session.latest.values, wanted)


def test_enter_shows_the_scene_that_has_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    page.cells[2].setFocus()
    window.session.change(temperature=0.3)

    press("Return")

    until(qtbot, window.drawing_page.isVisible)
    assert window.session.options.temperature == 1


def test_the_list_of_models_is_ticked_by_the_mouse(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    other = tiny_checkpoint(tmp_path, "made")
    window.session.scenes.besides = lambda: [other]
    page = opened(qtbot, window)
    page.across.choose("model")
    page.across._ticked["model"] = []
    click(page.across.many)
    until(qtbot, page.across.menu.isVisible)
    there = page.across.list
    rows = [row for row in range(there.count()) if there.item(row).text().startswith("tiny-")]
    assert rows == [0, 1], "the present one first, then one of its size"
    for row in rows:
        drag(there.viewport(), [there.visualItemRect(there.item(row)).center()])
    press("Escape")

    again(qtbot, page, 2)
    assert [cell.title for cell in page.cells] == ["tiny-pixelcnn", "tiny-made"]
    assert all(cell.moment and not cell.moment.sentence for cell in page.cells)


def test_a_list_counts_for_the_field_that_it_was_opened_for(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.session.scenes.besides = lambda: [tiny_checkpoint(tmp_path, "made")]
    page = opened(qtbot, window)
    page.across.choose("model")
    click(page.across.many)
    until(qtbot, page.across.menu.isVisible)
    page.across.choose("method")
    page.across.menu.close()
    axis = page.across.axis()
    assert axis is not None
    assert axis.field.name == "method"
    assert set(axis.values) <= {"auto", *methods()}


def test_two_axes_have_headings(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    page.down.choose("seed", "3 4")
    page.down.changed.emit()

    again(qtbot, page, 8)
    assert all(not cell.above.isVisible() for cell in page.cells)
    assert page._plan is not None
    assert page._plan.down == ("seed 3", "seed 4")


def test_the_difference_shows_where_each_is_apart_from_the_first(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = opened(qtbot, window)

    click(page.difference)

    until(qtbot, lambda: "differ" in page.cells[3].below.text)
    assert page.cells[0].view.over is None
    apart = pictures(page.cells[3]) != pictures(page.cells[0])
    said = 100 * apart.mean()
    assert page.cells[3].below.text.startswith(f"{said:.1f} %")
    click(page.difference)
    until(qtbot, lambda: page.cells[3].view.over is None)


def test_in_a_race_and_in_step_it_plays_pauses_and_begins_again(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = opened(qtbot, window)
    window.drawing_page.drawing.set_speed(20.0)
    page.cells[0].setFocus()
    press("Home")
    press("space")
    until(qtbot, lambda: page.drawing.playing)
    press("space")
    until(qtbot, lambda: not page.drawing.playing)
    assert page.drawing.latest is not None
    places = {cell.snapshot.position for cell in page.drawing.latest.cells if cell.snapshot}
    assert max(places) < SIZE * SIZE
    assert max(places) - min(places) <= 2, "they go in step"

    click(page.race)
    click(page.play_button)

    until(qtbot, lambda: finished(page))


def test_it_follows_what_is_chosen_in_the_inspector(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    seed = window.session.options.seed

    click(page.dice)

    until(qtbot, lambda: page.cells[0].scene.options.seed != seed and finished(page))
    assert page.cells[0].scene.options.seed == window.session.options.seed
    assert str(window.session.options.seed) in page.words.text()


def test_any_scenes_can_be_compared(window: MainWindow, qtbot: QtBot) -> None:
    page, scene = opened(qtbot, window), window.session.scenes.now()
    assert scene is not None
    branches = [replace(scene, title=name).with_options(seed=n) for n, name in enumerate("ab")]

    page.show_scenes(branches)

    again(qtbot, page, 2)
    assert [cell.title for cell in page.cells] == ["a", "b"]


def test_a_model_that_does_not_fit_says_so_in_its_cell(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    page, scene = opened(qtbot, window), window.session.scenes.now()
    assert scene is not None
    other = Scene(replace(scene.model, name="nobody", weights="sha256:0"), scene.options)

    page.show_scenes([scene, other])

    again(qtbot, page, 2)
    assert page.cells[1].why.isVisible()
    assert "nobody" in page.cells[1].accessibleName()
    assert page.cells[0].view.isVisible()


def test_what_is_no_axis_is_said_and_the_grid_stays(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)

    typed(page, "hot")

    until(qtbot, lambda: "Temperature is a number" in window.messages.label.text())
    assert len(page.cells) == 4


def test_it_rests_while_it_is_not_seen(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    window.drawing_page.drawing.set_speed(10.0)
    page.restart()
    page.toggle()
    until(qtbot, lambda: page.drawing.playing)

    window.show_stage()

    until(qtbot, lambda: not page.drawing.playing)


def test_what_nobody_looks_at_is_given_back_and_drawn_again_when_it_is_seen(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = opened(qtbot, window)
    before = [pictures(cell) for cell in page.cells]
    page.free()
    assert page.drawing.latest is not None, "it is seen"

    page._left.setInterval(0)
    window.show_stage()
    until(qtbot, lambda: page.drawing.latest is None)

    window.pages.setCurrentWidget(page)
    again(qtbot, page, len(before))
    for cell, values in zip(page.cells, before, strict=True):
        np.testing.assert_array_equal(pictures(cell), values)


def test_scenes_that_were_given_are_drawn_again_too(window: MainWindow, qtbot: QtBot) -> None:
    page, scene = opened(qtbot, window), window.session.scenes.now()
    assert scene is not None
    page.show_scenes([scene, scene.with_options(seed=7)])
    again(qtbot, page, 2)
    before = [pictures(cell) for cell in page.cells]

    window.show_stage()
    page.free()
    window.pages.setCurrentWidget(page)
    again(qtbot, page, 2)

    for cell, values in zip(page.cells, before, strict=True):
        np.testing.assert_array_equal(pictures(cell), values)


def of_another_model(window: MainWindow) -> list[Scene]:
    """Two scenes of a model that has to be looked for and loaded first."""
    scene = window.session.scenes.now()
    assert scene is not None
    other = replace(scene, model=replace(scene.model, weights="other"))
    return [other, other.with_options(seed=7)]


def test_left_while_its_models_are_loaded_it_does_not_play(
    window: MainWindow, qtbot: QtBot
) -> None:
    page, scenes = opened(qtbot, window), of_another_model(window)

    page.show_scenes(scenes)
    assert len(page.cells) > 2, "they are not there yet"
    window.show_stage()

    until(qtbot, lambda: len(page.cells) == 2 and page.drawing.latest is not None)
    qtbot.wait(300)
    assert page.drawing.latest is not None
    assert not page.drawing.latest.playing
    assert not page.drawing.latest.finished


def test_given_up_while_its_models_are_loaded_it_is_drawn_when_it_is_seen(
    window: MainWindow, qtbot: QtBot
) -> None:
    page, scenes = opened(qtbot, window), of_another_model(window)
    window.show_stage()
    page.free()

    page.show_scenes(scenes)
    page.free()
    qtbot.wait(500)
    assert page.drawing.latest is None

    window.pages.setCurrentWidget(page)
    again(qtbot, page, 2)


def test_given_back_it_holds_no_model(window: MainWindow, qtbot: QtBot) -> None:
    page, scenes = opened(qtbot, window), of_another_model(window)
    page.show_scenes(scenes)
    again(qtbot, page, 2)
    model = page.drawing.model_of(scenes[0].model)
    assert model is not None
    held = weakref.ref(model)
    del model

    window.show_stage()
    page.free()
    at_rest(qtbot, window.session)
    gc.collect()

    assert held() is None


def test_closed_while_it_plays_it_leaves_no_thread(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        page = opened(qtbot, window)
        window.drawing_page.drawing.set_speed(10.0)
        page.restart()
        page.toggle()
        until(qtbot, lambda: page.drawing.playing)
        player = page.drawing._player
    assert player is not None
    assert player.join(5)


def test_a_cell_has_a_frame_under_the_pointer(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(qtbot, window)
    cell = page.cells[1]
    before = cell.grab().toImage().pixelColor(0, 0)

    drag(page, [page.mapFromGlobal(cell.mapToGlobal(QPoint(5, 5)))], button="2")

    until(qtbot, lambda: cell.grab().toImage().pixelColor(0, 0) != before)
    assert QApplication.widgetAt(cell.mapToGlobal(QPoint(5, 5))) is not None
    assert cell.cursor().shape() == Qt.CursorShape.PointingHandCursor


def test_branches_are_compared_under_their_names(window: MainWindow, qtbot: QtBot) -> None:
    branching = window.drawing_page.branching
    window.drawing_page.drawing.finish()
    at_rest(qtbot, window.session)
    branching.change_pixel(0, (2, 2), 1)
    until(qtbot, lambda: len(list(branching.tree.walk())) == 2)
    at_rest(qtbot, window.session)

    branching.compare([branch.number for branch, _ in branching.tree.walk()])

    page = window.grid_page
    until(qtbot, page.isVisible)
    again(qtbot, page, 2)
    assert [cell.title for cell in page.cells] == ["Drawing 1", "Branch 2"]
    assert pictures(page.cells[0])[0, 0, 2, 2] != pictures(page.cells[1])[0, 0, 2, 2]
