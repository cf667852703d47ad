"""Scoring: the figure is the definition of bits/dim, over every image, and data that do not fit are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PIL import Image

from studio.engine import checkpoints
from studio.engine.errors import StudioError
from studio.engine.evaluation import evaluate, evaluate_images, prepared_for
from studio.engine.jobs import CancelToken
from tests.models.zoo import small
from tests.tiny import SETTINGS, SIZE, squares, tiny_checkpoint, tiny_data

IMAGES = torch.from_numpy(squares(130)[:, None])  # more than one batch


def test_bits_per_dim_is_the_mean_negative_log_likelihood_by_the_definition():
    model = small("pixelcnn", (1, SIZE, SIZE), **SETTINGS["pixelcnn"])
    score = evaluate_images(model, IMAGES, None, prepared_for(model))
    assert score is not None
    nats = -float(model.log_prob((IMAGES > 127).long()).double().mean())
    assert score.nats == pytest.approx(nats, rel=1e-5)
    assert score.bits_per_dim == pytest.approx(nats / (64 * math.log(2)), rel=1e-5)
    assert score.examples == 130


def test_a_model_of_classes_is_told_the_labels():
    model = small("gated-pixelcnn-class", (1, SIZE, SIZE), **SETTINGS["gated-pixelcnn-class"])
    labels = torch.arange(130) % 3
    score = evaluate_images(model, IMAGES, labels, prepared_for(model))
    assert score is not None
    x = (IMAGES > 127).long()
    assert score.nats == pytest.approx(-float(model.log_prob(x, labels).mean()), rel=1e-5)
    assert score.nats != pytest.approx(-float(model.log_prob(x).mean()), rel=1e-5)


def test_a_checkpoint_is_scored_on_what_it_learnt_from(tmp_path):
    data = tiny_data(tmp_path, 60)
    model = checkpoints.load(tiny_checkpoint(tmp_path, levels=4, data=str(data), preparation="grey-4"))
    test, train = evaluate(model), evaluate(model, split="train")
    assert test is not None
    assert train is not None
    assert (test.examples, train.examples) == (6, 54)


def test_a_colour_model_is_scored_on_red_green_and_blue(tmp_path):
    np.save(tmp_path / "colours.npy", np.random.default_rng(0).integers(0, 256, (20, SIZE, SIZE, 3), dtype=np.uint8))
    model = small("pixelcnn", (3, SIZE, SIZE), 4, **SETTINGS["pixelcnn"])
    assert prepared_for(model).name == "rgb-4"
    score = evaluate(model, tmp_path / "colours.npy")
    assert score is not None
    assert score.bits_per_dim * SIZE * SIZE * 3 * math.log(2) == pytest.approx(score.nats)


def test_a_grey_model_is_scored_on_the_luminance_of_colours(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (20, SIZE, SIZE, 3), dtype=np.uint8)
    np.save(tmp_path / "colours.npy", colours)
    np.save(tmp_path / "greys.npy", np.stack([np.asarray(Image.fromarray(c).convert("L")) for c in colours]))
    model = checkpoints.load(tiny_checkpoint(tmp_path))
    of_colours, of_greys = evaluate(model, tmp_path / "colours.npy"), evaluate(model, tmp_path / "greys.npy")
    assert of_colours is not None
    assert of_greys is not None
    assert of_colours.nats == of_greys.nats


def test_a_dynamic_figure_is_the_same_every_time(tmp_path):
    grey = tmp_path / "grey.npy"
    np.save(grey, squares() // 2)
    model = checkpoints.load(tiny_checkpoint(tmp_path))
    first, again = (evaluate(model, grey, "train", preparation="dynamic") for _ in range(2))
    assert first is not None
    assert again is not None
    assert first.nats == again.nats


def test_a_cancelled_scoring_has_no_figure():
    model = small("pixelcnn", (1, SIZE, SIZE), **SETTINGS["pixelcnn"])
    token = CancelToken()

    def cancel_at_once(part: float) -> None:
        assert part < 1
        token.cancel()

    assert evaluate_images(model, IMAGES, None, prepared_for(model), cancel_at_once, token) is None


def test_progress_ends_at_one():
    model = small("pixelcnn", (1, SIZE, SIZE), **SETTINGS["pixelcnn"])
    parts: list[float] = []
    evaluate_images(model, IMAGES, None, prepared_for(model), parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"data": "mnist"}, "28"),
        ({"preparation": "grey-5"}, "5 levels"),
        ({"preparation": "sepia"}, "sepia"),
        ({"split": "validation"}, "validation"),
    ],
)
def test_data_that_do_not_fit_are_told_in_a_sentence(tmp_path, arguments, complaint):
    model = checkpoints.load(tiny_checkpoint(tmp_path))
    with pytest.raises(StudioError) as error:
        evaluate(model, **({"data": tiny_data(tmp_path)} | arguments))
    assert complaint in str(error.value)


def test_labels_that_the_model_has_no_class_for_are_refused(tmp_path):
    model = checkpoints.load(tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    with pytest.raises(StudioError, match="The label 4"):
        evaluate(model, tiny_data(tmp_path, classes=5))


def test_a_model_of_classes_wants_labels(tmp_path):
    np.save(tmp_path / "own.npy", squares())
    model = checkpoints.load(tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    with pytest.raises(StudioError, match="labels"):
        evaluate(model, tmp_path / "own.npy")
