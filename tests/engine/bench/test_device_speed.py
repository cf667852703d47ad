"""How fast a device is: every figure that is promised, in a document and for a person."""

from __future__ import annotations

import json

import pytest
import torch

from studio.engine.bench import device_speed
from studio.engine.runtime.errors import StudioError

CPU = torch.device("cpu")


def test_a_document_has_every_way_to_draw_and_the_steps_of_a_training() -> None:
    config = {"hidden": 16, "shape": (1, 4, 4)}
    document = device_speed.run(CPU, ["made"], quick=True, config=lambda name: config)
    assert json.loads(json.dumps(document)) == document
    assert document["device"] == "cpu"
    drawn = document["drawing"]["made"]
    assert {"sequential", "parallel"} <= {row["decoder"] for row in drawn}
    for row in drawn:
        assert row["values_that_differ"] == 0
        assert row["sites_per_second"] == pytest.approx(16 / row["seconds"])
    (trained,) = document["training"]["made"]
    assert not trained["captured"]
    assert trained["examples_per_second"] == pytest.approx(
        trained["batch"] * trained["steps_per_second"]
    )
    text = device_speed.as_text(document)
    assert "by operation" in text
    assert "sequential" in text


def test_a_model_that_there_is_not_is_refused_in_a_sentence() -> None:
    with pytest.raises(StudioError, match='There is no model "nothing": choose one of'):
        device_speed.run(CPU, ["nothing"])
