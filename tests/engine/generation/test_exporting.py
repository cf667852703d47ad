"""Exporting: animations that end with the finished pictures,
and files that are whole or not there."""

from __future__ import annotations

import errno
import subprocess

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.engine.editing.evidence import Evidence
from studio.engine.generation import exporting
from studio.engine.generation.exporting import (
    Frame,
    check_target,
    frame_at,
    moment,
    pace,
    save_pictures,
    save_samples,
)
from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.media.image_grid import image_grid
from studio.engine.runtime.errors import StudioError
from tests.engine.pictures import random_levels
from tests.models.zoo import small
from tests.tiny import CONFIGS, SIZE


def drawing(values: NDArray[np.uint8], every: int = 6) -> list[Frame]:
    """As if the values were drawn row by row."""
    sites = values.shape[2] * values.shape[3]
    return [frame_at(values, np.arange(sites), position) for position in range(0, sites, every)]


# Files.


def test_a_png_is_the_image_grid_and_says_how_it_was_made(tmp_path):
    values = random_levels()
    path = tmp_path / "out.png"
    save_samples(values, 2, path, metadata={"model": "made", "seed": 7})
    with Image.open(path) as image:
        assert (np.asarray(image) == image_grid(values, 2)).all()
        assert image.text["Model"] == "made"  # type: ignore[attr-defined]
        assert image.text["Seed"] == "7"  # type: ignore[attr-defined]


def test_in_few_colours_a_png_of_few_is_exact_and_smaller(tmp_path):
    picture = image_grid(random_levels(16), 2, 4)
    for few in (False, True):
        save_pictures(picture, tmp_path / f"{few}.png", few_colours=few)
    with Image.open(tmp_path / "True.png") as image:
        assert image.mode == "P"
        assert (np.asarray(image.convert("RGB")) == picture).all()
    assert (tmp_path / "True.png").stat().st_size < (tmp_path / "False.png").stat().st_size


def test_npy_holds_the_levels(tmp_path):
    values = random_levels(channels=3, levels=256)
    save_samples(values, 256, tmp_path / "out.npy")
    assert (np.load(tmp_path / "out.npy") == values).all()


@pytest.mark.parametrize(("channels", "levels"), [(1, 2), (1, 16)])
def test_a_gif_shows_the_drawing_exactly_and_stops_at_the_finished_pictures(
    tmp_path, channels, levels
):
    values = random_levels(2, channels, levels)
    frames = drawing(values)
    save_samples(values, levels, tmp_path / "out.gif", frames, {"seed": 7}, rate=12.5)
    with Image.open(tmp_path / "out.gif") as film:
        assert film.n_frames == len(frames) + 1  # type: ignore[attr-defined]
        assert film.info["duration"] == 80
        assert b"Seed: 7" in film.info["comment"]
        for i, frame in enumerate([*frames, Frame(values, np.ones((6, 5), bool))]):
            film.seek(i)
            expected = image_grid(frame.values, levels, None, frame.known, frame.cursor)
            assert (np.asarray(film.convert("RGB")) == expected).all()
        assert film.info["duration"] == 2000


def test_a_gif_of_many_colours_comes_close(tmp_path):
    values = random_levels(1, 3, 256)
    save_samples(values, 256, tmp_path / "out.gif", drawing(values))
    with Image.open(tmp_path / "out.gif") as film:
        film.seek(film.n_frames - 1)  # type: ignore[attr-defined]
        error = np.asarray(film.convert("RGB")).astype(int) - image_grid(values, 256)
    assert np.abs(error).mean() < 8


def test_a_film_has_the_frames_and_the_size(tmp_path):
    values = random_levels(1)
    save_samples(values, 2, tmp_path / "out.mp4", drawing(values), rate=10, scale=9)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-i",
        str(tmp_path / "out.mp4"),
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    played = subprocess.run(command, capture_output=True, check=True)
    assert b"46x54" in played.stderr  # the format wants even numbers: 45 became 46
    assert b"10 fps" in played.stderr
    pictures = np.frombuffer(played.stdout, np.uint8).reshape(-1, 54, 46, 3)
    assert len(pictures) == 5 + 20
    assert np.abs(pictures[-1][:, :45].astype(int) - image_grid(values, 2, 9)).mean() < 8


@pytest.mark.parametrize("speed", [1, 10, 25, 200, 5000])
def test_the_pace_is_the_speed_at_no_more_frames_than_can_be_seen(speed):
    sites, rate = pace(speed)
    assert sites * rate == pytest.approx(speed)
    assert rate <= 38


def test_a_moment_of_a_completion_shows_evidence_and_what_is_drawn():
    model = small("pixelcnn", (1, SIZE, SIZE), **CONFIGS["pixelcnn"])
    known = np.zeros((SIZE, SIZE), bool)
    known[5] = True
    generation = Generation(
        model, SamplingOptions(count=2), Evidence(np.ones((1, SIZE, SIZE), np.uint8), known)
    )
    generation.step(10)
    frame = moment(generation)
    assert frame.values.shape == (2, 1, SIZE, SIZE)
    assert frame.known.sum() == 10 + SIZE
    assert frame.cursor == (1, 2)
    generation.step(generation.length)
    assert moment(generation).known.all()
    assert moment(generation).cursor is None


# What cannot be written.


def test_a_moment_of_a_drawing_all_at_once_shows_its_guesses(tmp_path):
    generation = Generation(small("made", hidden=16), SamplingOptions(count=2, decode="parallel"))
    generation.step()
    frame = moment(generation)
    assert frame.known.all()
    assert frame.settled is not None
    assert not frame.settled.all()
    alone = moment(generation, 1)
    assert alone.settled is not None
    assert (alone.settled == frame.settled[1:]).all()
    save_samples(frame, 2, tmp_path / "out.npy")
    assert (np.load(tmp_path / "out.npy")[:, 0][~frame.settled] == 0).all()
    save_samples(frame, 2, tmp_path / "out.gif", [frame])
    with Image.open(tmp_path / "out.gif") as film:
        shown = np.asarray(film.convert("RGB")).astype(int)
    expected = image_grid(frame.values, 2, None, None, None, frame.settled)
    assert np.abs(shown - expected).mean() < 2


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("out.jpg", "choose .png, .gif, .mp4, .npy or .npz"),
        ("out", "choose .png, .gif, .mp4, .npy or .npz"),
        ("out.wav", "sound"),
        ("nowhere/out.png", 'no folder "'),
        ("folder.png", "it is a folder"),
        ("file/out.png", 'no folder "'),
    ],
)
def test_a_target_that_cannot_be_written_is_reported_before_any_work(tmp_path, path, complaint):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StudioError) as error:
        check_target(tmp_path / path)
    assert complaint in str(error.value)


def test_a_folder_without_permission_is_reported_before_any_work(tmp_path, monkeypatch):
    # these tests may run as root, who may write anywhere
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(StudioError, match="no permission"):
        check_target(tmp_path / "out.png")


@pytest.mark.parametrize("suffix", [".png", ".npy", ".gif"])
def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"what was there before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StudioError, match="the disk is full"):
        save_samples(random_levels(), 2, path)
    assert path.read_bytes() == b"what was there before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_film_that_cannot_be_made_is_one_sentence_and_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"what was there before")
    monkeypatch.setattr(exporting, "_CODEC", "no-such-codec")
    with pytest.raises(StudioError, match="film could not be written"):
        save_samples(random_levels(), 2, path)
    assert path.read_bytes() == b"what was there before"
    assert list(tmp_path.iterdir()) == [path]
