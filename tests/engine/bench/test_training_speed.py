"""The article's loop: what is compared is comparable."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from studio.engine.bench import training_speed
from studio.engine.bench.training_speed import MaskedNetwork, OneByOne, convolves
from studio.engine.runtime.errors import StudioError
from tests.engine.trainings import SMALL, small_recipe
from tests.models.zoo import small
from tests.thorough import thorough_only
from tests.tiny import tiny_data


def test_a_document_says_what_was_measured(tmp_path: Path) -> None:
    recipe = small_recipe("pixelcnn", tiny_data(tmp_path), batch=6)
    row = training_speed.measure("pixelcnn", True, recipe, SMALL["pixelcnn"])
    assert json.loads(json.dumps(row)) == row
    assert row["batch"] == 6
    assert row["times_the_article"] == pytest.approx(
        row["steps_per_second"] / row["article_steps_per_second"]
    )
    assert row["times_the_same_network"] == pytest.approx(
        row["steps_per_second"] / row["same_network_steps_per_second"]
    )
    text = training_speed.as_text(
        {"machine": "a machine", "threads": 1, training_speed.NAME: {"pixelcnn": row}}
    )
    assert f"{row['times_the_article']:.1f}" in text


def test_the_articles_network_has_as_many_weights() -> None:
    network = MaskedNetwork(1, 2, 120_000)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(120_000, rel=0.05)


@pytest.mark.parametrize("levels", [2, 5])
def test_the_articles_network_sees_earlier_pixels_only(levels: int) -> None:
    torch.manual_seed(0)
    network = MaskedNetwork(1, levels, 3_000)
    x = torch.rand(1, 1, 5, 5, requires_grad=True)
    network(x)[0, :, 2, 2].sum().backward()
    assert x.grad is not None
    seen = x.grad.flatten().ne(0)
    assert seen[:12].any()
    assert not seen[12:].any()


def test_its_pictures_are_those_that_the_studio_trains_with() -> None:
    images = torch.arange(0, 252, 7, dtype=torch.uint8).view(1, 1, 6, 6)
    assert torch.equal(OneByOne(images, 2)[0], (images[0] > 127.5).float())
    assert torch.equal((OneByOne(images, 256)[0] * 255).round().to(torch.uint8), images[0])


def test_convolutions_are_found_by_what_is_computed() -> None:
    assert convolves(small("pixelsnail", (1, 3, 3)))
    assert not convolves(small("transformer", (1, 3, 3)))


def test_a_model_without_them_is_refused_in_a_sentence() -> None:
    with pytest.raises(StudioError, match="made has no convolutions"):
        training_speed.run(["made"])
    with pytest.raises(StudioError, match='no model of pictures called "speed"'):
        training_speed.run(["speed"])


@thorough_only
def test_each_family_of_convolutions_is_there_once() -> None:
    assert training_speed.families() == [
        "ardm",
        "gated-pixelcnn",
        "pixelcnn",
        "pixelcnn-plus-plus",
        "pixelcnn-two-stack",
        "pixelrnn-diagonal",
        "pixelrnn-row",
        "pixelsnail",
    ]
