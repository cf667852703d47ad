"""Which method completes a picture, why, and which evidence it does not see."""

from __future__ import annotations

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine.generation.method_choice import chosen_method, unseen
from tests.engine.drawings import half
from tests.models.zoo import small


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("gated-pixelcnn", levels=4)


@pytest.mark.parametrize(
    ("name", "where", "method", "why"),
    [
        ("gated-pixelcnn", "top", "clamp", "comes first in the model's order"),
        ("gated-pixelcnn", "bottom", "smc", "comes late in the order"),
        ("made-any-order", "bottom", "order", "draws in any order"),
        ("gated-pixelcnn-map", "bottom", "map", "conditioned on all that is given"),
    ],
)
def test_without_a_word_the_method_that_takes_account_of_all_and_costs_the_least(
    name: str, where: str, method: str, why: str
) -> None:
    model = small(name)
    chosen, said = chosen_method(model, half(model, where))
    assert chosen.name == method
    assert why in said
    assert said.endswith(".")
    assert chosen.refusal(model) == ""


@pytest.mark.parametrize(("share", "why"), [(0, "Nothing is given"), (1, "All of it is given")])
def test_where_nothing_or_all_is_given_there_is_nothing_to_choose(
    model: AutoregressiveModel, share: int, why: str
) -> None:
    chosen, said = chosen_method(model, np.full(model.spec.space, bool(share)))
    assert chosen.name == "clamp"
    assert why in said


def test_what_was_asked_for_needs_no_reason(model: AutoregressiveModel) -> None:
    chosen, said = chosen_method(model, half(model, "bottom"), "clamp")
    assert (chosen.name, said) == ("clamp", "")


def test_evidence_above_is_seen_and_evidence_below_is_not(model: AutoregressiveModel) -> None:
    def hidden(where: str) -> np.ndarray:
        return unseen(model, half(model, where), "clamp")

    assert not hidden("top").any()
    np.testing.assert_array_equal(hidden("bottom"), half(model, "bottom"))
    left = half(model, "left")
    np.testing.assert_array_equal(hidden("left")[0], np.zeros(6))
    np.testing.assert_array_equal(hidden("left")[1:], left[1:])


@pytest.mark.parametrize("method", ["auto", "smc", "smc-refined"])
def test_particles_see_all_evidence(model: AutoregressiveModel, method: str) -> None:
    assert not unseen(model, half(model, "bottom"), method).any()


def test_nothing_is_unseen_where_nothing_or_all_is_given(model: AutoregressiveModel) -> None:
    for known in (np.zeros(model.spec.space, bool), np.ones(model.spec.space, bool)):
        assert not unseen(model, known, "clamp").any()


@pytest.mark.parametrize("name", ["made-any-order", "gated-pixelcnn-map"])
def test_models_that_are_made_for_it_see_all_evidence(name: str) -> None:
    model = small(name)
    assert not unseen(model, half(model, "bottom")).any()
