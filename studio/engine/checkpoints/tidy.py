"""A card as it can be shown. A file may come from anybody: what is of another kind than it should
be is left out, and every text is one short line without control characters. Free of torch.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from typing import Any

from studio.engine.checkpoints.words import data_in_words
from studio.engine.runtime.texts import shortened

_TEXTS = ("model", "data", "preparation", "conditioning", "date", "why", "machine")
_TEXTS_OF_METRICS = ("split", "weights")
_LARGEST_THUMBNAIL = 256  # rows and columns
_LONGEST_THUMBNAIL = 2**19  # characters
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def tidied(card: dict[str, Any]) -> dict[str, Any]:
    """What the library, the inspector and the lists show of a card, by the same names."""
    found: dict[str, Any] = {
        key: shortened(card[key]) for key in _TEXTS if isinstance(card.get(key), str)
    }
    if "data" in found:
        found["data"] = shortened(data_in_words(card))
    if isinstance(card.get("autoregressive"), bool):
        found["autoregressive"] = card["autoregressive"]
    for key in ("parameters", "epochs"):
        if _is_number(card.get(key)):
            found[key] = card[key]
    shape = card.get("shape")
    if isinstance(shape, list) and len(shape) in (2, 3) and all(map(_is_size, shape)):
        found["shape"] = shape
    classes = card.get("classes")
    if isinstance(classes, list):
        found["classes"] = [shortened(name, 40) for name in classes if isinstance(name, str)]
    for key in ("metrics", "learnt_from"):
        if isinstance(card.get(key), dict):
            found[key] = {
                shortened(name, 40): value for name, value in card[key].items() if _is_number(value)
            }
    for key in _TEXTS_OF_METRICS:
        if "metrics" in found and isinstance(text := card["metrics"].get(key), str):
            found["metrics"][key] = shortened(text, 40)
    return found


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


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _is_size(value: Any) -> bool:
    """A number of rows or columns, or the open length of sound."""
    return value is None or (_is_number(value) and value == int(value))
