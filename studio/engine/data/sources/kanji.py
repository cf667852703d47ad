"""The shipped kanji: 6,416 characters of KanjiVG, 32 x 32 pixels, white strokes on black.

The class of a character is its radical, the part that dictionaries list it under: one of the 39
that most characters here have, or "other". Classes are called by what the radical means and by the
radical itself, as "water 氵"; the meaning alone is understood too where a class is asked for.

`characters.tsv` holds a line for each tile of the sheet: the character, its number of strokes, its
radical and the place of the radical; the last two may be empty.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from studio.engine.data.sources import OTHER, Found, Source, Wanted
from studio.engine.media.pictures import read_picture
from studio.engine.media.tiles import tiles
from studio.engine.runtime.assets import assets_folder

SIDE = 32
# the 39 radicals with the most characters, in falling order, and what they mean
RADICALS = {
    "木": "tree", "氵": "water", "艹": "grass", "扌": "hand", "亻": "person", "口": "mouth",
    "糸": "thread", "言": "speech", "金": "metal", "忄": "feeling", "竹": "bamboo", "土": "earth",
    "月": "moon", "虫": "insect", "女": "woman", "日": "sun", "山": "mountain", "魚": "fish",
    "疒": "illness", "石": "stone", "鳥": "bird", "宀": "roof", "足": "foot", "火": "fire",
    "⻖": "hill", "王": "jewel", "衤": "clothes", "辶": "road", "心": "heart", "禾": "grain",
    "⻌": "way", "馬": "horse", "⺨": "beast", "貝": "shell", "車": "cart", "广": "shelter",
    "米": "rice", "目": "eye", "酉": "wine",
}  # fmt: skip
CLASSES = (*(f"{meaning} {radical}" for radical, meaning in RADICALS.items()), OTHER)


@dataclass(frozen=True)
class Character:
    """place: of the radical, as KanjiVG calls it (left, top, nyo, …); it, and the radical, "" where
    there is none."""

    character: str
    strokes: int
    radical: str
    place: str

    @property
    def label(self) -> int:
        """The number of its class."""
        known = list(RADICALS)
        return known.index(self.radical) if self.radical in RADICALS else len(known)


def characters() -> list[Character]:
    """All of them, in the order of the data set before a part is held out."""
    lines = (_folder() / "characters.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return [Character(name, int(strokes), radical, place) for name, strokes, radical, place in rows]


def read_kanji() -> tuple[Tensor, Tensor]:
    """Pictures uint8 (6416, 1, 32, 32) and the numbers of their classes, int64 (6416,)."""
    labels = torch.tensor([character.label for character in characters()])
    sheet = read_picture(_folder() / "sheet-32.webp", "L", odd=Counter())
    return torch.from_numpy(tiles(sheet, SIDE, len(labels))), labels


def _folder() -> Path:
    return assets_folder() / "data" / "kanji"


def _read(path: Path, wanted: Wanted) -> Found:
    return Found({"train": read_kanji()}, CLASSES)


SOURCE = Source(
    "KanjiVG: 6,416 characters, of which 39 radicals are classes, 32 x 32",
    _read,
    name="kanji",
    no_labels="The labels of the kanji are their radicals: no label file goes with them.",
)
