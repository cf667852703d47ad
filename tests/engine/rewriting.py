"""Checkpoints that are not as they were saved."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any


def rewrite(path: Path, change: Any) -> None:
    """Change the JSON header of a safetensors file."""
    whole = path.read_bytes()
    (length,) = struct.unpack("<Q", whole[:8])
    header = json.loads(whole[8 : 8 + length])
    header = change(header) or header
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + whole[8 + length :])


def change_card(path: Path, **values: Any) -> None:
    def change(header: dict[str, Any]) -> None:
        card = json.loads(header["__metadata__"]["card"]) | values
        header["__metadata__"]["card"] = json.dumps(card)

    rewrite(path, change)
