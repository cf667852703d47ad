"""Scoring: the figure is the definition of bits/dim, over every image,
and data that do not fit are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PIL import Image

from models import order_agnostic
from models.autoencoder import Autoencoder
from studio.engine import checkpoints
from studio.engine.data.data_sets import open_data
from studio.engine.data.of_model import prepared_for
from studio.engine.generation.generation import as_autoregressive
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.evaluation import ORDERS, evaluate, evaluate_images, passes
from tests.models.zoo import small, small_of_any_kind
from tests.tiny import CONFIGS, SIZE, squares, tiny_checkpoint, tiny_data

IMAGES = torch.from_numpy(squares(130)[:, None])  # more than one batch


def test_bits_per_dim_is_the_mean_negative_log_likelihood_by_the_definition():
    model = small("pixelcnn", (1, SIZE, SIZE), **CONFIGS["pixelcnn"])
    score = evaluate_images(model, IMAGES, None, prepared_for(model))
    assert score is not None
    nats = -float(model.log_prob((IMAGES > 127).long()).double().mean())
    assert score.nats == pytest.approx(nats, rel=1e-5)
    assert score.bits_per_dim == pytest.approx(nats / (64 * math.log(2)), rel=1e-5)
    assert score.examples == 130


@pytest.mark.parametrize(
    ("name", "each"), [("pixelcnn", 1), ("made-any-order", ORDERS), ("gated-pixelcnn-map", 5)]
)
def test_it_is_known_before_how_many_pictures_go_through_the_network(name, each):
    model = small_of_any_kind(name, (1, SIZE, SIZE), **CONFIGS[name])
    assert passes(model, 130, completions=True) == 130 * each
    assert passes(model, 130, orders=1) == 130


def test_an_autoencoder_is_measured_by_what_it_gives_back_and_has_no_bits_per_dim():
    model = small_of_any_kind("autoencoder", (1, SIZE, SIZE), **CONFIGS["autoencoder"])
    assert isinstance(model, Autoencoder)
    score, again = (evaluate_images(model, IMAGES, None, prepared_for(model)) for _ in range(2))
    assert score is not None
    assert again is not None
    assert score.figures == again.figures, "the noise is the same for every model that is scored"
    params = model.reconstruct((IMAGES > 127).long())
    right = ((params[:, :, 0] > 0) == (IMAGES > 127).flatten(1)).float().mean()
    assert score.figures["plain_pixels_right"] == pytest.approx(float(right), rel=1e-5)
    assert "bits_per_dim" not in score.to_dict()


def test_a_model_of_classes_is_given_the_labels():
    model = small("gated-pixelcnn-class", (1, SIZE, SIZE), **CONFIGS["gated-pixelcnn-class"])
    labels = torch.arange(130) % 3
    score = evaluate_images(model, IMAGES, labels, prepared_for(model))
    assert score is not None
    x = (IMAGES > 127).long()
    assert score.nats == pytest.approx(-float(model.log_prob(x, labels).mean()), rel=1e-5)
    assert score.nats != pytest.approx(-float(model.log_prob(x).mean()), rel=1e-5)


def test_a_model_conditioned_on_what_is_given_is_scored_with_nothing_and_with_each_half(
    tmp_path,
):
    model = as_autoregressive(checkpoints.load(tiny_checkpoint(tmp_path, "gated-pixelcnn-map")))
    data = tiny_data(tmp_path, 60)
    score = evaluate(model, data)
    assert score is not None
    assert score.completion is not None
    x = (open_data(data).test > 127).long()
    assert score.nats == pytest.approx(-float(model.log_prob(x).mean()), rel=1e-5)
    known = torch.zeros(6, SIZE, SIZE, dtype=torch.bool)
    known[:, SIZE // 2 :] = True
    params = model.conditionals(x, model.painted(x, known))
    # of the upper half
    nats = -model.likelihood.log_prob(params, model.sites(x))[:, :32].sum(1).mean()
    assert score.completion["bottom"] == pytest.approx(float(nats) / (32 * math.log(2)), rel=1e-5)
    assert list(score.completion) == ["top", "bottom", "left", "right"]


def test_a_model_of_any_order_is_scored_as_an_ensemble_and_says_of_how_many():
    model = small("made-any-order", (1, SIZE, SIZE), hidden=16)
    score = evaluate_images(model, IMAGES, None, prepared_for(model), orders=3)
    assert score is not None
    x, orders = (IMAGES > 127).long(), order_agnostic.several(model, 3)
    members = torch.stack([model.log_prob(x, order=order) for order in orders])
    assert score.nats == pytest.approx(
        -float((members.logsumexp(0) - math.log(3)).mean()), rel=1e-5
    )
    assert score.orders == 3
    assert score.figures["single_order_bits_per_dim"] == pytest.approx(
        -float(members.mean()) / (64 * math.log(2)), rel=1e-5
    )
    document = score.to_dict()
    assert (document["orders"], document["bits_per_dim"]) == (3, score.bits_per_dim)
    assert document["bits_per_dim"] < document["single_order_bits_per_dim"]
    usual = evaluate_images(model, IMAGES[:2], None, prepared_for(model))
    assert usual is not None
    assert usual.orders == ORDERS


def test_a_model_with_one_order_has_no_ensemble(tmp_path):
    model = checkpoints.load(tiny_checkpoint(tmp_path))
    score = evaluate(model, tiny_data(tmp_path))
    assert score is not None
    assert set(score.to_dict()) == {"bits_per_dim", "nats", "examples", "seconds"}
    with pytest.raises(StudioError, match="not scored as an ensemble"):
        evaluate(model, tiny_data(tmp_path), orders=4)


def test_a_checkpoint_is_scored_on_what_it_learnt_from(tmp_path):
    data = tiny_data(tmp_path, 60)
    model = checkpoints.load(
        tiny_checkpoint(tmp_path, levels=4, data=str(data), preparation="grey-4")
    )
    scores = [evaluate(model, split=split) for split in ("train", "validation", "test")]
    assert [score and score.examples for score in scores] == [52, 2, 6]


def test_a_colour_model_is_scored_on_red_green_and_blue(tmp_path):
    np.save(
        tmp_path / "colours.npy",
        np.random.default_rng(0).integers(0, 256, (20, SIZE, SIZE, 3), dtype=np.uint8),
    )
    model = small("pixelcnn", (3, SIZE, SIZE), 4, **CONFIGS["pixelcnn"])
    assert prepared_for(model).name == "rgb-4"
    score = evaluate(model, tmp_path / "colours.npy")
    assert score is not None
    assert score.bits_per_dim * SIZE * SIZE * 3 * math.log(2) == pytest.approx(score.nats)


def test_a_grey_model_is_scored_on_the_luminance_of_colours(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (20, SIZE, SIZE, 3), dtype=np.uint8)
    np.save(tmp_path / "colours.npy", colours)
    np.save(
        tmp_path / "greys.npy",
        np.stack([np.asarray(Image.fromarray(c).convert("L")) for c in colours]),
    )
    model = checkpoints.load(tiny_checkpoint(tmp_path))
    of_colours, of_greys = (
        evaluate(model, tmp_path / "colours.npy"),
        evaluate(model, tmp_path / "greys.npy"),
    )
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
    model = small("pixelcnn", (1, SIZE, SIZE), **CONFIGS["pixelcnn"])
    token = CancelToken()

    def cancel_at_once(part: float) -> None:
        assert part < 1
        token.cancel()

    assert evaluate_images(model, IMAGES, None, prepared_for(model), cancel_at_once, token) is None


def test_progress_ends_at_one():
    model = small("pixelcnn", (1, SIZE, SIZE), **CONFIGS["pixelcnn"])
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
        ({"split": "practice"}, "practice"),
    ],
)
def test_data_that_do_not_fit_are_reported_in_one_sentence(tmp_path, arguments, complaint):
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
