"""ONNX files: onnxruntime alone draws with them what the studio draws."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

import models
from studio.engine import checkpoints
from studio.engine.exports import onnx_files
from studio.engine.generation.generation import Generation, as_autoregressive
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small, small_of_any_kind
from tests.thorough import thorough_only
from tests.tiny import CONFIGS, tiny_checkpoint

ALL = [name for name in models.available() if not name.endswith(("-16k", "-64"))]


def session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_what_is_no_number_is_as_far_from_torch_as_can_be(wrong: float) -> None:
    ours, theirs = torch.tensor([1.0, 2.0]), torch.tensor([1.0, wrong])
    assert onnx_files._distance(ours, theirs) == float("inf")
    same = torch.tensor([-float("inf"), 0.0])
    assert onnx_files._distance(same, same) == 0


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a tiny gated PixelCNN with three classes."""
    folder = tmp_path_factory.mktemp("exported")
    model = checkpoints.load(tiny_checkpoint(folder, "gated-pixelcnn-class", preparation="dynamic"))
    written = onnx_files.export(model, folder / "tiny.onnx")
    assert [each.path.name for each in written] == ["tiny.onnx", "tiny-step.onnx"]
    assert max(each.difference for each in written) < 1e-4
    return folder


def test_the_pass_draws_pixel_by_pixel_what_the_studio_draws(exported: Path) -> None:
    model = as_autoregressive(checkpoints.load(exported / "tiny-gated-pixelcnn-class.safetensors"))
    generation = Generation(model, SamplingOptions(count=3, seed=5, condition=1))
    noise = noise_for(model, 3, 5).numpy()

    generation.step(generation.length)
    run = session(exported / "tiny.onnx")
    levels = np.zeros((3, 1, 8, 8), np.int64)
    for site in range(64):
        given = {"levels": levels, "condition": np.full(3, 1)}
        (parameters,) = run.run(None, given)
        p = 1 / (1 + np.exp(-parameters[:, site]))
        levels.reshape(3, 64)[:, site] = (noise[:, site] >= 1 - p)[:, 0]
    np.testing.assert_array_equal(levels, generation.values)


def test_the_step_draws_the_same_from_state_to_state(exported: Path) -> None:
    model = as_autoregressive(checkpoints.load(exported / "tiny-gated-pixelcnn-class.safetensors"))
    generation = Generation(model, SamplingOptions(count=1, seed=5, condition=1))
    noise = noise_for(model, 1, 5).numpy()

    generation.step(generation.length)
    run = session(exported / "tiny-step.onnx")
    kinds: dict[str, Any] = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
    given = {each.name: np.zeros(each.shape, kinds[each.type]) for each in run.get_inputs()}
    given["condition"][:] = 1
    levels = []
    for site in range(64):
        given["position"] = np.array(site)
        parameters, *state = run.run(None, given)
        p = 1 / (1 + np.exp(-parameters))
        given["value"] = (noise[:, site] >= 1 - p).astype(np.int64)
        levels.append(given["value"][0, 0])
        given |= {f"state_{number}": each for number, each in enumerate(state)}
    np.testing.assert_array_equal(levels, generation.values.ravel())


def test_a_file_says_what_it_is_and_how_to_draw(exported: Path) -> None:
    said = session(exported / "tiny.onnx").get_modelmeta().custom_metadata_map
    assert json.loads(said["shape"]) == [1, 8, 8]
    assert json.loads(said["levels"]) == 2
    assert json.loads(said["classes"]) == ["a", "b", "c"]
    assert json.loads(said["order"]) == list(range(64))
    assert said["preparation"] == "dynamic"
    assert "1 / (1 + exp(-parameter))" in said["sampling"]


def test_what_computes_something_else_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_files, "farthest", lambda graph, content: 0.25)
    with pytest.raises(StudioError, match=r"differs from the model by 0\.25"):
        onnx_files.export(small("made", (1, 2, 3), hidden=4), tmp_path / "made.onnx")
    assert list(tmp_path.iterdir()) == []


def test_the_step_of_another_model_does_not_stay_beside_a_pass(
    exported: Path, tmp_path: Path
) -> None:
    path, step = tmp_path / "tiny.onnx", tmp_path / "tiny-step.onnx"
    shutil.copy(exported / "tiny-step.onnx", step)
    own = tmp_path / "tiny-gates.onnx"
    own.write_bytes(b"of the person's own")
    model = checkpoints.load(tiny_checkpoint(tmp_path, "autoencoder"))

    written = onnx_files.export(model, path)

    assert [each.path for each in written] == [path]
    assert not step.exists()
    assert own.read_bytes() == b"of the person's own"


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_package_is_named(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(StudioError, match=rf"package {package} is needed: pip install"):
        onnx_files.export(small("made", (1, 2, 3), hidden=4), tmp_path / "made.onnx")


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"must end in \.onnx"):
        onnx_files.export(small("made", (1, 2, 3), hidden=4), tmp_path / "made.pt")


@thorough_only
@pytest.mark.parametrize("name", ALL)
def test_every_model_is_exported(name: str, tmp_path: Path) -> None:
    sound = models.registry.variant(name).sound
    if sound:
        model = models.build(name, width=4, skip=4, dilations=(1, 2, 4)).eval()
    else:
        levels = 16 if name == "vq-prior" else 2
        model = small_of_any_kind(name, (1, 8, 8), levels, **CONFIGS.get(name, {}))
    written = onnx_files.export(model, tmp_path / "model.onnx", batch=2)
    assert max(each.difference for each in written) < 1e-4
