"""A folder of recordings: what is read, what is left out, and what is said of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from models.companding import mu_law_encode
from studio.engine.data import sound_folder
from studio.engine.data.sound_folder import codes_of, read_folder
from studio.engine.media.recordings import read_recording, trim_silence
from studio.engine.runtime.errors import StudioError


def written(folder: Path, *names: str, seconds: float = 0.5, rate: int = 16_000) -> Path:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        samples = 0.5 * np.sin(np.arange(round(seconds * rate)) * (0.1 + number / 50))
        soundfile.write(path, samples, rate)
    return folder


def test_codes_made_in_blocks_are_those_of_the_whole_recording(tmp_path):
    path = written(tmp_path, "a.wav", seconds=40) / "a.wav"
    whole = trim_silence(read_recording(path, 8000).samples, 8000)
    assert torch.equal(codes_of(path, 8000), mu_law_encode(torch.from_numpy(whole)))


def test_every_kind_of_sound_in_a_folder_is_read(tmp_path):
    names = ["a.wav", "b.mp3", "c.flac", "d.aiff", "e/f.ogg", "g.AU"]
    assert list(read_folder(written(tmp_path, *names), 8000)) == sorted(names)


def test_what_is_left_out_is_counted_and_said(tmp_path, caplog):
    written(tmp_path, "a.wav", ".hidden.wav")
    for name in ("b.txt", "c.txt", "LICENCE"):
        (tmp_path / name).write_text("no sound")
    soundfile.write(tmp_path / "still.wav", np.zeros(8000), 8000)
    assert list(read_folder(tmp_path, 8000)) == ["a.wav"]
    where = f'Left out of "{tmp_path}": '
    assert [record.getMessage() for record in caplog.records] == [
        where + "3 of 5 files, no sound files (2 .txt, 1 without an ending).",
        where + "1 of 5 files, silent (still.wav).",
    ]


def test_where_it_is_quiet_nothing_is_said(tmp_path, caplog):
    (written(tmp_path, "a.wav") / "b.txt").write_text("no sound")
    read_folder(tmp_path, 8000, quiet=True)
    assert not caplog.records


def test_all_damaged_files_are_named_at_once(tmp_path):
    written(tmp_path, "a.wav")
    for name in ("b.wav", "c/d.mp3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"no sound at all")
    with pytest.raises(
        StudioError, match=r"2 of the 3 sound files .* \(b\.wav, c/d\.mp3\): remove"
    ):
        read_folder(tmp_path, 8000)


def test_damaged_files_may_be_left_out(tmp_path, caplog):
    (written(tmp_path, "a.wav") / "b.wav").write_bytes(b"no sound at all")
    assert list(read_folder(tmp_path, 8000, skip_damaged=True)) == ["a.wav"]
    assert "1 of 2 files, damaged (b.wav)." in caplog.text


def test_a_folder_without_sound_is_refused_by_name(tmp_path):
    (tmp_path / "a.txt").write_text("no sound")
    with pytest.raises(StudioError, match="holds no sound files, such as WAV, FLAC, MP3"):
        read_folder(tmp_path, 8000)


def test_what_would_not_fit_the_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_folder, "MOST", 7_000)
    monkeypatch.setattr(sound_folder, "codes_of", None)
    with pytest.raises(StudioError, match=r"too large: it holds 1 s of sound, which take 0\.0 GB"):
        read_folder(written(tmp_path, "a.wav", "b.wav"), 8000)
