"""What is shown of a card is short, plain and of the right kind, whatever the card holds."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from studio.engine.checkpoints.tidy import thumbnail, tidied
from studio.engine.checkpoints.words import in_words, learnt_from_in_words

ODD: list[Any] = [
    7,
    10**400,
    float("nan"),
    float("inf"),
    None,
    True,
    {"a": 1},
    ["x", 3, None],
    "<b>bold</b>",
    "a\x00\n\x1b[2J",
    "x" * 2**20,
]
FIELDS = (
    *("model", "data", "preparation", "conditioning", "date", "shape", "classes", "parameters"),
    *("metrics", "learnt_from", "thumbnail", "epochs", "autoregressive"),
)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:12])
def test_an_odd_value_in_any_field_can_be_put_into_words(odd: Any) -> None:
    card = {**dict.fromkeys(FIELDS, odd), "data": "mnist"}
    for given in (card, {**card, "metrics": {"bits_per_dim": odd, "split": odd, "orders": odd}}):
        shown = tidied(given)
        assert len(str(shown)) < 2000
        assert len(in_words(shown.get("metrics"))) < 100
        assert learnt_from_in_words(shown)
        assert thumbnail(given) is None


def test_a_usual_card_loses_nothing_that_is_shown() -> None:
    card = {
        "model": "made",
        "shape": [1, None],
        "classes": ["a", "b"],
        "metrics": {"bits_per_dim": 0.25, "split": "test", "examples": 10},
        "learnt_from": {"train": 5, "validation": 1},
        "parameters": 12,
    }
    assert tidied(card) == card


def picture(size: tuple[int, int], form: str = "PNG") -> str:
    file = io.BytesIO()
    Image.new("L", size, 9).save(file, form)
    return base64.b64encode(file.getvalue()).decode()


def test_a_thumbnail_is_a_png_of_at_most_256_pixels_and_nothing_else() -> None:
    assert thumbnail({"thumbnail": picture((256, 256))}) is not None
    svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
    for text in (picture((257, 2)), picture((2, 2), "GIF"), svg, "no base64", ""):
        assert thumbnail({"thumbnail": text}) is None
