"""What is given comes first in the order: exactly the model's distribution given it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods.order import METHOD
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import drawn
from tests.engine.enumeration import SITES, SPACE, Enumerated, misfit, nine_pixels
from tests.models.zoo import small

KNOWN = torch.isin(torch.arange(SITES), torch.tensor([2, 4, 7]))
VALUES = torch.tensor([[0, 0, 1, 0, 1, 0, 0, 0, 0]])


def test_it_is_for_models_that_draw_in_any_order() -> None:
    assert METHOD.refusal(small("made-any-order")) == ""
    assert "its own order only" in METHOD.refusal(small("made"))


@pytest.mark.parametrize(
    ("name", "config"),
    [("made-any-order", {"hidden": 16}), ("ardm", {"width": 8, "blocks": (1, 1, 1)})],
)
def test_it_draws_from_the_listed_distribution_given_what_is_given(
    name: str, config: dict[str, Any]
) -> None:
    model = nine_pixels(name, 1.5, **config)
    evidence = Evidence(VALUES.view(1, *SPACE).numpy().astype(np.uint8), KNOWN.view(SPACE).numpy())
    generation = Generation(model, SamplingOptions(count=1200, method=METHOD.name), evidence)
    pictures = torch.from_numpy(drawn(generation)).flatten(2).long()
    assert generation.start == 3
    exact = Enumerated(model, order=torch.from_numpy(generation.order)).conditional(VALUES, KNOWN)
    numbers = (pictures[:, 0] << torch.arange(SITES)).sum(1)
    log_p = torch.from_numpy(-generation.nats.sum(1)).double()
    torch.testing.assert_close(log_p, exact[numbers].log(), atol=1e-4, rtol=0)
    assert misfit(pictures, exact) < 3
