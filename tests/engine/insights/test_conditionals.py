"""What a model is given when an insight asks it, and what it says of a picture."""

from __future__ import annotations

import numpy as np
import torch

from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights.conditionals import condition_of, conditionals, nats_of, order_of
from studio.engine.insights.question import question_of
from tests.engine.insights.questions import part, whole
from tests.models.zoo import pictures, small


def test_a_class_is_given_for_every_picture() -> None:
    model = small("gated-pixelcnn-class")
    question = whole(model, options=SamplingOptions(condition=3))
    condition = condition_of(model, question, pictures(model, 2))
    assert condition is not None
    assert condition.tolist() == [3, 3]


def test_a_painting_is_what_is_given_of_each_picture() -> None:
    model = small("gated-pixelcnn-map")
    given = np.zeros((7, 6), bool)
    given[2] = True
    x = pictures(model, 2)
    condition = condition_of(model, whole(model, given=given), x)
    assert condition is not None
    assert torch.equal(condition[:, 0, 2], x[:, 0, 2].float())
    assert torch.equal(condition[1, 1].bool(), torch.from_numpy(given))


def test_a_model_without_a_condition_is_given_none() -> None:
    assert condition_of(small("made"), whole(small("made")), pictures(small("made"), 1)) is None


def test_an_order_is_given_to_models_that_take_any() -> None:
    any_order, own = small("made-any-order"), small("made")
    order = order_of(any_order, whole(any_order))
    assert order is not None
    assert order.tolist() == any_order.order.tolist()
    assert order_of(own, whole(own)) is None


def test_conditionals_are_those_of_the_model_for_each_picture() -> None:
    model = small("made")
    x = pictures(model, 2)
    found = conditionals(model, whole(model), x.numpy().astype(np.uint8))
    assert torch.allclose(found, model.conditionals(x))


def test_what_was_drawn_has_the_nats_that_the_drawing_recorded() -> None:
    for name in ("made", "gated-pixelcnn-class"):
        model = small(name)
        condition = 1 if name.endswith("class") else None
        guided = SamplingOptions(condition=condition, guidance=2.0 if condition else 0.0)
        generation = Generation(model, guided)
        generation.step(30)
        snapshot = generation.snapshot(None, False, 0.0)
        nats, together = nats_of(model, question_of(snapshot, 2))
        assert snapshot.nats is not None
        np.testing.assert_allclose(nats[:30], snapshot.nats[:30], atol=1e-4)
        assert np.isnan(nats[30:]).all()
        assert together == 1


def test_nothing_is_said_beyond_the_first_gap_in_the_order() -> None:
    model = small("ardm")
    given = np.zeros((7, 6), bool)
    given[5] = True
    nats, _ = nats_of(model, part(model, 4, given=given))
    assert np.isfinite(nats).tolist() == [True] * 4 + [False] * 38
