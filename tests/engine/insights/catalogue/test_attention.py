"""What is said of where a model looks, in maps, words and arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine.insights import insights
from studio.engine.insights.attention import attention
from studio.engine.insights.question import Answer, Question
from tests.attending_models import Attends, Config
from tests.models.zoo import pictures, small

ATTENTION = insights()["attention"]


def asked(model: AutoregressiveModel, position: int, **more: Any) -> Question:
    """About a picture that is there as far as a position."""
    there = np.zeros(len(model.order), bool)
    there[model.order[:position].numpy()] = True
    there = there.reshape(model.spec.space)
    question = Question(
        values=(pictures(model, 1)[0].numpy() * there).astype(np.uint8),
        there=there,
        given=np.zeros_like(there),
        order=model.order.numpy(),
        levels=model.spec.levels,
    )
    return replace(question, **more)


def answer(model: AutoregressiveModel, position: int, **more: Any) -> Answer:
    return ATTENTION.ask(model, asked(model, position, **more))


@pytest.fixture(scope="module")
def model() -> AutoregressiveModel:
    return small("transformer", layers=3)


def test_layers_and_heads_are_chosen_where_there_are_several(model: AutoregressiveModel) -> None:
    assert ATTENTION.choices(model) == {
        "Layer": ("mean", "1", "2", "3"),
        "Head": ("mean", "1", "2"),
    }
    assert ATTENTION.choices(small("pixelsnail", attentions=1)) == {}


def test_while_a_picture_is_made_it_is_about_the_next_pixel(model: AutoregressiveModel) -> None:
    found = answer(model, 20)
    assert found.site == 20
    seen = found.maps[0].values.ravel()
    assert np.isnan(seen[20:]).all(), "what is not there yet has no weight"
    assert np.nanmax(seen) == 1
    assert found.sentence.startswith("Row 3, column 2 looks")


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (0, 2), (3, 0), (2, 1)])
def test_the_map_is_of_the_layer_and_head_that_are_chosen_or_their_mean(
    model: AutoregressiveModel, layer: int, head: int
) -> None:
    found = answer(model, 30, chosen={"Layer": layer, "Head": head})
    every = attention(model, pictures(model, 1), slice(30, 31)).weights[:, :, 0]
    of_layers = every[layer - 1 : layer] if layer else every
    of_heads = of_layers[:, head - 1 : head] if head else of_layers
    expected = of_heads.mean((0, 1))[:30]
    shown = found.maps[0].values.ravel()[:30]
    np.testing.assert_allclose(shown, expected / expected.max(), rtol=1e-4)
    np.testing.assert_allclose(found.arrays["weights"], every, rtol=1e-4)


def test_beside_it_are_the_layers_of_a_mean_and_the_heads_of_a_layer(
    model: AutoregressiveModel,
) -> None:
    def names(**chosen: int) -> list[str]:
        return [m.name.partition(",")[0] for m in answer(model, 30, chosen=chosen).maps[1:]]

    assert names() == ["Layer 1", "Layer 2", "Layer 3"]
    assert names(Layer=2) == ["Head 1", "Head 2"]


def test_the_most_looked_at_are_listed_and_those_that_stand_out_are_outlined(
    model: AutoregressiveModel,
) -> None:
    found = answer(model, 30, chosen={"Layer": 1})
    seen = found.maps[0].values.ravel()[:30]
    ranked = (-seen).argsort()
    assert [row for row, _ in found.rows] == [
        "row {}, column {}".format(*divmod(at, 6)) for at in ranked[:5]
    ]
    assert found.marked is not None
    assert found.marked.tolist() == [at for at in ranked[:5] if seen[at] >= 0.25]
    assert f"looks most at {found.rows[0][0]} ({found.rows[0][1]})" in found.sentence
    assert found.ends == ("0 %", found.rows[0][1])


def test_the_sentence_counts_the_pixels_that_have_half_of_the_weight(
    model: AutoregressiveModel,
) -> None:
    weights = attention(model, pictures(model, 1), slice(30, 31)).weights.mean((0, 1))[0]
    count = next(n for n in range(30) if np.sort(weights)[-n:].sum() >= 0.5 and n)
    assert f"half of its weight is on {count} pixels" in answer(model, 30).sentence


def test_what_goes_to_the_start_token_is_told(model: AutoregressiveModel) -> None:
    start = attention(model, pictures(model, 1), slice(30, 31)).start.mean()
    assert 0.01 < start < 0.5
    assert answer(model, 30).sentence.endswith(f", {100 * start:.1f} % is on the start token.")
    assert answer(model, 0).sentence == (
        "Row 0, column 0 comes first: there is nothing but the start token to look at."
    )


@pytest.mark.parametrize("way", ["no start", "a shift at the end"])
def test_where_there_is_no_start_token_the_first_pixel_looks_at_nothing(way: str) -> None:
    found = answer(Attends(Config(way=way)), 0)
    assert found.sentence == "Row 0, column 0 comes first, and looks at nothing."
    assert np.isnan(found.maps[0].values).all()


def test_a_pixel_that_the_model_has_not_come_to_has_no_map(model: AutoregressiveModel) -> None:
    found = answer(model, 20, site=25)
    assert found.maps == ()
    assert found.sentence == (
        "The model has not come to row 4, column 1 yet: point at one that is drawn."
    )


def test_a_drawn_pixel_is_asked_about_as_it_was_when_it_came() -> None:
    model = small("pixelsnail-zigzag")
    site = int(model.order[12])
    then, now = answer(model, 12), answer(model, 40, site=site)
    np.testing.assert_array_equal(then.maps[0].values, now.maps[0].values)
