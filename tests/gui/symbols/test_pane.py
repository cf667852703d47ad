"""The dock of own symbols: draw, keep, delete and undo; files; and what it says when something
cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.engine.data.drawing_files import read_drawings, save_drawings
from studio.engine.runtime.jobs import stop_all
from studio.engine.training import own_symbols
from studio.engine.training.own_symbols import Base
from studio.gui.symbols.pane import SymbolsPane
from studio.gui.symbols.workbook import new_set
from studio.gui.widgets import file_dialogs
from studio.gui.widgets.focus_frame import FocusFrame
from tests.drawn_symbols import SIDE, drawings, pictures
from tests.gui.fits import faults
from tests.gui.focus import NO_MARK, NO_NAME, NOT_REACHED, _called, _faults
from tests.gui.windows import draw
from tests.tiny import SIZE

PATIENCE = 30_000
CROSS = pictures("cross", 1, 0)[0]


@pytest.fixture
def pane(
    qtbot: QtBot, user_data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SymbolsPane]:
    found = [Base("usual", "mnist", (SIDE, SIDE)), Base("other", "squares", (SIZE, SIZE))]
    monkeypatch.setattr(own_symbols, "bases", lambda: found)
    pane = SymbolsPane()
    qtbot.addWidget(pane)
    pane.resize(1040, 270)
    pane.show()
    qtbot.waitExposed(pane)
    qtbot.waitUntil(lambda: pane.learning.base.count() == 2, timeout=PATIENCE)
    yield pane
    assert not stop_all(pane.close_down(), 10)


def keep(pane: SymbolsPane, count: int = 1) -> None:
    for _ in range(count):
        pane.area.begin((SIDE, SIDE), CROSS)
        QTest.keyClick(pane.area, Qt.Key.Key_Return)


def wait_for_jobs(qtbot: QtBot, pane: SymbolsPane) -> None:
    qtbot.waitUntil(lambda: not pane.learning.works.busy, timeout=PATIENCE)


def test_enter_keeps_a_drawing_and_clears_the_area(pane: SymbolsPane) -> None:
    keep(pane, 3)
    assert pane.area.blank
    assert pane.book.drawings.count == 3
    assert pane.rows.rows[0].counter.text() == "3 of at least 10"
    np.testing.assert_array_equal(pane.book.drawings.images[0], CROSS)


def test_an_empty_area_is_not_kept(qtbot: QtBot, pane: SymbolsPane) -> None:
    with qtbot.waitSignal(pane.message) as said:
        QTest.keyClick(pane.area, Qt.Key.Key_Return)
    assert said.args == ["Draw something first, then press Enter."]
    assert pane.book.drawings.count == 0


def test_undo_brings_strokes_kept_drawings_and_deleted_ones_back(pane: SymbolsPane) -> None:
    keep(pane, 2)
    pane.rows.rows[0].thumbs.item(0).setSelected(True)
    pane.delete.click()
    assert pane.book.drawings.count == 1
    pane.undo.click()
    assert pane.book.drawings.count == 2
    pane.undo.click()
    assert pane.book.drawings.count == 1
    np.testing.assert_array_equal(pane.area.sketch, CROSS)  # it is in the area again
    pane.clear.click()
    assert pane.area.blank
    pane.undo.click()
    assert not pane.area.blank


def test_redo_makes_again_what_was_undone_until_something_else_is_drawn(
    pane: SymbolsPane,
) -> None:
    draw(pane.area, (3, 3), (3, 20))
    stroke = pane.area.sketch
    assert not pane.redo.isEnabled()
    pane.undo.click()
    pane.redo.click()
    np.testing.assert_array_equal(pane.area.sketch, stroke)
    pane.keep.click()
    pane.undo.click()  # it is in the area again, without its way back
    assert pane.book.drawings.count == 0
    pane.redo.click()
    assert pane.book.drawings.count == 1
    assert pane.area.blank
    assert not pane.redo.isEnabled()
    pane.undo.click()
    draw(pane.area, (9, 3), (9, 20))
    assert not pane.redo.isEnabled()
    assert pane.book.drawings.count == 0


def test_what_was_begun_after_a_drawing_was_kept_comes_back_too(pane: SymbolsPane) -> None:
    keep(pane)
    draw(pane.area, (3, 3), (3, 20))
    begun = pane.area.sketch
    for _ in range(2):
        pane.undo.click()
    np.testing.assert_array_equal(pane.area.sketch, CROSS)
    for _ in range(2):
        pane.redo.click()
    assert pane.book.drawings.count == 1
    np.testing.assert_array_equal(pane.area.sketch, begun)


def test_a_set_is_saved_and_opened_again(
    qtbot: QtBot, pane: SymbolsPane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(pane, 2)
    monkeypatch.setattr(file_dialogs, "ask_save_drawings", lambda *_: tmp_path / "mine.npz")
    monkeypatch.setattr(file_dialogs, "ask_open_drawings", lambda *_: tmp_path / "mine.npz")
    with qtbot.waitSignal(pane.done, timeout=PATIENCE):
        pane.save.click()
    assert read_drawings(tmp_path / "mine.npz").count == 2
    pane.new.click()
    assert pane.book.empty
    pane.open.click()
    qtbot.waitUntil(lambda: pane.book.drawings.count == 2, timeout=PATIENCE)
    pane.undo.click()
    assert pane.book.empty
    wait_for_jobs(qtbot, pane)


def test_a_damaged_file_is_told_and_changes_nothing(
    qtbot: QtBot, pane: SymbolsPane, tmp_path: Path
) -> None:
    keep(pane)
    (tmp_path / "bad.npz").write_bytes(b"PK nothing")
    with qtbot.waitSignal(pane.failed, timeout=PATIENCE) as failed:
        pane.open_file(tmp_path / "bad.npz")
    assert "is not a whole NumPy file" in failed.args[0]
    assert pane.book.drawings.count == 1


def test_drawings_of_another_size_choose_the_model_that_draws_them(
    qtbot: QtBot, pane: SymbolsPane, tmp_path: Path
) -> None:
    save_drawings(drawings("cross", side=SIZE), tmp_path / "small.npz")
    pane.open_file(tmp_path / "small.npz")
    qtbot.waitUntil(lambda: pane.area.space == (SIZE, SIZE), timeout=PATIENCE)
    assert pane.learning.base.currentData().checkpoint == "other"
    pane.undo.click()
    assert pane.area.space == (SIDE, SIDE)
    assert pane.learning.base.currentData().checkpoint == "usual"
    wait_for_jobs(qtbot, pane)


def test_what_is_drawn_keeps_the_size_of_its_model(qtbot: QtBot, pane: SymbolsPane) -> None:
    keep(pane)
    with qtbot.waitSignal(pane.message) as said:
        pane.learning.base.setCurrentIndex(1)
        pane.learning.base.activated.emit(1)
    assert "press New first" in said.args[0]
    assert pane.learning.base.currentIndex() == 0
    pane.new.click()
    pane.learning.base.setCurrentIndex(1)
    pane.learning.base.activated.emit(1)
    assert pane.area.space == (SIZE, SIZE)


def test_teaching_is_offered_when_enough_is_drawn(pane: SymbolsPane) -> None:
    keep(pane, 9)
    assert not pane.learning.teach.isEnabled()
    assert pane.learning.teach.toolTip() == 'Draw 1 more of "symbol 1": it takes at least 10.'
    keep(pane)
    assert pane.learning.teach.isEnabled()
    assert pane.rows.rows[0].counter.text() == "✓ 10 of at least 10"


def test_a_name_that_is_taken_is_refused_in_a_sentence(qtbot: QtBot, pane: SymbolsPane) -> None:
    pane.another.click()
    assert pane.book.row == 1
    line = pane.rows.rows[1].name
    line.setText("symbol 1")
    with qtbot.waitSignal(pane.failed) as failed:
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert failed.args == ['There is a "symbol 1" already: choose another name.']
    assert line.text() == "symbol 2"


def test_what_cannot_be_prepared_can_be_tried_again(qtbot: QtBot, pane: SymbolsPane) -> None:
    keep(pane, 10)
    with qtbot.waitSignal(pane.failed, timeout=PATIENCE) as failed:
        pane.learning.teach.click()
    assert failed.args == ['There is no checkpoint "usual" to begin with.']
    assert pane.learning.teach.isEnabled()
    wait_for_jobs(qtbot, pane)


def test_every_control_has_a_name_and_is_reached_without_a_mouse(
    qtbot: QtBot, pane: SymbolsPane
) -> None:
    FocusFrame(pane)
    keep(pane)
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow, timeout=PATIENCE)
    found = _faults(pane, pane)
    assert not [_called(one) for one in found[NOT_REACHED]]
    assert not [_called(one) for one in found[NO_MARK]]
    assert not [_called(one) for one in found[NO_NAME]]


def test_nothing_is_cut_off(pane: SymbolsPane) -> None:
    keep(pane, 12)
    pane.another.click()
    assert faults(pane) == []


def test_what_was_kept_is_taken_up_again(pane: SymbolsPane) -> None:
    assert pane.kept is None
    keep(pane, 2)
    pane.area.begin((SIDE, SIDE), CROSS)
    assert pane.kept is not None
    drawings, sketch = pane.kept
    pane.take_up(new_set((SIDE, SIDE)), None)
    pane.take_up(drawings, sketch)
    assert pane.book.drawings.count == 2
    np.testing.assert_array_equal(pane.area.sketch, CROSS)
    pane.keep.click()
    assert pane.book.drawings.count == 3
