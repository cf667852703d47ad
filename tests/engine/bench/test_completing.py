"""Completions of many pictures at once: the same as those that a generation draws, one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.bench import completing
from studio.engine.bench.completing import completed, seconds
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.methods import methods
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import finished
from tests.models.zoo import pictures, small

LEFT = torch.zeros(7, 6, dtype=torch.bool)
LEFT[:, :3] = True
NAMES = {"clamp": "gated-pixelcnn", "map": "gated-pixelcnn-map", "order": "made-any-order"}


def ardm():
    return small("ardm", width=8, blocks=(1, 1, 1))


@pytest.mark.parametrize("method", NAMES)
def test_they_are_those_of_a_generation(method):
    model = small(NAMES[method])
    x = pictures(model, 1).expand(3, -1, -1, -1)
    options = SamplingOptions(count=3, seed=7, method=method)
    evidence = Evidence(x[0].numpy().astype(np.uint8), LEFT.numpy())
    drawn = completed(model, methods()[method], x, LEFT, seed=7)
    np.testing.assert_array_equal(drawn.numpy(), finished(model, options, evidence))


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_so_are_those_of_a_model_that_draws_several_sites_from_a_pass(steps):
    model = ardm()
    x = pictures(model, 1).expand(3, -1, -1, -1)
    seed = completing._SEED
    order = "random" if steps else None
    options = SamplingOptions(count=3, seed=seed, method="order", steps=steps, order=order)
    evidence = Evidence(x[0].numpy().astype(np.uint8), LEFT.numpy())
    drawn = completed(model, methods()["order"], x, LEFT, steps=steps)
    np.testing.assert_array_equal(drawn.numpy(), finished(model, options, evidence))


@pytest.mark.parametrize("method", NAMES)
def test_what_is_missing_is_not_looked_at_and_what_is_given_is_kept(method):
    model = small(NAMES[method])
    x, other = pictures(model, 4), pictures(model, 4, seed=9)
    other = torch.where(LEFT, x, other)
    drawn = completed(model, methods()[method], x, LEFT)
    assert torch.equal(drawn, completed(model, methods()[method], other, LEFT))
    assert torch.equal(drawn[:, :, LEFT], x[:, :, LEFT])
    assert not torch.equal(drawn, x)


def test_each_picture_has_evidence_of_its_own_however_many_are_drawn_together(monkeypatch):
    model = small("gated-pixelcnn-map")
    x = pictures(model, 5)
    together = completed(model, methods()["map"], x, LEFT)
    monkeypatch.setattr(completing, "AT_ONCE", 2)
    assert torch.equal(completed(model, methods()["map"], x, LEFT), together)


def test_the_class_counts():
    model = small("gated-pixelcnn-class", levels=4)
    model.get_parameter("class_bias").mul_(30)
    x = pictures(model, 4)
    one, other = (
        completed(model, methods()["clamp"], x, LEFT, torch.full((4,), number)) for number in (1, 2)
    )
    assert not torch.equal(one, other)


def test_from_nothing_whole_pictures_are_drawn():
    model = ardm()
    nothing = torch.zeros(7, 6, dtype=torch.bool)
    x = torch.zeros(4, 1, 7, 6, dtype=torch.uint8)
    drawn = completed(model, methods()["clamp"], x, nothing, steps=3)
    assert drawn.shape == x.shape
    assert 0 < float(drawn.float().mean()) < 1


@pytest.mark.parametrize(
    ("name", "method", "more"),
    [
        ("gated-pixelcnn", "smc", {"particles": 2}),
        ("gated-pixelcnn-map", "map", {}),
        ("gated-pixelcnn-class", "clamp", {"condition": 1}),
    ],
)
def test_completions_are_timed(name, method, more):
    model = small(name)
    assert seconds(model, methods()[method], pictures(model, 1)[0], LEFT, repeats=1, **more) > 0


def test_so_are_those_in_few_steps():
    model = ardm()
    assert seconds(model, methods()["order"], pictures(model, 1)[0], LEFT, steps=3, repeats=1) > 0
