"""Changes: a value set by hand counts for what comes later in its picture, and for nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.changes import Change
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.engine.drawings import drawn, picture
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT

AT = 17  # the position that is changed, of 42
OPTIONS = SamplingOptions(count=3, seed=2)


def other_value(pictures: np.ndarray, row: int, site: int, levels: int) -> Change:
    """Another one than was drawn there, in each channel."""
    values = pictures.reshape(*pictures.shape[:2], -1)[row, :, site]
    return Change(row, site, tuple(int(levels - 1 - value) for value in values))


def from_the_start(model, change: Change, options: SamplingOptions = OPTIONS) -> np.ndarray:
    generation = Generation(model, options)
    generation.set_changes((change,))
    return drawn(generation)


def afterwards(model, options: SamplingOptions = OPTIONS) -> tuple[np.ndarray, np.ndarray, Change]:
    """The pictures before and after picture 1 was changed at position AT of its order."""
    generation = Generation(model, options)
    whole = drawn(generation)
    change = other_value(whole, 1, int(generation.order[AT]), model.spec.levels)
    generation.rewind(AT)
    generation.set_changes((change,))
    assert (generation.position, generation.recorded) == (AT, AT)
    return whole, drawn(generation), change


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_change_while_it_draws_gives_what_a_change_from_the_start_gives(name):
    model = shallow(name, levels=4)
    _, changed, change = afterwards(model)
    np.testing.assert_array_equal(changed, from_the_start(model, change))


@pytest.mark.parametrize("name", DIFFERENT)
def test_the_other_pictures_are_not_touched(name):
    whole, changed, change = afterwards(shallow(name, levels=4))
    np.testing.assert_array_equal(np.delete(changed, 1, 0), np.delete(whole, 1, 0))
    assert tuple(changed.reshape(*changed.shape[:2], -1)[1, :, change.site]) == change.values


@pytest.mark.parametrize("name", ["made", "made-any-order", "pixelcnn-plus-plus", "ardm"])
def test_what_comes_later_is_what_a_model_draws_that_was_given_the_rest(name):
    """The same noise, after a prefix that is primed as evidence is."""
    model = shallow(name, (3, 7, 6) if name == "pixelcnn-plus-plus" else (1, 7, 6), levels=4)
    whole, changed, _ = afterwards(model)
    order = Generation(model, OPTIONS).order
    known = np.zeros(model.spec.space, bool)
    known.reshape(-1)[order[: AT + 1]] = True
    given = Generation(model, OPTIONS, Evidence(np.where(known, changed[1], 0), known))
    np.testing.assert_array_equal(drawn(given)[1], changed[1])
    before = order[:AT]
    np.testing.assert_array_equal(
        changed.reshape(*changed.shape[:2], -1)[..., before],
        whole.reshape(*whole.shape[:2], -1)[..., before],
    )


@pytest.mark.parametrize("steps", [0, 5])
@pytest.mark.parametrize("order", [None, "certain", "spiral"])
def test_in_several_passes_and_in_any_order_it_is_drawn_the_same_again(steps, order):
    model = shallow("ardm", levels=4)
    options = SamplingOptions(seed=2, steps=steps, order=order)
    generation = Generation(model, options)
    whole = drawn(generation)
    change = other_value(whole, 0, int(generation.order[AT]), 4)
    generation.set_changes((change,))
    np.testing.assert_array_equal(drawn(generation), from_the_start(model, change, options))


def test_under_guidance_it_is_drawn_the_same_again():
    model = shallow("gated-pixelcnn-class", levels=4)
    options = SamplingOptions(count=3, condition=2, guidance=1.5)
    _, changed, change = afterwards(model, options)
    np.testing.assert_array_equal(changed, from_the_start(model, change, options))


def test_a_painted_condition_stays():
    model = shallow("gated-pixelcnn-map", levels=4)
    known = np.zeros((7, 6), bool)
    known[5] = True
    evidence = Evidence(picture(model), known)
    generation = Generation(model, OPTIONS, evidence)
    whole = drawn(generation)
    change = other_value(whole, 1, 9, 4)
    generation.set_changes((change,))
    fresh = Generation(model, OPTIONS, evidence)
    fresh.set_changes((change,))
    np.testing.assert_array_equal(drawn(generation), drawn(fresh))
    np.testing.assert_array_equal(generation.values[0], whole[0])


@pytest.fixture
def model():
    return shallow("pixelcnn", levels=4)


def test_taken_back_a_change_leaves_what_was_there_without_drawing_it_again(model, monkeypatch):
    generation = Generation(model, OPTIONS)
    whole = drawn(generation)
    generation.set_changes((other_value(whole, 1, AT, 4),))
    drawn(generation)
    monkeypatch.setattr(generation, "_draw", lambda *_: pytest.fail("it was drawn again"))
    generation.set_changes(())
    np.testing.assert_array_equal(drawn(generation), whole)


def test_of_two_changes_only_what_comes_after_the_one_that_differs_is_drawn_again(model):
    generation = Generation(model, OPTIONS)
    whole = drawn(generation)
    early, late = (other_value(whole, 1, site, 4) for site in (8, 30))
    generation.set_changes((early,))
    drawn(generation)
    generation.set_changes((early, late))
    assert generation.recorded == 30


def test_a_change_that_lies_ahead_forgets_nothing(model):
    generation = Generation(model, OPTIONS)
    generation.step(10)
    generation.set_changes((Change(0, 30, (1,)),))
    assert (generation.position, generation.recorded) == (10, 10)
    assert drawn(generation).reshape(3, -1)[0, 30] == 1


def test_changes_outlive_a_restart_another_temperature_and_other_evidence(model):
    generation = Generation(model, OPTIONS)
    change = other_value(drawn(generation), 1, AT, 4)
    generation.set_changes((change,))
    generation.restart()
    generation.set_options(SamplingOptions(count=3, seed=2, temperature=0.5))
    known = np.zeros((7, 6), bool)
    known[0] = True
    generation.edit(Evidence(picture(model), known))
    assert drawn(generation).reshape(3, -1)[1, AT] == change.values[0]


def test_what_is_given_goes_before_a_change_which_waits(model):
    generation = Generation(model, OPTIONS)
    whole = drawn(generation)
    change = other_value(whole, 1, AT, 4)
    known = np.zeros((7, 6), bool)
    known[:3] = True
    generation.edit(Evidence(whole[1], known))
    generation.set_changes((change,))
    np.testing.assert_array_equal(drawn(generation)[1], whole[1])
    generation.edit(None)
    np.testing.assert_array_equal(drawn(generation), from_the_start(model, change))


def test_a_change_of_a_picture_that_is_not_drawn_waits_for_it(model):
    change = Change(2, AT, (3,))
    one = from_the_start(model, change, SamplingOptions(seed=2))
    np.testing.assert_array_equal(one, drawn(Generation(model, SamplingOptions(seed=2))))
    assert from_the_start(model, change).reshape(3, -1)[2, AT] == 3


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (Change(-1, 0, (0,)), "no picture -1"),
        (Change(0, 42, (0,)), "no place 42 .* 0 to 41"),
        (Change(0, -1, (0,)), "no place -1"),
        (Change(0, 0, (4,)), "to 4, .* 0 to 3"),
        (Change(0, 0, (1, 1)), "has 1 values at a place, .* 2"),
    ],
)
def test_a_change_that_does_not_fit_is_one_sentence_and_changes_nothing(model, change, sentence):
    generation = Generation(model, OPTIONS)
    whole = drawn(generation)
    with pytest.raises(StudioError, match=sentence):
        generation.set_changes((change,))
    assert generation.changes == ()
    np.testing.assert_array_equal(drawn(generation), whole)


def with_late_evidence(model, method: str) -> Generation:
    """Attempts compete at what is given in the middle."""
    known = np.zeros((7, 6), bool)
    known[4, 2:4] = True
    options = SamplingOptions(count=3, seed=2, method=method, particles=8, sweeps=1)
    return Generation(model, options, Evidence(picture(model), known))


@pytest.mark.parametrize("site", [AT, 35])
def test_where_attempts_compete_all_of_them_have_the_value(model, site):
    generation = with_late_evidence(model, "smc")
    whole = drawn(generation)
    change = other_value(whole, 1, site, 4)
    generation.set_changes((change,))
    assert generation.recorded == site
    changed = drawn(generation)
    assert changed.reshape(3, -1)[1, site] == change.values[0]
    np.testing.assert_array_equal(np.delete(changed, 1, 0), np.delete(whole, 1, 0))
    fresh = with_late_evidence(model, "smc")
    fresh.set_changes((change,))
    np.testing.assert_array_equal(drawn(fresh), changed)


def test_a_changed_picture_is_not_refined_and_the_others_are(model):
    generation = with_late_evidence(model, "smc-refined")
    whole = drawn(generation)
    change = other_value(whole, 1, AT, 4)
    generation.set_changes((change,))
    changed = drawn(generation)
    assert changed.reshape(3, -1)[1, AT] == change.values[0]
    np.testing.assert_array_equal(np.delete(changed, 1, 0), np.delete(whole, 1, 0))


def test_what_it_cost_is_what_the_model_says_of_the_value_that_was_set(model):
    _, _, change = afterwards(model)
    generation = Generation(model, OPTIONS)
    generation.set_changes((change,))
    generation.step(AT)
    probabilities = generation.next_probabilities(1)
    assert probabilities is not None
    generation.step(1)
    expected = -np.log(probabilities[0, change.values[0]])
    assert generation.nats[1, AT] == pytest.approx(expected, rel=1e-4)
