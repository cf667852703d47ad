"""What is known of a setting stands beside it as data: what it means, and what it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pytest

import models
from models.interface import ModelConfig
from models.recipe import Recipe
from models.settings import as_text, check, setting, settings_of


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(8, "Channels of the stream", unit="channels", range=(1, 64))
    names: tuple[str, ...] = ()
    rate: float = field(default=0.5, metadata={"colour": "red"})


def test_a_field_says_what_it_means_and_what_it_may_be() -> None:
    width = settings_of(Config)["width"]
    assert (width.help, width.unit, width.range) == ("Channels of the stream", "channels", (1, 64))
    assert width.limits == "channels, 1 to 64"
    assert width.wanted == "a whole number"
    assert width.title == "Width"


def test_a_field_that_is_declared_anew_keeps_what_its_base_class_says_of_it() -> None:
    shape = settings_of(Config)["shape"]
    assert "rows and columns" in shape.help
    assert shape.wanted == "3 whole numbers with commas between"


def test_a_field_that_says_nothing_has_a_name_and_a_type_all_the_same() -> None:
    rate = settings_of(Config)["rate"]
    assert (rate.title, rate.help, rate.limits, rate.wanted) == ("Rate", "", "", "a number")


@pytest.mark.parametrize("name", models.available())
def test_every_setting_of_a_shipped_model_says_what_it_means(name: str) -> None:
    known = settings_of(type(models.registry.variant(name).defaults))
    assert not [key for key, spec in known.items() if not spec.help]


def test_every_setting_of_a_recipe_says_what_it_means() -> None:
    assert all(spec.help for spec in settings_of(Recipe).values())


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("pixelcnn", {"shape": (8,)}, "shape is 8, but it takes 3 whole numbers"),
        ("pixelcnn", {"shape": 8}, "shape is 8, but it takes 3 whole numbers"),
        ("pixelcnn", {"kernel": 4}, "kernel is 4, but must be odd"),
        ("pixelcnn", {"width": 0}, "width is 0, but must lie between 1 and 4,096"),
        ("pixelcnn", {"width": 1.5}, "width is 1.5, but it takes a whole number"),
        ("transformer", {"heads": 0}, "heads is 0"),
        ("transformer", {"heads": 5}, "width 96 is not a multiple of heads 5"),
        ("transformer", {"location": "moon"}, "location is 'moon'; it can be pixel"),
        ("gated-pixelcnn", {"dilations": (1, 0)}, "dilations is 1, 0, but each of them must lie"),
        ("wavenet-pixels", {"dilations": ()}, "dilations has 0 values, but takes 1 to 256"),
        ("wavenet", {"shape": (1,)}, "shape has 1 values"),
        ("made", {"hidden": 100_000_000}, "hidden is 100000000"),
        ("made", {"any_order": 1}, "any_order is 1, but it takes true or false"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_in_a_sentence(
    name: str, values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        models.build(name, **values)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"betas": (0.9,)}, "betas is 0.9, but it takes 2 numbers"),
        ({"rate": math.nan}, "rate is nan, but must lie between 0 and 10"),
        ({"batch": 2.5}, "batch is 2.5, but it takes a whole number"),
        ({"flip": "often"}, "flip is often, but it takes true or false"),
        ({"window": 0}, "window is 0, but must lie between 0.001 and 600"),
    ],
)
def test_a_recipe_that_cannot_be_used_is_refused_in_a_sentence(
    values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        check(Recipe(**values))


def test_a_whole_number_is_a_number_and_truth_is_none() -> None:
    assert Config(rate=1).rate == 1
    with pytest.raises(ValueError, match="rate is true"):
        Config(rate=True)


def test_values_are_written_as_a_person_would() -> None:
    values = [True, 3, 0.002, 1e-4, (1, 2, 4), (0.9, 0.98), "muon", ()]
    written = ["true", "3", "0.002", "0.0001", "1, 2, 4", "0.9, 0.98", "muon", ""]
    assert [as_text(value) for value in values] == written
