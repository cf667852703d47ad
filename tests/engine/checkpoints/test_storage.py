"""Checkpoints come back as they were saved, and whatever is not one is refused in one sentence."""

from __future__ import annotations

import json
import math
import os
import pickle
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import models
from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.checkpoints import cards, storage
from studio.engine.runtime import memory
from studio.engine.runtime.errors import StudioError
from tests.engine.rewriting import change_card, rewrite

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.parametrize("name", models.available())
def test_every_model_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    before = models.build(name, shape=(1, 6, 5), levels=3)
    checkpoints.save(before, tmp_path / "a.safetensors")
    after = checkpoints.load(tmp_path / "a.safetensors")
    x = torch.randint(3, (2, 1, 6, 5))
    figures = [
        model.figures(x, generator=torch.Generator().manual_seed(0))
        for model in (before.eval(), after)
    ]
    assert all(torch.equal(figures[0][key], figures[1][key]) for key in figures[0])
    assert (after.name, after.config, after.training) == (before.name, before.config, False)


def test_weights_stored_in_bfloat16_are_half_the_size_and_come_back_in_float32(
    tmp_path: Path,
) -> None:
    model = models.build("made", shape=(1, 6, 5), levels=3)
    for name, dtype in (("whole", torch.float32), ("half", torch.bfloat16)):
        checkpoints.save(model, tmp_path / name, dtype=dtype)
    assert (tmp_path / "half").stat().st_size < 0.55 * (tmp_path / "whole").stat().st_size
    after = checkpoints.load(tmp_path / "half")
    assert {tensor.dtype for tensor in after.state_dict().values()} == {torch.float32}
    assert not after.training


def test_in_bfloat16_only_matrices_of_floating_numbers_are_rounded(tmp_path: Path) -> None:
    model = models.build("made", shape=(1, 6, 5), levels=3)
    model.register_buffer("table", torch.arange(6).view(2, 3))
    checkpoints.save(model, tmp_path / "half", dtype=torch.bfloat16)
    stored = load_file(tmp_path / "half")
    for name, tensor in model.state_dict().items():
        rounded = tensor.is_floating_point() and tensor.ndim > 1
        assert torch.equal(stored[name], tensor.bfloat16() if rounded else tensor), name


def test_the_card_says_what_the_model_is_and_what_was_added(
    saved: Path, model: AutoregressiveModel
) -> None:
    card = cards.read_card(saved)
    assert card == checkpoints.load(saved).card
    assert card["model"] == "gated-pixelcnn-class"
    assert card["config"] == model.config.to_dict()
    assert card["format"] == 1
    assert card["parameters"] == sum(p.numel() for p in model.parameters())
    assert card["metrics"] == {"bits_per_dim": 0.1}
    assert set(card["versions"]) == {"autoregressive-studio", "torch", "python"}


def test_a_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "hacked"),)

    (tmp_path / "plain.safetensors").write_bytes(pickle.dumps(Hostile()))
    torch.save(Hostile(), tmp_path / "zipped.safetensors")
    for name in ("plain", "zipped"):
        with pytest.raises(StudioError, match="is a pickle, which can run code"):
            checkpoints.load(tmp_path / f"{name}.safetensors")
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model": "gpt-9"}, '"gpt-9", which is not known here.*--models'),
        ({"config": {"hair": 1}}, "cannot build"),
        ({"config": {"width": 10**9}}, "do not fit|cannot build"),
        ({"config": {}}, "do not fit"),
        ({"config": []}, "damaged"),
        ({"format": "one"}, "damaged"),
    ],
)
def test_a_card_that_does_not_fit_is_reported(
    saved: Path, change: dict[str, Any], sentence: str
) -> None:
    change_card(saved, **change)
    with pytest.raises(StudioError, match=sentence):
        checkpoints.load(saved)


def test_weights_that_are_not_numbers_are_never_kept_nor_opened(
    saved: Path, model: AutoregressiveModel
) -> None:
    before = saved.read_bytes()
    with torch.no_grad():
        next(model.parameters()).view(-1)[0] = math.nan
    with pytest.raises(StudioError, match="some weights of the model are not numbers"):
        checkpoints.save(model, saved)
    assert saved.read_bytes() == before
    saved.write_bytes(before[:-4] + struct.pack("<f", math.nan))
    with pytest.raises(StudioError, match=r"Some weights in .* are not numbers"):
        checkpoints.load(saved)


def test_what_does_not_fit_into_memory_is_refused_before_it_is_read(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 1000)
    monkeypatch.setattr(storage, "load_file", lambda path: pytest.fail("it was read"))
    with pytest.raises(memory.TooLargeError, match="would take about"):
        checkpoints.load(saved)


def test_weights_under_other_names_are_reported(saved: Path) -> None:
    rewrite(
        saved,
        lambda header: {
            ("x" + key if key.startswith("skip") else key): value for key, value in header.items()
        },
    )
    with pytest.raises(StudioError, match="do not fit"):
        checkpoints.load(saved)


@pytest.mark.parametrize("name", ["", "nothing-of-that-name", "folder"])
def test_a_name_that_is_none_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudioError, match=r"There is no checkpoint|is a folder"):
        checkpoints.load(name)


def test_the_old_checkpoint_stays_where_a_new_one_cannot_be_written(
    saved: Path, model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StudioError, match="there is no permission to write there"):
        checkpoints.save(model, saved)
    assert saved.read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_killed_while_saving_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.engine.killed_while_saving", str(tmp_path), "20"]
    run = subprocess.run(program, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    result = json.loads(run.stdout)
    assert result["tried"] == result["whole"] == 20
    assert result["versions"] == 2, "the kills never caught a save half way"
    assert result["cleared"]


def test_a_name_that_is_too_long_for_a_file_is_no_checkpoint() -> None:
    with pytest.raises(StudioError, match="There is no checkpoint") as raised:
        checkpoints.resolve("digits {" * 1000)
    assert len(str(raised.value)) < 1000


def test_the_checkpoint_of_a_run_is_found_by_its_name_and_by_its_folder(
    user_data_folder: Path,
) -> None:
    folder = user_data_folder / "runs" / "my digits"
    folder.mkdir(parents=True)
    checkpoints.save(models.build("made", shape=(1, 6, 5)), folder / "latest.safetensors")
    assert checkpoints.resolve("my digits") == folder / "latest.safetensors"
    assert checkpoints.resolve(folder) == folder / "latest.safetensors"
