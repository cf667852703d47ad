"""A card may have been written by anybody: what is not as it should be is refused by its name."""

from __future__ import annotations

import base64
import contextlib
import io
import math
import random
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.engine import checkpoints
from studio.engine.checkpoints.card_fields import checked, thumbnail
from studio.engine.checkpoints.cards import read_card
from studio.engine.runtime.errors import StudioError
from tests.engine.rewriting import change_card

SILLY: list[Any] = [
    0, -1, 1, 0.5, 10**8, 10**400, math.nan, math.inf, -math.inf, True, None, "", "x",
    "x" * 10**6, "<b>bold</b>", "\x1b[2J\n\u202e", [], [0], [1, 0, 8], [1.5, 6, 5], [1, 6],
    [1, 6, 5, 4], [1, 3000, 3000], [1, 65536, 65536], [1] * 10**5, [None, None], [[1]],
    {}, {"a": {}}, {"a": "b" * 10**5},
]  # fmt: skip


def png(size: int, form: str = "PNG") -> str:
    file = io.BytesIO()
    Image.new("L", (size, size)).save(file, form)
    return base64.b64encode(file.getvalue()).decode()


def test_a_small_png_is_a_thumbnail() -> None:
    assert checked({"thumbnail": png(256)})["thumbnail"] == png(256)
    assert thumbnail({"thumbnail": png(256)}) == base64.b64decode(png(256))


@pytest.mark.parametrize(
    "text",
    [png(257), png(16, "GIF"), base64.b64encode(b"<svg/>").decode(), "no base64", 3, ["a"]],
)
def test_nothing_else_is(text: Any) -> None:
    assert "thumbnail" not in checked({"thumbnail": text})
    assert thumbnail({"thumbnail": text}) is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("data", 3, "its data is not a text"),
        ("shape", [1, 8.0, 8], "its shape is not a shape"),
        ("shape", [1, 0, 8], "its shape is not a shape"),
        ("levels", "many", "its levels is not a whole number"),
        ("parameters", 10**400, "its parameters is not a whole number"),
        ("metrics", {"bits_per_dim": [1]}, "its metrics is not a group of figures"),
        ("learnt_from", {"train": "all"}, "its learnt_from is not a group of numbers"),
        ("classes", [1, 2], "its classes is not a list of names"),
    ],
)
def test_a_field_of_another_kind_is_named(field: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        checked({field: value})


def test_a_long_name_is_shortened_and_holds_no_control_characters() -> None:
    name = checked({"preparation": "x\x1b" * 10**6})["preparation"]
    assert len(name) <= 200
    assert name.isprintable()


def test_lists_within_lists_without_end_are_refused() -> None:
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ValueError, match="too many"):
        checked({"extra": deep})


def test_a_figure_that_is_no_number_is_left_out(saved: Path) -> None:
    change_card(saved, metrics={"bits_per_dim": math.nan}, epochs=math.inf)
    assert read_card(saved)["metrics"] == {}


def _opened(path: Path) -> None:
    """Open it: it may be refused, and by nothing else than a sentence."""
    began = time.monotonic()
    with contextlib.suppress(StudioError):
        checkpoints.load(path)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("field", ["model", "format", "data", "shape", "levels", "metrics", "why"])
def test_whatever_a_card_says_gives_a_model_or_a_sentence(saved: Path, field: str) -> None:
    whole = saved.read_bytes()
    for value in SILLY:
        change_card(saved, **{field: value})
        _opened(saved)
        saved.write_bytes(whole)


def test_whatever_a_config_says_gives_a_model_or_a_sentence(saved: Path) -> None:
    whole, config = saved.read_bytes(), read_card(saved)["config"]
    for key in [*config, "name", "self", "hair"]:
        for value in SILLY:
            change_card(saved, config={**config, key: value})
            _opened(saved)
            saved.write_bytes(whole)


def test_any_byte_of_the_header_may_be_wrong(saved: Path) -> None:
    whole, chance = saved.read_bytes(), random.Random(0)
    length = int.from_bytes(whole[:8], "little")
    for _ in range(200):
        bad = bytearray(whole)
        for _ in range(chance.choice([1, 1, 4])):
            bad[chance.randrange(8 + length)] = chance.choice(b'0129-,:"[]{}ax\x00\xff')
        saved.write_bytes(bad)
        _opened(saved)
