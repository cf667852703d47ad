"""Steps that are alike are one kind, and the state is what one step finds of another."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine.exports import step_kinds
from studio.engine.exports.recording import NotRecorded, record
from studio.engine.exports.step_kinds import Kinds, kinds_of
from tests.models.zoo import small

TINY: dict[str, Any] = {"width": 4, "hidden": 4, "blocks": 1, "kernel": 3, "head": 4}


def of_pixelcnn() -> Kinds:
    return kinds_of(record(small("pixelcnn", (1, 4, 5), **TINY), 1, None))


def test_a_picture_row_by_row_has_its_first_step_those_that_begin_a_row_and_the_others() -> None:
    kinds = of_pixelcnn()
    assert kinds.of_sites.view(4, 5).tolist() == [[2, 0, 0, 0, 0], *[[1, 0, 0, 0, 0]] * 3]


def test_what_a_row_is_told_by_those_above_is_one_part_of_the_state_in_all_rows() -> None:
    kinds = of_pixelcnn()
    handed_on = {
        role: {roles[role] for roles in kind.roles}
        for kind in kinds.kinds
        for role in kind.roles[0]
        if role[0] == "earlier"
    }
    assert handed_on
    for memories in handed_on.values():
        assert len({kinds.part_of[memory] for memory in memories}) == 1


def test_steps_with_too_little_in_common_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_kinds, "MOST", 2)
    with pytest.raises(NotRecorded, match="too little in common"):
        of_pixelcnn()
