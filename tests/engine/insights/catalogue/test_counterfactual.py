"""Counterfactuals: what would be expected if a pixel were another value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from studio.engine.generation.quick_particles import mean_levels
from studio.engine.insights import Answer, insights
from studio.engine.insights.asking import reply_of
from studio.engine.insights.words import NO_SHADES
from tests.coded_models import shades
from tests.engine.insights.questions import part, whole
from tests.models.zoo import NAMES, small

_SITE = 16


def counterfactual(model: Any, question: Any) -> Answer:
    return insights()["counterfactual"].ask(model, question)


@pytest.mark.parametrize("name", NAMES)
def test_it_equals_two_full_passes(name: str) -> None:
    model = small(name)
    question = whole(model, site=_SITE)
    rank = int(np.flatnonzero(question.order == _SITE)[0])
    answer = counterfactual(model, question)
    means = []
    for flipped in (False, True):
        x = torch.from_numpy(question.values.copy())[None]
        if flipped:
            x.view(-1)[_SITE] = 1 - x.view(-1)[_SITE]
        if model.predicts_all:
            known = torch.from_numpy(question.order.argsort() <= rank).view(1, *question.space)
            params = model.predict(x, known)[0, question.order]  # type: ignore[operator]
        else:
            params = model.conditionals(x)[0]
        means.append(mean_levels(model.likelihood.probabilities(params))[rank + 1 :, 0].numpy())
    found = answer.arrays["difference"].ravel()
    assert np.allclose(found[question.order[rank + 1 :]], means[1] - means[0], atol=1e-5)
    assert np.isnan(found[question.order[: rank + 1]]).all()


def test_no_difference_is_the_middle_of_the_colours_and_the_largest_one_an_end() -> None:
    model = small("made")
    answer = counterfactual(model, whole(model, site=_SITE))
    difference, shares = answer.arrays["difference"][0], answer.maps[0].values
    most = np.nanmax(np.abs(difference))
    assert np.allclose(shares, 0.5 + difference / (2 * most), equal_nan=True)
    assert answer.ends == (f"−{most:.2f}", f"+{most:.2f}")
    assert insights()["counterfactual"].colours == "CET-D1"


def test_what_cannot_depend_on_the_pixel_does_not_change() -> None:
    model = small("pixelcnn", (1, 12, 6), blocks=1, kernel=3)
    answer = counterfactual(model, whole(model, site=2))
    reached = model.dependencies()[:, 2].numpy()
    changed = np.nan_to_num(answer.arrays["difference"]).ravel() != 0
    assert not (changed & ~reached).any()
    assert changed.any()


def test_the_rows_tell_where_most_would_change() -> None:
    model = small("made")
    answer = counterfactual(model, whole(model, site=_SITE))
    difference = np.abs(np.nan_to_num(answer.arrays["difference"][0]))
    row, column = divmod(int(difference.argmax()), 6)
    before, after = (
        answer.arrays[name][0, row, column] for name in ("expected", "expected_otherwise")
    )
    assert answer.rows[0] == (f"row {row}, column {column}", f"{before:.2f} → {after:.2f}")


def test_unknown_pixels_are_held_black_and_that_is_said() -> None:
    model = small("made")
    answer = counterfactual(model, part(model, 20, site=_SITE))
    assert answer.arrays["pictures"][:, 0].reshape(2, -1)[:, 20:].max() == 0
    assert answer.sentence.endswith("25 later pixels, unknown ones held black.")


def test_after_the_last_pixel_there_is_nothing_to_change() -> None:
    model = small("made")
    answer = counterfactual(model, whole(model, site=41))
    assert answer.sentence == "No pixel comes later in the order."
    assert not answer.maps


def test_an_order_agnostic_model_is_asked_as_if_all_later_pixels_were_unknown() -> None:
    model = small("ardm")
    answer = counterfactual(model, whole(model, site=_SITE))
    assert answer.sentence.endswith(" in 25 later pixels, all of them taken as unknown.")


def test_where_nothing_is_drawn_there_is_nothing_to_be_otherwise() -> None:
    model = small("made")
    answer = counterfactual(model, part(model, 10, site=_SITE))
    assert not answer.maps
    assert answer.sentence == "Point at a pixel that is drawn or given."


def test_of_many_levels_another_value_can_be_chosen() -> None:
    model = small("made", levels=8)
    insight = insights()["counterfactual"]
    assert insight.choices(model) == {"Value": ("Opposite", "Black", "White", "Grey")}
    question = whole(model, site=_SITE, chosen={"Value": 2})
    pictures = counterfactual(model, question).arrays["pictures"].reshape(2, -1)
    assert pictures[1, _SITE] == 7
    assert np.array_equal(np.delete(pictures[1], _SITE), np.delete(pictures[0], _SITE))


def test_of_two_levels_there_is_nothing_to_choose() -> None:
    assert insights()["counterfactual"].choices(small("made")) == {}


def test_the_value_that_is_there_is_refused_in_words() -> None:
    model = small("made", levels=8)
    question = whole(model, site=_SITE)
    question.values.reshape(-1)[_SITE] = 0
    answer = counterfactual(model, question_with(question, chosen={"Value": 1}))
    assert answer.sentence == "The pixel has that value already: choose another one."


def test_a_painted_pixel_is_another_one_in_the_condition_too() -> None:
    model = small("gated-pixelcnn-map")
    given = np.zeros((7, 6), bool)
    given[2, 4] = True
    later = counterfactual(model, whole(model, site=_SITE, given=given)).arrays["difference"]
    drawn = counterfactual(model, whole(model, site=_SITE)).arrays["difference"]
    assert not np.allclose(np.nan_to_num(later), np.nan_to_num(drawn))


def test_colour_is_three_channels_of_one_pixel() -> None:
    model = small("pixelcnn-plus-plus", (3, 5, 4), 4, width=4)
    question = whole(model, site=6, chosen={"Value": 3})
    answer = counterfactual(model, question)
    assert answer.arrays["pictures"][1].reshape(3, -1)[:, 6].tolist() == [3, 0, 0]
    assert answer.maps[0].values.shape == (5, 4)


def question_with(question: Any, **changed: Any) -> Any:
    from dataclasses import replace

    return replace(question, **changed)


def test_it_is_not_for_codes() -> None:
    reply = reply_of(insights()["counterfactual"], model := shades(), whole(model, site=_SITE - 1))
    assert reply.refused
    assert reply.answer.sentence == NO_SHADES
