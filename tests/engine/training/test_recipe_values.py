"""What a person types for a setting is read, checked, and refused in one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.training.recipe_values import check_recipe, read_changes


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
