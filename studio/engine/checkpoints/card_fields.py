"""What may stand in a card. Whoever wrote the file may have written anything: a field of another
kind is refused by its name, and texts are made printable and cut short.

Free of torch.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from typing import Any

from studio.engine.runtime.texts import shortened

_LONGEST = 200  # characters of a text
_LONGER = {"why": 1000, "data": 4096, "labels": 4096, "validation": 4096}  # sentences and paths
_MOST = 65536  # entries of a list or a group of fields
_DEEPEST = 6  # lists and groups within each other
_LARGEST = 1e15  # of a number that is shown
_LARGEST_THUMBNAIL = 256  # rows and columns
_LONGEST_THUMBNAIL = 2**19  # characters
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_OF = ("split", "weights")  # among the figures: what they are of


def checked(card: dict[str, Any]) -> dict[str, Any]:
    """The card, fit to be shown; ValueError, which ends "its ..." without a stop, for a field that
    is not what it should be."""
    card = {key: value for key, value in card.items() if value is not None}
    for key in ("metrics", "run_metrics"):  # where a figure was no number, there is none
        if key in card:
            card[key] = _there(card[key])
    picture = {"thumbnail": card.pop("thumbnail", None)}
    for key, value in card.items():
        if key in _KINDS and not _KINDS[key][1](value):
            raise ValueError(f"its {key} is not {_KINDS[key][0]}")
    return {**_tidy(card), **(picture if thumbnail(picture) is not None else {})}


def thumbnail(card: dict[str, Any]) -> bytes | None:
    """The picture in a card, as the bytes of a PNG of at most 256 x 256 pixels; None where it has
    none, or something else in its place."""
    text = card.get("thumbnail")
    if not isinstance(text, str) or len(text) > _LONGEST_THUMBNAIL:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data.startswith(_PNG) or len(data) < len(_PNG) + 8:
        return None
    size = struct.unpack(">II", data[len(_PNG) : len(_PNG) + 8])
    return data if all(0 < side <= _LARGEST_THUMBNAIL for side in size) else None


def _there(value: Any) -> Any:
    """Figures without those that are null."""
    if not isinstance(value, dict):
        return value
    return {key: _there(item) for key, item in value.items() if item is not None}


def _tidy(value: Any, depth: int = 0, most: int = _LONGEST) -> Any:
    """The same value with short and printable texts, of at most so many characters."""
    if isinstance(value, str):
        return shortened(value, most)
    if not isinstance(value, (dict, list)):
        return value
    if len(value) > _MOST or depth == _DEEPEST:
        raise ValueError("its fields are too many")
    if isinstance(value, list):
        return [_tidy(item, depth + 1) for item in value]
    return {
        shortened(key, _LONGEST): _tidy(item, depth + 1, _LONGER.get(key, _LONGEST))
        for key, item in value.items()
    }


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < _LARGEST


def _is_whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < _LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in (2, 3)
        and all(_is_whole(size) and size > 0 for size in value[:1])
        and (value[1:] == [None] or all(_is_whole(size) and size > 0 for size in value))
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_figures(value: Any) -> bool:
    """Numbers by name, groups of them, and what they are of."""
    return isinstance(value, dict) and all(
        _is_text(found) if name in _OF else _is_number(found) or _are_figures(found)
        for name, found in value.items()
    )


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_whole, value.values()))


_TEXT, _NUMBER, _WHOLE = (
    ("a text", _is_text),
    ("a number", _is_number),
    ("a whole number", _is_whole),
)
# what is shown or counted with somewhere; other fields may be anything
_KINDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(
        ("data", "preparation", "conditioning", "why", "date", "machine", "weights"), _TEXT
    ),
    **dict.fromkeys(("precision", "selected_on"), _TEXT),
    **dict.fromkeys(("epochs", "seconds"), _NUMBER),
    **dict.fromkeys(("parameters", "levels"), _WHOLE),
    "autoregressive": ("true or false", lambda value: type(value) is bool),
    "shape": ("a shape", _is_shape),
    "classes": ("a list of names", _are_texts),
    "recipe": ("a group of fields", lambda value: isinstance(value, dict)),
    "versions": ("a group of texts", lambda v: isinstance(v, dict) and _are_texts([*v.values()])),
    "metrics": ("a group of figures", _are_figures),
    "run_metrics": ("a group of figures", _are_figures),
    "learnt_from": ("a group of numbers", _are_counts),
}
