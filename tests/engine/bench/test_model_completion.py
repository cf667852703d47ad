"""All figures of one model: each method that it does not refuse, and what each figure is."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from models.interface import AutoregressiveModel
from studio.engine.bench import completion_bits, model_completion
from studio.engine.bench.completing import completed
from studio.engine.bench.completion_amounts import QUICK
from studio.engine.bench.completion_masks import fixed_masks
from studio.engine.bench.judge import Judge
from studio.engine.bench.model_completion import Digits, ModelCompletion, ways_of
from studio.engine.generation import room
from studio.engine.generation.methods import methods
from studio.engine.runtime import memory
from studio.engine.runtime.memory import TooLargeError
from tests.engine.shallow import shallow
from tests.models.zoo import pictures, small

SPACE = (8, 8)


class Undecided(nn.Module):
    """Finds every class in every picture equally, the first a little more."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tensor([0.1, 0.0, 0.0]).expand(len(x), 3)


def measured(model: AutoregressiveModel, asked: list[str] | None = None) -> dict:
    x, labels = pictures(model, QUICK.digits), torch.arange(QUICK.digits) % 3
    condition = labels if model.conditioning is not None and not model.takes_painting else None
    measuring = ModelCompletion(
        model,
        Digits(x, labels, condition),
        fixed_masks(model.spec),
        Judge(Undecided(), 1.0, 0.0),
        QUICK,
        lambda text: None,
    )
    return measuring.all(asked or [])


def labels(name: str, **overrides) -> list[str]:
    return [way.label for way in ways_of(shallow(name, (1, *SPACE), **overrides), [], 50)[0]]


def test_a_model_completes_by_every_method_that_it_does_not_refuse():
    assert labels("gated-pixelcnn") == ["clamp", "smc", "smc-refined"]
    assert labels("gated-pixelcnn-map") == ["map"]
    assert labels("made-any-order") == ["clamp", "order", "smc", "smc-refined"]
    assert labels("ardm", width=8, blocks=(1, 1, 1)) == ["order", "order, 50 steps"]


@pytest.mark.parametrize("asked", [[], ["order"]])
def test_of_the_others_it_is_said_why_not(asked):
    for name in ("gated-pixelcnn", "gated-pixelcnn-map", "ardm"):
        ways, refused = ways_of(shallow(name, (1, *SPACE), width=8), asked, 50)
        assert {way.method.name for way in ways} | set(refused) == set(methods())
        assert all(why.endswith(".") for why in refused.values())


def test_more_particles_than_fit_into_memory_are_told_before_anything_is_measured(monkeypatch):
    model = shallow("gated-pixelcnn", (1, *SPACE))
    monkeypatch.setattr(memory, "free", lambda device: 1)
    monkeypatch.setattr(room, "_SMALL", 0)
    monkeypatch.setattr(ModelCompletion, "seconds", lambda *_: pytest.fail("it has begun"))
    with pytest.raises(TooLargeError, match="16 pictures of 8 × 8 pixels at once in"):
        measured(model, ["smc"])


def test_clamp_is_exact_where_nothing_is_given_later():
    model = shallow("gated-pixelcnn", (1, *SPACE))
    found = measured(model, ["clamp"])["methods"]["clamp"]
    assert [name for name, row in found["masks"].items() if row["exact"]] == ["top"]
    x = pictures(model, QUICK.digits)
    nats = completion_bits.site_nats(model, x, None)[:, 32:].sum(1)
    row = found["masks"]["top"]
    assert row["nats"] == pytest.approx(float(nats.mean()), rel=1e-5)
    assert row["bits"] == pytest.approx(row["nats"] / (32 * math.log(2)), rel=1e-5)
    assert row["digits"] == QUICK.digits
    assert row["completions"] == QUICK.completions
    assert row["kept"] == 0.5, "of the classes 0, 1, 2, 0 the judge finds the first"
    assert row["standard_error"] > 0
    assert found["seconds"] > 0


def test_of_levels_that_are_given_a_probability_as_many_come_in_calibrated_models():
    """Of what a model draws itself."""
    model = small("gated-pixelcnn", (1, *SPACE))
    nothing = torch.zeros(SPACE, dtype=torch.bool)
    x = completed(model, methods()["clamp"], torch.zeros(400, 1, *SPACE).byte(), nothing)
    found, of_others = (
        model_completion._calibrated(model, completion_bits.site_nats(model, each, None)) or {}
        for each in (x, 1 - x)
    )
    assert sum(each["count"] for each in found["bins"]) == 2 * 400 * 64
    for each in found["bins"]:
        error = 4 * math.sqrt(0.25 / each["count"])
        assert each["right"] == pytest.approx(each["predicted"], abs=error)
    assert found["error"] < 0.01
    assert of_others["error"] > 0.02, "of what something else drew, not as many come"


def test_a_model_that_is_conditioned_on_what_is_given_is_exact_everywhere():
    found = measured(shallow("gated-pixelcnn-map", (1, *SPACE)))["methods"]
    assert set(found) == {"map"}
    assert all(row["exact"] for row in found["map"]["masks"].values())


def test_a_model_that_predicts_all_at_once_is_measured_by_the_number_of_passes_too():
    found = measured(shallow("ardm", (1, *SPACE), width=8, blocks=(1, 1, 1)))
    assert set(found["methods"]) == {"order", f"order, {QUICK.steps} steps"}
    rows = found["methods"][f"order, {QUICK.steps} steps"]["masks"]
    assert not any(row["exact"] for row in rows.values())
    # asked for fewer sites than are missing, it is an estimate
    rows = found["methods"]["order"]["masks"]
    assert not any(row["exact"] for row in rows.values())
    assert set(found["recognised"]["by_passes"]) == {"64", str(QUICK.steps)}
    assert set(found["bits_per_dim_by_passes"]["bits_per_dim"]) == {"64", "50", "20"}


def test_a_class_that_is_taken_is_the_true_one_and_samples_are_of_all():
    found = measured(shallow("gated-pixelcnn-class", (1, *SPACE), classes=3), ["clamp"])
    assert found["recognised"] == {"count": QUICK.samples, "sure": 0.9, "by_passes": {"64": 0.0}}


def test_particles_bound_the_bits_and_are_clamp_where_nothing_is_given_later():
    model = shallow("gated-pixelcnn", (1, *SPACE))
    found = measured(model)["methods"]
    top, bottom = (found["smc"]["masks"][name] for name in ("top", "bottom"))
    plain = completion_bits.site_nats(model, pictures(model, QUICK.digits), None)
    plain = plain[: QUICK.particle_digits]
    assert top["nats"] == pytest.approx(float(plain[:, 32:].sum(1).mean()), rel=1e-5)
    assert top["exact"]
    assert top["digits"] == top["completions"] == QUICK.particle_digits
    assert bottom["particles"] == QUICK.particles
    assert bottom["digits"] == bottom["upper"]["digits"] == QUICK.particle_digits
    assert bottom["lower"]["bits"] > 0
    assert bottom["clamp_on_the_same_digits"]["nats"] == pytest.approx(
        float(plain[:, :32].sum(1).mean()), rel=1e-5
    )
    refined = found["smc-refined"]["masks"]["bottom"]
    assert refined["sweeps"] == QUICK.sweeps
    assert "upper" not in refined
    assert refined["no_bits"]
