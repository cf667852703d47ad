"""Other looks of a picture are shown in its place by chance."""

from __future__ import annotations

import torch

from studio.engine.data.variants import Variants

# the first picture has none, the second two, the third one
PICTURES = torch.tensor([0, 10, 20], dtype=torch.uint8).view(-1, 1, 1, 1)
VARIANTS = Variants(
    torch.tensor([11, 12, 21], dtype=torch.uint8).view(-1, 1, 1, 1), torch.tensor([1, 1, 2])
)


def looks(row: int, seed: int = 0) -> torch.Tensor:
    rows = torch.full((3000,), row)
    generator = torch.Generator().manual_seed(seed)
    return VARIANTS.by_chance(PICTURES[rows], rows, generator).flatten()


def test_every_look_of_a_picture_is_as_likely_as_any_other() -> None:
    for row, count in ((0, 1), (1, 3), (2, 2)):
        found, often = looks(row).unique(return_counts=True)
        assert found.tolist() == [10 * row + look for look in range(count)]
        assert ((often / 3000 - 1 / count).abs() < 0.05).all()


def test_a_seed_decides() -> None:
    assert torch.equal(looks(1), looks(1))
    assert not torch.equal(looks(1), looks(1, seed=1))


def test_the_pictures_themselves_are_left_alone() -> None:
    looks(1)
    assert PICTURES.flatten().tolist() == [0, 10, 20]
