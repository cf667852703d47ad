"""`studio generate` and `studio complete` with models for sound."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from models.companding import mu_law_decode, mu_law_encode
from studio.cli import main, speaking
from studio.engine.audio.rendering import Rendering
from studio.engine.media.recordings import read_recording, write_recording
from tests.cli.commands import complaint, result
from tests.tiny import tiny_checkpoint, tiny_voice


@pytest.fixture
def recording(here: Path) -> str:
    """Half a second, 1000 samples a second."""
    write_recording("given.wav", (np.sin(np.arange(500) / 5) / 2).astype(np.float32), 1000)
    return "given.wav"


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_sound_is_made_and_says_of_itself_how(here, capsys, suffix):
    path = str(tiny_voice(here))
    out = f"said{suffix}"
    assert result(capsys, "generate", path, "--seconds", "0.25", "--seed", "7", "--out", out) == out
    made = read_recording(out)
    assert (len(made.samples), made.rate) == (250, 1000)
    with soundfile.SoundFile(out) as file:
        assert file.comment.endswith("Model: tiny-wavenet; Seed: 7; Temperature: 1.0; Take: 1")


def test_its_condition_and_how_it_was_drawn_is_in_the_file(here, capsys, recording):
    path = str(tiny_voice(here, classes=2, class_names=("high", "low")))
    options = (
        "--condition",
        "low",
        "--top-k",
        "5",
        "--top-p",
        "0.9",
        "--seconds",
        "0.1",
        "--keep",
        "0.2",
        "--out",
        "a.wav",
    )
    result(capsys, "complete", path, "--audio", recording, *options)
    with soundfile.SoundFile("a.wav") as file:
        assert file.comment.endswith(
            "Temperature: 1.0; Top-k: 5; Top-p: 0.9; Class: low; Take: 1; Kept: 0.20 s"
        )


def test_without_a_word_five_seconds_are_called_after_model_and_seed(here, capsys):
    path = str(tiny_voice(here, sample_rate=100))
    assert result(capsys, "generate", path, "--seed", "3") == "tiny-wavenet-3.wav"


def test_takes_are_files_of_their_own_or_the_rows_of_one_array(here, capsys):
    path = str(tiny_voice(here))
    options = ("--seconds", "0.1", "--count", "3", "--out")
    files = result(capsys, "generate", path, *options, "a.wav").split("\n")
    assert files == ["a-1.wav", "a-2.wav", "a-3.wav"]
    assert result(capsys, "generate", path, *options, "a.npy") == "a.npy"
    codes = np.load("a.npy")
    assert codes.shape == (3, 100)
    for row, file in zip(codes, files, strict=True):
        assert np.array_equal(mu_law_encode(read_recording(file).samples), row), (
            "16 bits are enough for every code"
        )


def test_a_beginning_is_kept_and_gone_on_from(here, capsys, recording):
    path = str(tiny_voice(here))
    result(
        capsys,
        "complete",
        path,
        "--audio",
        recording,
        "--keep",
        "0.2",
        "--seconds",
        "0.1",
        "--out",
        "on.wav",
    )
    given, made = read_recording(recording).samples, read_recording("on.wav").samples
    assert len(made) == 300
    np.testing.assert_allclose(made[:200], mu_law_decode(mu_law_encode(given[:200])), atol=1e-4)


def test_half_of_a_recording_is_kept_where_nothing_says_how_much(here, capsys, recording):
    path = str(tiny_voice(here))
    assert (
        main(["complete", path, "--audio", recording, "--seconds", "0.1", "--out", "on.npy"]) == 0
    )
    assert "The first half is kept" in capsys.readouterr().err
    assert np.load("on.npy").shape == (1, 350)


def test_a_vocoder_says_a_recording_again(here, capsys, recording):
    path = str(tiny_voice(here, "wavenet-mel"))
    result(capsys, "generate", path, "--condition", recording, "--out", "again.npy")
    assert np.load("again.npy").shape == (1, 500)
    result(capsys, "complete", path, "--audio", recording, "--keep", "0.1", "--out", "rest.npy")
    assert np.load("rest.npy").shape == (1, 500)
    assert main(["generate", path, "--seconds", "0.05", "--out", "silence.npy"]) == 0
    assert "conditioned on silence" in capsys.readouterr().err


def test_a_vocoder_says_what_was_painted(here, capsys, recording):
    path = str(tiny_voice(here, "wavenet-mel"))
    np.save("painted.npy", np.zeros((40, 6), np.float32))
    Image.new("L", (30, 6)).save("painted.png")
    for painted, samples in (("painted.npy", 400), ("painted.png", 300), (recording, 500)):
        result(capsys, "generate", path, "--spectrogram", painted, "--out", "said.npy")
        assert np.load("said.npy").shape == (1, samples)
    twice = ("--spectrogram", "painted.npy", "--condition", recording)
    assert "not both" in complaint(capsys, "generate", path, *twice, "--out", "said.npy")
    other = str(tiny_voice(here))
    assert "no spectrogram" in complaint(
        capsys, "generate", other, "--spectrogram", "painted.npy", "--out", "said.npy"
    )


def test_a_class_is_given_by_name(here, capsys):
    path = str(tiny_voice(here, classes=2, class_names=("high", "low")))
    assert (
        result(
            capsys, "generate", path, "--condition", "low", "--seconds", "0.05", "--out", "low.npy"
        )
        == "low.npy"
    )
    assert "there are high, low" in complaint(
        capsys, "generate", path, "--condition", "loud", "--out", "loud.npy"
    )


def test_much_sound_comes_from_the_compiled_engine_and_is_the_same(here, capsys):
    path = str(tiny_voice(here))
    result(capsys, "generate", path, "--seconds", "10.1", "--out", "much.npy")
    result(capsys, "generate", path, "--seconds", "0.5", "--out", "little.npy")
    assert np.array_equal(np.load("much.npy")[:, :500], np.load("little.npy"))


def test_what_was_made_is_kept_when_it_is_interrupted(here, capsys, monkeypatch):
    run = Rendering.run

    def interrupted(self, count):
        if self.position >= 250:
            raise KeyboardInterrupt
        return run(self, count)

    monkeypatch.setattr(Rendering, "run", interrupted)
    assert main(["generate", str(tiny_voice(here)), "--seconds", "1", "--out", "part.npy"]) == 130
    assert "what was made is kept" in capsys.readouterr().err
    assert np.load("part.npy").shape == (1, 250)


def test_pictures_and_sound_are_told_apart(here, capsys, recording):
    voice, drawing = str(tiny_voice(here)), str(tiny_checkpoint(here))
    assert "this is sound" in complaint(capsys, "generate", voice, "--out", "a.png")
    assert "these are pictures" in complaint(capsys, "generate", drawing, "--out", "a.wav")
    assert "with --audio" in complaint(
        capsys, "complete", voice, "--image", "a.png", "--out", "a.wav"
    )
    assert "with --image" in complaint(
        capsys, "complete", drawing, "--audio", recording, "--out", "a.png"
    )
    assert "no other order" in complaint(
        capsys, "generate", voice, "--order", "spiral", "--out", "a.wav"
    )


def test_bad_sound_is_reported_in_one_sentence(here, capsys, recording):
    path = str(tiny_voice(here))
    assert "lasts 0.50 s" in complaint(
        capsys, "complete", path, "--audio", recording, "--keep", "3", "--out", "a.wav"
    )
    Path("empty.wav").write_bytes(b"")
    assert "is empty" in complaint(
        capsys, "complete", path, "--audio", "empty.wav", "--out", "a.wav"
    )
    assert "no folder" in complaint(capsys, "generate", path, "--out", "nowhere/a.wav")


def test_a_gap_is_filled_and_all_around_it_stays_bit_for_bit(here, capsys):
    path = str(tiny_voice(here))
    given = np.random.default_rng(0).integers(-32768, 32767, 500).astype(np.int16)
    soundfile.write("given.wav", given, 1000)
    options = ("--audio", "given.wav", "--gap", "0.2:0.22", "--takes", "8", "--out")
    assert result(capsys, "complete", path, *options, "a.wav") == "a.wav"
    made, rate = soundfile.read("a.wav", dtype="int16")
    assert rate == 1000
    assert np.array_equal(np.delete(made, np.s_[200:220]), np.delete(given, np.s_[200:220]))
    assert not np.array_equal(made[200:220], given[200:220])
    with soundfile.SoundFile("a.wav") as file:
        assert file.comment.endswith("Take: 1; Filled: 0.2000 to 0.2200 s")
    result(capsys, "complete", path, *options, "again.flac")
    assert np.array_equal(soundfile.read("again.flac", dtype="int16")[0], made)


def test_what_filling_a_gap_takes_and_how_well_it_went_is_said(here, capsys, recording):
    path = str(tiny_voice(here))
    options = ("--audio", recording, "--gap", "0.2:0,22", "--takes", "8", "--out", "a.npy")
    assert main(["complete", path, *options, "--count", "3"]) == 0
    said = capsys.readouterr().err
    assert "Filling 20 ms by 8 takes, scored by the 50 ms after it: about" in said
    assert "effective number of takes" in said
    assert np.load("a.npy").shape == (3, 500)


def test_with_json_a_gap_is_told_in_one_document(here, capsys, recording):
    path = str(tiny_voice(here))
    options = ("--audio", recording, "--gap", "0.2:0.22", "--takes", "8", "--out", "a.npy")
    said = json.loads(result(capsys, "complete", path, *options, "--json"))
    assert (said["files"], said["gap"]) == (["a.npy"], {"begin": 0.2, "end": 0.22})
    assert (said["takes"], 1 <= said["effective_takes"] <= 8) == (8, True)
    assert said["log_evidence"]["nats"] < 0


def test_with_json_the_files_of_all_takes_are_named(here, capsys):
    path = str(tiny_voice(here))
    options = ("--seconds", "0.1", "--count", "2", "--out", "a.wav", "--json")
    said = json.loads(result(capsys, "generate", path, *options))
    assert said["files"] == ["a-1.wav", "a-2.wav"]
    assert (said["seconds"], said["sample_rate"], said["interrupted"]) == (0.1, 1000, False)


def test_a_gap_at_the_end_is_said_to_be_a_plain_continuation(here, capsys, recording):
    path = str(tiny_voice(here))
    assert main(["complete", path, "--audio", recording, "--gap", "0.4:0.5", "--out", "a.wav"]) == 0
    assert "nothing comes after it, so the model simply goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--gap", "0.4:0.6"), "does not lie within the recording"),
        (("--gap", "0.2:0.2"), "is empty"),
        (("--gap", "0.2"), "is not BEGIN:END in seconds"),
        (("--gap", "a:b"), "is not a number"),
        (("--gap", "0.2:0.3", "--keep", "0.1"), "leave out --keep"),
        (("--gap", "0.2:0.3", "--seconds", "1"), "leave out --seconds"),
        (("--gap", "0.2:0.3", "--takes", "5000"), "by 1 to 1024 takes"),
        (("--takes", "5"), "--takes is for a gap"),
    ],
)
def test_what_is_no_gap_is_one_sentence(here, capsys, recording, options, sentence):
    path = str(tiny_voice(here))
    said = complaint(capsys, "complete", path, "--audio", recording, *options, "--out", "a.wav")
    assert sentence in said


def test_how_long_much_sound_will_take_is_said_before_it_is_made(here, capsys, monkeypatch):
    path = str(tiny_voice(here))
    assert main(["generate", path, "--seconds", "1", "--out", "a.wav"]) == 0
    assert "will take" not in capsys.readouterr().err, "what is short needs no word"
    monkeypatch.setattr(speaking, "_MEASURED", 0.0)
    monkeypatch.setattr(speaking, "_LONG", 0.0)
    assert main(["generate", path, "--seconds", "1", "--out", "a.wav"]) == 0
    said = capsys.readouterr().err
    assert re.search(r"This will take about \d+ s, at the rate of the beginning\.", said)
    assert said.count("will take") == 1


def test_more_sound_than_fits_into_memory_is_refused_unless_wanted_anyway(
    here, capsys, monkeypatch
):
    path = str(tiny_voice(here))
    asked = ("generate", path, "--seconds", "1000000000", "--count", "2", "--out", "a.wav")
    said = complaint(capsys, *asked)
    assert said.startswith("Making 2 takes of 1,000,000,000 s of sound would take about 20 TB")
    assert said.endswith("With --anyway it is tried all the same.\n")
    monkeypatch.setattr(Rendering, "check_room", lambda *_: pytest.fail("nobody asks"))
    result(capsys, "generate", path, "--seconds", "0.1", "--out", "a.wav", "--anyway")


def test_of_several_takes_the_best_is_kept_and_said(here, capsys):
    path = str(tiny_voice(here))
    options = ("--seconds", "0.2", "--takes", "5")
    said = json.loads(result(capsys, "generate", path, *options, "--out", "best.npy", "--json"))
    tried = said["takes"]
    assert sorted(each["take"] for each in tried) == [1, 2, 3, 4, 5]
    kept = [each["bits_per_sample"] for each in tried if not each["dropped"]]
    assert kept == sorted(kept)
    result(capsys, "generate", path, "--seconds", "0.2", "--count", "5", "--out", "every.npy")
    best = tried[0]["take"]
    assert np.array_equal(np.load("best.npy")[0], np.load("every.npy")[best - 1])
    result(capsys, "generate", path, *options, "--out", "best.wav")
    with soundfile.SoundFile("best.wav") as file:
        assert file.comment.endswith(f"Take: {best}")
    result(capsys, "recall", "best.wav", "--checkpoint", path, "--out", "again.npy")
    assert np.array_equal(np.load("again.npy"), np.load("best.npy"))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--takes", "2", "--count", "3"), "Of 2 takes no 3 can be kept"),
        (("--takes", "2000"), "At most 1024 takes are tried, not 2000"),
    ],
)
def test_takes_that_cannot_be_tried_are_one_sentence(here, capsys, options, sentence):
    path = str(tiny_voice(here))
    assert sentence in complaint(capsys, "generate", path, *options, "--out", "a.wav")
    picture = str(tiny_checkpoint(here))
    assert "makes no sound" in complaint(capsys, "generate", picture, "--takes", "2")
