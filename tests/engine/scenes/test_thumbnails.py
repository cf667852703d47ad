"""Small pictures of what was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.thumbnails import HEIGHT, WIDTH, thumbnail


def picture(level: int, side: int = 8) -> Image.Image:
    return Image.fromarray(np.full((side, side), level, np.uint8))


def test_a_small_picture_is_enlarged_in_whole_steps(tmp_path: Path) -> None:
    picture(200).save(path := tmp_path / "a.png")
    small = thumbnail(path)
    assert small is not None
    assert small.shape == (96, 96, 4)
    assert (small[..., 0] == 200).all()


def test_a_large_picture_is_reduced(tmp_path: Path) -> None:
    picture(9, 1000).save(path := tmp_path / "a.png")
    small = thumbnail(path)
    assert small is not None
    assert small.shape == (HEIGHT, HEIGHT, 4)


def test_of_an_animation_the_last_frame_is_shown(tmp_path: Path) -> None:
    frames = [picture(level) for level in (0, 90, 255)]
    frames[0].save(path := tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    small = thumbnail(path)
    assert small is not None
    assert small[0, 0, 0] == 255


def test_of_a_film_the_end_is_shown(tmp_path: Path) -> None:
    import imageio_ffmpeg

    path = tmp_path / "a.mp4"
    film = imageio_ffmpeg.write_frames(str(path), (32, 32), fps=10)
    film.send(None)
    for level in (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250, 250, 250, 250, 250):
        film.send(np.full((32, 32, 3), level, np.uint8).tobytes())
    film.close()
    small = thumbnail(path)
    assert small is not None
    assert small[..., 0].mean() > 200


def test_of_a_sound_the_waveform_is_shown(tmp_path: Path) -> None:
    samples = np.concatenate([np.zeros(8000), np.ones(8000) * 0.9])
    soundfile.write(path := tmp_path / "a.wav", samples, 8000)
    small = thumbnail(path)
    assert small is not None
    inked = (small[..., 3] > 0).sum(0)
    assert len(inked) == WIDTH
    assert inked[:60].max() < inked[70:120].min()


def test_other_files_have_none(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"")
    assert thumbnail(tmp_path / "a.npy") is None


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.mp4", "a.wav"])
def test_what_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no such thing" * 100)
    with pytest.raises(StudioError):
        thumbnail(tmp_path / name)
