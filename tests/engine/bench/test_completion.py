"""The benchmark of completion as a whole: the same digits for every model, one document that says
what was measured, and nothing left out without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.engine import checkpoints
from studio.engine.bench.completion import PUBLISHED, held_out, run
from studio.engine.bench.completion_amounts import QUICK
from studio.engine.checkpoints import cards
from studio.engine.data.preparation import Preparation
from studio.engine.generation.methods import methods
from studio.engine.runtime.errors import StudioError
from tests.engine.bench.digits import bars, bars_file
from tests.models.zoo import small
from tests.tiny import tiny_checkpoint, tiny_voice

# of the methods, those that take no time here
ASKED = ["clamp", "map", "order"]
OTHERS = set(methods()) - set(ASKED)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return bars_file(tmp_path)


def measured(data: Path, *names: Path, **arguments: Any) -> Any:
    arguments = {"asked": ASKED, "amounts": QUICK, "data": data, **arguments}
    document = run([str(name) for name in names], **arguments)
    assert json.loads(json.dumps(document)) == document
    return document["completion"]


def test_a_document_says_what_was_measured_where_and_how(tmp_path, data):
    path = tiny_checkpoint(tmp_path)
    document = run([str(path)], ASKED, None, QUICK, data=data)
    assert document["machine"]
    assert document["threads"] == torch.get_num_threads()
    found = document["completion"]
    assert found["amounts"]["digits"] == QUICK.digits
    assert found["masks"]["box"] == {
        "given": "all but a box of 4 x 4 in the middle",
        "hidden_pixels": 16,
    }
    assert found["judges"]["thresholded"]["accuracy"] > 0.2
    model = found["models"][str(path)]
    assert model["preparation"] == model["learnt_with"] == "thresholded"
    assert model["condition"] is None
    assert set(model["methods"]) == {"clamp"}
    assert set(model["not_measured"]) == {"map", "order", *OTHERS}
    assert set(model["methods"]["clamp"]["masks"]) == set(found["masks"])
    assert model["methods"]["clamp"]["seconds"] > 0
    assert 0 <= model["recognised"]["by_passes"]["64"] <= 1


def test_every_kind_of_model_is_measured_by_what_it_can_do(tmp_path, data):
    names = ["pixelcnn", "gated-pixelcnn-map", "made-any-order", "gated-pixelcnn-class"]
    paths = [tiny_checkpoint(tmp_path, name) for name in names]
    found = measured(data, *paths)["models"]
    by_name = dict(zip(names, (found[str(path)] for path in paths), strict=True))
    assert {name: set(row["methods"]) for name, row in by_name.items()} == {
        "pixelcnn": {"clamp"},
        "gated-pixelcnn-map": {"map"},
        "made-any-order": {"clamp", "order"},
        "gated-pixelcnn-class": {"clamp"},
    }
    assert by_name["gated-pixelcnn-class"]["condition"] == "the true class"


def test_what_cannot_complete_these_digits_is_left_out_with_a_reason(tmp_path, data):
    said: list[str] = []
    grey = tiny_checkpoint(tmp_path, config={"hidden": 5}, levels=4)
    other = tmp_path / "other.safetensors"
    checkpoints.save(small("pixelcnn", (1, 7, 6), width=8, hidden=4, blocks=1, head=8), other, {})
    few = tiny_checkpoint(
        tmp_path, "gated-pixelcnn-class", config={"classes": 2, "class_names": ()}
    )
    paths = [tiny_checkpoint(tmp_path, "autoencoder"), tiny_voice(tmp_path), grey, other, few]
    found = measured(data, *paths, preparation="thresholded", show=said.append)
    reasons = [found["left_out"][str(path)] for path in paths]
    for reason, word in zip(
        reasons,
        ("cannot generate", "makes sound", "4 levels", "1 x 7 x 6", "2 classes"),
        strict=True,
    ):
        assert word in reason
        assert reason.endswith(".")
        assert f"Left out: {reason}" in said
    assert found["models"] == {}


def test_digits_that_are_binarised_by_chance_are_the_same_for_every_model(tmp_path):
    data, dynamic = bars(tmp_path), Preparation.parse("dynamic")
    one, other = (held_out(small(name), data, dynamic, 20) for name in ("made", "pixelcnn"))
    assert torch.equal(one.x, other.x)
    assert torch.equal(one.labels, other.labels)
    assert one.condition is None
    fewer = held_out(small("made"), data, dynamic, 5)
    assert torch.equal(fewer.labels, one.labels[:5])


def test_they_are_of_the_test_part_with_their_own_classes(tmp_path):
    data = bars(tmp_path)
    assert data.test_labels is not None
    digits = held_out(small("made"), data, Preparation.parse("levels-256").settled(False), 20)
    for x, label in zip(digits.x, digits.labels, strict=True):
        matches = (data.test == x).flatten(1).all(1)
        assert int(matches.sum()) == 1
        assert data.test_labels[matches].item() == label


def test_dynamic_digits_are_judged_by_a_judge_of_their_own(tmp_path, data):
    path = tiny_checkpoint(tmp_path)
    found = measured(data, path, preparation="dynamic")
    assert set(found["judges"]) == {"dynamic"}
    row = found["models"][str(path)]
    assert (row["preparation"], row["learnt_with"], row["judge"]) == (
        "dynamic",
        "thresholded",
        "dynamic",
    )


def test_figures_of_others_are_named_by_what_is_given():
    """Theirs are named by the half that is missing: 34.8 nats for the top, 36.4 for the bottom."""
    assert PUBLISHED["nats"] == {"bottom": 34.8, "top": 36.4}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"asked": ["magic"]}, 'no method "magic": choose one of clamp'),
        ({"preparation": "sepia"}, '"sepia" is not a preparation'),
        ({"names": ["nothing"]}, "nothing"),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(data, arguments, sentence):
    with pytest.raises(StudioError, match=sentence):
        run(**{"amounts": QUICK, "data": data, **arguments})


def test_all_that_is_shipped_is_measured_by_default(data, monkeypatch, tmp_path):
    path = tiny_checkpoint(tmp_path)
    monkeypatch.setattr(cards, "shipped", lambda: {str(path): path})
    assert set(measured(data)["models"]) == {str(path)}
