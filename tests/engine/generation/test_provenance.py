"""What a file says of how it was made: what made a difference, and nothing else."""

from __future__ import annotations

import pytest

from studio.engine.generation.provenance import how_it_was_made
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.zoo import small_of_any_kind
from tests.tiny import CONFIGS


def test_usual_options_are_model_seed_and_temperature():
    model = small_of_any_kind("made")
    assert how_it_was_made("my-made", model, SamplingOptions(seed=7)) == {
        "model": "my-made",
        "seed": 7,
        "temperature": 1.0,
    }


def test_what_was_held_back_is_said():
    notes = how_it_was_made("m", small_of_any_kind("made"), SamplingOptions(top_k=5, top_p=0.9))
    assert (notes["top-k"], notes["top-p"]) == (5, 0.9)


def test_pictures_that_are_not_the_first_of_their_seed_say_which():
    notes = how_it_was_made("m", small_of_any_kind("made"), SamplingOptions(first=7))
    assert notes["first"] == 7


@pytest.mark.parametrize(("condition", "name"), [(0, "a"), (2, "c"), (None, None)])
def test_a_class_is_called_by_its_name(condition, name):
    model = small_of_any_kind("gated-pixelcnn-class", **CONFIGS["gated-pixelcnn-class"])
    notes = how_it_was_made("m", model, SamplingOptions(condition=condition))
    assert notes.get("class") == name


def test_there_may_be_more_to_say_and_what_does_not_apply_is_left_out():
    model, options = small_of_any_kind("made"), SamplingOptions()
    notes = how_it_was_made("m", model, options, take=1, kept=None)
    assert notes["take"] == 1
    assert "kept" not in notes


@pytest.mark.parametrize(("decoder", "said"), [("sequential", None), ("parallel", "parallel")])
def test_what_was_not_drawn_pixel_by_pixel_says_how(decoder, said):
    notes = how_it_was_made("m", small_of_any_kind("made"), SamplingOptions(decode=decoder))
    assert notes.get("decoder") == said
