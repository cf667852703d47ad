"""What a generation draws from, in the order in which it draws; and what there is of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.generation.changes import Change
from studio.engine.generation.draft import Draft
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import picture, rows_known, some_evidence
from tests.models.zoo import small

OPTIONS = SamplingOptions(count=2, method="clamp")


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelsnail-zigzag", (1, 4, 3), levels=4)


def test_what_is_given_or_set_by_hand_is_held_where_it_comes_in_the_order(
    model: AutoregressiveModel,
) -> None:
    draft = Draft(model, OPTIONS, some_evidence(model, rows_known(model, 1)))
    draft.changes = (Change(1, 8, (3,)), Change(0, 4, (0,)))
    draft.take_changes()
    held, values = draft.held()
    order = model.order.tolist()
    for place, site in enumerate(order):
        assert held[place].tolist() == [site in (3, 4, 5), site in (3, 4, 5, 8)]
    assert values[order.index(8), 1].item() == 3
    assert values[order.index(4), 0].item() == picture(model)[0].reshape(-1)[4], "given goes before"


@torch.inference_mode()
def test_what_is_put_into_it_is_there_by_raster_index_and_costs_what_it_cost(
    model: AutoregressiveModel,
) -> None:
    draft = Draft(model, OPTIONS, some_evidence(model, rows_known(model, 3)))
    params = torch.randn(2, 2, draft.likelihood.parameters)
    values = torch.tensor([[[1], [2]], [[3], [0]]])
    before = draft.revision
    draft.put(0, values, params)
    assert draft.sites == 2
    assert draft.revision > before
    first, second = model.order[:2].tolist()
    pictures = draft.pictures(2).flatten(2)
    assert pictures[:, 0, first].tolist() == [1, 2]
    assert pictures[:, 0, second].tolist() == [3, 0]
    nats = draft.drawn.parts[1][:2]
    torch.testing.assert_close(nats, -draft.likelihood.log_prob(params, values))


def test_nothing_is_forgotten_of_what_the_order_begins_with(model: AutoregressiveModel) -> None:
    evidence = some_evidence(model, rows_known(model, 0, 1, 2, 3))
    draft = Draft(model, OPTIONS, evidence)
    draft.forget(0)
    assert draft.sites == draft.start == 12
    np.testing.assert_array_equal(draft.pictures(12)[0].numpy(), evidence.values)
