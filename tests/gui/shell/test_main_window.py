"""The whole window, as a person uses it: real pointer, real keys, real threads."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

import models
from models import orders
from studio.engine import checkpoints
from studio.gui.shell.app import application
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets import file_dialogs, theme
from studio.gui.widgets.painted import painter_on
from tests.gui.windows import (
    RIGHT,
    at_rest,
    change_model,
    click,
    draw,
    open_window,
    press,
    until,
    wait_for_place,
)
from tests.tiny import SIZE, tiny_checkpoint


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        yield window


def known(window: MainWindow) -> np.ndarray:
    assert window.session.painting is not None
    return window.session.painting.known


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are listed on Linux")
def test_no_thread_paints_but_that_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt hands large areas to threads of its own, which wait for a processor where a training keeps
    all of them; and the window for them."""
    monkeypatch.delenv("QT_NO_GUI_THREADPOOL")
    application()
    assert os.environ["QT_NO_GUI_THREADPOOL"] == "1"
    before = len(list(Path("/proc/self/task").iterdir()))
    image = QImage(2000, 2000, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with painter_on(image) as painter:
        painter.fillRect(image.rect(), QColor(10, 20, 30, 40))
    assert len(list(Path("/proc/self/task").iterdir())) <= before


def test_play_draws_the_whole_picture_and_it_is_on_the_stage(
    window: MainWindow, qtbot: QtBot
) -> None:
    click(window.drawing_page.transport.play)
    session = window.session
    until(qtbot, lambda: session.latest is not None and session.latest.position == SIZE * SIZE)
    at_rest(qtbot, session)
    assert session.latest is not None
    image = window.drawing_page.stage.grab().toImage()
    for row in range(SIZE):
        for column in range(SIZE):
            shown = image.pixelColor(
                window.drawing_page.stage.picture_rect(0).topLeft() + _middle(window, row, column)
            )
            assert shown.lightness() == 255 * session.latest.values[0, 0, row, column]


def _middle(window: MainWindow, row: int, column: int) -> QPoint:
    zoom = window.drawing_page.stage.picture_rect(0).width() // SIZE
    return QPoint(column * zoom + zoom // 3, row * zoom + zoom // 3)


def test_space_plays_and_pauses_and_the_keys_step(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    window.drawing_page.transport.choose_speed(20)
    press("space")
    until(
        qtbot,
        lambda: (
            window.drawing_page.drawing.playing
            and session.latest is not None
            and session.latest.position > 2
        ),
    )
    press("space")
    at_rest(qtbot, session)
    assert not window.drawing_page.drawing.playing
    assert session.latest is not None
    position = session.latest.position
    press("period")
    until(qtbot, lambda: session.latest is not None and session.latest.position == position + 1)
    press("comma")
    until(qtbot, lambda: session.latest is not None and session.latest.position == position)
    press("Home")
    until(qtbot, lambda: session.latest is not None and session.latest.position == 0)
    press("End")
    until(qtbot, lambda: session.latest is not None and session.latest.position == SIZE * SIZE)


def test_the_same_seed_draws_the_same_pictures_and_the_dice_others(
    window: MainWindow, qtbot: QtBot
) -> None:
    session = window.session

    def drawn() -> np.ndarray:
        click(window.drawing_page.transport.restart)
        until(qtbot, window.drawing_page.transport.finish.isEnabled)
        click(window.drawing_page.transport.finish)
        at_rest(qtbot, session)
        assert session.latest is not None
        return session.latest.values.copy()

    click(window.inspector.counts.button(4))
    first = drawn()
    assert len(first) == 4
    assert np.array_equal(drawn(), first)
    click(window.inspector.dice)
    assert not np.array_equal(drawn(), first)


@pytest.mark.parametrize("name", ["zigzag", "spiral", "random"])
def test_the_cursor_runs_over_the_stage_in_the_order_that_was_chosen(
    qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "made-any-order")) as window:
        session, box = window.session, window.inspector.order
        box.setCurrentIndex(box.findData(name))
        box.activated.emit(box.currentIndex())
        at_rest(qtbot, session)
        expected = orders.named(name, SIZE, SIZE, session.options.seed).tolist()
        visited = []
        for _ in expected:
            visited.append(_glowing(window))
            window.drawing_page.drawing.step(1)
            at_rest(qtbot, session)
        assert visited == expected
        for position in (40, 7, 23):
            window.drawing_page.transport.scrubber.setValue(position)
            at_rest(qtbot, session)
            assert _glowing(window) == expected[position]


def _glowing(window: MainWindow) -> int:
    """The raster index of the only site of picture 0 whose corner has the colour of the cursor."""
    image, rect = (
        window.drawing_page.stage.grab().toImage(),
        window.drawing_page.stage.picture_rect(0),
    )
    zoom, colour = rect.width() // SIZE, theme.colour("cursor").rgb()
    corners = [
        rect.topLeft() + QPoint(column, row) * zoom for row in range(SIZE) for column in range(SIZE)
    ]
    (site,) = [number for number, corner in enumerate(corners) if image.pixel(corner) == colour]
    return site


def test_what_is_painted_stays_and_the_model_draws_the_rest(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.drawing_page.tools.size_box.setValue(1)
    draw(window.drawing_page.stage, (1, 1), (1, 6))
    until(qtbot, lambda: known(window).sum() == 6)
    click(window.drawing_page.transport.finish)
    at_rest(qtbot, window.session)
    latest = window.session.latest
    assert latest is not None
    assert latest.position == SIZE * SIZE
    assert (latest.values[0, 0, 1, 1:7] == 1).all()
    assert latest.known is not None
    assert np.array_equal(latest.known, known(window))


def test_the_right_button_erases_and_undo_and_redo_go_back_and_forth(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.drawing_page.tools.size_box.setValue(1)
    draw(window.drawing_page.stage, (3, 0), (3, 7))
    until(qtbot, lambda: known(window).sum() == 8)
    draw(window.drawing_page.stage, (3, 2), (3, 4), button=RIGHT)
    until(qtbot, lambda: known(window).sum() == 5)
    press("ctrl+z")
    until(qtbot, lambda: known(window).sum() == 8)
    press("ctrl+z")
    until(qtbot, lambda: known(window).sum() == 0)
    press("ctrl+shift+z")
    until(qtbot, lambda: known(window).sum() == 8)
    press("ctrl+BackSpace")
    until(qtbot, lambda: known(window).sum() == 0)


def test_painting_while_it_draws_goes_on_from_the_change(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    window.drawing_page.transport.choose_speed(60)
    press("space")
    until(qtbot, lambda: session.latest is not None and session.latest.position > 20)
    draw(window.drawing_page.stage, (1, 3))
    until(qtbot, lambda: session.latest is not None and session.latest.known is not None)
    click(window.drawing_page.transport.finish)
    at_rest(qtbot, session)
    assert session.latest is not None
    assert session.latest.position == SIZE * SIZE
    assert session.latest.values[0, 0, 1, 3] == 1


def test_evidence_that_is_not_seen_in_time_is_marked_unless_particles_take_account_of_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.session.change(method="clamp")
    draw(window.drawing_page.stage, (6, 6))
    until(
        qtbot,
        lambda: window.session.latest is not None and window.session.latest.unseen is not None,
    )
    window.session.change(method="smc")
    until(qtbot, lambda: window.session.latest is not None and window.session.latest.unseen is None)


def test_a_model_that_is_conditioned_on_what_is_painted_begins_anew_with_it_in_view(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "gated-pixelcnn-map")) as window:
        session = window.session
        at_rest(qtbot, session)
        assert session.latest is not None
        unpainted = session.latest.probabilities
        press("space")
        until(qtbot, lambda: session.latest is not None and session.latest.position == SIZE * SIZE)
        at_rest(qtbot, session)
        click(window.drawing_page.stage)  # it is finished: now it is chosen
        draw(window.drawing_page.stage, (6, 1), (6, 6))
        at_rest(qtbot, session)
        assert (session.latest.position, session.latest.unseen) == (0, None)
        assert session.latest.probabilities is not None
        assert unpainted is not None
        assert not np.allclose(session.latest.probabilities, unpainted), (
            "the first pixel knows of the last rows"
        )
        press("space")
        until(qtbot, lambda: session.latest is not None and session.latest.position == SIZE * SIZE)
        assert (session.latest.values[0, 0, 6, 1:7] == 1).all()


def test_finish_my_digit_brings_a_model_that_sees_the_whole_painting(
    window: MainWindow, qtbot: QtBot
) -> None:
    session = window.session
    window.start_page.finish_requested.emit()
    until(qtbot, lambda: session.model is not None and session.model.sees_all_given)
    at_rest(qtbot, session)
    assert window.pages.currentWidget() is not window.start_page
    assert session.options.count == 4
    draw(window.drawing_page.stage, (22, 8), (22, 18))
    at_rest(qtbot, session)
    assert session.latest is not None
    assert session.painting is not None
    assert session.latest.unseen is None
    assert session.painting.known.any()
    window.pages.setCurrentWidget(window.start_page)
    before = session.model
    window.start_page.finish_requested.emit()
    at_rest(qtbot, session)
    assert session.model is before, "it need not be loaded again"
    assert not session.painting.known.any()


def test_the_top_half_can_be_kept(window: MainWindow, qtbot: QtBot) -> None:
    click(window.drawing_page.transport.finish)
    at_rest(qtbot, window.session)
    assert window.session.latest is not None
    before = window.session.latest.values[0].copy()
    until(qtbot, window.drawing_page.tools.keep.isEnabled)
    window.drawing_page.tools.keep.trigger()
    at_rest(qtbot, window.session)
    assert known(window)[: SIZE // 2].all()
    assert not known(window)[SIZE // 2 :].any()
    assert window.session.painting is not None
    assert np.array_equal(window.session.painting.values[:, : SIZE // 2], before[:, : SIZE // 2])


def test_with_the_bars_of_ten_classes_the_next_pixel_is_seen_on_a_laptop(
    qtbot: QtBot, tmp_path: Path
) -> None:
    config = {"classes": 10, "class_names": ()}
    path = tiny_checkpoint(tmp_path, "gated-pixelcnn-class", config=config)
    with open_window(qtbot, path) as window:
        window.resize(1366, 768 - 24)  # but for the frame
        wait_for_place(window)
        assert window.inspector.posterior.bars[9].isVisible()
        shown = window.inspector.next
        until(qtbot, lambda: shown.visibleRegion().boundingRect() == shown.rect())
        click(window.inspector.posterior.header)  # chips in the place of bars
        until(qtbot, lambda: not window.inspector.posterior.opened)
        until(qtbot, lambda: shown.visibleRegion().boundingRect() == shown.rect())


def test_classes_are_chosen_by_chip_and_by_key(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path, "gated-pixelcnn-class")) as window:
        inspector = window.inspector
        assert inspector.classes.isVisible()
        click(inspector.posterior.header)
        click(inspector.classes.chips.button(1))
        until(qtbot, lambda: window.session.options.condition == 1)
        window.drawing_page.stage.setFocus()
        press("2")
        until(qtbot, lambda: window.session.options.condition == 2)
        assert inspector.classes.chips.button(2).isChecked()
        press("9")  # there are three classes
        assert window.session.options.condition == 2


def test_overlays_are_in_the_menu_and_the_legend_explains_their_colours(
    window: MainWindow, qtbot: QtBot
) -> None:
    until(qtbot, lambda: not window.session.polling)
    assert not window.drawing_page.legend.scale.isVisible()
    uncertainty = next(action for action in window.actions() if action.text() == "Uncertainty")
    uncertainty.trigger()
    assert window.drawing_page.stage.overlay == "entropy"
    assert window.inspector.overlay.currentData() == "entropy"
    assert window.drawing_page.legend.scale.isVisible()
    window.drawing_page.stage.set_overlay("none")
    assert not uncertainty.isChecked()
    assert not window.drawing_page.legend.scale.isVisible()


def test_the_space_bar_presses_the_button_that_has_the_focus(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.drawing_page.transport.finish.setFocus()
    press("space")
    until(
        qtbot,
        lambda: window.session.latest is not None and window.session.latest.position == SIZE * SIZE,
    )


def test_on_the_start_page_the_keys_of_the_stage_do_nothing(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.pages.setCurrentWidget(window.start_page)
    window.setFocus()
    press("space")
    at_rest(qtbot, window.session)
    assert window.session.latest is not None
    assert window.session.latest.position == 0
    window.start_page.watch_requested.emit()
    until(qtbot, lambda: window.drawing_page.drawing.playing)
    assert window.drawing_page.stage.isVisible()


def test_on_the_start_page_nothing_is_undone(window: MainWindow, qtbot: QtBot) -> None:
    draw(window.drawing_page.stage, (1, 1), (1, 5))
    until(qtbot, window.drawing_page.tools.undo.isEnabled)
    painting = window.session.painting
    assert painting is not None
    known = painting.known.copy()
    window.pages.setCurrentWidget(window.start_page)
    press("ctrl+z")
    at_rest(qtbot, window.session)
    assert (painting.known == known).all()
    window.show_stage()
    press("ctrl+z")
    until(qtbot, lambda: not painting.known.any())


def test_a_disabled_tool_says_why(window: MainWindow, qtbot: QtBot) -> None:
    assert window.drawing_page.tools.undo.toolTip() == "Nothing to undo"
    draw(window.drawing_page.stage, (1, 1))
    until(qtbot, window.drawing_page.tools.undo.isEnabled)
    assert window.drawing_page.tools.undo.toolTip().startswith("Undo the last stroke")


def test_a_model_without_classes_shows_none(window: MainWindow) -> None:
    assert not window.inspector.classes.isVisible()


@pytest.mark.parametrize("name", ["picture.png", "film.gif", "levels.npy"])
def test_pictures_are_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    click(window.drawing_page.transport.finish)
    at_rest(qtbot, window.session)
    monkeypatch.setattr(file_dialogs, "ask_save_pictures", lambda *_: tmp_path / name)
    window.results.save()
    until(qtbot, lambda: (tmp_path / name).exists() and not window.session.polling)


def test_what_is_only_painted_is_no_result_to_save(window: MainWindow, qtbot: QtBot) -> None:
    save = next(one for one in window.actions() if one.text() == "Save &result…")
    draw(window.drawing_page.stage, (1, 1))
    at_rest(qtbot, window.session)
    assert not save.isEnabled()
    assert save.toolTip() == "Nothing is drawn yet: press Play first."
    click(window.drawing_page.transport.finish)
    until(qtbot, save.isEnabled)


def test_words_in_the_status_bar_keep_off_the_edge(window: MainWindow, qtbot: QtBot) -> None:
    window.trainings.status.hide()
    window.place.setText("row 3")
    qtbot.wait(20)
    right = window.place.mapTo(window, window.place.rect().topRight()).x()
    assert right <= window.width() - 8


def test_the_log_says_how_much_is_kept_when_another_model_comes(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    draw(window.drawing_page.stage, (1, 1), (1, 4))
    change_model(qtbot, window, tiny_checkpoint(tmp_path, "made"))
    assert "strokes to undo" in window.log.text.toPlainText()
    at_rest(qtbot, window.session)


def test_a_checkpoint_is_saved_and_opened_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.safetensors"
    monkeypatch.setattr(file_dialogs, "ask_save_checkpoint", lambda *_: copy)
    monkeypatch.setattr(file_dialogs, "ask_open_checkpoint", lambda *_: copy)
    window.checkpoint_files.ask_to_save()
    until(qtbot, lambda: copy.exists() and not window.session.polling)
    window.loading.ask_to_open()
    until(qtbot, lambda: window.session.checkpoint == copy and window.session.latest is not None)
    assert "copy" in window.windowTitle()


def test_a_checkpoint_that_is_none_is_reported_and_the_model_stays(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    model = window.session.model
    (tmp_path / "bad.safetensors").write_bytes(b"nothing of the kind")
    with qtbot.waitSignal(window.session.failed) as failed:
        window.load(tmp_path / "bad.safetensors")
    assert failed.args[1] == "", "a sentence is enough"
    assert "bad.safetensors" in failed.args[0]
    assert window.messages.isVisible()
    assert window.session.model is model


def test_cancelling_at_full_speed_ends_within_a_tenth_of_a_second(
    qtbot: QtBot, tmp_path: Path
) -> None:
    checkpoints.save(models.build("gated-pixelcnn"), tmp_path / "whole.safetensors")
    with open_window(qtbot, tmp_path / "whole.safetensors") as window:
        session = window.session
        click(window.inspector.counts.button(64))
        window.drawing_page.drawing.play()
        until(qtbot, lambda: session.latest is not None and session.latest.position > 5)
        assert session.player is not None
        began = time.perf_counter()
        session.cancel()
        assert session.player.join(0.1), f"it still runs after {time.perf_counter() - began:.3f} s"
        assert session.latest is not None
        assert session.latest.position < session.latest.length


def test_closing_in_the_middle_leaves_no_thread_and_no_message(
    qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.drawing_page.transport.choose_speed(5)
        window.drawing_page.drawing.play()
        until(qtbot, lambda: window.drawing_page.drawing.playing)
        player = window.session.player
        assert player is not None
        window.close()
        assert player.join(0)
    assert capfd.readouterr() == ("", "")


def test_closing_while_it_loads_leaves_no_thread(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(tiny_checkpoint(tmp_path))
    qtbot.addWidget(window)
    window.show()
    until(qtbot, lambda: window.session.polling)
    window.close()


def test_the_layout_is_as_it_was_left(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        assert not window.docks["Log"].isVisible()
        window.docks["Log"].show()
        window.docks["Library"].hide()
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as again:
        assert again.docks["Log"].isVisible()
        assert not again.docks["Library"].isVisible()


def test_the_next_start_shows_no_training_that_does_not_run(qtbot: QtBot, tmp_path: Path) -> None:
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as window:
        window.show_training()
        assert window.docks["Training"].isVisible()
    with open_window(qtbot, tiny_checkpoint(tmp_path)) as again:
        assert not again.docks["Training"].isVisible()
        assert again.docks["Library"].isVisible()


def test_nothing_is_asked_or_painted_while_nothing_happens(
    window: MainWindow, qtbot: QtBot
) -> None:
    at_rest(qtbot, window.session)
    painted: list[object] = []
    original = window.drawing_page.stage.paintEvent

    def counting(event: object) -> None:
        painted.append(event)
        original(event)  # type: ignore[arg-type]

    window.drawing_page.stage.paintEvent = counting  # type: ignore[method-assign, assignment]
    qtbot.wait(300)
    assert painted == []
    assert not window.session.polling


def test_what_the_engine_says_of_a_file_is_seen_and_logged(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    ink = Image.new("LA", (SIZE, SIZE), (0, 0))
    ink.putpixel((1, 2), (0, 255))
    ink.save(tmp_path / "ink.png")
    window.open_file(tmp_path / "ink.png")
    until(qtbot, lambda: "transparent in places" in window.messages.label.text())
    assert "transparent in places: laid on white" in window.log.text.toPlainText()


def test_a_model_that_is_asked_for_before_the_first_one_takes_its_place(
    qtbot: QtBot, tmp_path: Path
) -> None:
    first, wanted = tiny_checkpoint(tmp_path), tiny_checkpoint(tmp_path, "made")
    window = MainWindow(first)
    qtbot.addWidget(window)
    window.load(wanted)
    window.show()
    until(qtbot, lambda: window.session.latest is not None)
    at_rest(qtbot, window.session)
    assert window.session.checkpoint == wanted
    window.close()
