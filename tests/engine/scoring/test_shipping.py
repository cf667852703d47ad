"""A checkpoint is shipped in the least space in which its figure stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.engine import checkpoints
from studio.engine.checkpoints import packing
from studio.engine.checkpoints.cards import read_card
from studio.engine.runtime.errors import StudioError
from studio.engine.scoring import evaluation
from studio.engine.scoring.shipping import ship, tried_for
from tests.engine.data.test_audio_windows import small
from tests.tiny import tiny_checkpoint, tiny_data


def scored_checkpoint(folder: Path, off_by: float = 0.0, split: str = "test") -> Path:
    """One whose weights are the same in bfloat16, and its figure on the card, off by so much."""
    data = {"data": str(tiny_data(folder))}
    model = checkpoints.load(tiny_checkpoint(folder, "made"))
    for tensor in model.state_dict().values():
        tensor.copy_(tensor.bfloat16())
    path = folder / "scored.safetensors"
    checkpoints.save(model, path, data)
    score = evaluation.evaluate(checkpoints.load(path))
    assert score is not None
    figure = score.figures["bits_per_dim"] + off_by
    checkpoints.save(model, path, {**data, "metrics": {"bits_per_dim": figure, "split": split}})
    return path


def test_where_the_figure_stays_the_weights_are_shipped_in_eight_bits(tmp_path):
    source, target = scored_checkpoint(tmp_path), tmp_path / "shipped.safetensors"
    kept, figures = ship(source, target)
    assert kept == torch.int8
    assert figures[torch.int8] == figures[torch.float32]
    assert torch.int8 in {tensor.dtype for tensor in load_file(target).values()}
    assert read_card(target) == {**read_card(source), "format": 2}


def test_where_eight_bits_change_the_figure_half_the_space_is_tried(tmp_path, monkeypatch):
    source, target = scored_checkpoint(tmp_path), tmp_path / "shipped.safetensors"
    monkeypatch.setattr(packing, "_LARGEST", 1)  # as if a weight were told in a bit and a half
    kept, figures = ship(source, target)
    assert kept == torch.bfloat16
    assert figures[torch.bfloat16] == figures[torch.float32] != figures[torch.int8]
    assert torch.bfloat16 in {tensor.dtype for tensor in load_file(target).values()}
    assert read_card(target) == read_card(source)


def test_where_the_figure_would_be_another_the_weights_are_shipped_as_they_are(tmp_path):
    source = scored_checkpoint(tmp_path, off_by=-0.05)
    before = source.read_bytes()
    kept, figures = ship(source, source)
    assert kept == torch.float32
    assert figures[torch.float32] not in (figures[torch.int8], figures[torch.bfloat16])
    assert source.read_bytes() == before


def test_a_figure_that_may_be_a_little_worse_stands_on_the_card(tmp_path):
    source, target = scored_checkpoint(tmp_path, off_by=-0.0002), tmp_path / "shipped.safetensors"
    kept, figures = ship(source, target, loss=0.001)
    assert kept == torch.int8
    on_the_card = read_card(target)["metrics"]
    assert f"{on_the_card['bits_per_dim']:.4f}" == figures[torch.int8] != figures[torch.float32]
    assert on_the_card["split"] == "test"


def test_a_vocoder_is_never_shipped_in_eight_bits():
    assert torch.int8 not in tried_for(small("wavenet-mel"))
    assert torch.int8 in tried_for(small("wavenet"))


def test_what_was_not_scored_on_the_test_set_is_not_shipped(tmp_path):
    with pytest.raises(StudioError, match="no figure of the test set"):
        ship(scored_checkpoint(tmp_path, split="validation"), tmp_path / "shipped.safetensors")
    assert not (tmp_path / "shipped.safetensors").exists()
