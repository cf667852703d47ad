"""How much memory a drawing will take, told before any of it is taken."""

from __future__ import annotations

import pytest

from studio.engine.generation import room
from studio.engine.runtime import memory
from studio.engine.runtime.memory import TooLargeError
from tests.models.zoo import PICTURES, small


@pytest.mark.parametrize("name", PICTURES)
def test_each_further_picture_takes_as_much_as_the_one_before(name: str) -> None:
    model = small(name)
    sizes = [room.room(model, count) for count in (1, 2, 3, 64)]
    each = sizes[1] - sizes[0]
    assert each >= len(model.order) * 9, "levels, nats and entropies"
    assert sizes == [sizes[0] + more * each for more in (0, 1, 2, 63)]


def test_what_the_stepper_remembers_is_in_it() -> None:
    narrow, wide = (small("pixelcnn", width=width) for width in (8, 64))
    assert room.room(wide, 64) > room.room(narrow, 64)


def test_what_does_not_fit_is_said_with_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SMALL", 0)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 100_000)
    with pytest.raises(TooLargeError, match=r"^Drawing 64 pictures of 6 × 7 pixels at once would"):
        room.check_room(small("pixelcnn"), 64)


def test_few_small_pictures_are_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "room", lambda model, count: pytest.fail("no need"))
    room.check_room(small("pixelcnn"), 64)
