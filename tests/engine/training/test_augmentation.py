"""Training pictures are changed a little each time, by as much as was asked for and no more."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import models
from models.recipe import Recipe
from studio.engine.data.sources.kanji import read_kanji
from studio.engine.training.augmentation import Augmentation


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def dots(count: int = 64, side: int = 33) -> Tensor:
    """The same picture many times: a block of 3 x 3 white pixels in the middle of black ones."""
    images = torch.zeros(count, 1, side, side, dtype=torch.uint8)
    middle = side // 2
    images[:, :, middle - 1 : middle + 2, middle - 1 : middle + 2] = 255
    return images


def centres(images: Tensor) -> Tensor:
    """Where the light of each picture lies, (B, 2), from its middle, in pixels."""
    height, width = images.shape[-2:]
    light = images[:, 0].double()
    rows = torch.arange(height) - (height - 1) / 2
    columns = torch.arange(width) - (width - 1) / 2
    whole = light.sum((1, 2))
    return torch.stack(
        [(light.sum(2) * rows).sum(1) / whole, (light.sum(1) * columns).sum(1) / whole], 1
    )


def test_what_is_not_asked_for_changes_nothing() -> None:
    images = dots()
    assert Augmentation().apply(images, generator()) is images


def test_pictures_are_moved_each_in_its_own_way_and_not_too_far() -> None:
    moved = centres(Augmentation(shift=3).apply(dots(), generator()))
    assert moved.abs().max() <= 3.05
    assert moved.abs().max() > 2.5
    assert len(moved.round(decimals=3).unique(dim=0)) > 60


def test_pictures_are_turned_about_their_middle() -> None:
    images = torch.zeros(64, 1, 32, 32, dtype=torch.uint8)
    images[:, :, 15:17, 2:30] = 255  # a line across
    turned = Augmentation(rotation=90).apply(images, generator())
    assert centres(turned).abs().max() < 0.2
    upright = (turned[:, 0].float().amax(2) > 127).sum(1)  # how many rows each line meets
    assert upright.max() > 20
    assert upright.min() < 8


def test_an_oblong_picture_is_turned_without_being_squeezed() -> None:
    images = torch.zeros(32, 1, 32, 64, dtype=torch.uint8)
    images[:, :, 12:20, 28:36] = 255  # a square stays one whichever way it is turned
    area = Augmentation(rotation=180).apply(images, generator()).float().sum((1, 2, 3)) / 255
    assert torch.allclose(area, torch.tensor(64.0), rtol=0.06)


def test_pictures_are_made_larger_or_smaller() -> None:
    images = torch.zeros(64, 1, 32, 32, dtype=torch.uint8)
    images[:, :, 8:24, 8:24] = 255
    size = (Augmentation(zoom=0.5).apply(images, generator()).float().sum((1, 2, 3)) / 255).sqrt()
    assert 16 / 1.52 <= size.min() < 13
    assert 20 < size.max() <= 16 * 1.52


def test_strokes_become_thicker_or_thinner_by_less_than_a_pixel_on_each_side() -> None:
    images = dots()
    changed = Augmentation(stroke=1.0).apply(images, generator())
    light = changed.float().sum((1, 2, 3)) / 255
    assert light.min() < 4
    assert light.max() > 20
    assert light.min() >= 1
    assert light.max() <= 25


def ring(images: Tensor) -> Tensor:
    """The pixels at the edge of each picture of one channel, (B, N)."""
    inside = torch.zeros(images.shape[-2:], dtype=torch.bool)
    inside[1:-1, 1:-1] = True
    return images[:, 0, ~inside]


@pytest.fixture(scope="module")
def kanji() -> tuple[Tensor, Tensor]:
    """Some real characters, and how the recipe changes them."""
    images = read_kanji()[0][::8]
    recipe = models.recipe("gated-pixelcnn", "kanji")
    return images, Augmentation.of(recipe).apply(images, generator())


def test_changed_characters_are_cut_by_the_edge_no_more_often_than_real_ones(
    kanji: tuple[Tensor, Tensor],
) -> None:
    real, changed = ((ring(images) > 127).double().mean() for images in kanji)
    assert changed <= real


def test_changed_characters_have_as_much_ink_as_real_ones(kanji: tuple[Tensor, Tensor]) -> None:
    real, changed = ((images > 127).double().mean() for images in kanji)
    assert changed / real == pytest.approx(1, abs=0.15)


def test_what_stands_on_a_plain_ground_stays_inside_however_far_it_is_moved() -> None:
    images = torch.zeros(64, 1, 32, 32, dtype=torch.uint8)
    images[:, :, 20:29, 4:28] = 255  # three pixels from the lower edge
    moved = Augmentation(shift=8, rotation=20, zoom=0.5).apply(images, generator())
    assert ring(moved).max() < 64
    assert (moved[:, 0, -2] > 127).any()  # and up to there it is moved


def test_a_picture_without_a_plain_ground_is_moved_over_its_edge() -> None:
    slope = torch.arange(0, 256, 8, dtype=torch.uint8).expand(64, 1, 32, 32).contiguous()
    moved = Augmentation(shift=4).apply(slope, generator())[:, 0, 16].float()
    assert ((moved[:, 16] - 128).abs() > 24).any()
    assert moved[:, 0].max() > 24
    assert moved[:, -1].min() < 224


def test_thick_strokes_leave_the_gaps_between_them_open() -> None:
    images = torch.zeros(64, 1, 32, 32, dtype=torch.uint8)
    images[:, :, 4:28, 6:26:2] = 255  # strokes of one pixel, one pixel apart
    thicker = Augmentation(stroke=1.0).apply(images, generator())
    assert (thicker[:, :, 6:26, 7:25:2] == 0).all()
    assert (thicker[:, :, 16, 5] > 200).any()  # to the outside they do grow


def test_thin_strokes_do_not_break() -> None:
    images = torch.zeros(64, 1, 32, 32, dtype=torch.uint8)
    images[:, :, 4:28, 16] = 255
    thinner = Augmentation(stroke=1.0).apply(images, generator())
    assert (thinner[:, :, 4:28, 16] == 255).all()


@pytest.mark.parametrize("value", [0, 90, 255])
def test_a_plain_picture_stays_as_it_is_to_its_edges(value: int) -> None:
    plain = torch.full((8, 3, 16, 16), value, dtype=torch.uint8)
    whole = Augmentation(True, shift=4, rotation=30, zoom=0.3, stroke=1.0)
    assert torch.equal(whole.apply(plain, generator()), plain)


def test_the_generator_decides_and_nothing_else() -> None:
    whole = Augmentation(True, shift=2, rotation=10, zoom=0.1, stroke=0.5)
    first, again, other = (whole.apply(dots(), generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_recipe_says_how_far() -> None:
    recipe = Recipe(flip=True, shift=1, rotation=2, zoom=0.3, stroke=0.4)
    assert Augmentation.of(recipe) == Augmentation(True, 1, 2, 0.3, 0.4)
    assert Augmentation.of(Recipe()) == Augmentation()
