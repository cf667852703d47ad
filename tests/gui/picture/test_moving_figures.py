"""Figures that move with the picture, by their colours, light and dark, and what they say of what
is pointed at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from models.moving_figures import (
    AttentionTriangle,
    Diagonals,
    DilatedTree,
    RowTriangle,
    Scale,
    Scales,
    Way,
)
from studio.engine.insights.question import Question
from studio.gui.picture.anatomy.dilated_tree import DilatedTreeView
from studio.gui.picture.anatomy.recurrence import DiagonalsView, RowTriangleView
from studio.gui.picture.anatomy.scales import ScalesView
from studio.gui.picture.anatomy.states import State, fill_of
from studio.gui.picture.anatomy.triangle import AttentionTriangleView
from studio.gui.picture.anatomy.view import FigureView, view_of
from studio.gui.widgets import theme
from studio.gui.widgets.painted import painter_on


@pytest.fixture(params=[Qt.ColorScheme.Light, Qt.ColorScheme.Dark], ids=["light", "dark"])
def scheme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    hints = qapp.styleHints()
    hints.colorSchemeChanged.emit(request.param)
    yield
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)


def drawn(position: int, space: tuple[int, ...] = (8, 8)) -> Question:
    """A picture of which so many sites are there."""
    order = np.arange(int(np.prod(space)))
    there = (order < position).reshape(space)
    return Question(np.zeros((1, *space), np.uint8), there, there & False, order, 2)


def colour(view: FigureView, place: QPointF) -> str:
    """That of a place in the figure's own units."""
    width, height = view.extent()
    image = QImage(int(width), int(height), QImage.Format.Format_RGB32)
    image.fill(view.palette().window().color())
    with painter_on(image) as painter:
        view.draw(painter)
    return image.pixelColor(place.toPoint()).name()


def tree() -> DilatedTreeView:
    view = view_of(DilatedTree((1, 2, 4, 8), 4))
    assert isinstance(view, DilatedTreeView)
    return view


@pytest.mark.usefixtures("qtbot")
def test_the_tree_has_what_is_computed_and_what_is_kept_in_two_colours(scheme: None) -> None:
    view = tree()
    view.follow(drawn(20))
    beside = QPointF(2, -2)  # edges end in the middle

    def at(row: int, site: int) -> str:
        return colour(view, view.place(row, site) + beside)

    assert at(2, 20) == fill_of(State.NOW).name()
    assert at(2, 19) == at(2, 16) == fill_of(State.KEPT).name()
    assert at(2, 15) == fill_of(State.GONE).name()
    assert at(2, 21) == fill_of(State.LATER).name()


@pytest.mark.usefixtures("qtbot")
def test_the_queues_fill_with_the_picture() -> None:
    view = tree()
    bar = dict(view._bars())[4]
    near_the_end = bar.topRight() + QPointF(-6, 5)
    view.follow(drawn(2))
    assert colour(view, near_the_end) == theme.colour("card").name()
    view.follow(drawn(8))
    assert colour(view, near_the_end) == fill_of(State.KEPT).name()


@pytest.mark.usefixtures("qtbot")
def test_a_unit_of_the_tree_says_what_flows_into_it() -> None:
    view = tree()
    view.follow(drawn(20))
    place = view.place(3, 20)
    thing = view.under(place.x(), place.y())
    assert thing == ("unit", 3, 20)
    assert view.words(thing) == (
        "Layer 3 at site 21: computed in this step; made of the row below at site 17 and 21."
    )


@pytest.mark.usefixtures("qtbot")
def test_a_sound_moves_the_tree_too() -> None:
    view = tree()
    view.follow(drawn(500, (1000,)))
    assert (view.first, view.position) == (469, 500)


@pytest.mark.usefixtures("qtbot")
def test_diagonals_have_the_states_of_both_ways_and_their_sum(scheme: None) -> None:
    view = view_of(Diagonals(8, 4))
    assert isinstance(view, DiagonalsView)
    view.follow(drawn(3 * 8 + 4))
    panels = view.lattices()
    assert colour(view, panels["right"].cell(3, 4).topLeft() + QPointF(16, 5)) == (
        fill_of(State.NOW).name()
    )
    assert colour(view, panels["right"].cell(3, 5).center()) == fill_of(State.LATER).name()
    assert colour(view, panels["left"].cell(3, 3).center()) == fill_of(State.LATER).name()
    assert colour(view, panels["left"].cell(1, 2).center()) == fill_of(State.KEPT).name()
    in_sum = panels["sum"].cell(3, 4)
    assert colour(view, in_sum.topLeft() + QPointF(5, 5)) == fill_of(State.NOW).name()
    assert colour(view, in_sum.bottomRight() - QPointF(5, 5)) == fill_of(State.KEPT).name()


