"""What a person types for a setting is read, checked, and refused in one sentence that names it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import models
from models.recipe import Recipe
from models.settings import settings_of
from studio.engine.runtime import costs
from studio.engine.runtime.errors import StudioError
from studio.engine.training.recipe_values import check_recipe, read_changes
from tests.thorough import THOROUGH, some_of


def test_settings_are_split_into_recipe_and_configuration() -> None:
    recipe, config = read_changes(
        "gated-pixelcnn", {"epochs": "0.5", "dilations": "1, 2", "width": "16", "data": "x"}
    )
    assert (recipe.epochs, recipe.data) == (0.5, "x")
    assert config == {"dilations": (1, 2), "width": 16}
    assert read_changes("made", {"any_order": "true"})[1] == {"any_order": True}
    with pytest.raises(StudioError, match=r'no setting "size".*epochs.*width'):
        read_changes("gated-pixelcnn", {"size": "3"})
    with pytest.raises(StudioError, match='"many" does not fit epochs: it takes a number'):
        read_changes("gated-pixelcnn", {"epochs": "many"})
    with pytest.raises(StudioError, match='There is no model "gpt"'):
        read_changes("gpt", {})


def test_an_open_length_is_written_as_none() -> None:
    assert read_changes("wavenet", {"shape": "1, None"})[1] == {"shape": (1, None)}


@pytest.mark.parametrize(
    ("name", "key", "text", "sentence"),
    [
        ("pixelcnn", "shape", "8", "shape is 8, but it takes 3 whole numbers with commas between."),
        ("pixelcnn", "kernel", "4", "kernel is 4, but must be odd"),
        ("pixelcnn", "width", "0", "width is 0, but must lie between 1 and 4,096."),
        ("transformer", "heads", "0", "heads is 0, but must lie between 1 and 256."),
        ("gated-pixelcnn", "dilations", "0", "dilations is 0, but each of them must lie"),
        ("wavenet", "dilations", "", "dilations has 0 values, but takes 1 to 256."),
        ("wavenet", "dilations", "1,x", "it takes a list of whole numbers, such as 1,2,4."),
        ("made", "hidden", "100000000", "hidden is 100000000, but must lie between 1 and 65,536."),
        ("made", "any_order", "maybe", '"maybe" does not fit any_order: it takes true or false.'),
        ("made", "betas", "0.9", "betas is 0.9, but it takes 2 numbers with commas between."),
        ("made", "rate", "nan", "rate is nan, but must lie between 0 and 10."),
        ("made", "seed", "-1", "seed is -1, but must lie between 0 and"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(
    name: str, key: str, text: str, sentence: str
) -> None:
    with pytest.raises(StudioError) as refused:
        check_recipe(read_changes(name, {key: text})[0])
    assert sentence in str(refused.value)


def test_a_number_may_have_a_decimal_comma_and_a_list_keeps_its_own() -> None:
    recipe, config = read_changes("gated-pixelcnn", {"rate": "0,001", "dilations": "1,2"})
    assert recipe.rate == 0.001
    assert config["dilations"] == (1, 2)


def test_a_path_may_begin_at_home() -> None:
    recipe, _ = read_changes("pixelcnn", {"data": "~/digits.npz", "start": "~/mine.safetensors"})
    assert Path(recipe.data) == Path.home() / "digits.npz"
    assert Path(recipe.start or "") == Path.home() / "mine.safetensors"


SILLY = [
    "", "0", "-1", "1", "0.5", "nan", "inf", "1e400", "100000000", "9" * 5000, "text", "x" * 10**5,
    "true", "1,2,3,4,5,6,7,8,9", "0,0,0", "1,0,8", "8,8", "none", "1,none", "1,none,3", "2,8,8",
    "1,1,1", "1,3000,3000", "1,65536,65536", ",".join(["1"] * 10**5), "\x00", "0x10",
]  # fmt: skip


@pytest.mark.parametrize("name", some_of(models.available(), conditions=False))
def test_whatever_is_typed_for_a_setting_gives_a_model_within_bounds_or_one_sentence(
    name: str,
) -> None:
    keys = {*settings_of(type(models.registry.variant(name).defaults))}
    if name == "made":  # a recipe is the same for all
        keys |= settings_of(Recipe).keys() - {"config"}
    for number, key in enumerate(sorted(keys)):
        for text in SILLY if THOROUGH else SILLY[number % 8 :: 8]:
            began = time.monotonic()
            try:
                recipe, config = read_changes(name, {key: text})
                check_recipe(recipe)
            except StudioError as error:
                refused: str | None = str(error)
            else:
                refused = None
                size = costs.weights(name, {**recipe.config, **config})
                assert size < 2**50, (key, text)
            assert refused is None or (len(refused) < 600 and refused.isprintable()), (key, text)
            assert time.monotonic() - began < 20, (key, text)


@pytest.mark.parametrize(
    ("name", "key", "text", "sentence"),
    [
        (
            "gated-pixelcnn",
            "dilations",
            ",".join(["1"] * 300),
            "has 300 values, but takes 0 to 256",
        ),
        ("autoencoder", "hidden", ",".join(["1"] * 65), "has 65 values, but takes 0 to 64"),
        (
            "pixelsnail",
            "shape",
            "1,65536,65536",
            "4,294,967,296 values, and 16,777,216 are the most",
        ),
        ("pixelsnail", "residuals", "64", ""),
        ("pixelsnail", "attentions", "64", ""),
        ("wavenet", "sample_rate", "-5", "sample_rate is -5, but must lie between 1 and 768,000"),
        ("wavenet", "shape", "1,none,3", "shape is 1, None, 3, but sound of any length is 1, none"),
        ("made", "betas", "2,3", "betas is 2, 3, but each of them must lie between 0 and 0.999999"),
        ("made", "optimiser", "hope", "no optimiser"),
    ],
)
def test_lists_and_products_have_their_bounds_too(
    name: str, key: str, text: str, sentence: str
) -> None:
    try:
        check_recipe(read_changes(name, {key: text})[0])
        said = ""
    except StudioError as error:
        said = str(error)
    assert sentence in said
    assert bool(said) == bool(sentence)


def test_what_a_run_was_trained_with_stays_but_for_what_is_changed() -> None:
    like = (Recipe(rate=0.01, epochs=7), {"hidden": 8, "shape": [1, 4, 4], "levels": 2})
    recipe, config = read_changes("made", {"epochs": "3", "any_order": "true"}, like)
    assert (recipe.rate, recipe.epochs) == (0.01, 3)
    assert config == {"hidden": 8, "shape": [1, 4, 4], "levels": 2, "any_order": True}


def test_what_the_data_said_does_not_go_along_to_other_data() -> None:
    kept = {"head": 8, "shape": [1, 4, 4], "levels": 2, "classes": 2, "class_names": ["a", "b"]}
    recipe, config = read_changes("gated-pixelcnn-class", {"data": "x"}, (Recipe(), kept))
    assert (recipe.data, recipe.conditional, config) == ("x", True, {"head": 8})


def test_epochs_that_are_asked_for_take_the_place_of_minutes() -> None:
    like: tuple[Recipe, dict[str, Any]] = (Recipe(minutes=20.0), {})
    assert read_changes("made", {"epochs": "3"}, like)[0].minutes == 0
    assert read_changes("made", {"rate": "0.1"}, like)[0].minutes == 20
