"""Training on a GPU: captured, in bfloat16, without a wait in a step, and on where the memory is
full. Needs neither a window nor libraries of sound or pictures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import models
from studio.engine.bench.made_up import learner_for
from studio.engine.runtime import devices
from studio.engine.training.batch_finding import find_batch
from studio.engine.training.learner import Learner
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from tests.small_configs import SMALL

pytestmark = pytest.mark.cuda

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
ROWS = torch.arange(16)
Record = Callable[[str, object], None]


def small(name: str, device: torch.device = CUDA, captures: bool | None = None) -> Learner:
    return learner_for(name, device, len(ROWS), SMALL.get(name, {}), captures)


def losses(learner: Learner, steps: int) -> list[float]:
    return [float(learner.learn(ROWS)) for _ in range(steps)]


@pytest.mark.parametrize("name", models.registry.families())
def test_a_captured_training_goes_as_one_by_operation(name: str, record_property: Record) -> None:
    by_operation, captured = small(name, captures=False), small(name, captures=True)
    expected, found = losses(by_operation, 10), losses(captured, 10)
    assert captured.making.is_captured
    assert found == pytest.approx(expected, rel=0.03, abs=0.1)
    for each, called in ((by_operation, "by operation"), (captured, "captured")):
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(20):
            each.learn(ROWS)
        torch.cuda.synchronize()
        record_property(called, f"{20 / (time.perf_counter() - began):,.0f} steps/s")


@pytest.mark.parametrize("name", models.registry.families())
def test_a_training_begins_as_on_the_processor(name: str) -> None:
    here, there = losses(small(name, CPU), 2), losses(small(name), 2)
    assert there == pytest.approx(here, rel=0.03, abs=0.1)


@pytest.fixture
def no_wait() -> Iterator[Callable[[], None]]:
    """From when it is called on, whatever waits for the GPU raises."""
    yield lambda: torch.cuda.set_sync_debug_mode("error")
    torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("captures", [True, False])
@pytest.mark.parametrize("name", models.registry.families())
def test_nothing_waits_for_the_gpu_in_a_step(
    name: str, captures: bool, no_wait: Callable[[], None]
) -> None:
    learner = small(name, captures=captures)
    losses(learner, 6)
    no_wait()
    for _ in range(3):
        learner.learn(ROWS)


def test_it_computes_in_bfloat16_where_the_gpu_does() -> None:
    precision = str(small("pixelcnn").fabric._precision.precision)
    assert (precision == "bf16-mixed") == devices.supports_bf16(CUDA)


def test_where_the_memory_is_full_the_step_is_made_in_parts(record_property: Record) -> None:
    rows = torch.arange(256)

    def learner() -> Learner:
        return learner_for("gated-pixelcnn", CUDA, len(rows), {"width": 64}, captures=False)

    whole = learner()
    expected = [float(whole.learn(rows))]  # kernels are chosen, which takes memory of its own
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_reserved()
    expected.append(float(whole.learn(rows)))
    taken = torch.cuda.max_memory_reserved() - before
    del whole
    torch.cuda.empty_cache()
    parted, said = learner(), list[str]()
    parted.making._say = said.append
    total = torch.cuda.get_device_properties(CUDA).total_memory
    try:
        room = torch.cuda.memory_reserved() + 0.6 * taken
        torch.cuda.set_per_process_memory_fraction(room / total)
        found = [float(parted.learn(rows)) for _ in range(2)]
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert parted.making.parts > 1
    assert len(said) == 1
    assert found == pytest.approx(expected, rel=0.01)
    record_property("parts", parted.making.parts)


def run(tmp_path: Path, **changes: Any) -> Trainer:
    recipe = models.recipe("made").with_changes(epochs=0.2, batch=64, start="", **changes)
    return Trainer("made", recipe, {"hidden": 128}, Run(tmp_path), CUDA)


def test_a_training_of_digits_learns_is_scored_and_goes_on_where_it_stood(
    tmp_path: Path, record_property: Record
) -> None:
    training = run(tmp_path)
    training.go([])
    assert training.losses[-1][1] < 0.7 * training.losses[0][1]
    assert training.metrics is not None
    record_property("test", f"{training.metrics['bits_per_dim']:.4f} bits/dim")
    training.metrics = None
    training.save_state()
    again = Trainer(
        "made", training.recipe.with_changes(epochs=0.3), {"hidden": 128}, Run(tmp_path), CUDA,
        resumed=True,
    )  # fmt: skip
    again.resume()
    assert again.step == training.step
    again.go([])
    assert again.metrics is not None
    assert again.metrics["bits_per_dim"] < training.validation[-1][1] * 1.1


def test_a_batch_is_proposed_from_the_memory_and_measured_steps(record_property: Record) -> None:
    recipe = models.recipe("pixelcnn").with_changes(epochs=10)
    found = find_batch("pixelcnn", recipe, {}, CUDA)
    assert all(each.memory for each in found.measured)
    record_property("batch", found.batch)
    record_property("examples/s", f"{found.measured[-1].examples_per_second:,.0f}")
