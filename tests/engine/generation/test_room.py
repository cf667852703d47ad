"""How much memory a drawing will take, told before any of it is taken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.engine.editing.evidence import Evidence
from studio.engine.generation import room
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import memory
from studio.engine.runtime.memory import TooLargeError
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT, small_of_any_kind

MANY = SamplingOptions(count=64)


def some_evidence() -> Evidence:
    """The lower half of a picture of `shallow`, which comes late."""
    known = np.zeros((7, 6), bool)
    known[3:] = True
    return Evidence(np.zeros((1, 7, 6), np.uint8), known)


@pytest.mark.parametrize("name", DIFFERENT)
def test_each_further_picture_takes_as_much_as_the_one_before(name: str) -> None:
    model = shallow(name)
    sizes = [room.room(model, count) for count in (1, 2, 3, 64)]
    each = sizes[1] - sizes[0]
    assert each >= len(model.order) * 9, "levels, nats and entropies"
    assert sizes == [sizes[0] + more * each for more in (0, 1, 2, 63)]


def test_what_the_stepper_remembers_is_in_it() -> None:
    narrow, wide = (shallow("pixelcnn", width=width) for width in (8, 64))
    assert room.room(wide, 64) > room.room(narrow, 64)


def test_what_does_not_fit_is_said_with_the_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SMALL", 0)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 100_000)
    with pytest.raises(TooLargeError, match=r"^Drawing 64 pictures of 6 × 7 pixels at once would"):
        room.check_room(shallow("pixelcnn"), MANY)


def test_one_picture_that_does_not_fit_is_said_without_advice_that_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "_SMALL", 0)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1000)
    with pytest.raises(TooLargeError) as told:
        room.check_room(shallow("pixelcnn"), SamplingOptions())
    assert str(told.value).startswith("Drawing a picture of 6 × 7 pixels would take about")
    assert str(told.value).endswith("of memory are free.")


def test_drawings_leave_room_for_those_that_have_not_taken_theirs_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "_SMALL", 0)
    model = shallow("pixelcnn")
    wanted = room.room(model, 64)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 2 * wanted)
    with pytest.raises(memory.TooLargeError, match="others may not have taken theirs"):
        room.check_room(model, MANY, share=room.SHARE)
    room.check_room(model, MANY)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 3 * wanted)
    room.check_room(model, MANY, share=room.SHARE)


def test_few_small_pictures_are_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "room", lambda model, count: pytest.fail("no need"))
    room.check_room(shallow("pixelcnn"), MANY)


def test_attempts_at_each_picture_are_told_with_the_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1_000_000)
    said = r"^Drawing 64 pictures of 6 × 7 pixels at once in 4096 attempts each would take about"
    with pytest.raises(TooLargeError, match=said):
        room.check_room(shallow("pixelcnn"), replace(MANY, particles=4096), some_evidence())


def test_what_is_guided_by_a_class_takes_twice_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SMALL", 0)
    model = shallow("gated-pixelcnn-class")
    guided = replace(MANY, guidance=2.0, condition=1)
    assert room.rows_of(model, MANY) == 64
    assert room.rows_of(model, replace(guided, condition=None)) == 64, "no class to push towards"
    assert room.rows_of(model, guided) == 128
    assert Generation(model, guided)._by_site._standing().inner.batch == 128  # type: ignore[attr-defined]
    wanted = room.room(model, 64)
    monkeypatch.setattr(memory, "free", lambda device="cpu": 1.5 * wanted)
    room.check_room(model, MANY)
    with pytest.raises(TooLargeError, match="at once, with their class and without, would") as told:
        room.check_room(model, guided)
    assert str(told.value).endswith("Choose fewer samples, or no guidance.")


@pytest.mark.parametrize("given", ["late", "nothing"])
def test_what_is_surely_small_is_so_whatever_is_given(given: str) -> None:
    model = shallow("pixelcnn")
    evidence = some_evidence() if given == "late" else None
    for count in (1, 2, 5, 16, 64, 256, 1024):
        options = SamplingOptions(count=count)
        if room.surely_small(model, options):
            assert room.is_small(model, room.rows_of(model, options, evidence))
    assert room.surely_small(model, SamplingOptions())
    assert not room.surely_small(model, SamplingOptions(count=1 << 16))
    assert room.surely_small(small_of_any_kind("autoencoder", (1, 8, 8)), MANY)


@pytest.mark.parametrize("name", ["pixelcnn", "gated-pixelcnn-map", "made-any-order"])
@pytest.mark.parametrize("method", ["auto", "smc", "clamp"])
@pytest.mark.parametrize("given", ["top", "bottom", "nothing", "all"])
def test_as_many_attempts_are_counted_as_a_generation_makes(
    name: str, method: str, given: str
) -> None:
    model = shallow(name)
    known = np.full((7, 6), given == "all")
    known[:3] |= given == "top"
    known[3:] |= given == "bottom"
    if model.takes_painting and method != "auto":
        return
    options = SamplingOptions(count=2, particles=5, method=method, order=None)
    evidence = Evidence(np.zeros((1, 7, 6), np.uint8), known)
    generation = Generation(model, options, evidence)
    rows = generation._draft.drawn.count
    counted = room.rows_of(model, options, evidence)
    if model.any_order and given == "top":  # the order that is followed is not looked at
        assert counted >= rows
    else:
        assert counted == rows


def test_what_does_not_fit_the_model_is_not_counted_but_refused_when_it_is_drawn() -> None:
    model, other = (
        shallow("pixelcnn"),
        Evidence(np.zeros((1, 3, 3), np.uint8), np.eye(3, dtype=bool)),
    )
    unknown = SamplingOptions(count=2, method="sideways")
    room.check_room(model, unknown, some_evidence())
    room.check_room(model, MANY, other)
    assert room.rows_of(model, unknown, some_evidence()) == 2
    assert room.rows_of(model, MANY, other) == 64


def test_bounds_take_as_many_attempts_whatever_the_method() -> None:
    evidence, options = some_evidence(), SamplingOptions(count=4, method="clamp")
    model = shallow("pixelcnn")
    assert room.rows_of(model, options, evidence) == 4
    assert room.rows_of(model, options, evidence, bounded=True) == 4 * 32
