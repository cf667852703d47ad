"""The shipped emoji: Twemoji, 1,911 colour pictures of 32 x 32 pixels in the ten categories of
Unicode, on a white ground.

Many emoji are variants of one another: woman, man and person at the same work, the same wheelchair
facing the other way, 24 clock faces, flags that two territories share. A model that has learnt one
knows the other nearly by heart, so a held-out figure is honest only where variants stay together.
Emoji belong to one group where their names in a subcategory differ in gender or direction alone, or
where one, mirrored or not, looks like the other: blurred to 8 x 8, they differ by a root mean
square of less than 14 of 255. The held-out tenth is made of whole groups.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from studio.engine.data.sources import Found, Source, Wanted
from studio.engine.media.pictures import read_picture
from studio.engine.runtime.assets import assets_folder

CATEGORIES = (
    "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places",
    "Activities", "Objects", "Symbols", "Flags", "Component",
)  # fmt: skip
SIDE = 32
_PITCH = SIDE + 2  # a tile of the sheet has an edge of one pixel all round
_BLOCK = 4  # pixels of each side that are blurred into one
_ALIKE = 14.0  # of 255: see above
_VARIANTS = frozenset(
    [
        "woman",
        "man",
        "person",
        "women",
        "men",
        "people",
        "female",
        "male",
        "girl",
        "boy",
        "facing",
        "left",
        "right",
    ]
)


def read_emoji() -> tuple[Tensor, Tensor, Tensor]:
    """Pictures uint8 (N, 3, 32, 32), categories int64 (N,) and groups int64 (N,): variants of one
    emoji share a number."""
    folder = assets_folder() / "data" / "emoji"
    entries = json.loads((folder / "emoji.json").read_text())
    pictures = _tiles(
        folder / "sheet-32.png", [(entry["sheet_y"], entry["sheet_x"]) for entry in entries]
    )
    categories = torch.tensor([CATEGORIES.index(entry["category"]) for entry in entries])
    names = [(entry["subcategory"], base_name(entry["short_name"])) for entry in entries]
    return pictures, categories, _groups(pictures, names)


def base_name(name: str) -> str:
    """The short name of an emoji without what tells its variants apart:
    woman_running_facing_right -> running."""
    return "-".join(word for word in re.split("[-_]", name) if word not in _VARIANTS)


def _tiles(sheet: Path, places: list[tuple[int, int]]) -> Tensor:
    """The tiles at (row, column) of a sheet, on white, uint8 (N, 3, 32, 32)."""
    pixels = read_picture(sheet, "RGB", odd=Counter())
    rows, columns = (size // _PITCH for size in pixels.shape[:2])
    grid = pixels[: rows * _PITCH, : columns * _PITCH].reshape(rows, _PITCH, columns, _PITCH, 3)
    y, x = np.array(places).T
    tiles = grid[y, 1:-1, x, 1:-1]  # (N, 32, 32, 3)
    return torch.from_numpy(np.ascontiguousarray(tiles.transpose(0, 3, 1, 2)))


def _groups(pictures: Tensor, names: list[tuple[str, str]]) -> Tensor:
    """The number of each picture's group, int64 (N,): pictures of one name,
    or that look alike, and theirs in turn."""
    firsts: dict[tuple[str, str], int] = {}
    pairs = [(firsts.setdefault(name, i), i) for i, name in enumerate(names)]
    pairs += torch.nonzero(_look_alike(pictures)).tolist()
    group = list(range(len(pictures)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = i = group[group[i]]
        return i

    for one, other in pairs:
        group[root(other)] = root(one)
    return torch.tensor([root(i) for i in range(len(pictures))]).unique(return_inverse=True)[1]


def _look_alike(pictures: Tensor) -> Tensor:
    """Which pictures are alike, mirrored or not: bool (N, N).

    Blurred values are rounded down to 64 levels, so that float32 computes with them exactly, and
    the same on every machine.
    """
    # (N, 3, 8, 8)
    blurred = pictures.unflatten(2, (-1, _BLOCK)).unflatten(4, (-1, _BLOCK)).sum((3, 5)) // (
        4 * _BLOCK**2
    )
    flat, mirrored = blurred.flatten(1).float(), blurred.flip(-1).flatten(1).float()
    product = flat @ flat.T
    torch.maximum(product, flat @ mirrored.T, out=product)  # the larger, the nearer
    half = flat.square().sum(1) / 2
    return product > half[:, None] + (half - flat.shape[1] * (_ALIKE / 4) ** 2 / 2)


def _read(path: Path, wanted: Wanted) -> Found:
    pictures, categories, groups = read_emoji()
    return Found({"train": (pictures, categories)}, CATEGORIES, groups)


SOURCE = Source(
    "Twemoji: 1,911 emoji in ten categories, 32 x 32, in colour",
    _read,
    name="emoji",
    no_labels="The labels of the emoji are their categories: no label file goes with them.",
)
