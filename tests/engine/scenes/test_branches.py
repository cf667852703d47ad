"""Branches: a tree that grows, stays within bounds, and comes back from its document."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.changes import Change
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes import branches as module
from studio.engine.scenes.branches import MOST, Branches, same_drawing, thumbnail_of
from studio.engine.scenes.scene import ModelReference, Scene

SCENE = Scene(ModelReference("pixelcnn", "sha256:1"), position=42)
IMAGE = np.full((4, 7, 6), 9, np.uint8)


def changed(*sites: int) -> Scene:
    return replace(SCENE, changes=tuple(Change(0, site, (1,)) for site in sites))


@pytest.fixture
def tree() -> Branches:
    """A drawing with two branches, the first of which has one, too; and another drawing."""
    tree = Branches()
    tree.add(SCENE, IMAGE)
    tree.add(changed(3), IMAGE, 1, "Row 0, column 3 set to white", 3)
    tree.add(changed(5), IMAGE, 1)
    tree.add(changed(3, 8), IMAGE, 2)
    tree.add(SCENE.with_options(seed=4), IMAGE, kept=True)
    return tree


def as_lines(tree: Branches) -> list[str]:
    return [f"{'>' * depth}{branch.name}" for branch, depth in tree.walk()]


def test_it_is_walked_from_each_root_down(tree):
    assert as_lines(tree) == ["Drawing 1", ">Branch 2", ">>Branch 4", ">Branch 3", "Drawing 5"]
    assert [branch.number for branch in tree.below(1)] == [2, 3, 4]


def test_the_longest_chain_is_walked_without_looking_at_all_for_each():
    tree = Branches()
    for number in range(MOST):
        tree.add(changed(number), IMAGE, number or None)
    looked = 0

    class Looked(dict[int, module.Branch]):
        def values(self):
            nonlocal looked
            looked += 1
            return super().values()

    tree._branches = Looked(tree._branches)
    assert [(branch.number, depth) for branch, depth in tree.walk()] == [
        (number + 1, number) for number in range(MOST)
    ]
    assert looked == 1


def test_a_branch_goes_with_what_came_from_it_or_leaves_it_to_its_parent(tree):
    other = tree.copy()
    tree.delete(2, with_those_below=True)
    assert as_lines(tree) == ["Drawing 1", ">Branch 3", "Drawing 5"]
    other.delete(2, with_those_below=False)
    assert as_lines(other) == ["Drawing 1", ">Branch 3", ">Branch 4", "Drawing 5"]


def test_a_number_is_not_used_twice(tree):
    tree.delete(4, False)
    assert tree.add(SCENE, IMAGE).number == 6


def test_a_branch_is_found_by_what_it_shows_however_far_it_is_drawn(tree):
    found = tree.find(replace(changed(5), position=7, view={"overlay": "none"}))
    assert found is not None
    assert found.number == 3
    assert tree.find(changed(6)) is None


def test_the_one_that_was_asked_for_comes_first_of_those_that_show_the_same(tree):
    again = tree.add(SCENE, IMAGE, 1, kept=True).number
    assert [tree.find(SCENE, number).number for number in (None, again, 1, 3)] == [1, again, 1, 1]


def test_other_evidence_is_another_drawing():
    known = np.zeros((7, 6), bool)
    empty = Evidence(np.zeros((1, 7, 6), np.uint8), known)
    one = replace(SCENE, evidence=empty)
    assert same_drawing(one, replace(SCENE, evidence=empty.copy()))
    assert not same_drawing(one, SCENE)
    assert not same_drawing(one, replace(SCENE, evidence=Evidence(empty.values, ~known)))


def test_a_name_is_one_line_of_something(tree):
    assert tree.rename(2, "  A\n seven ").name == "A seven"
    with pytest.raises(StudioError, match="needs a name"):
        tree.rename(2, " \n")


def test_there_is_room_for_so_many_and_a_full_tree_stays_as_it_is():
    tree = Branches()
    for _ in range(MOST):
        tree.add(SCENE, IMAGE)
    with pytest.raises(StudioError, match=f"There are {MOST} branches: delete"):
        tree.add(SCENE, IMAGE)
    assert len(tree) == MOST
    tree.update(3, note="it may still change")


def test_their_memory_has_a_bound(monkeypatch, tree):
    monkeypatch.setattr(module, "MOST_BYTES", sum(b.size for b, _ in tree.walk()) + 10)
    with pytest.raises(StudioError, match="delete some"):
        tree.add(SCENE, IMAGE)
    assert len(tree) == 5


def test_it_comes_back_from_its_document(tree):
    tree.rename(4, "A seven")
    back = Branches.from_document(json.loads(json.dumps(tree.as_document())))
    assert as_lines(back) == as_lines(tree)
    for branch, _ in tree.walk():
        again = back[branch.number]
        assert (again.scene, again.note, again.begins) == (branch.scene, branch.note, branch.begins)
        assert (again.parent, again.kept) == (branch.parent, branch.kept)
        np.testing.assert_array_equal(again.thumbnail, branch.thumbnail)
    assert back.add(SCENE, IMAGE).number == 6


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 1),
        ("number", True),
        ("number", "2"),
        ("parent", 2),
        ("parent", 9),
        ("name", ""),
        ("note", None),
        ("begins", -1),
        ("kept", "yes"),
        ("thumbnail", {"type": "uint8", "shape": [4, 0, 5], "data": "eJwDAAAAAAE="}),
        ("thumbnail", "none"),
        ("scene", {}),
    ],
)
def test_a_damaged_document_is_one_sentence(tree, field, value):
    document = tree.as_document()
    document["branches"][1][field] = value
    with pytest.raises(StudioError):
        Branches.from_document(document)


@pytest.mark.parametrize("document", [None, [], {}, {"format": module.FORMAT, "version": 2}])
def test_another_document_is_one_sentence(document):
    with pytest.raises(StudioError):
        Branches.from_document(document)


def test_a_thumbnail_has_the_colours_and_says_what_is_not_there():
    values = np.array([[[0, 1], [2, 3]]], np.uint8)
    there = np.array([[True, True], [True, False]])
    red, green, _, opacity = thumbnail_of(values, 4, there)
    assert red.tolist() == green.tolist() == [[0, 85], [170, 0]]
    assert opacity.tolist() == [[255, 255], [255, 0]]


def test_a_thumbnail_of_a_large_picture_is_small():
    assert thumbnail_of(
        np.zeros((3, 100, 200), np.uint8), 256, np.ones((100, 200), bool)
    ).shape == (
        4,
        25,
        50,
    )
