"""Sound files of every kind a person may have: what is read of them,
and what is said of those that cannot be."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.engine.media.recordings import (
    SUFFIXES,
    Loudness,
    check_rate,
    lasting,
    read_recording,
    recording_blocks,
    seconds_of,
    trim_silence,
    write_recording,
)
from studio.engine.runtime.errors import StudioError


def tone(seconds: float = 1.0, rate: int = 8000, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(
        np.float32
    )


def file_of(
    folder: Path,
    samples: np.ndarray,
    rate: int = 8000,
    name: str = "a.wav",
    subtype: str | None = None,
) -> Path:
    kind = "OGG" if name.endswith(".opus") else None
    soundfile.write(folder / name, samples, rate, subtype=subtype, format=kind)
    return folder / name


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "PCM_U8", 1 / 100),
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-6),
        ("a.wav", "PCM_32", 1e-6),
        ("a.wav", "FLOAT", 1e-7),
        ("a.wav", "DOUBLE", 1e-7),
        ("a.flac", "PCM_24", 1e-6),
        ("a.wav", "GSM610", 0.15),
        ("a.wav", "IMA_ADPCM", 0.15),
        ("a.ogg", "VORBIS", 0.1),
        ("a.opus", "OPUS", 0.1),
        ("a.mp3", None, 0.1),
        ("a.aiff", "PCM_16", 1e-4),
        ("a.au", "ULAW", 0.02),
        ("a.caf", "ALAC_16", 1e-4),
        ("a.w64", "PCM_16", 1e-4),
    ],
)
def test_every_kind_and_bit_depth_is_read(tmp_path, name, subtype, error):
    recording = read_recording(file_of(tmp_path, tone(), name=name, subtype=subtype))
    assert recording.rate == 8000
    assert recording.samples.dtype == np.float32
    # GSM and ADPCM get used to what comes, and fill up their last block with silence
    assert recording.samples[400:8000] == pytest.approx(tone()[400:], abs=error)
    assert Path(name).suffix in SUFFIXES


def test_neither_raw_samples_nor_other_data_are_taken_for_sound():
    assert not SUFFIXES & {".raw", ".mat", ".m4a", ".txt", ".npy", ".png", ""}


def with_open_length(path: Path) -> Path:
    """A FLAC as a program writes it into a pipe: its header leaves the length open."""
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0  # the last 36 of the 64 bits from byte 18 on
    content[22:26] = bytes(4)
    path.write_bytes(content)
    return path


def test_a_flac_that_does_not_say_how_long_it_is_is_read_to_its_end(tmp_path):
    path = with_open_length(file_of(tmp_path, tone(), name="a.flac"))
    assert seconds_of(path) is None
    assert read_recording(path).samples == pytest.approx(tone(), abs=1e-4)


def test_where_nothing_says_how_long_it_is_too_much_is_noticed_while_it_is_read(tmp_path):
    path = with_open_length(file_of(tmp_path, tone(3), name="a.flac"))
    with pytest.raises(StudioError, match="lasts more than 1 s"):
        read_recording(path, longest=1.0)


@pytest.mark.parametrize(
    ("name", "order"), [("a.wav", "LRCESS"), ("a.flac", "LRCESS"), ("a.ogg", "LCRSSE")]
)
def test_five_channels_and_a_low_one_are_mixed_as_the_itu_does(tmp_path, name, order):
    at = {kind: 300.0 * (1 + order.index(kind)) for kind in "LRCSE"}  # a tone for each
    channels = [tone(hertz=at[kind]) for kind in order]
    samples = read_recording(file_of(tmp_path, np.stack(channels, 1), name=name)).samples
    spectrum = np.abs(np.fft.rfft(samples))
    heard = {kind: spectrum[round(hertz)] for kind, hertz in at.items()}
    assert heard["R"] / heard["L"] == pytest.approx(1, rel=0.1)
    assert heard["C"] / heard["L"] == pytest.approx(2**0.5, rel=0.1)  # in both sides, at -3 dB
    assert heard["S"] / heard["L"] == pytest.approx(2 * 0.5**0.5, rel=0.1)  # two of them, at -3 dB
    assert heard["E"] / heard["L"] < 0.01
    assert np.abs(samples).max() <= 0.55


def test_channels_are_averaged(tmp_path):
    path = file_of(tmp_path, np.stack([tone(), np.zeros(8000)], 1))
    assert read_recording(path).samples == pytest.approx(tone() / 2, abs=1e-4)


@pytest.mark.parametrize("rate", [11_025, 44_100, 192_000])
def test_it_is_resampled_to_the_rate_that_is_wanted(tmp_path, rate):
    recording = read_recording(file_of(tmp_path, tone(rate=rate), rate), 8000)
    assert recording.rate == 8000
    assert recording.seconds == pytest.approx(1.0, abs=1e-3)
    # away from the ends
    assert recording.samples[200:7800] == pytest.approx(tone()[200:7800], abs=2e-3)


def test_what_the_wanted_rate_has_no_room_for_is_not_folded_down(tmp_path):
    recording = read_recording(file_of(tmp_path, tone(rate=48_000, hertz=7000), 48_000), 8000)
    assert np.abs(recording.samples[200:-200]).max() < 1e-3


def long_file(folder: Path, seconds: int) -> Path:
    """A second of sound at 192 kHz and then silence, which takes no room on the disk."""
    path = file_of(folder, tone(rate=192_000), 192_000)
    content = bytearray(path.read_bytes())
    length = seconds * 192_000 * 2
    content[4:8], content[40:44] = struct.pack("<I", length + 36), struct.pack("<I", length)
    path.write_bytes(content)
    os.truncate(path, length + 44)
    return path


@pytest.mark.slow
def test_two_minutes_at_192_khz_need_little_memory(tmp_path):
    path = long_file(tmp_path, 120)
    tracemalloc.start()
    recording = read_recording(path, 8000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert recording.seconds == pytest.approx(120, abs=0.01)
    assert peak < 3.5 * recording.samples.nbytes


def damaged(folder: Path, name: str, keep: float) -> Path:
    path = file_of(folder, np.random.default_rng(0).uniform(-0.5, 0.5, 8000), name=name)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: folder / "missing.wav", "There is no file"),
        (lambda folder: folder, "could not be read: a folder has that name"),
        (lambda folder: named(folder, "a.wav", b""), "is empty"),
        (
            lambda folder: named(folder, "a.wav", b"no sound at all" * 20),
            "damaged or another kind of file",
        ),
        (lambda folder: named(folder, "a.raw", b"\0" * 2000), "damaged or another kind of file"),
        (lambda folder: damaged(folder, "a.flac", 0.5), "damaged or another kind of file"),
        (lambda folder: damaged(folder, "a.wav", 0.001), "damaged or another kind of file"),
        (lambda folder: damaged(folder, "a.ogg", 0.5), "holds no sound"),
        (lambda folder: file_of(folder, np.zeros(0)), "holds no sound"),
        (lambda folder: file_of(folder, np.array([0.5, np.nan]), subtype="FLOAT"), "not numbers"),
        (lambda folder: file_of(folder, np.zeros(10), rate=50), "50 samples a second"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_that_names_the_file(tmp_path, make, sentence):
    path = make(tmp_path)
    with pytest.raises(StudioError, match=sentence) as caught:
        read_recording(path, 8000)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(".")


def named(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_a_cut_mp3_is_read_as_far_as_it_goes_and_that_is_said(tmp_path, caplog):
    recording = read_recording(damaged(tmp_path, "a.mp3", 0.5))
    assert 0.2 < recording.seconds < 0.8
    assert 'a.mp3" is cut short: ' in caplog.text
    assert "of 1.0 s could be read" in caplog.text


@pytest.mark.parametrize("rate", [-5, 0, 10**9])
def test_rates_that_no_sound_has_are_refused(tmp_path, rate):
    with pytest.raises(StudioError, match="1,000 to 1,000,000 are possible"):
        check_rate(rate)


def test_a_header_that_claims_a_billion_samples_is_refused_by_it_alone(tmp_path):
    path = file_of(tmp_path, tone(), name="a.flac")
    content = bytearray(path.read_bytes())
    content[21:26] = bytes([content[21] & 0xF0, *(10**10).to_bytes(4 + 1, "big")[1:]])
    content[21] |= 10**10 >> 32
    path.write_bytes(content)
    with pytest.raises(StudioError, match=r"lasts 347\.2 hours, and .* at most 2\.3 hours"):
        read_recording(path)


def test_an_hour_at_192_khz_is_refused_at_once_where_ten_minutes_are_wanted(tmp_path):
    path = long_file(tmp_path, 3600)
    tracemalloc.start()
    with pytest.raises(StudioError, match=r"lasts 1\.0 hours, and at 8,000 Hz at most 600 s"):
        read_recording(path, 8000, longest=600.0)
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()


def test_blocks_are_the_recording(tmp_path):
    path = file_of(tmp_path, tone(10, 44_100), 44_100)
    blocks = list(recording_blocks(path, 8000))
    assert len(blocks) > 1
    assert (np.concatenate(blocks) == read_recording(path, 8000).samples).all()


def test_lengths_are_said_in_seconds_or_hours():
    assert lasting(90.4) == "90 s"
    assert lasting(5400) == "1.5 hours"


def test_what_is_too_long_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.engine.media.recordings.LONGEST", 7999)
    with pytest.raises(StudioError, match="too long"):
        read_recording(file_of(tmp_path, tone()))


def test_silence_at_both_ends_goes_and_pauses_stay():
    silence = np.zeros(4000, np.float32)
    trimmed = trim_silence(np.concatenate([silence, tone(), silence, tone(), silence]), 8000)
    # with 50 ms on both sides, and a started frame
    assert 20_000 <= len(trimmed) <= 20_000 + 2 * 480
    assert not trimmed[:400].any()
    assert trimmed[400:480].any()


def test_silence_is_found_in_blocks_as_in_the_whole():
    samples = np.concatenate([np.zeros(4003, np.float32), tone(), np.zeros(777, np.float32)])
    loudness = Loudness(8000)
    for part in np.array_split(samples, 7):
        loudness.add(part)
    assert (samples[loudness.heard()] == trim_silence(samples, 8000)).all()


def test_nothing_is_left_of_silence():
    assert len(trim_silence(np.zeros(4000, np.float32), 8000)) == 0
    assert len(trim_silence(np.zeros(0, np.float32), 8000)) == 0


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "A.WAV"])
def test_what_is_written_is_read_back_with_its_seed_and_model(tmp_path, name):
    write_recording(tmp_path / name, tone(), 8000, {"model": "wavenet", "seed": 17})
    recording = read_recording(tmp_path / name)
    assert recording.rate == 8000
    assert recording.samples == pytest.approx(tone(), abs=1e-4)
    with soundfile.SoundFile(tmp_path / name) as file:
        assert file.subtype == "PCM_16"
        assert "Software: Autoregressive Studio" in file.comment
        assert "Model: wavenet; Seed: 17" in file.comment
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_is_too_loud_is_clipped_and_not_wrapped(tmp_path):
    write_recording(tmp_path / "a.wav", np.array([3.0, -3.0], np.float32), 8000)
    assert read_recording(tmp_path / "a.wav").samples.tolist() == pytest.approx(
        [1.0, -1.0], abs=1e-4
    )


def test_what_cannot_be_written_is_one_sentence_and_the_old_file_stays(tmp_path, monkeypatch):
    path = named(tmp_path, "a.wav", b"old")
    with pytest.raises(StudioError, match=r"choose \.wav or \.flac"):
        write_recording(tmp_path / "a.mp3", tone(), 8000)
    with pytest.raises(StudioError, match="the folder does not exist"):
        write_recording(tmp_path / "missing" / "a.wav", tone(), 8000)

    def failing(*_: object, **__: object) -> None:
        raise soundfile.LibsndfileError(2)

    monkeypatch.setattr(soundfile, "SoundFile", failing)
    with pytest.raises(StudioError, match="could not be written"):
        write_recording(path, tone(), 8000)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_16_bits_that_are_read_and_written_are_the_same_bits(tmp_path, name):
    levels = np.arange(-(2**15), 2**15, dtype=np.int16)
    soundfile.write(tmp_path / "given.wav", levels, 8000)
    write_recording(tmp_path / name, read_recording(tmp_path / "given.wav").samples, 8000)
    assert np.array_equal(soundfile.read(tmp_path / name, dtype="int16")[0], levels)
