"""Arrays in a JSON document: type, shape, and the bytes compressed, as text."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.errors import StudioError

MOST_BYTES = 64 << 20  # of an array that is unpacked
_KINDS = {"bool": np.bool_, "uint8": np.uint8, "float32": np.float32, "int64": np.int64}


def packed(array: NDArray[Any]) -> dict[str, Any]:
    """For JSON: truth values take a bit each, others what they are, little-endian, before they are
    compressed."""
    kind = next(name for name, held in _KINDS.items() if array.dtype == held)
    content = np.packbits(array).tobytes() if kind == "bool" else _little(array).tobytes()
    text = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
    return {"type": kind, "shape": list(array.shape), "data": text}


def unpacked(document: Any, what: str) -> NDArray[Any]:
    """The array again; StudioError, one sentence about `what`, for anything else and for one of
    more than `MOST_BYTES`, which is told before it is unpacked."""
    wrong = StudioError(f"{what} cannot be read: it is damaged, or no array.")
    if not isinstance(document, Mapping) or not isinstance(document.get("type"), str):
        raise wrong
    held, shape, text = _KINDS.get(document["type"]), document.get("shape"), document.get("data")
    if held is None or not isinstance(shape, list) or not isinstance(text, str) or len(shape) > 8:
        raise wrong
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in shape):
        raise wrong
    count = math.prod(shape)
    size = -(-count // 8) if held is np.bool_ else count * np.dtype(held).itemsize
    if size > MOST_BYTES or max(shape, default=0) > 8 * MOST_BYTES:  # which 0 times may be
        raise StudioError(f"{what} is larger than {MOST_BYTES >> 20} MiB.")
    try:
        unzip = zlib.decompressobj()
        content = unzip.decompress(base64.b64decode(text, validate=True), size + 1)
    except (zlib.error, binascii.Error, ValueError) as error:
        raise wrong from error
    if len(content) != size:
        raise wrong
    if held is np.bool_:
        bits = np.unpackbits(np.frombuffer(content, np.uint8), count=count)
        return bits.astype(np.bool_).reshape(shape)
    array = np.frombuffer(content, np.dtype(held).newbyteorder("<"))
    return array.astype(held).reshape(shape)


def _little(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
