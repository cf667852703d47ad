"""`studio recall`, and `studio generate --scene`: what a file was made with, and the same again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.cli import main
from studio.cli.recalling import scene_in
from studio.engine.checkpoints.places import own_folder
from studio.engine.media.recordings import read_recording
from studio.engine.scenes.carried import save_scene
from studio.engine.scenes.scene import ModelReference, Scene
from tests.cli.commands import complaint, result
from tests.tiny import SIZE, tiny_checkpoint, tiny_voice


@pytest.fixture
def own(here: Path) -> Path:
    """Where checkpoints are found by their weights."""
    own_folder().mkdir(parents=True)
    return own_folder()


def halves(name: str = "given.png") -> str:
    given = np.zeros((SIZE, SIZE), np.uint8)
    given[:3] = 255
    Image.fromarray(given).save(name)
    return name


@pytest.mark.parametrize("suffix", [".png", ".gif", ".mp4", ".npy", ".npz"])
def test_what_was_drawn_is_drawn_again(own, capsys, suffix):
    path = str(tiny_checkpoint(own))
    options = ["--count", "3", "--seed", "5", "--temperature", "1.7"]
    result(capsys, "generate", path, *options, "--speed", "400", "--out", f"a{suffix}")
    result(capsys, "generate", path, *options, "--out", "levels.npy")

    assert result(capsys, "recall", f"a{suffix}", "--out", "again.npy") == "again.npy"

    assert (np.load("again.npy") == np.load("levels.npy")).all()
    assert scene_in(Path("again.npy")).options == scene_in(Path(f"a{suffix}")).options


def test_a_completion_is_drawn_again(own, capsys):
    path = str(tiny_checkpoint(own))
    asked = ["--image", halves(), "--method", "smc", "--particles", "8", "--count", "2"]
    result(capsys, "complete", path, *asked, "--out", "a.npy")

    result(capsys, "recall", "a.npy", "--out", "b.npz")

    assert (np.load("b.npz")["arr_0"] == np.load("a.npy")).all()
    assert scene_in(Path("b.npz")) == scene_in(Path("a.npy"))


def test_a_reconstruction_is_made_again(own, capsys):
    path = str(tiny_checkpoint(own, "autoencoder"))
    asked = ["--image", halves(), "--corruption", "0.4", "--seed", "2"]
    result(capsys, "complete", path, *asked, "--out", "a.npy")

    result(capsys, "recall", "a.npy", "--out", "b.npy")

    assert (np.load("b.npy") == np.load("a.npy")).all()


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_sound_is_made_again_by_its_take(own, capsys, suffix):
    path = str(tiny_voice(own))
    asked = ["--count", "2", "--seconds", "0.2", "--seed", "3"]
    result(capsys, "generate", path, *asked, "--out", f"a{suffix}")

    assert result(capsys, "recall", f"a-2{suffix}", "--out", "again.wav") == "again.wav"

    again, before = read_recording("again.wav").samples, read_recording(f"a-2{suffix}").samples
    assert len(again) == 200
    assert (again == before).all()


def test_sound_goes_on_after_the_same_beginning(own, capsys):
    path = str(tiny_voice(own))
    result(capsys, "generate", path, "--seconds", "0.3", "--out", "given.wav")
    asked = ["--audio", "given.wav", "--keep", "0.1", "--seconds", "0.2"]
    result(capsys, "complete", path, *asked, "--out", "a.wav")

    result(capsys, "recall", "a.wav", "--out", "b.npy")

    result(capsys, "complete", path, *asked, "--out", "c.npy")
    assert (np.load("b.npy") == np.load("c.npy")).all()
    assert np.load("b.npy").shape == (1, 300)


def test_a_filled_gap_comes_back(own, capsys):
    path = str(tiny_voice(own))
    result(capsys, "generate", path, "--seconds", "0.3", "--out", "given.wav")
    asked = ["--audio", "given.wav", "--gap", "0.1:0.12", "--takes", "4"]
    result(capsys, "complete", path, *asked, "--out", "a.npy")

    result(capsys, "recall", "a.npy", "--out", "b.npy")

    assert (np.load("b.npy") == np.load("a.npy")).all()
    sound = scene_in(Path("a.npy")).sound
    assert sound is not None
    assert sound.filled[0].begin == 100


def test_without_a_target_it_says_what_the_file_was_made_with(own, capsys):
    path = str(tiny_checkpoint(own, "gated-pixelcnn-class"))
    result(capsys, "generate", path, "--condition", "b", "--seed", "7", "--out", "a.png")

    assert result(capsys, "recall", "a.png").splitlines() == [
        "Model: tiny-gated-pixelcnn-class",
        "Options: 1 picture, seed 7, temperature 1, class b",
    ]
    said = json.loads(result(capsys, "recall", "a.png", "--json"))
    assert said["scene"]["options"]["seed"] == 7
    assert said["checkpoint"] == path
    assert said["note"] == ""


def test_other_weights_are_said_and_drawn_with(own, capsys):
    path = tiny_checkpoint(own)
    result(capsys, "generate", str(path), "--out", "a.png")
    tiny_checkpoint(own, config={"width": 6})
    capsys.readouterr()

    assert main(["recall", "a.png", "--out", "b.png"]) == 0

    assert "“tiny-pixelcnn” has other weights than this was made with" in capsys.readouterr().err


def test_a_missing_model_is_one_sentence_until_it_is_named(own, here, capsys):
    path = str(tiny_checkpoint(here))
    result(capsys, "generate", path, "--count", "2", "--out", "a.npy")

    assert "“tiny-pixelcnn” is not on this machine" in complaint(
        capsys, "recall", "a.npy", "--out", "b.npy"
    )
    assert not Path("b.npy").exists()

    result(capsys, "recall", "a.npy", "--checkpoint", path, "--out", "b.npy")
    assert (np.load("b.npy") == np.load("a.npy")).all()


def test_a_file_without_a_scene_is_one_sentence(here, capsys):
    assert f'"{halves()}" carries no scene' in complaint(capsys, "recall", "given.png")
    assert "There is no file" in complaint(capsys, "recall", "gone.png")


def test_generate_takes_a_scene_and_other_options_change_it(own, capsys):
    path = str(tiny_checkpoint(own))
    result(capsys, "generate", path, "--count", "3", "--seed", "5", "--out", "a.npy")

    result(capsys, "generate", "--scene", "a.npy", "--out", "same.npy")
    result(capsys, "generate", "--scene", "a.npy", "--seed", "0", "--out", "other.npy")
    result(capsys, "generate", path, "--count", "3", "--out", "zero.npy")

    assert (np.load("same.npy") == np.load("a.npy")).all()
    assert (np.load("other.npy") == np.load("zero.npy")).all()


def test_a_scene_may_be_drawn_by_another_model_that_is_named(own, capsys):
    save_scene(Scene(ModelReference("gone")).with_options(count=2, seed=9), Path("a.scene.json"))
    other = str(tiny_checkpoint(own, "made"))

    result(capsys, "generate", other, "--scene", "a.scene.json", "--out", "b.npy")

    assert np.load("b.npy").shape == (2, 1, SIZE, SIZE)
    assert scene_in(Path("b.npy")).model.name == "tiny-made"


def test_generate_without_a_model_says_what_it_needs(here, capsys):
    assert "Name a CHECKPOINT, or give" in complaint(capsys, "generate", "--out", "a.png")


def test_one_picture_of_several_is_drawn_again_alone(own, capsys):
    path = str(tiny_checkpoint(own))
    result(capsys, "generate", path, "--count", "4", "--out", "a.npy")
    scene = scene_in(Path("a.npy"))
    document = Scene(scene.model, scene.options, chosen=2, view={"enlarged": True})
    save_scene(document, Path("one.scene.json"))

    result(capsys, "recall", "one.scene.json", "--out", "b.npy")

    assert (np.load("b.npy") == np.load("a.npy")[2:3]).all()


def test_all_scenes_of_a_sheet_are_drawn_again(own, capsys):
    path = str(tiny_checkpoint(own))
    axes = ["--axis", "temperature=0.5,1", "--axis", "seed=3,4"]
    made = json.loads(result(capsys, "grid", path, *axes, "--json", "--out", "a.png"))

    assert result(capsys, "recall", "a.png").startswith("4 scenes: temperature 0.5, seed 3; ")
    again = json.loads(result(capsys, "recall", "a.png", "--json", "--out", "b.png"))

    assert [cell["bits"] for cell in again["cells"]] == [cell["bits"] for cell in made["cells"]]
    assert scene_in(Path("b.png")) == scene_in(Path("a.png"))
    assert "several" in complaint(capsys, "recall", "a.png", "--checkpoint", path)
