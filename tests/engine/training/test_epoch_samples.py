"""What a training shows after every epoch: of validation data only, and as what it is."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.engine.data.data_sets import open_data
from studio.engine.training.callbacks import Progress
from studio.engine.training.epoch_samples import SAMPLES, thumbnail
from tests.engine.trainings import trained


def test_samples_and_curves_are_the_same_whatever_the_test_images_are(
    stripes: Path, tmp_path: Path
) -> None:
    whole = open_data(stripes)
    runs = []
    for name, test in (("one", whole.test), ("other", 255 - whole.test)):
        np.savez(
            tmp_path / f"{name}.npz",
            x_train=whole.train.numpy(),
            x_val=whole.validation.numpy(),
            x_test=test.numpy(),
        )
        data = tmp_path / f"{name}.npz"
        runs.append(trained("gated-pixelcnn-map", data, tmp_path / name, epochs=1).run)
    assert [path.read_bytes() for path in runs[0].sample_files()] == [
        path.read_bytes() for path in runs[1].sample_files()
    ]
    figures = [[row.get("val_bits_per_dim") for row in run.metrics()] for run in runs]
    assert figures[0] == figures[1]


def test_a_model_that_is_conditioned_on_what_is_given_finishes_halves_of_validation_images(
    tmp_path: Path,
) -> None:
    images = np.zeros((60, 8, 8), np.uint8)
    np.savez(tmp_path / "white.npz", x_train=images, x_val=255 - images[:40], x_test=images)
    job = trained("gated-pixelcnn-map", tmp_path / "white.npz", tmp_path / "run", epochs=1)
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert progress.samples is not None
    finished = progress.samples[SAMPLES // 2 :, 0]
    top, bottom, left, right = (finished[side::4] for side in range(4))
    assert top[:, :4].all()
    assert bottom[:, 4:].all()
    assert left[:, :, :4].all()
    assert right[:, :, 4:].all()
    assert not finished.all(), "what is not given is drawn, after black pictures"


def test_a_thumbnail_is_the_sample_as_a_picture_from_black_to_white() -> None:
    levels = np.array([[[0, 1], [2, 3]]], np.uint8)
    for channels, mode in ((1, "L"), (3, "RGB")):
        with Image.open(
            io.BytesIO(base64.b64decode(thumbnail(levels.repeat(channels, 0), 4)))
        ) as png:
            assert (png.format, png.mode) == ("PNG", mode)
            assert np.asarray(png.convert("L")).tolist() == [[0, 85], [170, 255]]


@pytest.mark.usefixtures("short_takes")
def test_every_epoch_can_be_heard_and_seen(hums: Path, tmp_path: Path) -> None:
    job = trained("wavenet", hums, tmp_path / "run", seed=3, epochs=2)
    assert [path.name for path in job.run.sample_files()] == ["epoch-001.png", "epoch-002.png"]
    for path in job.run.sample_files():
        with soundfile.SoundFile(path.with_suffix(".wav")) as sound:
            # takes of 20 ms, each with a pause
            assert (sound.samplerate, sound.frames) == (8000, 4 * (160 + 2000))
            assert "Model: wavenet; Seed: 3; Epoch:" in sound.comment
    progress = job.mailbox.take()
    assert isinstance(progress, Progress)
    assert progress.samples is not None
    assert progress.samples.shape == (4, 1, 40, 2)
