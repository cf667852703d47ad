"""The emoji in both styles: the same ones held out as of the one, and none that looks like them
there to learn from."""

from __future__ import annotations

import pytest
import torch

from studio.engine.data.data_sets import Data, open_data
from studio.engine.data.sources.emoji import CATEGORIES, alike
from studio.engine.data.sources.emoji_two_styles import CLASSES


@pytest.fixture(scope="module")
def both() -> Data:
    return open_data("emoji-two-styles")


def test_a_class_is_a_style_and_a_category(both: Data) -> None:
    assert both.class_names == CLASSES
    assert CLASSES[0] == "Twemoji Smileys & Emotion"
    assert CLASSES[19] == "Noto Component"
    assert both.train_labels is not None
    assert sorted(both.train_labels.unique().tolist()) == list(range(20))


@pytest.fixture(scope="module")
def one_style() -> Data:
    return open_data("emoji")


@pytest.mark.parametrize("part", ["validation", "test"])
def test_the_same_emoji_are_held_out_as_of_one_style_and_in_both(
    both: Data, one_style: Data, part: str
) -> None:
    images, labels = both.split(part)
    one, categories = one_style.split(part)
    assert labels is not None
    assert categories is not None
    assert torch.equal(images[: len(one)], one)
    assert torch.equal(labels, torch.cat([categories, categories + len(CATEGORIES)]))


def test_nothing_that_is_learnt_from_looks_like_something_held_out(both: Data) -> None:
    held = torch.cat([both.test, both.validation])
    assert not alike(both.train, held).any()
    assert len(both.train) > 3100


def test_a_skin_tone_is_a_variant_of_an_emoji_of_its_style(both: Data) -> None:
    """It has the shape of that emoji: where there is no white, there is none."""
    variants, labels = both.variants, both.train_labels
    assert variants is not None
    assert labels is not None
    assert (labels[variants.of] >= len(CATEGORIES)).all(), "of Noto"
    assert (variants.of.diff() >= 0).all()
    of = both.train[variants.of]
    outline = [(images.amin(1) < 250).flatten(1) for images in (variants.images, of)]
    agree = (outline[0] == outline[1]).float().mean(1)
    assert agree.median() > 0.99
    assert agree.min() > 0.7
    assert not (variants.images == of).flatten(1).all(1).any()


def test_skin_tones_are_no_pictures_more_and_held_out_never(both: Data) -> None:
    assert both.train_labels is not None
    assert len(both.train) == len(both.train_labels)
    people = both.train_labels % len(CATEGORIES) == CATEGORIES.index("People & Body")
    assert people.float().mean() < 0.35
