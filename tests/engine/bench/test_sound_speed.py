"""How fast a model speaks: what is compared is the same,
and an engine that draws otherwise is found out."""

from __future__ import annotations

import json

import pytest
import torch

from studio.engine.audio.compiled_network import CompiledNetwork
from studio.engine.bench import drawing_speed, sound_speed
from tests.engine.speaking import lively
from tests.thorough import thorough_only


@thorough_only
@pytest.mark.slow
def test_what_speaks_is_measured_against_its_stepper_and_against_the_cache(monkeypatch):
    monkeypatch.setattr(sound_speed, "CHANNELS", (16, 32))
    monkeypatch.setattr(sound_speed, "LAYERS", (10,))
    document = drawing_speed.run("audio")
    assert json.loads(json.dumps(document)) == document
    assert set(document["audio"]) == {"wavenet", "wavenet-mel"}
    for row in document["audio"].values():
        assert row["identical"]
        assert row["largest_difference_of_probabilities"] < 1e-4
        assert row["times_the_stepper"] == pytest.approx(
            row["samples_per_second"] / row["stepper_samples_per_second"]
        )
        assert row["times_real_time"] == pytest.approx(row["samples_per_second"] / 8000)
        read = row["samples_per_second"] * row["weight_bytes_per_sample"] / 1e9
        assert row["share_of_cache_bandwidth"] == pytest.approx(
            read / row["cache_gigabytes_per_second"]
        )
        assert set(row["by_channels"]) == {"16", "32"}
        assert set(row["by_layers"]) == {"10"}


def test_the_benchmark_finds_an_engine_that_draws_otherwise(monkeypatch):
    model = lively(dilations=(1, 2, 4))
    assert sound_speed.measure(model, quick=True)["identical"]
    other = lively(dilations=(1, 2, 4))
    other.out.bias.data += torch.linspace(0, 1, 256)
    monkeypatch.setattr(sound_speed, "CompiledNetwork", lambda _: CompiledNetwork(other))
    row = sound_speed.measure(model, quick=True)
    assert row["codes_that_differ"] > 0
    assert row["largest_difference_of_probabilities"] > 1e-4
