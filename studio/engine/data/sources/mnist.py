"""The shipped MNIST: 60,000 training images, of which the last
5,000 are for validation, and 10,000 test images."""

from __future__ import annotations

from pathlib import Path

from studio.engine.data.sources import Found, Source, Wanted
from studio.engine.data.sources.idx_files import read_idx_parts
from studio.engine.runtime.assets import assets_folder

_VALIDATION = 5_000  # the last ones of the training images
_DIGITS = tuple("0123456789")


def _read(path: Path, wanted: Wanted) -> Found:
    file = assets_folder() / "data" / "mnist" / "train-images-idx3-ubyte.gz"
    parts = read_idx_parts(file, wanted)
    images, digits = parts["train"]
    assert digits is not None
    parts["train"] = images[:-_VALIDATION], digits[:-_VALIDATION]
    parts["validation"] = images[-_VALIDATION:], digits[-_VALIDATION:]
    return Found(parts, _DIGITS, label_source=wanted.labels or file)


SOURCE = Source("MNIST: drawn digits, 28 x 28, grey", _read, name="mnist")
