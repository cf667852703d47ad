"""Scores of both stages: what codes keep, how many are used, and how well they are predicted."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from models.interface import Coder
from models.vq_autoencoder import VQAutoencoder
from models.vq_prior import CodePrior
from studio.engine import checkpoints
from studio.engine.data.data_sets import open_data
from studio.engine.data.of_model import prepared_for
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.scoring.code_scoring import encoded, evaluate_codes, usage
from studio.engine.scoring.evaluation import evaluate
from tests.tiny import tiny_checkpoint, tiny_data


@pytest.fixture
def prior(tmp_path: Path) -> CodePrior:
    """Of 4 x 4 codes for grey pictures of 8 x 8."""
    config = {"shape": (1, 4, 4), "coder_channels": 1}
    model = checkpoints.load(tiny_prior(tmp_path, **config))
    assert isinstance(model, CodePrior)
    return model


def tiny_prior(folder: Path, **config: object) -> Path:
    import models

    path = folder / "prior.safetensors"
    tiny = {"width": 8, "layers": 1, "heads": 2, "hidden": 8}
    coder = {"coder_patch": 2, "coder_width": 4, "coder_blocks": 0}
    checkpoints.save(models.build("vq-prior", levels=16, **tiny, **coder, **config), path)
    return path


def test_a_second_stage_is_scored_in_bits_a_code(prior: CodePrior, tmp_path: Path) -> None:
    score = evaluate(prior, tiny_data(tmp_path))
    assert score is not None
    images = open_data(tiny_data(tmp_path), colour=False).test
    codes = prior.encode(images)
    nats = -float(prior.log_prob(codes).mean())
    assert score.nats == pytest.approx(nats, rel=1e-5)
    assert score.figures["bits_per_code"] == pytest.approx(nats / (16 * math.log(2)), rel=1e-5)
    assert "bits_per_dim" not in score.to_dict()
    assert score.examples == 6


def test_a_first_stage_is_scored_by_what_comes_back_and_by_the_codes_it_uses(
    tmp_path: Path,
) -> None:
    model = checkpoints.load(tiny_checkpoint(tmp_path, "vq-autoencoder", 256))
    assert isinstance(model, VQAutoencoder)
    score = evaluate(model, tiny_data(tmp_path))
    assert score is not None
    images = open_data(tiny_data(tmp_path), colour=False).test
    assert score.figures["squared_error"] == pytest.approx(
        float(model.figures(images)["squared_error"].mean()), rel=1e-4
    )
    used = len(model.encode(images).unique()) / 16
    assert score.figures["codes_used"] == pytest.approx(used)
    assert 1 <= score.figures["code_perplexity"] <= 16 * used + 1e-6


def test_codes_that_are_used_alike_count_whole_and_one_alone_counts_as_one() -> None:
    assert usage(torch.arange(8).repeat(3), 8) == pytest.approx(
        {"codes_used": 1.0, "code_perplexity": 8.0}
    )
    assert usage(torch.zeros(5, 1, 2, 2), 8) == pytest.approx(
        {"codes_used": 1 / 8, "code_perplexity": 1.0}
    )


def test_pictures_are_encoded_in_pieces_as_they_are_at_once(prior: CodePrior) -> None:
    images = torch.randint(256, (230, 1, 8, 8), dtype=torch.uint8)
    preparation = prepared_for(prior)
    found = encoded(prior, images, preparation)
    assert found.dtype == torch.uint8
    assert torch.equal(found.long(), prior.encode(preparation.apply(images)))


def test_a_cancelled_scoring_gives_nothing(prior: CodePrior) -> None:
    token = CancelToken()
    token.cancel()
    images = torch.zeros(300, 1, 8, 8, dtype=torch.uint8)
    assert evaluate_codes(prior, images, None, prepared_for(prior), token=token) is None


def test_pictures_of_another_size_are_refused_in_their_own_words(
    tmp_path: Path, prior: CodePrior
) -> None:
    assert isinstance(prior, Coder)
    import numpy as np

    np.savez(tmp_path / "wide.npz", images=np.zeros((40, 8, 12), np.uint8))
    with pytest.raises(StudioError, match="made for 1 x 8 x 8 values of 256 levels"):
        evaluate(prior, tmp_path / "wide.npz")
