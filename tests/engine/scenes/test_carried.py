"""A scene inside the file that it made: it comes back from every kind of file, draws the same again
in another process, and whatever else a file may be is no scene."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from studio.engine.checkpoints.places import own_folder
from studio.engine.media.attached import attach
from studio.engine.media.pictures import read_picture
from studio.engine.media.recordings import read_recording
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.carried import carried_in, carries, carry, save_scene
from studio.engine.scenes.document import as_text
from studio.engine.scenes.scene import ModelReference, Scene, Sound
from tests.engine.scenes.made import a_scene, exported, values_of
from tests.thorough import THOROUGH

KINDS = [".png", ".gif", ".mp4", ".npy", ".npz", ".wav", ".flac"]
FRESH = """
import sys
from pathlib import Path
import numpy as np
from studio.engine import checkpoints
from studio.engine.scenes.carried import carried_in
from studio.engine.scenes.references import find
from tests.engine.scenes.made import values_of
for path in map(Path, sys.argv[1:]):
    scene = carried_in(path)
    found = find(scene.model)
    assert not found.sentence
    np.save(f"{path}.again.npy", values_of(scene, checkpoints.load(found.checkpoint)))
"""


def a_file(path: Path) -> Path:
    """A small one of its kind, without a scene."""
    match path.suffix:
        case ".png" | ".gif":
            Image.fromarray(np.zeros((4, 5), np.uint8)).save(path)
        case ".npy":
            np.save(path, np.arange(6).reshape(2, 3))
        case ".npz":
            np.savez(path, images=np.zeros((2, 3)))
        case ".wav" | ".flac":
            soundfile.write(path, np.zeros(99), 8000)
        case ".mp4":
            path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08mdat")
    return path


@functools.cache
def a_long_document() -> tuple[np.ndarray, str]:
    """A beginning of noise, which nothing compresses, and its scene: longer than 16 MiB."""
    noise = np.random.default_rng(0).integers(0, 256, (2, 6_500_000)).astype(np.uint8)
    return noise, as_text(Scene(ModelReference("wavenet"), sound=Sound(noise, 16_000)))


def a_small_scene() -> Scene:
    return Scene(ModelReference("made", "sha256:" + "0" * 64), title="Eine Fünf 五")


# of eight models each kind of file; else each of them in turn with every second kind
@pytest.mark.parametrize("number", [n for n in range(48) if THOROUGH or (n + n // 8) % 2 == 0])
def test_what_is_drawn_from_the_scene_of_a_file_is_what_is_in_it(number: int, tmp_path: Path):
    made = a_scene(number, tmp_path)
    path = tmp_path / f"made{made.suffixes[number // 8 % len(made.suffixes)]}"
    values = exported(made, path)

    back = carried_in(path)

    assert back == made.scene
    np.testing.assert_array_equal(values_of(back, made.model), values)


def test_a_fresh_process_draws_the_same_from_every_kind_of_file(
    tmp_path: Path, user_data_folder: Path
):
    own_folder().mkdir(parents=True)
    files = {}
    for number, suffix in ((5, ".png"), (2, ".gif"), (3, ".mp4"), (4, ".npy"), (8, ".npz"),
                           (6, ".wav"), (7, ".flac")):  # fmt: skip
        path = tmp_path / f"{number}{suffix}"
        files[path] = exported(a_scene(number, own_folder()), path)

    subprocess.run(
        [sys.executable, "-c", FRESH, *map(str, files)],
        check=True,
        cwd=Path(__file__).parents[3],
        env=os.environ,
    )

    for path, values in files.items():
        np.testing.assert_array_equal(np.load(f"{path}.again.npy"), values, err_msg=path.suffix)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_long_scene_is_carried_whole(suffix: str, tmp_path: Path):
    noise, text = a_long_document()
    assert len(text) > 2**24
    path = a_file(tmp_path / f"long{suffix}")

    attach(path, text)

    back = carried_in(path)
    assert back is not None
    assert back.sound is not None
    np.testing.assert_array_equal(back.sound.beginning, noise)


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_without_a_scene_has_none(suffix: str, tmp_path: Path):
    path = a_file(tmp_path / f"plain{suffix}")
    assert carried_in(path) is None
    assert not carries(path)


@pytest.mark.parametrize("suffix", KINDS)
def test_the_text_of_another_program_is_no_scene(suffix: str, tmp_path: Path):
    path = a_file(tmp_path / f"other{suffix}")
    attach(path, '{"nodes": [1, 2, 3]}')
    assert carried_in(path) is None


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_that_is_cut_short_anywhere_is_no_scene_or_a_whole_one(suffix: str, tmp_path: Path):
    path, scene = a_file(tmp_path / f"whole{suffix}"), a_small_scene()
    carry(path, scene)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        assert carried_in(path) in (None, scene)


@pytest.mark.parametrize("suffix", KINDS)
def test_damage_anywhere_is_one_sentence_at_most(suffix: str, tmp_path: Path):
    path, random = a_file(tmp_path / f"whole{suffix}"), np.random.default_rng(1)
    carry(path, a_small_scene())
    content, said = path.read_bytes(), []
    for _ in range(300):
        damaged = bytearray(content)
        for at in random.integers(0, len(content), 3):
            damaged[at] = random.integers(256)
        path.write_bytes(damaged)
        try:
            carried_in(path)
        except StudioError as error:
            said.append(str(error))
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in said)


def test_a_scene_larger_than_may_be_is_told_before_it_is_read(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("scene.json", b" " * (100 << 20))
    assert (tmp_path / "bomb.npz").stat().st_size < 1 << 20
    with pytest.raises(StudioError, match="is larger than 64 MB"):
        carried_in(tmp_path / "bomb.npz")


def test_a_document_of_very_many_parts_is_refused_before_it_is_read(tmp_path: Path):
    path = a_file(tmp_path / "many.png")
    text = as_text(a_small_scene())
    attach(path, text[:-1] + ', "many": [' + "[]," * 5_000_000 + "0]}")
    with pytest.raises(StudioError, match="is larger than"):
        carried_in(path)


def test_a_scene_alone_is_a_file_of_text(tmp_path: Path):
    path = tmp_path / "moment.scene.json"
    save_scene(a_small_scene(), path)
    assert carries(path)
    assert carried_in(path) == a_small_scene()
    assert json.loads(path.read_text("utf-8"))["title"] == "Eine Fünf 五"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xff", b"{}", b'{"format": 3}'])
def test_a_file_that_says_it_is_a_scene_and_is_none_is_refused(content: bytes, tmp_path: Path):
    path = tmp_path / "moment.scene.json"
    path.write_bytes(content)
    with pytest.raises(StudioError, match="cannot be read"):
        carried_in(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    for name in ("gone.png", "gone.scene.json"):
        with pytest.raises(StudioError, match=f"There is no file .*{name}"):
            carried_in(tmp_path / name)


def test_what_is_carried_changes_nothing_of_what_others_read(tmp_path: Path):
    picture, sound = np.eye(9, dtype=np.uint8) * 255, np.sin(np.arange(801)).astype(np.float32)
    Image.fromarray(picture).save(tmp_path / "a.png")
    Image.fromarray(picture).save(tmp_path / "a.gif")
    np.save(tmp_path / "a.npy", picture)
    np.savez(tmp_path / "a.npz", picture=picture)
    for name in ("a.wav", "a.flac"):
        soundfile.write(tmp_path / name, sound, 8000, "PCM_16")
    before = {name: read_recording(tmp_path / name).samples for name in ("a.wav", "a.flac")}
    for path in tmp_path.iterdir():
        carry(path, a_small_scene())

    assert (read_picture(tmp_path / "a.png") == picture).all()
    assert (read_picture(tmp_path / "a.gif") == picture).all()
    assert (np.load(tmp_path / "a.npy") == picture).all()
    assert (np.load(tmp_path / "a.npz")["picture"] == picture).all()
    for name in ("a.wav", "a.flac"):
        assert (read_recording(tmp_path / name).samples == before[name]).all()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("name", ["pipe.png", "pipe.scene.json"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str):
    os.mkfifo(tmp_path / name)

    with pytest.raises(StudioError, match="pipe or a device, no file"):
        carried_in(tmp_path / name)
