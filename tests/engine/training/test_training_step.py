"""A step of training comes to the same whether it is captured or not, and in however many parts the
batch goes through the network."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

import models
from models.interface import Model
from studio.engine.bench.made_up import learner_for
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.graphs import Recorder
from studio.engine.training.learner import Learner
from studio.engine.training.training_step import Drawn, Given, Objective, TrainingStep
from tests.small_configs import SMALL
from tests.thorough import THOROUGH

CPU = torch.device("cpu")
ROWS = torch.arange(7)
SMALLER: dict[str, dict[str, Any]] = {"pixelcnn-plus-plus": {"blocks": (1,)}}


def learner(name: str, captures: bool = False, **changes: Any) -> Learner:
    """Of the smallest pictures or sounds."""
    found = models.registry.variant(name)
    config = {**SMALL.get(name, {}), **SMALLER.get(name, {})}
    if not found.sound and "shape" not in models.recipe(name).config:
        config["shape"] = (found.defaults.shape[0], 6, 4)
    small = {"window": 0.004} if found.sound else {}
    return learner_for(name, CPU, 7, config, captures, **small, **changes)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Float32 throughout."""
    monkeypatch.setattr(devices, "supports_bf16", lambda device: False)


@pytest.mark.parametrize("name", models.registry.families())
def test_a_step_of_every_family_can_be_captured_and_does_what_it_does_by_operation(
    name: str, exact: None
) -> None:
    # Muon makes many operations of each weight, the same for all families: see below
    learning = learner(name, captures=True, optimiser="adamw")
    for _ in range(3):
        learning.learn(ROWS)
    assert not learning.making.is_captured
    before = {key: tensor.clone() for key, tensor in learning.state().items()}
    found = [learning.learn(ROWS) for _ in range(2)]
    assert learning.making.is_captured
    state = {key: tensor.clone() for key, tensor in learning.state().items()}
    learning.load_state(before, 3)
    expected = [learning.learn(ROWS) for _ in range(2)]
    assert not learning.making.is_captured
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for key, tensor in learning.state().items():
        torch.testing.assert_close(state[key], tensor, rtol=1e-3, atol=1e-4, msg=key)


def test_a_step_takes_the_same_way_in_the_same_memory_each_time() -> None:
    learning = learner("made-any-order", captures=True)
    given = learning.given(ROWS)
    names = Recorder().check(learning.making.step_of(given), *given.tensors)
    assert any("fused_adamw" in each for each in names)
    assert not any("local_scalar" in each for each in names)


def test_a_short_batch_is_made_by_operation_and_the_captured_step_is_kept() -> None:
    learning = learner("pixelcnn", captures=True)
    for count in (7, 7, 7, 7, 3, 7):
        learning.learn(ROWS[:count])
        kept = learning.making._captured
    learning.learn(ROWS)
    assert learning.making._captured is kept is not None


def test_a_captured_step_is_made_anew_where_the_state_is_another(exact: None) -> None:
    one, other = learner("made", captures=True), learner("made")
    for each in (one, other):
        for _ in range(5):
            each.learn(ROWS)
        state = {key: tensor.clone() for key, tensor in each.state().items()}
        each.learn(ROWS)
        each.load_state(state, 5)
        for _ in range(5):
            loss = each.learn(ROWS)
    torch.testing.assert_close(one.learn(ROWS), other.learn(ROWS), rtol=1e-3, atol=1e-3)
    assert one.making.is_captured
    assert loss.isfinite()


class Waiting:
    """The loss of a model that waits for the device."""

    def __init__(self, model: Model) -> None:
        self.loss = model.loss

    def __call__(self, *given: Any) -> Tensor:
        loss = self.loss(*given)
        return loss if loss.item() > 0 else -loss


