"""Data sets of sound: the shipped speech and folders of one's own, what is held out, and what
trivial models need."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from models.companding import mu_law_decode, mu_law_encode
from studio.engine.data.audio_data import AudioData, Sounds, baselines, open_audio
from studio.engine.runtime.errors import StudioError


@pytest.fixture(scope="module")
def speech() -> AudioData:
    return open_audio("speech", 8000)


def noise(seconds: float, seed: int = 0, rate: int = 8000) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * rate)).astype(np.float32)


def folder_of(folder: Path, files: dict[str, np.ndarray], rate: int = 8000) -> Path:
    for name, samples in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, samples, rate)
    return folder


def test_the_shipped_speech_is_twenty_four_minutes_of_554_recordings(speech):
    assert len(speech.train.codes) + len(speech.test.codes) == 554
    assert (
        23 < (speech.train.samples + speech.test.samples) / 8000 / 60 < 24.5
    )  # without the silence at the ends
    assert all(codes.dtype == torch.uint8 and codes.ndim == 1 for codes in speech.train.codes)


def test_a_tenth_of_the_time_is_held_out_and_always_the_same(speech):
    held = speech.test.samples / (speech.train.samples + speech.test.samples)
    assert held == pytest.approx(0.1, abs=0.001)
    assert open_audio("speech", 8000).test.files == speech.test.files
    assert not set(speech.test.files) & set(speech.train.files)


@pytest.mark.parametrize(
    "pair",
    [("queue-seconds.flac", "seconds.flac"), ("auth-thankyou.flac", "privacy-thankyou.flac")],
)
def test_a_recording_under_two_names_is_on_one_side(speech, pair):
    assert len({name in speech.test.files for name in pair}) == 1


def test_trivial_models_of_speech_need_the_more_bits_the_less_they_know(speech):
    found = baselines(speech)
    assert found["uniform"] == 8
    assert 7 < found["unigram"] < 8
    assert 5 < found["previous_sample"] < 6


def test_folders_in_a_folder_are_classes_and_what_lies_beside_them_has_none(tmp_path):
    names = [
        "cat/a.wav",
        "cat/b.wav",
        "dog/a.flac",
        "dog/old/b.ogg",
        "c.wav",
        ".hidden.wav",
        "notes.txt",
    ]
    files = {
        name: noise(0.1 + i / 100, i) for i, name in enumerate(names) if not name.endswith(".txt")
    }
    data = open_audio(folder_of(tmp_path, files), 8000)
    assert data.class_names == ("cat", "dog")
    labels: dict[str, int] = {}
    for part in (data.train, data.test):
        assert part.labels is not None
        labels |= dict(zip(part.files, part.labels.tolist(), strict=True))
    assert labels == {
        "cat/a.wav": 0,
        "cat/b.wav": 0,
        "dog/a.flac": 1,
        "dog/old/b.ogg": 1,
        "c.wav": -1,
    }


def test_recordings_are_resampled_trimmed_and_companded(tmp_path):
    tone = 0.5 * np.sin(np.arange(24_000) * 2 * np.pi * 300 / 24_000)
    padded = np.concatenate([np.zeros(12_000), tone, np.zeros(12_000)])
    data = open_audio(
        folder_of(tmp_path, {"a.wav": padded, "b.wav": padded[:30_000]}, 24_000), 8000
    )
    for codes in (*data.train.codes, *data.test.codes):
        assert len(codes) < 8000 * 1.2
        assert mu_law_decode(codes).abs().max() == pytest.approx(0.5, abs=0.02)


def test_one_recording_is_cut_and_its_end_held_out(tmp_path):
    data = open_audio(folder_of(tmp_path, {"long.wav": noise(2.0)}) / "long.wav", 8000)
    assert (data.train.samples, data.test.samples) == (14_400, 1600)
    whole = torch.cat([*data.train.codes, *data.test.codes])
    assert torch.equal(
        whole, mu_law_encode(torch.from_numpy(soundfile.read(tmp_path / "long.wav")[0]))
    )


def test_of_two_recordings_the_shorter_is_held_out(tmp_path):
    data = open_audio(folder_of(tmp_path, {"a.wav": noise(1.0), "b.wav": noise(2.0, 1)}), 8000)
    assert data.test.files == ("a.wav",)


def test_of_three_recordings_two_of_which_are_the_same_both_or_neither_are_held_out(tmp_path):
    data = open_audio(
        folder_of(tmp_path, {"a.wav": noise(1.0), "b.wav": noise(1.0), "c.wav": noise(2.0, 1)}),
        8000,
    )
    assert set(data.test.files) in ({"a.wav", "b.wav"}, {"c.wav"})


@pytest.mark.parametrize(
    ("files", "name", "sentence"),
    [
        ({}, "missing", "There is no sound"),
        ({}, "", "holds no sound"),
        ({"a.wav": noise(1.0), "b.wav": np.zeros(8000)}, "", "one recording that is not silent"),
        ({"a.wav": np.zeros(8000)}, "a.wav", "too short, or silent"),
    ],
)
def test_what_cannot_be_learnt_from_is_one_sentence(tmp_path, files, name, sentence):
    with pytest.raises(StudioError, match=sentence):
        open_audio(folder_of(tmp_path, files) / name, 8000)


def test_a_damaged_file_of_a_folder_is_named(tmp_path):
    folder_of(tmp_path, {"a.wav": noise(1.0), "b.wav": noise(1.0, 1)})
    (tmp_path / "c.wav").write_bytes(b"RIFF")
    with pytest.raises(StudioError, match=r"c\.wav"):
        open_audio(tmp_path, 8000)


def test_there_are_two_parts(speech):
    assert speech.split("test") is speech.test
    with pytest.raises(StudioError, match="choose train or test"):
        speech.split("validation")


def test_baselines_of_what_is_known_are_what_they_should_be():
    """An eternal round of four codes: the code before says which comes next, the frequencies say
    one of four."""
    round_ = Sounds((torch.arange(100_000).remainder(4).to(torch.uint8),), ("a",), None)
    found = baselines(AudioData("round", 8000, round_, round_))
    assert found["unigram"] == pytest.approx(2.0, abs=0.01)
    assert found["previous_sample"] == pytest.approx(0.0, abs=0.02)
