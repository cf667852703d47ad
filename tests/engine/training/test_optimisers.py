"""Muon, and what is left to AdamW."""

from __future__ import annotations

import pytest
import torch

import models
from models.recipe import Recipe
from studio.engine.runtime.errors import StudioError
from studio.engine.training.optimisers import Muon, make, orthogonalised


@pytest.mark.parametrize("shape", [(8, 8), (6, 40), (40, 6)])
def test_orthogonalising_brings_every_singular_value_near_one(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0)) @ torch.diag(
        torch.logspace(0, -1.5, shape[1])
    )
    result = orthogonalised(matrix)
    assert result.shape == shape
    values = torch.linalg.svdvals(result)
    assert values.max() < 1.3
    assert values.min() > 0.3


def test_muon_finds_the_bottom_of_a_bowl() -> None:
    target = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(1))
    weight = torch.nn.Parameter(torch.zeros(4, 3, 3, 3))
    optimiser = Muon([weight], lr=0.05)
    for _ in range(200):
        optimiser.zero_grad()
        (weight - target).square().sum().backward()
        optimiser.step()
    assert (weight - target).norm() < 0.1 * target.norm()


@pytest.mark.parametrize("name", models.available())
def test_every_weight_has_exactly_one_optimiser(name: str) -> None:
    model = models.build(name, shape=(1, 6, 6))
    found = [
        p
        for optimiser in make(model, models.recipe(name))
        for group in optimiser.param_groups
        for p in group["params"]
    ]
    assert len(found) == len(set(found)) == len(list(model.parameters()))


def test_first_and_last_layers_and_biases_are_left_to_adam() -> None:
    model = models.build("gated-pixelcnn-class", shape=(1, 6, 6))
    names = {p: name for name, p in model.named_parameters()}
    adam, muon = make(model, Recipe(optimiser="muon"))
    by_adam = {names[p] for p in adam.param_groups[0]["params"]}
    by_muon = {names[p] for p in muon.param_groups[0]["params"]}
    assert "layers.1.residual.weight" in by_muon
    assert {
        "class_bias",
        "out.weight",
        "layers.0.down.conv.weight",
        "layers.1.residual.bias",
    } <= by_adam


@pytest.mark.parametrize("name", ["gated-pixelcnn", "pixelcnn-plus-plus", "wavenet"])
def test_what_brings_a_class_into_the_gates_is_left_to_adam(name: str) -> None:
    model = models.build(name, shape=(1, 6, 6), classes=3)
    (_, muon) = make(model, Recipe(optimiser="muon"))
    by_muon = {id(p) for p in muon.param_groups[0]["params"]}
    condition = model.weights_of(model.CONDITION_PARTS)
    weights = [p for name, p in model.named_parameters() if name in condition]
    assert weights
    assert not any(id(p) in by_muon for p in weights)


def test_an_unknown_optimiser_is_reported() -> None:
    with pytest.raises(StudioError, match="choose muon or adamw"):
        make(models.build("made", shape=(1, 4, 4)), Recipe(optimiser="noise"))
