"""The card of a checkpoint: what it is and how it was made, as JSON in the header of its
safetensors file.

Reading a card takes neither torch nor the weights, so that a library of hundreds shows at once. The
checks of a file are made here too: a pickle, a file cut short, a foreign one or one of a later
format is told apart by its first bytes.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from studio.engine.checkpoints.card_fields import checked
from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason

SUFFIX = ".safetensors"
# Goes up when an older studio could no longer read what a newer one writes. A checkpoint says the
# lowest that it needs: 1, or 2 where its weights are packed (`studio.engine.checkpoints.packing`).
FORMAT = 2
KEY = "card"
# plain ones by their protocol, and those in an archive
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")
_LARGEST_HEADER = 16 * 2**20
_REQUIRED = {"format": int, "model": str, "config": dict}


def shipped() -> dict[str, Path]:
    """The checkpoints that come with the studio, by name."""
    found = {path.stem: path for path in (assets_folder() / "checkpoints").glob(f"*{SUFFIX}")}
    return dict(sorted(found.items()))


def read_card(path: str | Path) -> dict[str, Any]:
    """The card of the checkpoint at a path; StudioError, one sentence, where it is no whole
    checkpoint of the studio."""
    return read_header(path)[0]


def read_header(path: str | Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The card, and what the file says of each tensor by its name: "shape" and "dtype". StudioError
    as `read_card`."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            start = file.read(8)
            size = path.stat().st_size
            if path.suffix.lower() in (".npy", ".npz"):
                raise StudioError(
                    f'"{path}" is a NumPy file, not a checkpoint: `studio train --data` can learn'
                    " from it."
                )
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            # the length of a header, 640 bytes say, may begin like a pickle, and is smaller
            if not 2 <= length <= _LARGEST_HEADER and start.startswith(_PICKLES):
                raise StudioError(
                    f'"{path}" is a pickle, which can run code when it is opened: only safetensors'
                    " checkpoints are loaded."
                )
            if size < 8 or (length <= _LARGEST_HEADER and size < 8 + length):
                raise StudioError(f'"{path}" is cut short: it ends after {size:,} bytes.')
            if not 2 <= length <= _LARGEST_HEADER:
                raise StudioError(f'"{path}" is not a safetensors checkpoint.')
            header = json.loads(file.read(length))
    except FileNotFoundError:
        raise StudioError(f'There is no checkpoint "{path}".') from None
    except OSError as error:
        raise StudioError(f'"{path}" could not be read: {reason(error)}.') from error
    except (ValueError, RecursionError):
        raise StudioError(f'"{path}" is not a safetensors checkpoint.') from None
    _check_length(path, header, size - 8 - length)
    return _card(path, header), {k: v for k, v in header.items() if k != "__metadata__"}


def _check_length(path: Path, header: Any, found: int) -> None:
    try:
        ends = [
            entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"
        ]
        expected = max(ends, default=0)
        if not isinstance(expected, int):
            raise TypeError
    except (AttributeError, KeyError, IndexError, TypeError):
        raise StudioError(f'"{path}" is not a safetensors checkpoint.') from None
    if found < expected:
        raise StudioError(
            f'"{path}" is cut short: {found:,} of {expected:,} bytes of weights are there.'
        )


def _card(path: Path, header: dict[str, Any]) -> dict[str, Any]:
    metadata = header.get("__metadata__")
    text = metadata.get(KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise StudioError(
            f'"{path}" holds weights, but not a model of this studio: it has no card.'
        )
    try:
        # what is no number is as good as nothing
        card = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        card = None
    if not isinstance(card, dict) or any(
        type(card.get(key)) is not kind for key, kind in _REQUIRED.items()
    ):
        raise StudioError(f'The card of "{path}" is damaged.')
    if card["format"] > FORMAT:
        raise StudioError(
            f'"{path}" was made by a newer studio (format {card["format"]}, known here up to'
            f" {FORMAT}): update this one."
        )
    try:
        return checked(card)
    except (ValueError, RecursionError) as error:
        raise StudioError(f'The card of "{path}" is damaged: {error}.') from None
