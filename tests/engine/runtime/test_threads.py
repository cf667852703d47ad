"""A step of generation computes with one thread, and takes them from nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from models.interface import Stepper
from studio.engine.generation.generation import Generation
from studio.engine.generation.player import Player
from studio.engine.runtime import threads
from studio.engine.runtime.threads import all_threads, fastest, one_thread
from tests.models.zoo import small


@pytest.fixture(autouse=True)
def several(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a person's machine: tests have one thread otherwise."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    monkeypatch.setattr(threads, "ALL", 2)
    yield
    torch.set_num_threads(before)


def test_one_thread_lasts_as_long_as_its_block() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("name", "count"), [("made", 1), ("ardm", 2)])
def test_a_generation_steps_with_one_thread_unless_each_step_is_a_whole_pass(
    monkeypatch: pytest.MonkeyPatch, name: str, count: int
) -> None:
    model = small(name, (1, 4, 4), 2)
    generation = Generation(model)
    sample = model.likelihood.sample
    seen: list[int] = []

    def noting(*args: Any) -> torch.Tensor:
        seen.append(torch.get_num_threads())
        return sample(*args)

    monkeypatch.setattr(model.likelihood, "sample", noting)
    before = torch.get_num_threads()
    generation.step(3)
    assert seen == [count] * 3
    assert torch.get_num_threads() == before


def test_a_player_shares_nothing_out_even_between_its_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = small("made", (1, 4, 4), 2)
    stepper = model.stepper
    seen: list[int] = []

    def noting(*args: Any) -> Stepper:
        seen.append(torch.get_num_threads())
        return stepper(*args)

    monkeypatch.setattr(model, "stepper", noting)
    player = Player(model)
    player.finish()
    player.join()
    player.close()
    player.join()
    assert seen
    assert set(seen) == {1}


def test_a_training_that_begins_during_a_step_still_has_them_all() -> None:
    found: list[int] = []

    def train() -> None:
        all_threads()
        found.append(torch.get_num_threads())

    with one_thread():
        thread = threading.Thread(target=train)
        thread.start()
        thread.join()
        assert torch.get_num_threads() == 1
    assert found == [2]


def test_the_fastest_number_of_threads_is_tried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        threads, "seconds_for", lambda work, repeats: {1: 2.0, 2: 1.0}[torch.get_num_threads()]
    )
    assert fastest(lambda: None) == 2
    monkeypatch.setattr(threads, "ALL", 1)
    assert fastest(lambda: None) == 1
