"""A text inside a file of any kind, found again from headers alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.engine.media.arrays import read_arrays
from studio.engine.media.attached import attach, attached, has_attached
from studio.engine.runtime.errors import StudioError


def a_png(path: Path) -> Path:
    Image.fromarray(np.zeros((2, 2), np.uint8)).save(path)
    return path


def ffmpeg(*arguments: str) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_a_text_of_any_language_comes_back(tmp_path: Path):
    path = a_png(tmp_path / "a.png")
    attach(path, "Grüße, 世界\n")
    assert has_attached(path)
    assert attached(path, 1000) == "Grüße, 世界\n"


def test_pillow_reads_it_from_a_png(tmp_path: Path):
    path = a_png(tmp_path / "a.png")
    attach(path, "hello")
    with Image.open(path) as picture:
        assert picture.text["scene"] == "hello"  # type: ignore[attr-defined]


def test_the_comment_that_a_gif_has_stays(tmp_path: Path):
    path = tmp_path / "a.gif"
    frames = [Image.fromarray(np.full((3, 3), grey, np.uint8)) for grey in (0, 99)]
    frames[0].save(path, save_all=True, append_images=frames[1:], comment=b"Seed: 7", loop=0)
    attach(path, "x" * 1000)
    with Image.open(path) as picture:
        assert picture.info["comment"] == b"Seed: 7\nScene: " + b"x" * 1000
        assert picture.n_frames == 2  # type: ignore[attr-defined]
    assert attached(path, 1000) == "x" * 1000


def test_a_film_plays_as_before(tmp_path: Path):
    path = tmp_path / "a.mp4"
    black = ["-f", "lavfi", "-i", "color=size=16x16:rate=5:duration=1"]
    ffmpeg(*black, "-metadata", "comment=Seed: 7", str(path))
    attach(path, "y" * 100_000)
    assert len(ffmpeg("-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-")) == 5 * 16 * 16
    assert attached(path, 200_000) == "y" * 100_000


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("length", [0, 1, 2, 2**24 + 5])
def test_a_sound_may_carry_any_length(suffix: str, length: int, tmp_path: Path):
    path = tmp_path / f"a{suffix}"
    with soundfile.SoundFile(str(path), "w", 8000, 1, "PCM_16") as file:
        file.comment = "Seed: 7"
        file.write(np.zeros(33))
    attach(path, "z" * length)
    assert attached(path, 2**25) == "z" * length
    with soundfile.SoundFile(str(path)) as file:
        assert file.comment == "Seed: 7"
        assert len(file.read()) == 33


def test_an_archive_has_the_same_arrays_as_before(tmp_path: Path):
    np.savez(tmp_path / "a.npz", np.arange(3))
    attach(tmp_path / "a.npz", "{}")
    assert list(read_arrays(tmp_path / "a.npz")) == [""]
    assert attached(tmp_path / "a.npz", 9) == "{}"


def test_more_than_is_wanted_is_not_read(tmp_path: Path):
    path = a_png(tmp_path / "a.png")
    attach(path, "12345")
    with pytest.raises(StudioError, match="is larger than"):
        attached(path, 4)


def test_a_file_of_another_kind_cannot_carry_any(tmp_path: Path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(StudioError, match="cannot carry a scene"):
        attach(tmp_path / "a.txt", "x")
    assert attached(tmp_path / "a.txt", 9) is None