def test_a_step_that_cannot_be_captured_goes_on_by_operation(
    exact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, found = learner("pixelcnn"), learner("pixelcnn", captures=True)
    monkeypatch.setattr(found.model, "loss", Waiting(found.model))
    for _ in range(6):
        losses = [each.learn(ROWS) for each in (expected, found)]
    assert not found.making.captures
    torch.testing.assert_close(*losses, rtol=1e-3, atol=1e-3)


# ---- a full memory -------------------------------------------------------------------------------


def with_room_for(most: int, learning: Learner, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A memory that holds a pass of so many examples; returns what will be said."""
    loss, said = learning.model.loss, list[str]()

    def limited(x: Tensor, *rest: Any) -> Tensor:
        if len(x) > most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return loss(x, *rest)

    monkeypatch.setattr(learning.model, "loss", limited)
    monkeypatch.setattr(learning.making, "_say", said.append)
    return said


IN_PARTS = (
    "The memory of cpu does not hold a step of 7 examples: it is made in 4 parts of 2 from now on,"
    " which comes to the same."
)


def without_dropout(module: nn.Module) -> None:
    if isinstance(module, nn.Dropout | nn.Dropout2d):
        module.p = 0.0


# of all those whose loss leaves something to chance one, and of a plain one
CHANCY = ("ardm", "autoencoder", "vq-autoencoder", "gated-pixelcnn-map", "wavenet", "pixelcnn")


@pytest.mark.parametrize("name", models.registry.families() if THOROUGH else CHANCY)
def test_a_step_in_parts_comes_to_the_same(
    name: str, exact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parted = (learner(name, optimiser="adamw") for _ in range(2))
    for each in (whole, parted):
        each.model.apply(without_dropout)  # which is drawn anew for every part
    said = with_room_for(2, parted, monkeypatch)
    expected, found = whole.learn(ROWS), parted.learn(ROWS)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(parted.gradient_norm, whole.gradient_norm, rtol=1e-3, atol=1e-3)
    parted.learn(ROWS)
    assert said == [IN_PARTS]


def test_what_is_captured_is_the_step_in_parts(
    exact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parted = learner("pixelcnn"), learner("pixelcnn", captures=True)
    with_room_for(4, parted, monkeypatch)
    for _ in range(6):
        expected, found = whole.learn(ROWS), parted.learn(ROWS)
    assert parted.making.is_captured
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_a_captured_step_gives_its_memory_back_before_a_batch_is_halved(
    exact: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning = learner("pixelcnn", captures=True)
    for _ in range(5):
        learning.learn(ROWS)
    assert learning.making.is_captured
    loss = learning.model.loss

    def beside_the_captured(x: Tensor, *rest: Any) -> Tensor:
        if learning.making.is_captured:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return loss(x, *rest)

    monkeypatch.setattr(learning.model, "loss", beside_the_captured)
    learning.learn(ROWS[:3])
    assert learning.making.parts == 1


def test_a_memory_that_does_not_hold_one_example_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learning = learner("pixelcnn")
    before = [p.clone() for p in learning.model.parameters()]
    with_room_for(0, learning, monkeypatch)
    with pytest.raises(StudioError, match="does not hold a step of one example: choose smaller"):
        learning.learn(ROWS)
    assert all(torch.equal(*pair) for pair in zip(before, learning.model.parameters(), strict=True))


def test_of_several_processes_none_begins_a_step_again() -> None:
    def full(*_: object) -> Tensor:
        raise torch.OutOfMemoryError

    objective = nn.Module()
    objective.forward = full  # type: ignore[method-assign]
    fabric: Any = SimpleNamespace(world_size=2, device=CPU)
    step = TrainingStep(objective, lambda: torch.zeros(()), fabric, list, False, print)
    with pytest.raises(
        StudioError, match="does not hold a step of 4 examples: choose a smaller batch"
    ):
        step(Given(torch.zeros(4, 1), None, None, None, ()))


def test_what_chance_has_drawn_is_not_rounded_to_the_precision_of_the_pass() -> None:
    class Noting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(()))
            self.seen: list[torch.dtype] = []

        def loss(self, x, condition, order, known, chance):
            self.seen = [drawn.dtype for drawn in chance]
            return self.weight * x.float().mean()

    noting = Noting()
    fabric = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
    objective = fabric.setup_module(Objective(noting))  # type: ignore[arg-type]
    objective(torch.zeros(2), None, None, None, Drawn((torch.rand(2), torch.rand(2))))
    assert noting.seen == [torch.float32] * 2
