"""A model that is conditioned on what is given completes by being given it."""

from __future__ import annotations

import numpy as np

from studio.engine.generation.completion import complete
from studio.engine.generation.methods.map import METHOD
from tests.engine.drawings import half, picture
from tests.models.zoo import small


def test_it_is_for_models_that_are_conditioned_on_what_is_given() -> None:
    assert METHOD.refusal(small("gated-pixelcnn-map")) == ""
    assert "not conditioned on what is given" in METHOD.refusal(small("pixelcnn"))


def test_what_comes_before_the_evidence_depends_on_it() -> None:
    model = small("gated-pixelcnn-map")
    given = half(model, "bottom")
    black, white = (
        complete(model, np.full((1, 7, 6), level), given, METHOD.name, count=20) for level in (0, 1)
    )
    assert not np.array_equal(black[:, :, ~given], white[:, :, ~given])


def test_it_is_what_such_a_model_does_without_a_word() -> None:
    model = small("gated-pixelcnn-map")
    arguments = model, picture(model), half(model, "left")
    np.testing.assert_array_equal(complete(*arguments), complete(*arguments, METHOD.name))
