"""Data sets of sound: the shipped speech and folders of one's own, what is held out, and what
trivial models need."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from models.companding import mu_law_decode, mu_law_encode
from studio.engine.data import audio_data
from studio.engine.data.audio_data import AudioData, open_audio
from studio.engine.runtime.errors import StudioError


@pytest.fixture(scope="module")
def speech() -> AudioData:
    return open_audio("speech", 8000)


def digest(names: tuple[str, ...]) -> str:
    """Another one for other names: to read them all takes three seconds, once is enough."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def noise(seconds: float, seed: int = 0, rate: int = 8000) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * rate)).astype(np.float32)


def folder_of(folder: Path, files: dict[str, np.ndarray], rate: int = 8000) -> Path:
    for name, samples in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, samples, rate)
    return folder


def test_the_shipped_speech_is_twenty_four_minutes_of_554_recordings(speech):
    parts = (speech.train, speech.validation, speech.test)
    assert sum(len(part.codes) for part in parts) == 554
    minutes = sum(part.samples for part in parts) / 8000 / 60
    assert 23 < minutes < 24.5  # without the silence at the ends
    assert all(codes.dtype == torch.uint8 and codes.ndim == 1 for codes in speech.train.codes)


def test_a_tenth_of_the_time_is_held_out_and_always_the_same(speech):
    learnt = speech.train.samples + speech.validation.samples
    assert speech.test.samples / (learnt + speech.test.samples) == pytest.approx(0.1, abs=0.001)
    assert len(speech.test.files) == 52
    # those that the shipped models were tested with
    assert digest(speech.test.files) == "1def9af615651113"


def test_a_twentieth_of_the_rest_or_a_little_more_is_for_validation(speech):
    learnt = speech.train.samples + speech.validation.samples
    assert 0.05 <= speech.validation.samples / learnt < 0.06
    assert digest(speech.validation.files) == "6f03b46809e0b580"


def test_no_recording_is_in_two_parts(speech):
    files = [*speech.train.files, *speech.validation.files, *speech.test.files]
    assert len(files) == len(set(files))


@pytest.mark.parametrize(
    "pair",
    [("queue-seconds.ogg", "seconds.ogg"), ("auth-thankyou.ogg", "privacy-thankyou.ogg")],
)
def test_a_recording_under_two_names_is_in_one_part(speech, pair):
    parts = (speech.train, speech.validation, speech.test)
    assert sum(bool({*pair} & {*part.files}) for part in parts) == 1


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
    for part in (data.train, data.validation, data.test):
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
    files = {"a.wav": padded, "b.wav": padded[:30_000], "c.wav": padded[:33_000]}
    data = open_audio(folder_of(tmp_path, files, 24_000), 8000)
    for codes in (*data.train.codes, *data.validation.codes, *data.test.codes):
        assert len(codes) < 8000 * 1.2
        assert mu_law_decode(codes).abs().max() == pytest.approx(0.5, abs=0.02)


def test_one_recording_is_cut_and_its_end_held_out(tmp_path):
    data = open_audio(folder_of(tmp_path, {"long.wav": noise(2.0)}) / "long.wav", 8000)
    parts = (data.train, data.validation, data.test)
    assert [part.samples for part in parts] == [13_680, 720, 1600]
    whole = torch.cat([codes for part in parts for codes in part.codes])
    assert torch.equal(
        whole, mu_law_encode(torch.from_numpy(soundfile.read(tmp_path / "long.wav")[0]))
    )


def test_of_two_recordings_the_shorter_is_held_out_and_the_end_of_the_other_for_validation(
    tmp_path,
):
    data = open_audio(folder_of(tmp_path, {"a.wav": noise(1.0), "b.wav": noise(2.0, 1)}), 8000)
    assert data.test.files == ("a.wav",)
    assert data.train.files == data.validation.files == ("b.wav",)
    assert (data.train.samples, data.validation.samples) == (15_200, 800)


def test_of_three_recordings_two_of_which_are_the_same_both_or_neither_are_held_out(tmp_path):
    data = open_audio(
        folder_of(tmp_path, {"a.wav": noise(1.0), "b.wav": noise(1.0), "c.wav": noise(2.0, 1)}),
        8000,
    )
    assert set(data.test.files) in ({"a.wav", "b.wav"}, {"c.wav"})


def test_of_long_recordings_the_shortest_that_is_left_is_for_validation(tmp_path):
    files = {f"{i}.wav": noise(1.0 + i / 10, i) for i in range(4)}
    data = open_audio(folder_of(tmp_path, files), 8000)
    assert (data.test.files, data.validation.files) == (("0.wav",), ("1.wav",))


