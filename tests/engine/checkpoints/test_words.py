"""What a card says in words."""

from __future__ import annotations

from typing import Any

import pytest

from studio.engine.checkpoints.cards import read_card, shipped
from studio.engine.checkpoints.words import (
    in_words,
    learnt_from_in_words,
    scored_in_words,
    unit_of,
)


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (
            {"data": "mnist", "learnt_from": {"train": 55_000, "validation": 5_000}},
            "55,000 training images, 5,000 others for validation",
        ),
        (
            {"data": "a", "shape": [1, None], "learnt_from": {"train": 461, "validation": 41}},
            "461 training recordings, 41 others for validation",
        ),
        ({"data": "mnist"}, "all 60,000 training images; no validation part"),
        ({"data": "speech", "shape": [1, None]}, "all training recordings; no validation part"),
        ({}, ""),
    ],
)
def test_a_card_says_how_much_of_its_data_was_learnt_from(card: dict[str, Any], words: str) -> None:
    assert learnt_from_in_words(card) == words


def test_the_shipped_pixelcnn_says_that_it_learnt_from_every_training_image() -> None:
    words = learnt_from_in_words(read_card(shipped()["pixelcnn"]))
    assert words == "all 60,000 training images; no validation part"


def test_what_was_not_scored_on_all_test_data_has_no_final_figure() -> None:
    whole = {"bits_per_dim": 0.1081, "examples": 10_000, "split": "test"}
    assert scored_in_words(whole) == "0.1081 bits/dim on 10,000 test images"
    assert scored_in_words({"bits_per_dim": 0.1, "split": "validation", "epoch": 2.0}) == ""


def test_a_measure_that_the_studio_does_not_know_is_called_by_its_own_name() -> None:
    assert unit_of("share_wrong") == "share wrong"
    assert in_words({"examples": 10, "share_wrong": 0.25}) == "0.2500 share wrong"


def test_bits_come_before_whatever_else_was_measured() -> None:
    assert in_words({"nats": 58.7, "bits_per_dim": 0.1081}) == "0.1081 bits/dim"
