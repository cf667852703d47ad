"""A set of drawings: every edit gives another set, and what is no set is refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.engine.data.drawings import MOST, MOST_NAMES, Drawings, from_arrays
from studio.engine.runtime.errors import StudioError
from tests.drawn_symbols import drawings, pictures
from tests.engine.sentences import sentence


def test_an_edit_leaves_the_set_that_was_there_as_it_was() -> None:
    before = drawings("cross", count=2, side=8)
    after = before.with_picture(0, pictures("cross", 1, 9, 8)[0])
    assert (before.count, after.count) == (2, 3)
    assert after.pictures[0][0] is before.pictures[0][0]


def test_single_drawings_and_whole_names_can_go() -> None:
    made = drawings("cross", "square", count=3, side=8)
    fewer = made.without_pictures(1, [0, 2])
    assert fewer.pictures[1] == (made.pictures[1][1],)
    assert made.without_name(0).names == ("square",)
    assert made.without_name(0).pictures == (made.pictures[1],)


def test_names_are_told_apart_whatever_their_case() -> None:
    made = drawings("cross", "square", count=1, side=8)
    with pytest.raises(StudioError) as error:
        made.renamed(1, " Cross ")
    assert sentence(error) == 'There is a "Cross" already: choose another name.'
    assert made.renamed(0, " Cross ").names == ("Cross", "square")


@pytest.mark.parametrize("text", ["", "  ", "x" * 41])
def test_a_name_has_one_to_forty_characters(text: str) -> None:
    with pytest.raises(StudioError, match="1 to 40 characters"):
        Drawings((8, 8)).with_name(text)


def test_a_fresh_name_is_one_that_is_not_taken() -> None:
    made = Drawings((8, 8)).with_name("symbol 1").with_name("Symbol 2")
    assert made.free_name("symbol") == "symbol 3"


def test_it_says_what_is_still_to_be_drawn() -> None:
    assert Drawings((8, 8)).missing == "Draw something first: at least 10 drawings of it."
    made = drawings("cross", "square", count=10, side=8)
    assert made.missing == ""
    assert made.with_name("later").missing == ""
    assert made.without_pictures(1, range(6)).missing == (
        'Draw 6 more of "square": it takes at least 10.'
    )


def test_names_of_which_nothing_is_drawn_are_not_learnt() -> None:
    made = drawings("cross", count=1, side=8).with_name("later")
    assert made.used.names == ("cross",)


def test_a_set_comes_back_from_its_arrays() -> None:
    made = drawings("cross", "square", count=3, side=8)
    again = from_arrays(made.images, made.labels, made.names, "it")
    assert again.names == made.names
    for one, other in zip(again.pictures, made.pictures, strict=True):
        np.testing.assert_array_equal(np.stack(one), np.stack(other))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"images": np.zeros((3, 8, 8), np.float32)}, "its images are not greys"),
        ({"images": np.zeros((3, 64), np.uint8)}, "its images are not greys"),
        ({"images": np.zeros((3, 8, 65), np.uint8)}, "sides of 4 to 64 pixels"),
        ({"images": np.zeros((MOST + 1, 4, 4), np.uint8)}, "at most 2,000 drawings"),
        ({"labels": np.zeros(2, int)}, "not one label for each image"),
        ({"labels": np.array([0, 1, 2])}, "a label has no name"),
        ({"labels": np.array([0, -1, 1])}, "a label has no name"),
        ({"names": []}, "1 to 50 names"),
        ({"names": [str(n) for n in range(MOST_NAMES + 1)]}, "1 to 50 names"),
        ({"names": ["a", "A"]}, "not different ones"),
        ({"names": ["a", ""]}, "its names are empty"),
    ],
)
def test_arrays_of_anything_else_are_refused_in_a_sentence(
    changed: dict[str, Any], why: str
) -> None:
    right: dict[str, Any] = {
        "images": np.zeros((3, 8, 8), np.uint8),
        "labels": np.array([0, 1, 1]),
        "names": ["a", "b"],
    }
    assert from_arrays(**right, what="it").count == 3
    with pytest.raises(StudioError) as error:
        from_arrays(**(right | changed), what="it")
    assert sentence(error).startswith("it is no set of drawings: ")
    assert why in str(error.value)


def test_a_full_set_takes_no_more() -> None:
    full = from_arrays(np.zeros((MOST, 4, 4), np.uint8), np.zeros(MOST, int), ["a"], "it")
    with pytest.raises(StudioError, match="at most 2,000 drawings"):
        full.with_picture(0, np.zeros((4, 4), np.uint8))
