"""What is exported of a model follows from what it can do."""

from __future__ import annotations

import pytest

from studio.engine.exports import graphs
from tests.models.zoo import small, small_of_any_kind
from tests.tiny import CONFIGS


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("pixelcnn", ["levels"]),
        ("gated-pixelcnn-class", ["levels", "condition"]),
        ("gated-pixelcnn-map", ["levels", "condition"]),
        ("made-any-order", ["levels", "order"]),
        ("ardm-class", ["levels", "known", "condition"]),
        ("autoencoder", ["levels"]),
    ],
)
def test_the_pass_is_given_what_the_model_takes(name: str, inputs: list[str]) -> None:
    model = small_of_any_kind(name, (1, 8, 8), **CONFIGS[name])
    assert list(graphs.parallel_pass(model).inputs) == inputs


def test_a_step_hands_on_its_state() -> None:
    step = graphs.step(small("pixelcnn", (1, 2, 3), **CONFIGS["pixelcnn"]))
    assert step is not None
    state = [name for name in step.inputs if name.startswith("state_")]
    assert list(step.outputs) == ["parameters", *(f"new_{name}" for name in state)]


@pytest.mark.parametrize("name", ["ardm", "autoencoder"])
def test_what_computes_a_whole_pass_has_no_step(name: str) -> None:
    assert graphs.step(small_of_any_kind(name, (1, 8, 8), **CONFIGS[name])) is None


def test_only_a_model_of_two_stages_has_a_decoder() -> None:
    prior = small_of_any_kind("vq-prior", (1, 8, 8), 16, **CONFIGS["vq-prior"])
    decoder = graphs.decoder(prior)
    assert decoder is not None
    assert decoder.module(*decoder.inputs.values()).shape[1:] == prior.pictures.shape
    assert graphs.decoder(small("pixelcnn")) is None
