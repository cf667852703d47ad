"""What is held out: a tenth, then a twentieth, of whole groups, and always the same."""

from __future__ import annotations

import torch

from studio.engine.data.holding_out import held_out


def test_a_tenth_and_a_twentieth_of_the_rest_are_held_out_and_none_twice() -> None:
    held = held_out(torch.arange(200))
    assert {part: int(rows.sum()) for part, rows in held.items()} == {"test": 20, "validation": 9}
    assert not (held["test"] & held["validation"]).any()


def test_groups_stay_together() -> None:
    groups = torch.arange(200) // 5
    for rows in held_out(groups).values():
        assert not torch.isin(groups[rows], groups[~rows]).any()


def test_it_is_what_it_was_in_earlier_versions() -> None:
    held = held_out(torch.arange(60))["test"]
    assert torch.nonzero(held).flatten().tolist() == [2, 14, 25, 40, 53, 56]
