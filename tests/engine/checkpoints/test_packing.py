"""Weights in 8 bits come back nearly as they were, and what does not fit is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.engine import checkpoints
from studio.engine.checkpoints.cards import KEY, read_card
from studio.engine.checkpoints.packing import packed, unpacked
from studio.engine.runtime.errors import StudioError
from tests.tiny import tiny_checkpoint


def test_no_weight_is_off_by_more_than_half_a_step_of_its_row() -> None:
    weight = torch.randn(5, 3, 3, 3, generator=torch.Generator().manual_seed(0))
    weight[1] *= 100  # a row of its own size does not make the others coarse
    found = unpacked(packed({"weight": weight}))["weight"]
    steps = weight.flatten(1).abs().amax(1) / 127
    off = (found - weight).flatten(1).abs().amax(1)
    assert (off <= 0.5001 * steps).all()
    assert (off > 0).all()


def test_zeros_stay_zeros_and_a_row_of_them_is_no_trouble() -> None:
    weight = torch.tensor([[0.0, 1.5, 0.0], [0.0, 0.0, 0.0]])
    assert torch.equal(unpacked(packed({"weight": weight}))["weight"], weight)


def test_biases_and_whole_numbers_stay_as_they_are() -> None:
    weights = {
        "bias": torch.randn(4),
        "count": torch.tensor(3),
        "order": torch.arange(6).view(2, 3),
    }
    assert all(torch.equal(packed(weights)[name], tensor) for name, tensor in weights.items())


def test_a_checkpoint_in_eight_bits_is_loaded_in_float32_and_says_its_format(
    tmp_path: Path,
) -> None:
    source = tiny_checkpoint(tmp_path, "gated-pixelcnn-class")
    model, path = checkpoints.load(source), tmp_path / "packed.safetensors"
    checkpoints.save(model, path, model.card, torch.int8)
    again = checkpoints.load(path)
    assert {t.dtype for t in again.state_dict().values()} == {torch.float32}
    for name, tensor in model.state_dict().items():
        largest = tensor.abs().max() if tensor.numel() else 0
        assert torch.allclose(again.state_dict()[name], tensor, atol=float(largest) / 250)
    assert read_card(path)["format"] == 2
    assert read_card(source)["format"] == 1, "an older studio can still read it"
    stored = load_file(path)
    assert all(
        stored[name].dtype == torch.int8 for name, t in model.state_dict().items() if t.ndim > 1
    )


@pytest.mark.parametrize("wrong", ["shape", "type", "not a number"])
def test_scales_that_do_not_belong_are_refused_in_one_sentence(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "packed.safetensors"
    model = checkpoints.load(tiny_checkpoint(tmp_path, "gated-pixelcnn-class"))
    checkpoints.save(model, path, model.card, torch.int8)
    tensors = load_file(path)
    name = next(name for name in tensors if name.endswith(":scale"))
    tensors[name] = {
        "shape": tensors[name][:0],
        "type": tensors[name].half(),
        "not a number": torch.full_like(tensors[name], torch.nan),
    }[wrong]
    metadata = {KEY: json.dumps(read_card(path))}
    save_file(tensors, path, metadata)
    with pytest.raises(StudioError, match=r"do not fit|not numbers"):
        checkpoints.load(path)
