"""What a model takes is estimated from its settings, in bounded time, and nothing is allocated."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import torch

import models
from models.interface import AutoregressiveModel
from studio.engine.runtime import costs, memory
from tests.engine.trainings import SMALL
from tests.models.zoo import PICTURES, small
from tests.thorough import some_of


def test_weights_are_those_of_the_model() -> None:
    model = models.build("pixelcnn")
    tensors = [*model.parameters(), *model.buffers()]
    assert costs.weights("pixelcnn", {}) == sum(t.numel() * t.element_size() for t in tensors)


@pytest.mark.parametrize("name", some_of(models.available()))
def test_every_model_can_be_estimated(name: str) -> None:
    samples = 500 if models.registry.variant(name).sound else 0
    step = costs.step(name, SMALL.get(name, {}), samples)
    assert step.kept > 0
    assert step.operations > 0


def test_a_larger_picture_is_carried_forward_from_a_piece() -> None:
    sizes = [{**SMALL["pixelcnn"], "shape": (1, size, size)} for size in (16, 64)]
    small, large = (costs.step("pixelcnn", config) for config in sizes)
    assert large.kept == pytest.approx(16 * small.kept, rel=0.2)


def test_attention_over_all_pairs_grows_with_their_number() -> None:
    sizes = [{**SMALL["pixelsnail"], "shape": (1, size, size)} for size in (64, 256)]
    small, large = (costs.step("pixelsnail", config) for config in sizes)
    assert large.kept > 100 * small.kept


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("gated-pixelcnn", {"shape": (1, 3000, 3000)}),
        ("pixelsnail-zigzag", {"shape": (1, 3000, 3000)}),
        ("made", {"shape": (1, 3000, 3000)}),
        ("autoencoder", {"hidden": (65536, 65536)}),
        ("transformer", {"width": 16384, "layers": 256}),
        ("wavenet", {"width": 4096, "dilations": (1,) * 256}),
    ],
)
def test_what_is_far_too_large_is_refused_in_seconds(
    name: str, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 8_000_000_000)
    began = time.monotonic()
    with pytest.raises(memory.TooLargeError, match=rf"Training {name} like this would take about"):
        costs.training(name, config, models.recipe(name)).check_memory("cpu")
    assert time.monotonic() - began < 30


def test_what_takes_weeks_is_refused_with_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "speed", lambda device: 1e9)
    with pytest.raises(memory.TooLargeError, match="about 30 days, 26 seconds a step"):
        costs.Training("made", 0, 2.6e10).check_time(100_000, "cpu")
    costs.Training("made", 0, 2.6e10).check_time(100, "cpu")


def test_a_step_that_could_not_be_stopped_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "speed", lambda device: 1e9)
    with pytest.raises(memory.TooLargeError, match="5 minutes a step"):
        costs.Training("made", 0, 3e11).check_time(1, "cpu")


def test_a_small_training_needs_no_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "step", lambda *_: pytest.fail("it was tried"))
    config = {**SMALL["made"], "shape": (1, 8, 8)}
    costs.training("made", config, models.recipe("made")).check_memory("cpu")


@pytest.mark.parametrize("name", some_of(PICTURES))
def test_what_every_model_remembers_while_it_draws_is_counted(name: str) -> None:
    config = SMALL[name]
    small, large = (models.build(name, **config, shape=(1, size, size)) for size in (8, 32))
    assert isinstance(small, AutoregressiveModel)
    assert isinstance(large, AutoregressiveModel)
    assert 0 < costs.remembered(small) < costs.remembered(large)


def test_the_speed_of_a_processor_is_measured() -> None:
    assert 1e8 < costs.speed("cpu") < 1e14


def test_what_is_remembered_while_drawing_is_counted_as_it_is() -> None:
    model = models.build("transformer", **SMALL["transformer"])
    assert isinstance(model, AutoregressiveModel)
    made = costs._Made()
    with torch.device("meta"), made:
        kept = [torch.empty(10, 10), torch.empty(5).view(5, 1)]
    assert made.bytes == 4 * 105
    assert len(kept) == 2


def test_what_is_gone_again_counts_for_the_moment_at_which_it_was_there() -> None:
    made = costs._Made()
    with torch.device("meta"), made:
        first = torch.empty(100)
        del first
        second = torch.empty(50)
    assert (made.bytes, made.most) == (4 * 50, 4 * 100)
    assert len(second) == 50


def test_a_transformer_remembers_keys_and_values_and_its_weights_are_not_counted() -> None:
    width, layers, side = 16, 3, 12
    model = models.build("transformer", width=width, heads=2, layers=layers, shape=(1, side, side))
    assert isinstance(model, AutoregressiveModel)
    remembered = costs.remembered(model)
    keys_and_values = 4 * 2 * layers * width * side * side
    assert 1 < remembered / keys_and_values < 1.3


def test_a_batch_that_does_not_fit_may_be_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 100)
    training = costs.Training("made", 200, least=50)
    with pytest.raises(memory.TooLargeError, match="Training made like this"):
        training.check_memory("cuda")
    training.check_memory("cuda", in_parts=True)


def test_what_many_want_to_know_at_once_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out: list[str] = []

    def carried(shape: object, tried: object) -> tuple[float, ...]:
        worked_out.append(threading.current_thread().name)
        time.sleep(0.1)
        return (7.0,)

    monkeypatch.setattr(costs, "_carried", carried)
    costs._remembered.cache_clear()
    model, found = small("pixelcnn", (1, 4, 4)), list[float]()
    threads = [
        threading.Thread(target=lambda: found.append(costs.remembered(model))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    costs._remembered.cache_clear()
    assert found == 4 * [7.0]
    assert len(worked_out) == 1
