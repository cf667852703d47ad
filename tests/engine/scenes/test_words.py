"""A scene in words: what differs from the usual, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.scenes.scene import ModelReference, Scene, Sound
from studio.engine.scenes.words import in_words
from tests.engine.scenes.test_document import a_scene
from tests.tiny import tiny_checkpoint


def test_a_plain_scene_has_two_lines():
    assert in_words(Scene(ModelReference("made"))) == [
        "Model: made",
        "Options: 1 picture, seed 0, temperature 1",
    ]


def test_every_part_of_a_scene_has_a_line():
    text = "\n".join(in_words(replace(a_scene(), sound=None)))
    for part in (
        "Half a four",
        "class 3",
        "of 35 pixels",
        "Changed by hand: 2 values",
        "Drawn: 20 steps",
        "Chosen: picture 3",
        "overlay uncertainty",
        "speed none",
    ):
        assert part in text
    assert "Sound: goes on after 0.01 s, 1 gap filled" in "\n".join(in_words(a_scene()))


def test_a_class_is_called_by_its_name(tmp_path: Path):
    scene = Scene(ModelReference("tiny"), SamplingOptions(condition=1))
    path = tiny_checkpoint(tmp_path, "gated-pixelcnn-class")
    assert "class b" in in_words(scene, path)[1]
    assert "class 1" in in_words(scene, tmp_path / "gone")[1]


def test_nothing_that_a_file_says_reaches_the_terminal_unprinted():
    scene = Scene(ModelReference("\x1b[31mred"), view={"\x1b]0;": "\x07"})
    assert all(line.isprintable() for line in in_words(scene))


def test_takes_that_were_chosen_are_called_by_their_numbers():
    options = SamplingOptions(count=2, chosen_takes=(4, 2, 0))
    assert "number 5, 3" in in_words(Scene(ModelReference("voice"), options, sound=Sound()))[1]


def test_pictures_from_the_middle_of_very_many_say_so():
    options = SamplingOptions(count=2, first=20_480)
    assert "from number 20,480 on" in in_words(Scene(ModelReference("made"), options))[1]
