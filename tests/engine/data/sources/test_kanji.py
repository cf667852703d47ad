"""The shipped kanji: what they look like, and what their classes are."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.sources import OTHER
from studio.engine.data.sources.kanji import CLASSES, RADICALS, characters, read_kanji


@pytest.fixture(scope="module")
def kanji() -> Data:
    return open_data("kanji")


def test_they_are_grey_pictures_of_forty_classes(kanji: Data) -> None:
    assert kanji.train.dtype == torch.uint8
    assert kanji.train.shape[1:] == kanji.test.shape[1:] == (1, 32, 32)
    assert len(kanji.train) + len(kanji.validation) + len(kanji.test) == 6416
    assert len(kanji.test) == 641
    assert kanji.class_names == CLASSES
    assert kanji.train_labels is not None
    assert sorted(kanji.train_labels.unique().tolist()) == list(range(40))


def test_their_strokes_are_white_on_black(kanji: Data) -> None:
    assert kanji.train[:, 0, [0, 0, -1, -1], [0, -1, 0, -1]].max() < 128
    assert 0.05 < (kanji.train > 127).float().mean() < 0.35


def test_their_classes_are_the_most_frequent_radicals_and_other() -> None:
    frequent = Counter(c.radical for c in characters() if c.radical).most_common(39)
    assert list(RADICALS) == [radical for radical, _ in frequent]
    assert CLASSES[-1] == OTHER
    labels = {c.radical: c.label for c in characters()}
    assert CLASSES[labels["氵"]] == "water 氵"
    assert CLASSES[labels[""]] == OTHER


def test_a_tile_is_the_character_of_its_line() -> None:
    """One, two and three strokes: 一, 二 and 三 are as many lines across."""
    names = [c.character for c in characters()]
    pictures, _ = read_kanji()
    for strokes, name in enumerate("一二三", 1):
        found = names.index(name)
        assert characters()[found].strokes == strokes
        lines = pictures[found, 0].amax(1) > 127
        begun = lines & ~torch.cat([torch.tensor([False]), lines[:-1]])
        assert int(begun.sum()) == strokes
