"""A recorded step as a program: what it reads, what it leaves, and where it works."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.engine.runtime.graphs import captured, shared_memory
from studio.engine.runtime.programs import Arena

CPU = torch.device("cpu")


class Leaving:
    """A step that leaves something in tensors that were there, and in one that it makes."""

    def __init__(self) -> None:
        self.total, self.last = torch.zeros(3), torch.zeros(3)

    def step(self, x: Tensor) -> Tensor:
        self.total.add_(x.relu() * 2)
        self.last = x.sigmoid() + 1
        return self.total * self.last


@torch.inference_mode()
def test_what_is_left_in_a_tensor_is_left_in_it_again() -> None:
    own, leaving = torch.zeros(3), Leaving()
    run = captured(leaving.step, own, pool=Arena())
    leaving.total.zero_()
    made = leaving.last
    x = torch.tensor([1.0, -1.0, 0.5])
    for times in (1, 2):
        found = run(x)
        torch.testing.assert_close(leaving.total, times * torch.tensor([2.0, 0.0, 1.0]))
        torch.testing.assert_close(made, x.sigmoid() + 1)
        torch.testing.assert_close(found, leaving.total * made)


@torch.inference_mode()
def test_a_later_step_reads_what_an_earlier_one_made() -> None:
    arena, leaving = Arena(), Leaving()
    first, second = torch.zeros(3), torch.zeros(3)
    runs = [
        captured(leaving.step, first, pool=arena),
        captured(lambda x: leaving.last * x, second, pool=arena),
    ]
    leaving.last = torch.full((3,), 7.0)  # another one by now
    x, y = torch.randn(3), torch.randn(3)
    runs[0](x)
    torch.testing.assert_close(runs[1](y), (x.sigmoid() + 1) * y)


@torch.inference_mode()
def test_programs_share_their_room_also_where_a_later_one_needs_more() -> None:
    arena, x = Arena(), torch.randn(5)
    small = captured(lambda x: (x + 1).exp() * 2, torch.zeros(5), pool=arena)
    before = arena.address
    torch.testing.assert_close(small(x), (x + 1).exp() * 2)
    wide = captured(
        lambda x: (x[:, None].expand(5, 9000) + 1).mul(2).sum(1), torch.zeros(5), pool=arena
    )
    assert len(arena) > 5 * 9000 * 4
    torch.testing.assert_close(wide(x), (x + 1) * 2 * 9000, rtol=1e-5, atol=1e-2)
    torch.testing.assert_close(small(x), (x + 1).exp() * 2)
    assert before


@torch.inference_mode()
def test_what_comes_after_each_other_lies_in_the_same_place() -> None:
    arena = Arena()

    def long(x: Tensor) -> Tensor:
        for _ in range(50):
            x = (x + 1).relu()
        return x

    run = captured(long, torch.zeros(1000), pool=arena)
    assert len(arena) < 4 * 4000
    torch.testing.assert_close(run(torch.ones(1000)), torch.full((1000,), 51.0))


@torch.inference_mode()
def test_weights_that_change_are_seen_and_stay_there_as_long_as_the_program() -> None:
    weights = [torch.ones(3)]
    run = captured(lambda x: x * weights[0], torch.zeros(3), pool=Arena())
    weights[0].fill_(5)
    weights.clear()
    torch.testing.assert_close(run(torch.ones(3)), torch.full((3,), 5.0))


def test_steps_share_memory_on_a_processor_and_none_where_there_are_no_values() -> None:
    assert isinstance(shared_memory(CPU), Arena)
    assert shared_memory(torch.device("meta")) is None
