"""What the model sees when it comes to a site, as it is laid over the picture and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import models
from models.interface import AutoregressiveModel
from studio.engine.insights import insights
from studio.engine.insights.question import Answer, Question
from tests.example_model import NADE, Config
from tests.models.zoo import pictures, small

FIELD = insights()["receptive-field"]
SHOW = {word: number for number, word in enumerate(("strength and reach", "strength", "reach"))}


def question(model: AutoregressiveModel, **changes: Any) -> Question:
    values = pictures(model, 1)[0].numpy().astype(np.uint8)
    there = np.ones(model.spec.space, bool)
    asked = Question(values, there, ~there, model.order.numpy(), model.spec.levels)
    return replace(asked, **changes)


def asked(model: AutoregressiveModel, **changes: Any) -> Answer:
    assert not FIELD.refusal(model)
    return FIELD.ask(model, question(model, **changes))


def test_colours_lie_where_the_model_sees_and_nowhere_else() -> None:
    model = small("pixelcnn", (1, 8, 9))
    answer = asked(model, site=40)
    seen = np.isfinite(answer.maps[0].values).ravel()
    assert np.array_equal(seen, model.dependencies()[40].numpy())
    assert answer.site == 40


def test_what_counts_most_has_the_last_colour_and_what_counts_little_the_first() -> None:
    answer = asked(small("pixelcnn", (1, 8, 9)), site=40)
    found, strength = answer.maps[0].values, answer.arrays["strength"]
    assert found.ravel()[strength.argmax()] == pytest.approx(1)
    assert 0.1 < np.nanmin(found) < 0.5


def test_the_reach_alone_is_one_colour() -> None:
    model = small("pixelcnn", (1, 8, 9))
    answer = asked(model, site=40, chosen={"Show": SHOW["reach"]})
    found = answer.maps[0].values
    assert np.unique(found[np.isfinite(found)]).tolist() == [0.5]


def test_the_strength_alone_leaves_out_what_does_not_count_in_this_picture() -> None:
    model = small("pixelcnn", (1, 8, 9), width=2, hidden=1, blocks=1)
    answer = asked(model, site=40, chosen={"Show": SHOW["strength"]})
    counted = answer.arrays["strength"] > 0
    assert np.array_equal(np.isfinite(answer.maps[0].values), counted)
    assert counted.sum() < answer.arrays["reach"].sum()


def test_layer_by_layer_it_grows() -> None:
    model = small("pixelcnn", (1, 9, 9), kernel=3)
    counts = [
        np.isfinite(asked(model, site=67, chosen={"Layers": after}).maps[0].values).sum()
        for after in (1, 2, 3)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_the_layers_have_their_names_behind_all_of_them() -> None:
    words = FIELD.choices(small("pixelcnn", blocks=1))["Layers"]
    assert words == ("all", "1: First", "2: Block 1", "3: Head", "4: Out")


def test_a_model_without_layers_offers_none() -> None:
    assert list(FIELD.choices(small("made"))) == ["Show"]


def test_the_blind_spot_is_counted() -> None:
    model = small("pixelcnn", (1, 20, 20))
    rows = dict(asked(model, site=250).rows)
    seen = int(model.dependencies()[250].sum())
    assert rows["Seen"] == f"{seen} of 250"
    assert rows["Never seen"] == f"{250 - seen}"


def test_the_first_site_sees_nothing() -> None:
    answer = asked(small("pixelcnn"), site=0)
    assert answer.sentence == "It is the first pixel: it sees nothing of the picture."
    assert not np.isfinite(answer.maps[0].values).any()


def test_an_order_agnostic_model_sees_all_that_is_known() -> None:
    model = small("ardm", (1, 8, 8))
    there = np.zeros((8, 8), bool)
    there[7, 2:5] = True
    answer = asked(model, site=3, there=there)
    assert answer.sentence.startswith("It sees every known pixel, wherever it lies: 3 of them")
    assert np.array_equal(np.isfinite(answer.maps[0].values), there)


def test_what_is_given_to_a_model_for_paintings_is_seen_though_it_comes_later() -> None:
    model = small("gated-pixelcnn-map", (1, 6, 6))
    given = np.zeros((6, 6), bool)
    given[5, 1:3] = True
    answer = asked(model, site=14, given=given)
    assert "and 2 later ones that are given" in answer.sentence
    assert np.isfinite(answer.maps[0].values)[5, 1]


class Rounding(NADE):
    def _conditionals(self, x: torch.Tensor, *others: Any) -> torch.Tensor:
        return super()._conditionals(x.detach(), *others)


def test_where_no_gradient_passes_the_reach_is_shown_and_it_is_said() -> None:
    model = Rounding(Config(shape=(1, 3, 3))).requires_grad_(False)
    answer = asked(model, site=4)
    assert "takes no gradient" in answer.sentence
    assert np.isfinite(answer.maps[0].values).sum() == 4


def test_sound_is_sent_to_its_own_page() -> None:
    voice = models.build("wavenet", width=2, skip=2, dilations=(1,))
    assert isinstance(voice, AutoregressiveModel)
    assert "What counts" in FIELD.refusal(voice)
