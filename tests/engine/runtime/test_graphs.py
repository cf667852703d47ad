"""What a step must not do to be captured, each by an example; and a captured step runs on new
values in tensors of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from studio.engine.runtime.graphs import Recorder, UncapturableError, captured


class Counting:
    """Steps that leave something behind."""

    def __init__(self) -> None:
        self.steps, self.total = 0, torch.zeros(3)

    def in_place(self, x: Tensor) -> Tensor:
        return self.total.add_(x)

    def in_a_new_tensor(self, x: Tensor) -> Tensor:
        self.total = self.total + x
        return self.total

    def another_way(self, x: Tensor) -> Tensor:
        self.steps += 1
        return x.relu() if self.steps % 2 else x.sigmoid()

    def once_more(self, x: Tensor) -> Tensor:
        self.steps += 1
        return x.relu() if self.steps % 2 else x.relu().relu()

    def growing(self, x: Tensor) -> Tensor:
        self.steps += 1
        return torch.zeros(self.steps).relu()

    def other_weights(self, x: Tensor) -> Tensor:
        self.steps += 1
        return x + (X, Y)[self.steps % 2]


X, Y = torch.rand(3), torch.rand(3)

REFUSED: dict[str, tuple[Callable[[Tensor], object], str]] = {
    "a value is read": (lambda x: x.sum().item(), "waits for the device.*_local_scalar_dense"),
    "a branch on a value": (lambda x: x * 2 if x.sum() > 0 else x, "waits.*_local_scalar_dense"),
    "tensors are compared": (lambda x: torch.equal(x, Y), "waits for the device.*equal"),
    "as many as there are": (lambda x: x.nonzero(), "shapes that depend on values.*nonzero"),
    "a mask picks": (lambda x: x[x > 0], "picks by a mask.*index"),
    "a mask is written to": (
        lambda x: torch.zeros(3).index_put_((x > 0,), torch.ones(())),
        "picks by a mask.*index_put_",
    ),
    "numbers of the host": (lambda x: x + torch.tensor([1.0, 2.0, 3.0]), "of the host.*lift"),
    "left in a new tensor": (Counting().in_a_new_tensor, "behind in a new tensor.*aten::add"),
    "another way": (Counting().another_way, "takes another way.*(sigmoid|relu)"),
    "once more": (Counting().once_more, "relu is there only once"),
    "other shapes": (Counting().growing, "has other shapes the second time"),
    "other tensors": (Counting().other_weights, "reads other tensors.*add"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_captured_is_refused_by_the_name_of_the_operation(name: str) -> None:
    step, sentence = REFUSED[name]
    with pytest.raises(UncapturableError, match=sentence):
        Recorder().check(step, X)


def test_where_there_are_no_values_going_to_the_host_is_refused_too() -> None:
    x = torch.rand(3, device="meta")
    for step in (lambda x: x.cpu() * 2, lambda x: x + torch.zeros(3, device="cpu")):
        with pytest.raises(UncapturableError, match="between the host and the device"):
            Recorder("meta").check(step, x)


def test_a_step_that_fits_is_told_by_its_operations() -> None:
    layer, counting = nn.Linear(3, 3), Counting()

    def step(x: Tensor) -> Tensor:
        return counting.in_place(layer(x)[:, torch.arange(3)].sum(0) * 0.5)

    with torch.inference_mode():
        found = Recorder().check(step, torch.rand(2, 3))
    last = [name.removeprefix("aten::") for name in found][-3:]
    assert last == ["sum.dim_IntList", "mul.Tensor", "add_.Tensor"]


def test_a_step_with_gradients_fits_where_it_writes_in_place() -> None:
    weight = torch.rand(3, requires_grad=True)
    weight.grad = torch.zeros(3)

    def step(x: Tensor) -> None:
        assert weight.grad is not None
        weight.grad.zero_()
        (weight * x).relu().sum().backward()
        with torch.no_grad():
            weight.sub_(weight.grad, alpha=0.1)

    assert any("threshold_backward" in name for name in Recorder().check(step, X))


def test_a_captured_step_runs_on_new_values_in_tensors_of_its_own() -> None:
    own, counting = torch.zeros(3), Counting()
    run = captured(lambda x: counting.in_place(x) * 2, own)
    found = run(X)
    assert torch.equal(found, 2 * X)
    assert run(Y) is found
    torch.testing.assert_close(found, 2 * (X + Y))
    assert torch.equal(own, Y)
    with pytest.raises(ValueError, match="zip"):
        run(X, Y)


def test_what_is_captured_takes_the_same_way_whatever_python_has_come_to_since() -> None:
    counting = Counting()
    run = captured(counting.another_way, torch.zeros(3))
    counting.another_way(X)
    assert torch.equal(run(X), X.relu())
    assert torch.equal(run(-X), torch.zeros(3))


@pytest.mark.cuda
def test_a_graph_runs_what_was_captured_on_new_values() -> None:
    total = torch.zeros(3, device="cuda")

    def step(x: Tensor) -> Tensor:
        return total.add_(x).sigmoid()

    run = captured(step, torch.zeros(3, device="cuda"))
    total.zero_()
    for each in (X, Y):
        found = run(each.to("cuda"))
    torch.testing.assert_close(found.cpu(), (X + Y).sigmoid())


@pytest.mark.cuda
def test_a_graph_that_cannot_be_says_which_operation_it_was() -> None:
    with pytest.raises(UncapturableError, match="_local_scalar_dense"):
        captured(lambda x: x * x.sum().item(), torch.ones(3, device="cuda"))
    assert torch.ones(3, device="cuda").sum().item() == 3  # and the device goes on


@pytest.mark.cuda
def test_what_draws_goes_on_after_the_driver_has_refused_a_graph() -> None:
    def step(x: Tensor) -> Tensor:
        torch.cuda.current_stream().synchronize()  # which no recorder sees
        return torch.dropout(x, 0.5, True)

    x = torch.ones(100, device="cuda")
    with pytest.raises(UncapturableError):
        captured(step, x, warm_up=lambda: None)
    drawn = [torch.dropout(x, 0.5, True) for _ in range(2)]
    assert not torch.equal(*drawn)
