"""Models of two stages by commands: trained one after the other, scored, drawn, completed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.engine.scenes.carried import carried_in
from tests.cli.commands import Capture, complaint, result
from tests.tiny import tiny_checkpoint


@pytest.fixture
def prior(here: Path) -> str:
    """Of 8 x 8 codes for pictures of 16 x 16."""
    return str(tiny_checkpoint(here, "vq-prior", 16))


def picture(here: Path, size: int = 16) -> str:
    pixels = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(here / "given.png")
    return "given.png"


def colours(here: Path) -> str:
    images = np.random.default_rng(0).integers(0, 256, (60, 1, 1, 3), dtype=np.uint8)
    np.savez(here / "colours.npz", images=images.repeat(8, 1).repeat(8, 2))
    return "colours.npz"


def test_both_stages_are_trained_and_scored(here: Path, capsys: Capture) -> None:
    small = ["width=8", "blocks=0", "codes=16", "patch=2", "epochs=1"]
    asked = ["--data", colours(here), "--device", "cpu"]
    first = result(capsys, "train", "vq-autoencoder", *asked, "--out", "one", "--set", *small)
    lines = result(capsys, "evaluate", first).splitlines()
    assert "bits/dim to reconstruct  PSNR" in lines[0]
    assert lines[1].startswith("4 x 4 codes a picture; ")
    assert "of 16 are used" in lines[1]
    assert "not a likelihood" in lines[2]
    tiny = ["width=8", "layers=1", "heads=2", "hidden=8", "epochs=1", "conditional=false"]
    arguments = ["train", "vq-prior", *asked, "--out", "two", "--set", "start=one", *tiny]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert "bits/code on 6 test images" in err
    assert "bits/code" in result(capsys, "evaluate", out.strip())
    assert set(json.loads(result(capsys, "evaluate", out.strip(), "--json"))) == {
        "bits_per_code", "nats", "examples", "seconds",
    }  # fmt: skip
    with Image.open(here / "two" / "samples" / "epoch-001.png") as samples:
        assert samples.size[0] > 64, "decoded pictures of 8 x 8, eight in a row"


def test_what_is_drawn_is_written_as_a_picture_a_film_or_codes(
    here: Path, capsys: Capture, prior: str
) -> None:
    result(capsys, "generate", prior, "--count", "1", "--out", "a.npy")
    codes = np.load(here / "a.npy")
    assert codes.shape == (1, 1, 8, 8)
    result(capsys, "generate", prior, "--count", "1", "--out", "a.png", "--scale", "1")
    with Image.open(here / "a.png") as drawn:
        assert drawn.size == (16, 16)
    result(capsys, "generate", prior, "--count", "1", "--out", "a.gif", "--scale", "1")
    with Image.open(here / "a.gif") as film:
        assert film.size == (16, 16)
        assert getattr(film, "n_frames", 1) > 4
    result(capsys, "recall", "a.png", "--checkpoint", prior, "--out", "b.npy")
    assert np.array_equal(np.load(here / "b.npy"), codes), "a scene is drawn again"


def test_a_part_of_a_picture_is_kept_as_its_codes(here: Path, capsys: Capture, prior: str) -> None:
    import torch

    from models.interface import TwoStageModel
    from studio.engine import checkpoints

    asked = ["complete", prior, "--image", picture(here), "--mask", "top", "--out", "a.npy"]
    result(capsys, *asked, "--count", "2")
    model = checkpoints.load(prior)
    assert isinstance(model, TwoStageModel)
    with Image.open(here / "given.png") as given:
        pixels = torch.from_numpy(np.asarray(given).copy()).permute(2, 0, 1)[None]
    known = torch.zeros(1, 16, 16, dtype=torch.bool)
    known[:, :8] = True
    codes, _ = model.codes_of(pixels, known)
    drawn = np.load(here / "a.npy")
    assert drawn.shape == (2, 1, 8, 8)
    assert (drawn[:, :, :4] == codes[0, :, :4].numpy()).all()
    scene = carried_in(here / "a.npy")
    assert scene is not None
    assert scene.evidence is not None
    assert scene.evidence.values.shape == (3, 16, 16), "the window shows what was given"


def test_a_picture_of_another_size_is_refused_in_pixels(
    here: Path, capsys: Capture, prior: str
) -> None:
    said = complaint(
        capsys, "complete", prior, "--image", picture(here, 8), "--mask", "top", "--out", "a.png"
    )
    assert "is 8 x 8 pixels, but the model draws 16 x 16" in said


def test_an_insight_is_of_the_codes(here: Path, capsys: Capture, prior: str) -> None:
    result(capsys, "insight", "surprise", prior, "--image", picture(here), "--out", "a.npz")
    assert np.load(here / "a.npz")["bits"].shape == (8, 8)


def test_without_an_autoencoder_the_second_stage_says_what_is_missing(
    here: Path, capsys: Capture
) -> None:
    for start in ("start=", "epochs=1"):  # none, and one that was never trained here
        assert main(["train", "vq-prior", "--data", colours(here), "--set", start]) == 2
        said = capsys.readouterr().err
        assert "train one first (studio train vq-autoencoder --name coder)" in said
        assert "and name it (--set start=coder)." in said


def test_without_pictures_the_autoencoder_for_larger_ones_says_what_to_name(
    here: Path, capsys: Capture
) -> None:
    assert main(["train", "vq-autoencoder-64"]) == 2
    said = capsys.readouterr().err
    assert "vq-autoencoder-64 learns from pictures of your own: name a folder of them" in said
    assert "studio train vq-autoencoder-64 --data photos/" in said


def test_a_folder_of_photos_is_learnt_drawn_and_completed_at_64_by_64(
    here: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.engine.training.callbacks.made_by", lambda training: None)
    (here / "photos").mkdir()
    random = np.random.default_rng(0)
    for number in range(8):  # of other sizes, and not square
        pixels = random.integers(0, 256, (3, 4, 3), dtype=np.uint8)
        size = (80 + number, 70)
        Image.fromarray(pixels).resize(size).save(here / "photos" / f"{number}.png")
    asked = ["--data", "photos", "--device", "cpu", "--set", "epochs=1", "width=8"]
    coder = ["blocks=0", "codes=16", "patch=8"]
    result(capsys, "train", "vq-autoencoder-64", "--out", "one", *asked, *coder)
    rest = ["start=one", "layers=1", "heads=2", "hidden=8", "conditional=false"]
    prior = result(capsys, "train", "vq-prior", "--out", "two", *asked, *rest)
    drawn = ["generate", prior, "--count", "1", "--scale", "1", "--speed", "1000", "--out"]
    result(capsys, *drawn, "film.gif")
    with Image.open(here / "film.gif") as film:
        assert film.size == (64, 64)
    asked = ["complete", prior, "--image", picture(here, 64), "--mask", "top", "--count", "1"]
    result(capsys, *asked, "--out", "codes.npy")
    assert np.load(here / "codes.npy").shape == (1, 1, 8, 8)
