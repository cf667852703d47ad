"""What a stepper computes is written down as it is: what is read, what is written, and what is a
constant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from studio.engine.exports.recording import BEFORE, NotRecorded, Recorder, Step, record
from tests.models.zoo import small


def recorded(work: Callable[[Tensor, Tensor], object]) -> tuple[Recorder, Step]:
    """One step: what is done with a weight and with values that are given, both [1, 2, 3]."""
    weight, values = torch.arange(1.0, 4), torch.arange(1.0, 4)
    recorder = Recorder([weight])
    with torch.inference_mode(), recorder:
        recorder.constructed()
        recorder.begin(values)
        work(weight, values)
    return recorder, recorder.steps[-1]


def test_what_is_computed_of_the_values_is_an_operation() -> None:
    _, step = recorded(lambda weight, values: weight * values)
    (operation,) = step.operations
    args, kwargs = operation.given
    assert torch.equal(
        operation.compute(torch.ones(2), torch.full((2,), 3.0)), torch.full((2,), 3.0)
    )
    assert [place.memory for place in args] == [0, step.values]
    assert kwargs == {}


def test_a_view_is_none() -> None:
    _, step = recorded(lambda weight, values: values[1:].view(2, 1).T)
    assert step.operations == []


def test_what_depends_on_nothing_given_is_computed_along_the_way() -> None:
    recorder, step = recorded(lambda weight, values: values + torch.arange(3) * 2)
    (operation,) = step.operations
    constant = recorder.memories[operation.given[0][1].memory]
    assert constant.fixed
    assert constant.content is not None
    assert constant.content.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    "write",
    [
        lambda to, values: to.add_(values),
        lambda to, values: torch.mul(to, values, out=to),
        lambda to, values: to.copy_(values),
    ],
)
def test_what_is_written_in_place_is_written_down_with_its_place(
    write: Callable[[Tensor, Tensor], object],
) -> None:
    def work(weight: Tensor, values: Tensor) -> None:
        write(torch.zeros(4)[1:], values)

    recorder, step = recorded(work)
    (operation,) = step.operations
    assert operation.into is not None
    assert (operation.into.offset, operation.into.size) == (1, (3,))
    before = recorder.memories[operation.into.memory]
    assert before.content is not None
    assert before.content.tolist() == [0, 0, 0, 0]  # what it was before this operation


def test_a_step_that_waits_for_a_value_is_refused() -> None:
    with pytest.raises(NotRecorded, match="waits"):
        recorded(lambda weight, values: values.sum().item())


def test_what_a_stepper_makes_of_the_weights_is_a_constant_unless_steps_write_into_it() -> None:
    model = small("pixelcnn", (1, 3, 4), width=4, hidden=4, blocks=1, kernel=3, head=4)
    recording = record(model, 1, None)
    made = [memory for memory in recording.memories if memory.born == BEFORE]
    assert any(memory.fixed and memory.length == 4 * 4 for memory in made)  # the head, turned round
    assert any(not memory.fixed for memory in made)  # the rows that are drawn
    assert len(recording.steps) == 12
