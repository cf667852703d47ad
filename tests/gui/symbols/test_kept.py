"""The rows of what is kept: a name, its drawings, and how many it takes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.gui.symbols.kept import KeptRows
from tests.drawn_symbols import drawings


@pytest.fixture
def rows(qtbot: QtBot) -> KeptRows:
    rows = KeptRows()
    qtbot.addWidget(rows)
    rows.resize(400, 300)
    made = drawings("cross", count=12).with_name("star")
    rows.show_drawings(made.with_picture(1, made.pictures[0][0]), 0)
    rows.show()
    qtbot.waitExposed(rows)
    return rows


def test_each_name_counts_its_drawings(rows: KeptRows) -> None:
    assert [row.counter.text() for row in rows.rows] == [
        "✓ 12 of at least 10",
        "1 of at least 10",
    ]
    assert [row.thumbs.count() for row in rows.rows] == [12, 1]
    assert [row.draw.isChecked() for row in rows.rows] == [True, False]


def test_the_pencil_or_the_name_of_a_row_chooses_it(qtbot: QtBot, rows: KeptRows) -> None:
    with qtbot.waitSignal(rows.chosen) as chosen:
        rows.rows[1].draw.click()
    assert chosen.args == [1]
    with qtbot.waitSignal(rows.chosen) as chosen:
        QTest.mouseClick(rows.rows[0].name, Qt.MouseButton.LeftButton)
        rows.rows[0].name.setFocus()
    assert chosen.args == [0]


def test_a_name_that_is_typed_is_told_once_and_escape_takes_it_back(
    qtbot: QtBot, rows: KeptRows
) -> None:
    line = rows.rows[1].name
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "tree")
    with qtbot.waitSignal(rows.renamed) as renamed, qtbot.waitSignal(rows.entered):
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert renamed.args == [1, "tree"]
    assert line.text() == "star"  # until it is agreed to
    QTest.keyClicks(line, "x")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "star"


def test_chosen_drawings_are_deleted_by_a_key(qtbot: QtBot, rows: KeptRows) -> None:
    thumbs = rows.rows[0].thumbs
    thumbs.item(2).setSelected(True)
    thumbs.item(5).setSelected(True)
    assert rows.any_selected
    with qtbot.waitSignal(rows.removed) as removed:
        QTest.keyClick(thumbs, Qt.Key.Key_Delete)
    assert removed.args == [0, [2, 5]]


def test_drawings_of_one_name_are_chosen_at_a_time(rows: KeptRows) -> None:
    first, second = (row.thumbs for row in rows.rows)
    first.item(0).setSelected(True)
    second.item(0).setSelected(True)
    assert not first.selectedItems()
    assert len(second.selectedItems()) == 1


def test_a_row_is_as_high_as_its_drawings_need(rows: KeptRows) -> None:
    thumbs = rows.rows[0].thumbs
    last = thumbs.visualItemRect(thumbs.item(thumbs.count() - 1))
    assert thumbs.rect().contains(last)
    assert thumbs.height() > rows.rows[1].thumbs.height()


def test_drawings_that_stay_are_not_made_again(rows: KeptRows) -> None:
    made = drawings("cross", count=12).with_name("star")
    rows.show_drawings(made, 0)
    thumbs = rows.rows[0].thumbs
    before = [thumbs.item(number) for number in range(12)]
    rows.show_drawings(made.without_pictures(0, [11]), 0)
    assert [thumbs.item(number) for number in range(11)] == before[:11]
    assert len(rows.rows) == 2
