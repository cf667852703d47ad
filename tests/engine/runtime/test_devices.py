"""Devices are picked by name, and what is not there is reported in one sentence."""

from __future__ import annotations

import pytest
import torch

from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError


def test_the_best_device_is_taken_unless_one_is_named() -> None:
    assert devices.pick("cpu") == torch.device("cpu")
    assert devices.pick("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_that_is_not_there_is_reported() -> None:
    with pytest.raises(StudioError, match="CUDA was asked for, but torch sees no CUDA device here"):
        devices.pick("cuda")


def test_a_cuda_device_that_is_one_too_many_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.pick("cuda:1") == torch.device("cuda", 1)
    with pytest.raises(
        StudioError, match="CUDA device 2 was asked for, but torch sees 0 to 1 here"
    ):
        devices.pick("cuda:2")


@pytest.mark.parametrize("name", ["", "gpu", "cpu:1", "cuda:x", "mps:0"])
def test_a_name_that_is_none_is_reported(name: str) -> None:
    with pytest.raises(StudioError, match="is not a device: choose"):
        devices.pick(name)


def test_the_processor_has_a_name() -> None:
    assert devices.describe("cpu").endswith(("thread", "threads"))
    assert isinstance(devices.supports_bf16("cpu"), bool)


def test_what_is_listed_can_be_picked() -> None:
    found = devices.listed()
    assert (found["auto"], found["cpu"]) == ("Automatic", "Processor")
    for name in found:
        assert devices.pick(name).type in ("cpu", "cuda", "mps")


def test_every_gpu_is_listed_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: "ABC"[number])
    assert devices.listed()["cuda:1"] == "GPU 1: B"
