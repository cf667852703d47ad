from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.insights import insights
from tests.engine.insights.test_layers import asked
from tests.example_model import NADE, Config
from tests.models.zoo import built, pictures, small
from tests.toy_models import Vocoder, VocoderConfig

FEATURES = insights()["feature-maps"]


def test_every_channel_is_a_small_picture_scaled_to_its_own_range():
    model = small("pixelcnn")
    question = asked(model, pictures(model, 1))
    strongest, *channels = FEATURES.ask(model, question).maps
    features = FEATURES.ask(model, question).arrays["features"]
    assert len(channels) == min(64, len(features))
    assert (strongest.values.min(), strongest.values.max()) == (0, 1)
    for one, values in zip(channels, features, strict=False):
        assert one.values.flat[values.argmax()] == 1
        assert one.values.flat[values.argmin()] == 0


def test_sites_behind_the_one_that_comes_next_are_not_looked_at():
    model = small("transformer")
    answer = FEATURES.ask(model, asked(model, pictures(model, 1), 10))
    shown = np.isfinite(answer.maps[0].values.ravel())
    assert shown[:11].all()
    assert not shown[11:].any()


def test_a_layer_is_chosen_by_its_number_and_named_in_words():
    model = small("transformer", layers=2)
    names = FEATURES.choices(model)["Layer"]
    question = replace(asked(model, pictures(model, 1)), chosen={"Layer": names.index("Block 2")})
    assert FEATURES.ask(model, question).sentence.startswith("Block 2: 64 of 96 channels, ")


def test_of_a_coarser_grid_the_size_is_told():
    model = small("pixelcnn-plus-plus", (1, 8, 8))
    names = FEATURES.choices(model)["Layer"]
    chosen = {"Layer": names.index("Level 1, shrink")}
    answer = FEATURES.ask(model, replace(asked(model, pictures(model, 1)), chosen=chosen))
    assert "on a grid of 4 × 4" in answer.sentence


def test_units_without_a_place_are_refused_in_one_sentence():
    assert FEATURES.refusal(small("made")).count(".") == 1
    assert FEATURES.refusal(small("ardm")) == ""


def test_models_of_others_are_looked_at_too_or_refused() -> None:
    vocoder = Vocoder(VocoderConfig(shape=(1, 40), levels=4))
    assert FEATURES.choices(vocoder)["Layer"] == ("First", "Condition out")
    assert FEATURES.refusal(NADE(Config(shape=(1, 3, 3), hidden=4)))


def test_a_sound_of_any_length_is_looked_at_as_far_as_it_is_there():
    model = built("wavenet", shape=(1, None), dilations=(1, 2), width=4)
    question = asked(small("wavenet", dilations=(1, 2)), pictures(small("wavenet"), 1))
    values, there = np.zeros((1, 50), np.uint8), np.arange(50) < 20
    question = replace(
        question, values=values, there=there, given=there & False, order=np.arange(50)
    )
    shown = np.isfinite(FEATURES.ask(model, question).maps[1].values)
    assert shown.tolist() == [True] * 21 + [False] * 29
