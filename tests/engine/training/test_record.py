"""What is said of a training by the clock before it begins: what the card knows, and no more."""

from __future__ import annotations

import pytest

from studio.engine.checkpoints.cards import shipped
from studio.engine.training.record import Record, record_of

CARD = {
    "epochs": 4.0,
    "seconds": 3412.1,
    "machine": "AMD EPYC, 1 thread",
    "metrics": {"bits_per_dim": 0.1066, "examples": 10000},
}


def test_it_says_how_far_the_minutes_reach_and_how_far_the_shipped_model_came() -> None:
    record = Record.of(CARD)
    assert record is not None
    assert record.promise(20, {"minutes", "rate"}) == (
        "About 1.4 epochs on the machine of the shipped model, which took 4 epochs (57 minutes, AMD"
        " EPYC, 1 thread) for 0.1066 bits/dim."
    )


@pytest.mark.parametrize("changed", ["data", "batch", "width"])
def test_of_other_data_or_another_model_it_promises_nothing(changed: str) -> None:
    record = Record.of(CARD)
    assert record is not None
    assert record.promise(20, {changed}) == (
        "The shipped model took 4 epochs (57 minutes, AMD EPYC, 1 thread) for 0.1066 bits/dim; how"
        " many epochs these settings make is not known yet."
    )


@pytest.mark.parametrize("missing", ["epochs", "seconds", "metrics"])
def test_a_card_that_does_not_say_enough_is_no_record(missing: str) -> None:
    assert Record.of({key: value for key, value in CARD.items() if key != missing}) is None


def test_every_shipped_model_has_one_and_others_have_none() -> None:
    assert all(record_of(name) is not None for name in shipped())
    assert record_of("nothing") is None