@pytest.mark.usefixtures("qtbot")
def test_skewed_rows_put_a_diagonal_into_a_column() -> None:
    view = view_of(Diagonals(8, 4))
    assert isinstance(view, DiagonalsView)
    right, left = view.lattices()["right"], view.lattices()["left"]
    assert right.cell(2, 1).left() == right.cell(1, 2).left()
    assert left.cell(2, 2).left() == left.cell(1, 1).left()
    assert right.at(*right.cell(2, 1).center().toTuple()) == (2, 1)  # type: ignore[misc]


@pytest.mark.usefixtures("qtbot")
def test_the_row_lstm_sees_a_triangle(scheme: None) -> None:
    view = view_of(RowTriangle(8, 4))
    assert isinstance(view, RowTriangleView)
    view.follow(drawn(4 * 8 + 4))
    beside = QPointF(8, 3)  # edges go through the middle

    def at(row: int, column: int) -> str:
        return colour(view, view.lattice().middle(row, column) + beside)

    assert at(4, 4) == fill_of(State.NOW).name()
    assert at(3, 3) == fill_of(State.KEPT).name()
    assert at(3, 2) == fill_of(State.GONE).name()
    assert at(4, 5) == fill_of(State.LATER).name()


@pytest.mark.usefixtures("qtbot")
def test_attention_looks_at_the_start_and_at_earlier_sites(scheme: None) -> None:
    view = view_of(AttentionTriangle(2, 8, 8, "input"))
    assert isinstance(view, AttentionTriangleView)
    view.follow(drawn(3))
    assert colour(view, view.cell(3, 2).center()) == fill_of(State.NOW).name()
    assert colour(view, view.cell(3, -1).center()) == fill_of(State.NOW).name()
    masked = view.cell(3, 3).center() + QPointF(4, 4)  # beside the hatching
    assert colour(view, masked) == theme.colour("unknown").name()
    assert colour(view, view.cell(4, 3).center()) == fill_of(State.LATER).name()
    assert view.words((3, 3)) == "Site 4 does not look at itself."
    assert view.words((3, -1)) == "Site 4 looks at the start."


@pytest.mark.parametrize(("shifted", "state"), [("input", State.NOW), ("keys", State.KEPT)])
@pytest.mark.usefixtures("qtbot")
def test_the_key_of_the_site_before_is_new_where_the_input_is_shifted(
    shifted: str, state: State
) -> None:
    view = view_of(AttentionTriangle(1, 8, 8, shifted))  # type: ignore[arg-type]
    assert isinstance(view, AttentionTriangleView)
    view.follow(drawn(3))
    assert view.key_state(2) is state
    assert view.key_state(1) is State.KEPT
    assert view.key_state(3) is State.LATER


def resolutions(cached: bool) -> ScalesView:
    grids = Scale(8, 8, 4, "block"), Scale(4, 4, 4, "half"), Scale(8, 8, 4, "twice")
    ways = Way(0, 1, "down"), Way(1, 2, "up"), Way(0, 2, "short-cut")
    view = view_of(Scales((8, 8), grids, ways, 1, cached))
    assert isinstance(view, ScalesView)
    return view


@pytest.mark.usefixtures("qtbot")
def test_resolutions_are_boxes_of_their_size_with_what_is_kept(scheme: None) -> None:
    view = resolutions(cached=True)
    view.follow(drawn(4 * 8 + 3))
    fine, coarse, _ = view.boxes
    assert coarse.width() == pytest.approx(fine.width() / 2)
    cell = fine.width() / 8
    assert colour(view, fine.topLeft() + QPointF(3, 3)) == fill_of(State.KEPT).name()
    here = fine.topLeft() + QPointF(3.5 * cell, 4.5 * cell)
    assert colour(view, here) == fill_of(State.NOW).name()
    assert colour(view, fine.bottomRight() - QPointF(3, 3)) == fill_of(State.LATER).name()
    # this pixel is not the first of its cell
    there = coarse.topLeft() + QPointF(1.5 * cell, 2.5 * cell)
    assert colour(view, there) == fill_of(State.KEPT).name()


@pytest.mark.usefixtures("qtbot")
def test_a_network_that_keeps_nothing_is_computed_all_over() -> None:
    view = resolutions(cached=False)
    view.follow(drawn(3))
    for box in view.boxes:
        assert colour(view, box.center()) == fill_of(State.NOW).name()
    assert view.words(1).endswith("computed anew in every pass.")


@pytest.mark.usefixtures("qtbot")
def test_a_short_cut_is_pointed_at_on_its_line() -> None:
    view = resolutions(cached=True)
    fine, _, last = view.boxes
    middle = view._arc(fine, last).pointAtPercent(0.5)
    assert view.under(middle.x(), middle.y()) == ("short-cut", 2)
