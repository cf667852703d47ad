"""Choosing a picture: what a click on a finished one does, and what can be done with it then."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from studio.gui.picture.choice import Choice
from studio.gui.picture.stage import Stage
from studio.gui.shell.main_window import MainWindow
from tests.gui.picture.test_stage import moment
from tests.gui.windows import (
    RIGHT,
    at_rest,
    click,
    drag,
    open_window,
    press,
    run_xdotool,
    site,
    until,
    wait_for_place,
)
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """Four finished pictures."""
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.session.change(count=4)
        window.drawing_page.drawing.finish()
        until(qtbot, lambda: finished(window))
        at_rest(qtbot, window.session)
        yield window


def finished(window: MainWindow) -> bool:
    latest = window.session.latest
    return latest is not None and latest.count == 4 and latest.position == SIZE * SIZE


def click_on(window: MainWindow, picture: int, row: int = 4, column: int = 4, **more: str) -> None:
    stage = window.drawing_page.stage
    drag(stage, [site(stage, row, column, picture)], **more)


def stroke(window: MainWindow, picture: int) -> None:
    """Along row 2, from column 1 to 4."""
    stage = window.drawing_page.stage
    drag(stage, [site(stage, 2, column, picture) for column in (1, 2, 3, 4)])


def chosen_is(stage: Stage, picture: int) -> bool:
    return stage.choice.picture == picture


def known(window: MainWindow) -> np.ndarray:
    painting = window.session.painting
    assert painting is not None
    return painting.known


def test_a_click_on_a_finished_picture_chooses_it_and_paints_nothing(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = window.drawing_page
    height = page.chosen.height()
    assert not any(button.isVisible() for button in page.chosen._buttons.values())
    click_on(window, 2)
    until(qtbot, lambda: page.stage.choice.picture == 2)
    at_rest(qtbot, window.session)
    assert not known(window).any()
    assert finished(window)
    assert all(button.isVisible() for button in page.chosen._buttons.values())
    assert page.chosen.title.text() == "Picture 3 of 4"
    assert page.chosen.height() == height, "nothing moves"


def test_the_brush_works_on_the_chosen_one(window: MainWindow, qtbot: QtBot) -> None:
    click_on(window, 2)
    click_on(window, 2, 7, 7)
    until(qtbot, lambda: bool(known(window).any()))
    assert not finished(window) or window.session.polling


def test_undo_brings_back_the_pictures_and_redo_takes_them_again(
    window: MainWindow, qtbot: QtBot
) -> None:
    latest = window.session.latest
    assert latest is not None
    before = latest.values
    click_on(window, 1)
    click_on(window, 1, 7, 7)
    at_rest(qtbot, window.session)
    assert not finished(window)
    press("ctrl+z")
    until(qtbot, lambda: finished(window))
    assert np.array_equal(window.session.latest.values, before)
    press("ctrl+shift+z")
    until(qtbot, lambda: not finished(window))


def test_clear_begins_anew_and_can_be_undone(window: MainWindow, qtbot: QtBot) -> None:
    click_on(window, 1)
    click_on(window, 1, 7, 7)
    at_rest(qtbot, window.session)
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: finished(window))
    at_rest(qtbot, window.session)
    press("ctrl+BackSpace")
    until(qtbot, lambda: window.session.latest.position == 0)
    assert not known(window).any()
    press("ctrl+z")
    until(qtbot, lambda: finished(window))
    assert known(window).any()


def test_clear_of_what_is_only_drawn_can_be_undone_too(window: MainWindow, qtbot: QtBot) -> None:
    before = window.session.latest.values
    press("ctrl+BackSpace")
    until(qtbot, lambda: window.session.latest.position == 0)
    press("ctrl+z")
    until(qtbot, lambda: finished(window))
    assert np.array_equal(window.session.latest.values, before)


def test_the_inspector_tells_of_the_chosen_picture(window: MainWindow, qtbot: QtBot) -> None:
    mean = window.inspector.bits.text()
    click_on(window, 3)
    until(qtbot, lambda: window.session.latest.chosen == 3)
    assert window.inspector.bits.text() != mean
    press("Escape")
    until(qtbot, lambda: window.session.latest.chosen is None)
    at_rest(qtbot, window.session)
    assert window.inspector.bits.text() == mean


@pytest.mark.parametrize("large", [False, True])
def test_the_brush_works_on_the_chosen_one_that_was_finished_meanwhile(
    window: MainWindow, qtbot: QtBot, large: bool
) -> None:
    click_on(window, 0)
    window.drawing_page.stage.enlarge(large)
    click_on(window, 0, 7, 7)
    at_rest(qtbot, window.session)
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: finished(window))
    at_rest(qtbot, window.session)
    stroke(window, 0)
    at_rest(qtbot, window.session)
    assert known(window)[2, 1:5].all()
    assert window.drawing_page.stage.choice.large is large


def test_a_stroke_on_a_finished_picture_chooses_it_and_says_why_and_the_next_paints(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage = window.drawing_page.stage
    stroke(window, 2)
    until(qtbot, window.messages.isVisible)
    assert window.messages.label.text().startswith("This picture is finished. Paint on it once")
    assert stage.choice.picture == 2
    assert not known(window).any()
    stroke(window, 2)  # as soon as this, it is a double click to Qt
    at_rest(qtbot, window.session)
    assert known(window)[2, 1:5].all()
    assert not stage.choice.large


def test_a_click_that_chooses_says_nothing(window: MainWindow, qtbot: QtBot) -> None:
    click_on(window, 2)
    until(qtbot, lambda: window.drawing_page.stage.choice.picture == 2)
    assert not window.messages.isVisible()


def test_draw_again_keeps_only_what_is_given_says_the_seed_and_is_undone_at_once(
    window: MainWindow, qtbot: QtBot
) -> None:
    session = window.session
    click_on(window, 1)
    click_on(window, 1, 7, 7)
    at_rest(qtbot, session)
    window.drawing_page.drawing.finish()
    until(qtbot, lambda: finished(window))
    at_rest(qtbot, session)
    before, given, seed = session.latest.values, known(window).copy(), session.options.seed
    window.drawing_page.chosen.again.trigger()
    assert session.options.seed != seed
    assert window.messages.label.text() == f"The seed is now {session.options.seed}."
    until(qtbot, lambda: finished(window) and not np.array_equal(session.latest.values, before))
    at_rest(qtbot, session)
    assert np.array_equal(known(window), given)
    press("ctrl+z")
    until(qtbot, lambda: finished(window) and np.array_equal(session.latest.values, before))
    assert session.options.seed == seed


def test_playing_the_same_again_says_once_that_the_seed_is_locked(
    window: MainWindow, qtbot: QtBot
) -> None:
    drawing, messages = window.drawing_page.drawing, window.messages
    drawing.play()
    assert messages.label.text() == "Same seed, same pictures: unlock the seed for others."
    click(messages.button)
    until(qtbot, lambda: not window.inspector.lock.isChecked())
    assert not window.session.seed_locked
    window.session.lock_seed(True)
    assert window.inspector.lock.isChecked()
    until(qtbot, lambda: finished(window))
    at_rest(qtbot, window.session)
    drawing.play()
    assert not messages.isVisible()


def test_the_legend_is_whole_beside_what_can_be_done_with_the_chosen_one(
    window: MainWindow, qtbot: QtBot
) -> None:
    page = window.drawing_page
    click_on(window, 1)
    click_on(window, 1, 7, 7)
    page.drawing.seek(3)
    at_rest(qtbot, window.session)
    for width in (1366, 1280):
        window.resize(width, 768)
        wait_for_place(window)
        shown = [one for one in page.legend.entries.values() if one.isVisible()]
        assert len(shown) >= 3
        for entry in shown:
            assert entry.width() >= entry.sizeHint().width()
            assert page.legend.rect().contains(entry.geometry())
        for button in page.chosen._buttons.values():
            assert button.isVisible()
            assert page.chosen.rect().contains(button.geometry())


def test_a_double_click_shows_it_alone_and_escape_all_of_them(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage = window.drawing_page.stage
    side = stage.picture_rect(0).width()
    point = site(stage, 4, 4, 3)
    wait_for_place(window)
    there = stage.mapToGlobal(point)
    run_xdotool("mousemove", str(there.x()), str(there.y()), "click", "--repeat", "2", "1")
    until(qtbot, lambda: stage.choice.large)
    assert stage.count == 1
    assert stage.picture_rect(3).width() > side
    assert stage.picture_rects == [stage.picture_rect(3)]
    assert [rect.size() for rect in window.pages.looked_at()] == [stage.picture_rect(3).size()]
    assert not known(window).any()
    click_on(window, 3)
    at_rest(qtbot, window.session)
    assert known(window)[4, 4], "it is chosen, and the brush is in hand"
    press("Escape")
    until(qtbot, lambda: stage.count == 4)
    press("Escape")
    until(qtbot, lambda: stage.choice.picture is None)


def test_a_stroke_ends_where_another_picture_is_shown_alone(
    window: MainWindow, qtbot: QtBot
) -> None:
    stage, ended = window.drawing_page.stage, list[bool]()
    stage.choose(2)
    stage.enlarge(True)
    QTest.mousePress(stage, Qt.MouseButton.LeftButton, pos=site(stage, 4, 4, 2))
    at_rest(qtbot, window.session)
    stage.released.connect(lambda: ended.append(True))
    stage.setFocus()
    QTest.keyClick(stage, Qt.Key.Key_Right)
    assert chosen_is(stage, 3)
    assert ended == [True]
    QTest.mouseMove(stage, site(stage, 0, 0, 3))
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=site(stage, 0, 0, 3))
    at_rest(qtbot, window.session)
    assert known(window)[4, 4]
    assert not known(window)[0, 0]


def test_it_can_be_kept(window: MainWindow, qtbot: QtBot) -> None:
    values = window.session.latest.values[2].copy()
    click_on(window, 2)
    until(qtbot, lambda: window.session.latest.chosen == 2)
    window.drawing_page.chosen.keep.trigger()
    at_rest(qtbot, window.session)
    assert known(window).all()
    painting = window.session.painting
    assert painting is not None
    assert np.array_equal(painting.values, values)


def test_from_a_pixel_on_it_is_drawn_again_with_other_noise_and_undone_all_at_once(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, page = window.session, window.drawing_page
    before, seed = session.latest.values.copy(), session.options.seed
    click_on(window, 1, 5, 0, button=RIGHT)
    until(qtbot, lambda: any(menu.isVisible() for menu in page.findChildren(QMenu)))
    menu = next(menu for menu in page.findChildren(QMenu) if menu.isVisible())
    again = next(
        one
        for one in menu.actions()
        if one.text() == "Keep the earlier pixels and draw again from here"
    )
    drag(menu, [menu.actionGeometry(again).center()])
    until(qtbot, lambda: session.options.seed != seed and finished(window))
    at_rest(qtbot, session)
    assert known(window)[:5].all()
    assert not known(window)[5:].any()
    after = session.latest.values
    assert all(np.array_equal(one[:, :5], before[1][:, :5]) for one in after)
    assert not np.array_equal(after[1], before[1])
    press("ctrl+z")
    until(qtbot, lambda: session.options.seed == seed and finished(window))
    at_rest(qtbot, session)
    assert np.array_equal(session.latest.values, before)
    assert not known(window).any()


def test_one_is_saved_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "one.npy"
    asked: list[str] = []

    def ask(parent: QWidget, name: str) -> Path:
        asked.append(name)
        return target

    monkeypatch.setattr("studio.gui.widgets.file_dialogs.ask_save_pictures", ask)
    values = window.session.latest.values[3]
    click_on(window, 3)
    window.drawing_page.chosen.save.trigger()
    until(qtbot, target.exists)
    at_rest(qtbot, window.session)
    assert np.array_equal(np.load(target), values[None])
    assert asked == [f"{window.session.title}-0-picture-4"]


def test_the_arrows_choose_and_nothing_moves(window: MainWindow, qtbot: QtBot) -> None:
    stage = window.drawing_page.stage
    place = stage.picture_rect(0)
    for key, chosen in (("Right", 0), ("Right", 1), ("Down", 3), ("Down", 3), ("Left", 2)):
        press(key)
        until(qtbot, partial(chosen_is, stage, chosen))
    assert stage.picture_rect(0) == place


def test_a_click_beside_the_pictures_chooses_none(window: MainWindow, qtbot: QtBot) -> None:
    stage = window.drawing_page.stage
    click_on(window, 0)
    until(qtbot, lambda: stage.choice.picture == 0)
    drag(stage, [QPoint(3, 3)])
    until(qtbot, lambda: stage.choice.picture is None)


def test_what_is_unfinished_is_painted_on_at_once(window: MainWindow, qtbot: QtBot) -> None:
    window.drawing_page.drawing.seek(10)
    until(qtbot, lambda: window.session.latest.position == 10)
    click_on(window, 2, 6, 6)
    until(qtbot, lambda: bool(known(window)[6, 6]))


def test_a_choice_lasts_as_long_as_its_picture() -> None:
    chosen = Choice().at(moment(36, count=16)).of(9)
    assert chosen.at(moment(36, count=16)) == chosen
    assert chosen.at(moment(12, count=16)).picture == 9
    assert chosen.at(moment(36, count=4)).picture is None
    assert chosen.at(None) == Choice()