def test_a_tenth_of_the_seconds_is_held_out_however_long_the_files_are(tmp_path):
    lengths = [0.1, 3.0, 2.5, 2.0, 1.5, 3.5]
    files = {f"{i}.wav": noise(seconds, i) for i, seconds in enumerate(lengths)}
    data = open_audio(folder_of(tmp_path, files), 8000)
    parts = (data.train, data.validation, data.test)
    assert sum(part.samples for part in parts) == round(sum(lengths) * 8000)
    assert data.test.samples >= 0.1 * sum(lengths) * 8000
    assert data.test.files == ("0.wav", "4.wav")  # 0.1 s alone are no tenth
    assert not {*data.test.files} & {*data.train.files, *data.validation.files}


def test_where_whole_files_would_be_more_than_half_the_ends_of_all_are_held_out(tmp_path):
    data = open_audio(folder_of(tmp_path, {"a.wav": noise(0.1), "b.wav": noise(4.0, 1)}), 8000)
    assert data.test.files == data.train.files == ("a.wav", "b.wav")
    assert data.test.samples == pytest.approx(0.1 * 4.1 * 8000, abs=2)


@pytest.mark.parametrize("rate", [-5, 10**9])
def test_a_rate_that_no_sound_has_is_one_sentence(tmp_path, rate):
    with pytest.raises(StudioError, match="samples a second"):
        open_audio(tmp_path, rate)


def test_a_validation_folder_of_ones_own_has_the_classes_of_the_others(tmp_path):
    files = {f"{kind}/{i}.wav": noise(0.2, i) for i, kind in enumerate(["ape", "bee"] * 5)}
    data_folder = folder_of(tmp_path / "data", files)
    own = folder_of(tmp_path / "own", {"bee/x.wav": noise(0.1, 90), "y.wav": noise(0.1, 91)})
    data = open_audio(data_folder, 8000, own)
    assert len(data.train.codes) + len(data.test.codes) == 10
    assert data.validation.files == ("bee/x.wav", "y.wav")
    assert data.validation.labels is not None
    assert data.validation.labels.tolist() == [1, -1]
    (own / "bee").rename(own / "cow")
    with pytest.raises(StudioError, match="has a class cow"):
        open_audio(data_folder, 8000, own)


def test_a_recording_may_be_the_validation_part(tmp_path):
    folder_of(tmp_path, {"a.wav": noise(1.0), "b.wav": noise(0.5, 1)})
    data = open_audio(tmp_path / "a.wav", 8000, tmp_path / "b.wav")
    parts = (data.train, data.validation, data.test)
    assert [part.samples for part in parts] == [7200, 4000, 800]


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


def test_there_are_three_parts(speech):
    assert speech.split("validation") is speech.validation
    assert speech.split("test") is speech.test
    with pytest.raises(StudioError, match="choose train, validation or test"):
        speech.split("practice")


@pytest.fixture
def assets(tmp_path, monkeypatch) -> Path:
    """A folder of assets in which no recordings are installed."""
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(audio_data, "assets_folder", lambda: tmp_path)
    return tmp_path / "data"


def test_recordings_that_are_not_installed_are_one_sentence_and_not_offered(assets):
    with pytest.raises(StudioError, match=r'"speech-16k" are not installed: put them into ".*16k"'):
        open_audio("speech-16k", 16_000)
    assert audio_data.shipped_names() == ()
    assert [name for name, _ in audio_data.sources()] == [""]


def test_recordings_of_two_languages_are_classes_and_a_text_is_held_out_in_both(assets):
    files = {
        f"{language}/{'digits/' * (number % 2)}{number}.wav": noise(0.1, 2 * number + which, 16_000)
        for number in range(20)
        for which, language in enumerate(("en", "es"))
    }
    folder_of(assets / "speech-16k", files, 16_000)
    data = open_audio("speech-16k", 16_000)
    assert (audio_data.shipped_names(), data.class_names) == (("speech-16k",), ("en", "es"))
    for part in (data.train, data.validation, data.test):
        english = {name[2:] for name in part.files if name.startswith("en")}
        spanish = {name[2:] for name in part.files if name.startswith("es")}
        assert english == spanish != set()
    assert data.test.samples == pytest.approx(0.1 * 40 * 1600, rel=0.01)


def test_in_a_folder_of_ones_own_the_same_name_is_not_the_same_text(tmp_path):
    files = {f"{kind}/0.wav": noise(0.1, seed) for seed, kind in enumerate("abcdefgh")}
    data = open_audio(folder_of(tmp_path, files), 8000)
    assert len(data.test.files) == 1


def test_a_text_too_long_for_a_name_is_no_sound():
    with pytest.raises(StudioError, match="There is no sound"):
        open_audio("speech" * 1000, 8000)
