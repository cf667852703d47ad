"""Trainings of both stages: an autoencoder, and from its checkpoint a model of its codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import models
from models.interface import Coder, TwoStageModel
from models.vq_prior import CodePrior
from studio.engine import checkpoints
from studio.engine.checkpoints.cards import read_card
from studio.engine.runtime.errors import StudioError
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from studio.engine.training.two_stages import CodeSource, first_stage
from tests.engine.trainings import StopAt, done, small_recipe, trained
from tests.thorough import thorough_only
from tests.tiny import tiny_checkpoint

TINY: dict[str, Any] = {"width": 8, "layers": 1, "heads": 2, "hidden": 8, "dropout": 0.0}


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """An autoencoder of colour pictures of 8 x 8: 4 x 4 codes, 16 of them."""
    return tiny_checkpoint(tmp_path, "vq-autoencoder", 256, channels=3, preparation="rgb-256")


def prepared(data: Path, folder: Path, start: Path | str, **changes: Any) -> Trainer:
    recipe = small_recipe("vq-prior", data).with_changes(
        **{"start": str(start), "conditional": False, "flip": False, **changes}
    )
    run = Run.create("vq-prior", folder / "run")
    return Trainer("vq-prior", recipe, TINY, run, torch.device("cpu"))


def test_it_learns_the_codes_of_the_autoencoder_and_leaves_that_as_it_was(
    blots: Path, tmp_path: Path, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.engine.trainings.SMALL", {"vq-prior": TINY})
    job = trained(
        "vq-prior", blots, tmp_path / "run", start=str(start), epochs=3, rate=4e-2, muon_rate=8e-2
    )
    validation = [row for row in job.run.metrics() if "val_bits_per_code" in row]
    assert len(validation) == 3
    assert validation[-1]["val_bits_per_code"] < validation[0]["val_bits_per_code"] - 0.2
    card = read_card(job.run.latest)
    assert card["metrics"]["bits_per_code"] < 2
    assert (card["shape"], card["preparation"]) == ([3, 8, 8], "rgb-256")
    assert card["classes"] == ["0", "1"]
    model, coder = checkpoints.load(job.run.latest), checkpoints.load(start)
    assert isinstance(model, CodePrior)
    weights = coder.state_dict()
    assert all(torch.equal(p, weights[n]) for n, p in model.autoencoder.state_dict().items())
    progress = job.mailbox.take()
    assert progress is not None
    assert progress.samples.shape == (64, 3, 8, 8), "decoded"


def test_a_batch_is_the_codes_of_pictures_and_these_are_encoded_once(
    blots: Path, tmp_path: Path, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = prepared(blots, tmp_path, start)
    source, model = training.source, training.model
    assert isinstance(source, CodeSource)
    assert isinstance(model, TwoStageModel)
    rows, generator = torch.tensor([3, 0, 5]), torch.Generator().manual_seed(0)
    x, labels, known = source.batch(rows, generator)
    assert torch.equal(x.long(), model.encode(source.images[rows]))
    assert (labels, known) == (None, None)
    assert source.dimensions == 16
    monkeypatch.setattr(type(model), "encode", lambda *_: pytest.fail("encoded once more"))
    source.batch(rows, generator)


def test_pictures_that_are_mirrored_by_chance_are_encoded_in_every_step(
    blots: Path, tmp_path: Path, start: Path
) -> None:
    training = prepared(blots, tmp_path, start, flip=True)
    source, model = training.source, training.model
    assert isinstance(source, CodeSource)
    assert isinstance(model, Coder)
    rows = torch.arange(20)
    found = source.batch(rows, torch.Generator().manual_seed(0))[0]
    ways = [model.encode(images) for images in (source.images[rows], source.images[rows].flip(-1))]
    like = [(found == way).flatten(1).all(1) for way in ways]
    assert (like[0] | like[1]).all()
    assert like[0].any()
    assert like[1].any()


@thorough_only
def test_it_goes_on_bit_for_bit_with_the_autoencoder_that_it_began_with(
    blots: Path, tmp_path: Path, start: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.engine.training.training_job import TrainingJob

    monkeypatch.setattr("tests.engine.trainings.SMALL", {"vq-prior": TINY})
    whole = trained("vq-prior", blots, tmp_path / "whole", start=str(start), epochs=2)
    half = trained("vq-prior", blots, tmp_path / "half", StopAt(4), start=str(start), epochs=2)
    again = done(TrainingJob(resume=half.run.folder))
    one, other = (checkpoints.load(job.run.latest).state_dict() for job in (whole, again))
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "vq-prior learns the codes of an autoencoder: train one first"),
        ("pixelcnn", "makes no codes of pictures: vq-prior starts from an autoencoder"),
    ],
)
def test_without_an_autoencoder_it_says_what_is_missing(
    given: str, sentence: str, tmp_path: Path
) -> None:
    name = str(tiny_checkpoint(tmp_path, given)) if given else ""
    with pytest.raises(StudioError, match=sentence):
        first_stage("vq-prior", models.recipe("vq-prior").with_changes(start=name))


def test_pictures_of_another_size_than_the_autoencoder_has_learnt_from_are_refused(
    tmp_path: Path, start: Path
) -> None:
    np.savez(tmp_path / "large.npz", images=np.zeros((40, 16, 16, 3), np.uint8))
    with pytest.raises(
        StudioError, match=r"are 3 x 16 x 16, and the autoencoder .* from 3 x 8 x 8"
    ):
        prepared(tmp_path / "large.npz", tmp_path, start)


def test_an_autoencoder_whose_patches_do_not_fit_its_pictures_is_refused(
    blots: Path, tmp_path: Path
) -> None:
    start = tiny_checkpoint(
        tmp_path, "vq-autoencoder", 256, {"patch": 16}, channels=3, preparation="rgb-256"
    )
    with pytest.raises(StudioError, match="no whole number of patches of 16"):
        prepared(blots, tmp_path, start)
