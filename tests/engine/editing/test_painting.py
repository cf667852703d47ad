"""The paint model, without Qt: strokes, filling, and the way back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from studio.engine.editing.painting import MOST_BYTES, Painting, brush_sites, line_sites


@pytest.fixture
def painting() -> Painting:
    return Painting(channels=1, height=6, width=8, levels=2)


def text(painting: Painting) -> str:
    """One character a site: "." unknown, else its level."""
    return "\n".join(
        "".join(str(v) if k else "." for v, k in zip(row, known, strict=True))
        for row, known in zip(painting.values[0], painting.known, strict=True)
    )


def test_a_new_painting_knows_nothing(painting: Painting) -> None:
    assert painting.empty
    assert not painting.can_undo


def test_a_line_makes_its_sites_known(painting: Painting) -> None:
    assert painting.line((1, 1), (1, 4), level=1)
    assert text(painting).splitlines()[1] == ".1111..."
    assert painting.known.sum() == 4


def test_a_line_may_begin_and_end_outside(painting: Painting) -> None:
    painting.line((2, -3), (2, 20), level=1)
    assert painting.known.sum() == 8


def test_a_line_that_changes_nothing_says_so(painting: Painting) -> None:
    painting.line((1, 1), (1, 4), level=1)
    revision = painting.revision
    assert not painting.line((1, 2), (1, 3), level=1)
    assert painting.revision == revision


def test_the_eraser_makes_sites_unknown_and_forgets_their_values(painting: Painting) -> None:
    painting.line((0, 0), (0, 7), level=1)
    painting.line((0, 2), (0, 3), level=None)
    assert text(painting).splitlines()[0] == "11..1111"
    assert painting.values.sum() == 6


def test_steep_lines_have_no_gaps() -> None:
    sites = list(line_sites((0, 0), (9, 3)))
    assert all(max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1 for a, b in pairwise(sites))
    assert sites[0] == (0, 0)
    assert sites[-1] == (9, 3)


@pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 4), (3, 9), (4, 12), (5, 21)])
def test_a_brush_is_as_wide_as_its_size_and_round(size: int, count: int) -> None:
    sites = set(brush_sites(10, 10, size))
    assert len({row for row, _ in sites}) == size
    assert len(sites) == count


def test_fill_stops_at_what_is_painted(painting: Painting) -> None:
    painting.line((0, 3), (5, 3), level=1)
    painting.fill((2, 0), level=0)
    assert text(painting).splitlines() == ["0001...."] * 6


def test_fill_recolours_a_connected_stroke_only(painting: Painting) -> None:
    painting.line((0, 0), (0, 3), level=1)
    painting.line((3, 0), (3, 3), level=1)
    painting.fill((0, 1), level=0)
    assert text(painting).splitlines()[0] == "0000...."
    assert text(painting).splitlines()[3] == "1111...."


def test_fill_outside_does_nothing(painting: Painting) -> None:
    assert not painting.fill((99, 0), level=1)


def test_a_stroke_is_undone_and_redone_as_one(painting: Painting) -> None:
    painting.begin()
    painting.line((0, 0), (0, 3), level=1)
    painting.line((0, 3), (4, 3), level=1)
    painting.end()
    drawn = text(painting)
    assert painting.undo()
    assert painting.empty
    assert painting.redo()
    assert text(painting) == drawn


def test_a_stroke_that_changed_nothing_leaves_no_history(painting: Painting) -> None:
    painting.begin()
    painting.line((0, 0), (0, 3), level=None)
    painting.end()
    assert not painting.can_undo


def test_a_new_stroke_forgets_what_was_undone(painting: Painting) -> None:
    painting.begin()
    painting.line((0, 0), (0, 3), level=1)
    painting.end()
    painting.undo()
    painting.begin()
    painting.line((1, 0), (1, 3), level=1)
    painting.end()
    assert not painting.can_redo


def test_undo_in_the_middle_of_a_stroke_takes_the_stroke_back(painting: Painting) -> None:
    painting.begin()
    painting.line((0, 0), (0, 3), level=1)
    assert painting.undo()
    assert painting.empty


def test_the_history_keeps_the_latest_strokes() -> None:
    painting = Painting(1, 4, 4, levels=2, history=3)
    for row in range(4):
        painting.begin()
        painting.line((row, 0), (row, 3), level=1)
        painting.end()
    while painting.undo():
        pass
    assert painting.known.sum() == 4


def test_clear_can_be_undone(painting: Painting) -> None:
    painting.begin()
    painting.line((0, 0), (0, 3), level=1)
    painting.end()
    assert painting.clear()
    assert painting.empty
    painting.undo()
    assert painting.known.sum() == 4


def test_a_picture_that_replaces_another_keeps_only_what_its_mask_says(painting: Painting) -> None:
    known = np.zeros((6, 8), np.bool_)
    known[:3] = True
    painting.replace(np.ones((1, 6, 8), np.uint8), known)
    assert painting.values.sum() == 24
    assert np.array_equal(painting.known, known)


def test_levels_beyond_the_last_become_the_last(painting: Painting) -> None:
    painting.replace(np.full((1, 6, 8), 200, np.uint8))
    assert painting.values.max() == 1


def test_a_picture_of_another_shape_is_refused(painting: Painting) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        painting.replace(np.ones((1, 3, 3), np.uint8))


def test_the_background_reaches_down_to_the_lowest_stroke(painting: Painting) -> None:
    painting.line((2, 2), (2, 4), level=1)
    assert painting.fill_background()
    assert text(painting).splitlines() == ["0" * 8, "0" * 8, "00111000", "." * 8, "." * 8, "." * 8]


def test_a_colour_is_a_level_for_each_channel() -> None:
    painting = Painting(channels=3, height=4, width=5, levels=256)
    painting.line((1, 0), (1, 4), level=(255, 128, 300))
    assert painting.values[:, 1, 2].tolist() == [255, 128, 255]
    painting.fill((3, 0), level=(0, 9, 0))
    assert painting.values[:, 3, 4].tolist() == [0, 9, 0]
    assert not painting.known[0].any(), "another region"
    painting.fill_background((1, 2, 3))
    assert painting.values[:, 0, 0].tolist() == [1, 2, 3]
    painting.undo()
    assert not painting.known[0].any()


def test_fill_tells_colours_apart_that_differ_in_one_channel_only() -> None:
    painting = Painting(channels=3, height=2, width=4, levels=4)
    painting.line((0, 0), (1, 3), level=(3, 3, 3), size=9)
    painting.line((0, 2), (1, 2), level=(3, 3, 0))
    painting.fill((0, 0), level=(0, 0, 0))
    assert painting.values[0, 0].tolist() == [0, 0, 3, 3]


def test_there_is_no_background_to_fill_where_nothing_is_painted(painting: Painting) -> None:
    assert not painting.fill_background()


def test_what_goes_beside_a_painting_comes_back_with_it() -> None:
    painting = Painting(1, 4, 4, 2)
    painting.beside = "before"
    painting.begin()
    painting.line((0, 0), (0, 0), 1)
    painting.beside = "while the stroke goes on"
    painting.line((0, 0), (0, 2), 1)
    painting.end()
    painting.beside = "after"
    painting.undo()
    assert painting.beside == "before"
    painting.redo()
    assert painting.beside == "after"


def test_the_history_of_a_large_painting_takes_no_more_than_its_bound() -> None:
    painting = Painting(3, 1024, 1024, 256)
    for level in range(40):
        painting.replace(np.full_like(painting.values, level + 1))
    undone = 0
    while painting.undo():
        undone += 1
    state = painting.values.nbytes + painting.known.nbytes
    assert undone == MOST_BYTES // state


def test_a_mark_is_undone_like_a_stroke_and_the_picture_stays(painting: Painting) -> None:
    painting.beside = "before"
    painting.mark()
    painting.beside = "after"
    assert painting.undo()
    assert painting.beside == "before"
    assert painting.empty


def test_it_says_how_much_its_way_back_takes(painting: Painting) -> None:
    for row in range(3):
        painting.begin()
        painting.line((row, 0), (row, 1), level=1)
        painting.end()
    whole = painting.kept
    assert whole == 3 * (painting.values.nbytes + painting.known.nbytes)
    painting.undo()
    assert painting.kept == whole, "what was undone is kept too"


def test_a_history_is_taken_up_with_its_ways_back_and_forward(painting: Painting) -> None:
    for row in range(3):
        painting.begin()
        painting.line((row, 0), (row, 7), level=1)
        painting.end()
    painting.undo()
    now = text(painting)
    other = Painting(1, 6, 8, 2)
    other.line((5, 0), (5, 7), level=1)
    other.take_up(painting.history)
    assert text(other) == now
    other.redo()
    assert other.known[2].all()
    for _ in range(3):
        other.undo()
    assert other.empty
    assert not other.can_undo


def test_a_history_does_not_change_with_the_painting(painting: Painting) -> None:
    painting.replace(np.ones_like(painting.values))
    painting.clear()
    history = painting.history
    painting.undo()  # what was a state of the history is painted on now
    painting.line((0, 0), (0, 7), level=None)
    assert history.done[-1][1].all()
    assert not history.now[1].any()


def test_the_history_of_an_open_stroke_is_that_of_an_ended_one(painting: Painting) -> None:
    painting.replace(np.ones_like(painting.values))
    painting.undo()
    painting.begin()
    painting.line((0, 0), (0, 7), level=1)
    history = painting.history
    assert (len(history.done), len(history.undone)) == (1, 0)
    assert painting.can_redo
    painting.end()
    assert (len(painting.history.done), len(painting.history.undone)) == (1, 0)


def test_a_history_of_another_size_is_refused(painting: Painting) -> None:
    with pytest.raises(ValueError, match="another size"):
        painting.take_up(Painting(1, 8, 8, 2).history)
