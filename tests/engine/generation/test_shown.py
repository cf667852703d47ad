"""What is shown of a drawing at a position: no more than is there, at what it cost."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.generation.generation import Generation
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn
from tests.engine.shallow import shallow
from tests.models.zoo import DIFFERENT


def test_what_is_not_drawn_yet_is_zero(model):
    whole, generation = drawn(Generation(model)), Generation(model)
    generation.step(20)
    np.testing.assert_array_equal(generation.values.reshape(-1)[:20], whole.reshape(-1)[:20])
    assert not generation.values.reshape(-1)[20:].any()


@pytest.mark.parametrize("name", DIFFERENT)
def test_nats_and_entropies_are_those_of_the_whole_picture(name):
    model = shallow(name, (2, 5, 4), levels=4)
    generation = Generation(model, SamplingOptions(count=3))
    x = torch.from_numpy(drawn(generation))
    params = model.conditionals(x)
    np.testing.assert_allclose(-generation.nats.sum(1), model.log_prob(x), rtol=1e-4)
    np.testing.assert_allclose(generation.entropies, model.likelihood.entropy(params), atol=1e-4)
    generation.rewind(7)
    assert not generation.nats[:, 7:].any()
    assert np.isnan(generation.entropies[:, 7:]).all()
