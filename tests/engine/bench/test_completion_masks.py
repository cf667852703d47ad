"""What is given when completion is measured: fixed, and what its name says."""

from __future__ import annotations

import torch

from models.interface import DataSpec
from studio.engine.bench.completion_masks import fixed_masks

DIGIT = DataSpec((1, 28, 28), 2)


def known() -> dict[str, torch.Tensor]:
    return {mask.name: mask.known for mask in fixed_masks(DIGIT)}


def test_a_half_is_given_and_the_other_is_missing():
    masks = known()
    rows, columns = torch.arange(28)[:, None].expand(28, 28), torch.arange(28).expand(28, 28)
    assert torch.equal(masks["top"], rows < 14)
    assert torch.equal(masks["bottom"], rows >= 14)
    assert torch.equal(masks["left"], columns < 14)
    assert torch.equal(masks["right"], columns >= 14)


def test_a_box_of_14_by_14_is_missing_in_the_middle():
    missing = ~known()["box"]
    assert missing[7:21, 7:21].all()
    assert int(missing.sum()) == 14 * 14


def test_half_of_the_pixels_is_given_at_random_and_always_the_same():
    scattered = known()["random"]
    assert int(scattered.sum()) == 392
    assert torch.equal(scattered, known()["random"])
    assert 0.4 < float(scattered[:14].float().mean()) < 0.6
    assert scattered.flatten().nonzero()[:8].flatten().tolist() == [2, 4, 5, 7, 8, 9, 10, 12]


def test_a_stroke_is_missing_or_the_only_thing_that_is_given():
    masks = known()
    assert torch.equal(masks["stroke"], ~masks["all-but-stroke"])
    assert 40 < int(masks["stroke"].sum()) < 120
    assert masks["stroke"].any(1)[5:23].all(), "it goes down most of the picture"


def test_the_number_of_missing_pixels_is_said():
    assert {mask.name: mask.hidden for mask in fixed_masks(DIGIT)} == {
        name: int((~each).sum()) for name, each in known().items()
    }


def test_there_are_such_masks_of_every_size():
    for mask in fixed_masks(DataSpec((1, 7, 6), 2)):
        assert mask.known.shape == (7, 6)
        assert 0 < mask.hidden < 42, mask.name
