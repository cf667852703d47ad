"""Beginning with the weights of another checkpoint: what is taken over, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import models
from models.interface import Model
from studio.engine.runtime.errors import StudioError
from studio.engine.training.taking_over import take_over

SMALL: dict[str, Any] = {"shape": (1, 6, 6), "width": 4, "dilations": (1,), "head": 4}


def classes(*names: str, seed: int = 0, **changes: Any) -> Model:
    """A model of these classes, with weights by the seed."""
    config = {**SMALL, "classes": len(names), "class_names": names, **changes}
    model = models.build("gated-pixelcnn-class", **config)
    generator = torch.Generator().manual_seed(seed)
    for p in model.parameters():
        torch.nn.init.normal_(p, generator=generator)
    return model


def weights(model: Model, name: str) -> torch.Tensor:
    return model.state_dict()[name]


def test_everything_is_taken_over_where_everything_fits() -> None:
    model, source = classes("a", "b"), classes("a", "b", seed=1)
    assert take_over(model, source, "mine") == 'Training begins with all weights of "mine".'
    for name, tensor in source.state_dict().items():
        assert torch.equal(weights(model, name), tensor), name


def test_classes_are_taken_over_by_their_names_and_the_others_begin_afresh() -> None:
    model, source = classes("b", "new", "a"), classes("a", "b", seed=1)
    fresh = weights(model, "class_bias").clone()
    said = take_over(model, source, "mine")
    found, known = weights(model, "class_bias"), weights(source, "class_bias")
    assert torch.equal(found, torch.stack([known[1], fresh[1], known[0]]))
    assert said.endswith('% of the weights are those of "mine"; these begin afresh: the class new.')


def test_as_many_classes_of_other_names_are_not_taken_for_the_same() -> None:
    model, source = classes("heart", "star"), classes("a", "b", seed=1)
    fresh = weights(model, "class_bias").clone()
    said = take_over(model, source, "digits")
    assert torch.equal(weights(model, "class_bias"), fresh)
    assert torch.equal(weights(model, "skip.weight"), weights(source, "skip.weight"))
    assert said.endswith('% of the weights are those of "digits"; these begin afresh: class_bias.')


def test_a_map_of_the_class_is_taken_over_by_name_too() -> None:
    model, source = classes("a", "c", map_width=3), classes("c", "d", map_width=3, seed=1)
    said = take_over(model, source, "mine")
    name = "condition_map.first.weight"
    assert torch.equal(weights(model, name)[1], weights(source, name)[0])
    assert "begin afresh: the class a." in said


def test_other_levels_begin_afresh_where_they_are_met() -> None:
    model, source = classes("a", "b", levels=5), classes("a", "b", seed=1)
    said = take_over(model, source, "mine")
    assert said.endswith("these begin afresh: out.")
    assert torch.equal(weights(model, "head.weight"), weights(source, "head.weight"))


def test_without_a_condition_that_of_the_source_is_left_out() -> None:
    model = models.build("gated-pixelcnn", **SMALL)
    assert take_over(model, classes("a"), "mine").startswith("Training begins with all weights")


def test_of_a_part_in_which_some_fit_it_is_said_how_many_do_not() -> None:
    model, source = classes("a", dilations=(1, 2)), classes("a")
    assert "tensors of layers" in take_over(model, source, "mine")


def test_another_family_is_refused() -> None:
    source = models.build("made", shape=(1, 6, 6), hidden=4)
    with pytest.raises(StudioError, match="do not fit this model, which is of another family: ch"):
        take_over(classes("a"), source, "mine")


def test_weights_of_which_none_fits_are_refused() -> None:
    source = models.build("made", shape=(1, 5, 5), hidden=3)
    with pytest.raises(StudioError, match='None of the weights of "mine" fit this model: choose'):
        take_over(models.build("made", shape=(1, 6, 6), hidden=4), source, "mine")


def test_of_many_classes_a_few_are_named() -> None:
    model = classes("a", *(f"new {number}" for number in range(12)))
    said = take_over(model, classes("a"), "mine")
    assert said.endswith("the classes new 0, new 1, new 2, new 3 and 8 others.")
