"""What is open is kept by itself, and comes back: after a window that ended without being closed,
and after one that was closed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints.places import sessions_folder
from studio.engine.scenes import autosave
from studio.gui.shell.main_window import MainWindow
from tests.gui.keeping import ENDED, die, files, written
from tests.gui.windows import at_rest, click, draw, open_window, press, until
from tests.thorough import thorough_only
from tests.tiny import tiny_checkpoint


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return tiny_checkpoint(tmp_path)


def known(window: MainWindow) -> np.ndarray:
    assert window.session.painting is not None
    return window.session.painting.known.copy()


def paint(qtbot: QtBot, window: MainWindow) -> None:
    """Two strokes, and the second one taken back."""
    stage = window.drawing_page.stage
    draw(stage, (1, 1), (1, 5))
    draw(stage, (3, 1), (6, 1))
    press("ctrl+z")
    until(qtbot, lambda: known(window)[1, 3] and not known(window)[5, 1])


def test_what_was_painted_comes_back_with_its_way_back(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        paint(qtbot, window)
        before = known(window)
        written(qtbot, window)
        die(window)
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: window.messages.label.text() == ENDED)
        assert not known(window).any()
        click(window.messages.button)
        until(qtbot, lambda: bool(known(window).any()))
        assert np.array_equal(known(window), before)
        press("ctrl+shift+z")
        until(qtbot, lambda: bool(known(window)[5, 1]))
        press("ctrl+z")
        press("ctrl+z")
        until(qtbot, lambda: not known(window).any())
    assert files(".open") == []


def test_a_drawing_comes_back_as_far_as_it_was(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        session = window.session
        session.change(seed=7, count=4)
        window.drawing_page.drawing.step(20)
        at_rest(qtbot, session)
        assert session.latest is not None
        before = session.latest.values.copy()
        assert written(qtbot, window).scene is not None
        die(window)
    with open_window(qtbot, tiny_checkpoint(checkpoint.parent, "made")) as window:
        session = window.session
        until(qtbot, lambda: window.messages.label.text() == ENDED)
        click(window.messages.button)
        until(qtbot, lambda: session.checkpoint == checkpoint and session.latest is not None)
        at_rest(qtbot, session)
        assert session.latest is not None
        assert session.options.seed == 7
        assert session.latest.position == 20
        assert np.array_equal(session.latest.values, before)


def test_a_stroke_that_goes_on_is_kept_too(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        window.session.edit(lambda painting: painting.begin())
        window.session.edit(lambda painting: painting.line((2, 0), (2, 7), 1))
        kept = written(qtbot, window).painting
        assert kept is not None
        assert kept.now[1][2].all()
        assert len(kept.done) == 1, "it can be undone, as one stroke"


def test_nothing_new_is_not_written_again(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        written(qtbot, window)
        before = files()[0].stat().st_mtime_ns
        qtbot.wait(1600)
        assert files()[0].stat().st_mtime_ns == before


def test_the_docks_and_the_page_come_back(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        window.docks["Library"].hide()
        window.show_dock("Log")
        written(qtbot, window)
        die(window)
    QSettings().remove("state")
    with open_window(qtbot, checkpoint) as window:
        window.pages.setCurrentWidget(window.start_page)
        until(qtbot, lambda: window.messages.label.text() == ENDED)
        assert window.docks["Library"].isVisible()
        click(window.messages.button)
        until(qtbot, lambda: window.pages.currentWidget() is window.drawing_page)
        assert not window.docks["Library"].isVisible()
        assert window.docks["Log"].isVisible()


def test_who_says_no_is_not_asked_again_and_can_still_go_on(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        paint(qtbot, window)
        written(qtbot, window)
        die(window)
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: window.messages.label.text() == ENDED)
        click(window.messages.no)
        assert not window.messages.isVisible()
        window.autosave.go_on.trigger()
        until(qtbot, lambda: bool(known(window).any()))


def test_after_a_normal_close_nothing_is_offered_and_the_menu_brings_it_back(
    qtbot: QtBot, checkpoint: Path
) -> None:
    with open_window(qtbot, checkpoint) as window:
        paint(qtbot, window)
        before = known(window)
    assert len(files(".closed")) == 1
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: window.autosave._own is not None)
        assert not window.messages.isVisible()
        draw(window.drawing_page.stage, (7, 0), (7, 7))
        window.autosave.go_on.trigger()
        until(qtbot, lambda: np.array_equal(known(window), before))
        window.autosave.go_on.trigger()  # what was open meanwhile was put by
        until(qtbot, lambda: bool(known(window)[7].all()))


def test_what_is_open_is_put_by_also_where_nothing_is_kept_by_itself(
    qtbot: QtBot, checkpoint: Path
) -> None:
    with open_window(qtbot, checkpoint) as window:
        paint(qtbot, window)
        before = known(window)
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: window.session.latest is not None)
        window.autosave.switch.trigger()
        draw(window.drawing_page.stage, (7, 0), (7, 7))
        window.autosave.go_on.trigger()
        until(qtbot, lambda: np.array_equal(known(window), before))
        window.autosave.go_on.trigger()
        until(qtbot, lambda: bool(known(window)[7].all()))
        window.autosave.switch.trigger()


def test_with_nothing_kept_the_menu_says_so(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        window.autosave.go_on.trigger()
        until(qtbot, lambda: "no earlier session" in window.messages.label.text())


def test_the_session_of_a_living_window_is_not_offered_to_another(
    qtbot: QtBot, checkpoint: Path
) -> None:
    with open_window(qtbot, checkpoint) as first:
        paint(qtbot, first)
        written(qtbot, first)
        with open_window(qtbot, checkpoint) as second:
            written_by_second = lambda: len(files(".open")) == 2  # noqa: E731
            until(qtbot, written_by_second)
            assert not second.messages.isVisible()
            second.autosave.go_on.trigger()
            until(qtbot, lambda: "no earlier session" in second.messages.label.text())
        assert known(first).any()


def test_switched_off_nothing_is_kept(qtbot: QtBot, checkpoint: Path) -> None:
    with open_window(qtbot, checkpoint) as window:
        written(qtbot, window)
        window.autosave.switch.trigger()
        assert files() == []
        paint(qtbot, window)
        qtbot.wait(800)
        assert files() == []
    assert files() == []
    with open_window(qtbot, checkpoint) as window:
        assert not window.autosave.switch.isChecked()


def test_a_damaged_file_is_said_once_and_harms_nothing(qtbot: QtBot, checkpoint: Path) -> None:
    sessions_folder().mkdir(parents=True)
    (sessions_folder() / "20260101-1-abc.open.json").write_text('{"format": "autoregres')
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: "cannot be read: it is damaged" in window.messages.label.text())
        assert window.session.model is not None
    (kept,) = sessions_folder().glob("20260101-1-abc.*.json")  # a newer version may read it
    assert kept.read_text() == '{"format": "autoregres'
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: window.session.latest is not None)
        assert "damaged" not in window.messages.label.text()


def test_a_full_disk_is_said_once(
    qtbot: QtBot, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def full(path: Path, content: bytes) -> None:
        from studio.engine.runtime.errors import StudioError

        raise StudioError(f"The disk is full: {errno.ENOSPC}.")

    said: list[str] = []
    with open_window(qtbot, checkpoint) as window:
        window.autosave.failed.connect(said.append)
        monkeypatch.setattr(autosave, "write_atomically", full)
        paint(qtbot, window)
        until(qtbot, lambda: bool(said))
        draw(window.drawing_page.stage, (7, 0), (7, 7))
        qtbot.wait(1600)
        assert len(said) == 1
        assert said[0].startswith("What is open is not saved by itself: The disk is full")
        monkeypatch.undo()


@pytest.fixture
def trained(user_data_folder: Path) -> Path:
    run = user_data_folder / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "resume.safetensors").touch()
    QSettings().setValue("training/unfinished", str(run))
    return run


def test_a_training_and_a_session_are_offered_one_after_the_other(
    qtbot: QtBot, checkpoint: Path, trained: Path
) -> None:
    with open_window(qtbot, checkpoint) as window:
        paint(qtbot, window)
        written(qtbot, window)
        die(window)
    with open_window(qtbot, checkpoint) as window:
        assert "mine" in window.messages.label.text()
        until(qtbot, lambda: len(window.messages._questions) == 2)
        click(window.messages.no)
        assert window.messages.label.text() == ENDED
        click(window.messages.button)
        until(qtbot, lambda: bool(known(window).any()))


@thorough_only
def test_drawings_for_a_model_come_back_with_the_one_that_is_begun(
    qtbot: QtBot, checkpoint: Path
) -> None:
    with open_window(qtbot, checkpoint) as window:
        window.symbols.show()
        pane = window.symbols.pane
        pane.area.begin((28, 28), np.eye(28, dtype=np.uint8))
        pane.keep.click()
        draw(pane.area, (4, 4), (4, 20))
        sketch = pane.area.sketch
        written(qtbot, window)
        die(window)
    with open_window(qtbot, checkpoint) as window:
        until(qtbot, lambda: window.messages.label.text() == ENDED)
        click(window.messages.button)
        pane = window.symbols.pane
        until(qtbot, lambda: pane.book.drawings.count == 1)
        assert np.array_equal(pane.area.sketch, sketch)
        assert sketch.any()
