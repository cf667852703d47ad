"""Records: which part of an earlier drawing still holds, and how much is kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.generation import records
from studio.engine.generation.changes import Change
from studio.engine.generation.records import Record, Records
from studio.engine.generation.sampling_options import SamplingOptions

SITES = 8


def record(
    drawn: int = SITES,
    given: tuple[int, ...] = (),
    seed: int = 0,
    order: object = None,
    changed: tuple[int, ...] = (),
) -> Record:
    known = np.zeros(SITES, bool)
    known[list(given)] = True
    return Record(
        SamplingOptions(seed=seed),
        np.arange(SITES) if order is None else np.array(order),
        known,
        known[None].astype(np.uint8),
        (torch.arange(drawn),),
        None,
        changes=frozenset(Change(0, site, (1,)) for site in changed),
    )


@pytest.mark.parametrize(
    ("wanted", "sites"),
    [
        (record(), 6),
        (record(given=(3,)), 3),
        (record(given=(7,)), 6),
        (record(seed=1), 0),
        (record(order=[0, 1, 3, 2, 4, 5, 6, 7]), 2),
        (record(changed=(4,)), 4),
        (record(changed=(7,)), 6),
    ],
)
def test_a_record_holds_up_to_the_first_site_that_differs(wanted: Record, sites: int) -> None:
    assert record(drawn=6).shared_with(wanted, sees_all=False) == sites


def test_where_a_site_sees_all_that_is_given_any_difference_is_one_from_the_beginning() -> None:
    assert record().shared_with(record(given=(7,)), sees_all=True) == 0
    assert record().shared_with(record(), sees_all=True) == SITES


def test_the_one_that_goes_furthest_is_found() -> None:
    kept = Records()
    for one in (record(drawn=2), record(drawn=5), record(drawn=8, given=(1,))):
        kept.keep(one)
    length, found = kept.best(record(), sees_all=False)
    assert length == 5
    assert len(found.rows[0]) == 5


def test_what_is_kept_is_a_copy() -> None:
    kept, one = Records(), record()
    kept.keep(one)
    one.rows[0].zero_()
    _, found = kept.best(record(), sees_all=False)
    assert found.rows[0].tolist() == list(range(SITES))


def test_the_oldest_go_where_there_is_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_BYTES", 2 * record().size)
    kept = Records()
    for seed in range(3):
        kept.keep(record(seed=seed))
    assert [kept.best(record(seed=seed), False)[0] for seed in range(3)] == [0, SITES, SITES]


def test_one_that_is_too_large_drives_out_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_BYTES", record(drawn=4).size)
    kept = Records()
    kept.keep(record(drawn=4))
    kept.keep(record(drawn=8, seed=1))
    assert kept.best(record(), False)[0] == 4
    assert kept.best(record(seed=1), False)[0] == 0
