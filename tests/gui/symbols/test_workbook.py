"""Every change of what is drawn can be taken back, and made again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from studio.engine.editing.painting import Painting
from studio.engine.runtime.errors import StudioError
from studio.gui.symbols.workbook import Workbook
from tests.drawn_symbols import drawings

DOT = np.eye(8, dtype=np.uint8) * np.uint8(255)


@pytest.fixture
def book() -> Workbook:
    book = Workbook((8, 8))
    book.keep(DOT)
    book.add_name()
    book.keep(DOT)
    return book


@pytest.mark.parametrize(
    "change",
    [
        lambda book: book.keep(DOT),
        lambda book: book.add_name(),
        lambda book: book.rename(0, "heart"),
        lambda book: book.remove(0, [0]),
        lambda book: book.remove_name(0),
        lambda book: book.open(drawings("cross", side=8), None),
        lambda book: book.start_over((9, 9)),
    ],
)
def test_a_change_is_taken_back_and_made_again(
    book: Workbook, change: Callable[[Workbook], None]
) -> None:
    before = book.drawings, book.row
    change(book)
    assert book.drawings is not before[0]
    after = book.drawings, book.row
    book.undo()
    assert (book.drawings, book.row) == before
    book.redo()
    assert (book.drawings, book.row) == after
    book.undo()
    assert (book.drawings, book.row) == before


def test_what_was_in_the_area_comes_back_with_what_is_done_again(book: Workbook) -> None:
    area = Painting(1, 8, 8, 2)
    assert book.undo(area) is DOT
    assert book.redo() is area
    assert not book.can_redo
    assert book.redo() is None


@pytest.mark.parametrize("change", [lambda book: book.keep(DOT), lambda book: book.forget_undone()])
def test_after_something_else_nothing_is_done_again(
    book: Workbook, change: Callable[[Workbook], None]
) -> None:
    book.undo()
    change(book)
    assert not book.can_redo


def test_what_was_kept_comes_back_to_be_drawn_on(book: Workbook) -> None:
    assert book.undo() is DOT
    assert book.undo() is None  # a name had been added
    assert book.undo() is DOT
    assert book.empty
    assert not book.can_undo
    assert book.undo() is None


def test_without_names_there_is_a_fresh_one(book: Workbook) -> None:
    book.remove_name(1)
    assert book.row == 0
    book.remove_name(0)
    assert book.empty


def test_the_name_that_is_drawn_stays_the_same_where_another_goes(book: Workbook) -> None:
    book.rename(1, "heart")
    book.remove_name(0)
    assert book.drawings.names[book.row] == "heart"


def test_what_cannot_be_done_leaves_no_step(book: Workbook) -> None:
    with pytest.raises(StudioError):
        book.rename(1, "symbol 1")
    book.rename(1, "symbol 2 ")  # it is called so already
    assert book.undo() is DOT
