"""The shipped emoji: 1,911 colour pictures of 32 x 32 pixels in the ten categories of Unicode, on a
white ground. They are there in two styles, Twemoji and Noto; this data set is of Twemoji alone, see
`emoji_two_styles` for both.

Many emoji are variants of one another: woman, man and person at the same work, the same wheelchair
facing the other way, 24 clock faces, flags that two territories share. A model that has learnt one
knows the other nearly by heart, so a held-out figure is honest only where variants stay together.
Emoji belong to one group where their names in a subcategory differ in gender or direction alone, or
where one, mirrored or not, looks like the other: blurred to 8 x 8, they differ by a root mean
square of less than 14 of 255. The held-out tenth is made of whole groups.

`emoji.tsv` holds a line for each: short name, category, subcategory, and how many skin tones there
are of it. A sheet has a tile for each line; that of Noto has the skin tones after these, line by
line.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data.sources import Found, Source, Wanted
from studio.engine.media.pictures import read_picture
from studio.engine.media.tiles import tiles
from studio.engine.runtime.assets import assets_folder

CATEGORIES = (
    "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink", "Travel & Places",
    "Activities", "Objects", "Symbols", "Flags", "Component",
)  # fmt: skip
SHEETS = {"Twemoji": "twemoji-32.webp", "Noto": "noto-32.webp"}  # by style
_TONED = ("Noto",)  # styles whose sheet has skin tones
NO_LABELS = "The labels of the emoji are their categories: no label file goes with them."
SIDE = 32
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


@dataclass(frozen=True)
class Emoji:
    """tones: how many skin tones there are of it, besides the usual yellow."""

    name: str
    category: int
    subcategory: str
    tones: int


def emoji() -> list[Emoji]:
    """All of them, in the order of the data set before a part is held out."""
    lines = (_folder() / "emoji.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [
        Emoji(name, CATEGORIES.index(category), subcategory, int(tones))
        for name, category, subcategory, tones in rows
    ]


def read_style(style: str, known: list[Emoji]) -> tuple[Tensor, Tensor]:
    """The pictures of a style, uint8 (N, 3, 32, 32), and their skin tones, uint8 (M, 3, 32, 32),
    one emoji after the other; M is 0 where the style has none."""
    sheet = read_picture(_folder() / SHEETS[style], "RGB", odd=Counter())
    tones = sum(one.tones for one in known) if style in _TONED else 0
    whole = torch.from_numpy(tiles(sheet, SIDE, len(known) + tones))
    return whole[: len(known)], whole[len(known) :]


def read_emoji() -> tuple[Tensor, Tensor, Tensor]:
    """Pictures of Twemoji uint8 (N, 3, 32, 32), categories int64 (N,) and groups int64 (N,):
    variants of one emoji share a number."""
    known = emoji()
    pictures, _ = read_style("Twemoji", known)
    return pictures, torch.tensor([one.category for one in known]), groups_of(pictures, known)


def base_name(name: str) -> str:
    """The short name of an emoji without what tells its variants apart:
    woman_running_facing_right -> running."""
    return "-".join(word for word in re.split("[-_]", name) if word not in _VARIANTS)


def groups_of(pictures: Tensor, known: list[Emoji]) -> Tensor:
    """The number of each picture's group, int64 (N,): pictures of one name,
    or that look alike, and theirs in turn."""
    names = [(one.subcategory, base_name(one.name)) for one in known]
    firsts: dict[tuple[str, str], int] = {}
    pairs = [(firsts.setdefault(name, i), i) for i, name in enumerate(names)]
    pairs += torch.nonzero(alike(pictures, pictures)).tolist()
    group = list(range(len(pictures)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = i = group[group[i]]
        return i

    for one, other in pairs:
        group[root(other)] = root(one)
    return torch.tensor([root(i) for i in range(len(pictures))]).unique(return_inverse=True)[1]


def alike(pictures: Tensor, others: Tensor) -> Tensor:
    """Which pictures (N, 3, 32, 32) look like which others (M, 3, 32, 32), mirrored or not: bool
    (N, M).

    Blurred values are rounded down to 64 levels, so that float32 computes with them exactly, and
    the same on every machine.
    """
    one, other = _blurred(pictures), _blurred(others)
    flat, theirs = one.flatten(1), other.flatten(1)
    product = flat @ theirs.T
    # the larger, the nearer
    torch.maximum(product, flat @ other.flip(-1).flatten(1).T, out=product)
    half, their_half = flat.square().sum(1) / 2, theirs.square().sum(1) / 2
    return product > half[:, None] + (their_half - flat.shape[1] * (_ALIKE / 4) ** 2 / 2)


def _blurred(pictures: Tensor) -> Tensor:
    """(N, 3, 8, 8), whole numbers below 64."""
    blocks = pictures.unflatten(2, (-1, _BLOCK)).unflatten(4, (-1, _BLOCK))
    return (blocks.sum((3, 5)) // (4 * _BLOCK**2)).float()


def _folder() -> Path:
    return assets_folder() / "data" / "emoji"


def _read(path: Path, wanted: Wanted) -> Found:
    pictures, categories, groups = read_emoji()
    return Found({"train": (pictures, categories)}, CATEGORIES, groups)


SOURCE = Source(
    "Twemoji: 1,911 emoji in ten categories, 32 x 32, in colour",
    _read,
    name="emoji",
    no_labels=NO_LABELS,
)
