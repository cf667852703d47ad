"""Arrays as text: they come back as they were, and a text that lies about its size is refused."""

from __future__ import annotations

import base64
import json
import zlib

import numpy as np
import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.packed import packed, unpacked


@pytest.mark.parametrize("kind", ["bool", "uint8", "float32", "int64"])
@pytest.mark.parametrize("shape", [(3, 5), (0,), (1, 2, 3), ()])
def test_an_array_comes_back_as_it_was(kind: str, shape: tuple[int, ...]):
    array = np.random.default_rng(0).integers(0, 2, shape).astype(kind)
    back = unpacked(json.loads(json.dumps(packed(array))), "It")
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_truth_values_take_a_bit_each():
    known = np.random.default_rng(0).random((1000,)) < 0.5
    assert len(base64.b64decode(packed(known)["data"])) < 150


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "object"},
        {"shape": [-1]},
        {"shape": [3.5]},
        {"shape": [9]},
        {"shape": [1] * 40},
        {"data": "!"},
        {"data": base64.b64encode(b"not compressed").decode()},
        {"data": base64.b64encode(zlib.compress(b"12")).decode()},
        {"data": 3},
    ],
)
def test_what_does_not_agree_with_itself_is_refused(changed: dict):
    with pytest.raises(StudioError, match=r"^It .*\.$"):
        unpacked(packed(np.zeros(8, np.uint8)) | changed, "It")


def test_a_bomb_is_not_unpacked_further_than_it_says():
    bomb = base64.b64encode(zlib.compress(bytes(200 << 20))).decode()
    with pytest.raises(StudioError):
        unpacked({"type": "uint8", "shape": [10], "data": bomb}, "It")


@pytest.mark.parametrize(
    "changed",
    [{"type": ["uint8"]}, {"shape": [0, 10**30]}, {"shape": [0, 2**62]}],
)
def test_a_kind_or_a_shape_that_no_array_has_is_refused(changed: dict):
    with pytest.raises(StudioError, match=r"^It .*\.$"):
        unpacked(packed(np.zeros(0, np.uint8)) | changed, "It")
