"""Where models look: their own attention, and what its keys stand for."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from models.layers.snail import Attention as SnailAttention
from models.pixelsnail import PixelSNAIL
from models.transformer import Layer, Transformer
from studio.engine.insights.attention import attention, attention_at, attention_layers, refusal
from studio.engine.insights.question import Question
from tests.attending_models import WAYS, Attends, Config
from tests.models.zoo import NAMES, conditions, pictures, small

ATTENDING = [n for n in NAMES if n.startswith(("transformer", "pixelsnail", "vq-prior"))]


@pytest.mark.parametrize("name", NAMES)
def test_what_has_attention_is_found_and_the_others_are_refused_in_one_sentence(name: str) -> None:
    said = refusal(small(name))
    assert (said == "") == (name in ATTENDING)
    assert said == "" or (said.startswith(name) and said.count(".") == 1)


@pytest.mark.parametrize("name", ATTENDING)
def test_rows_sum_to_one_with_the_start_and_are_zero_on_the_site_and_the_future(name: str) -> None:
    model = small(name)
    found = attention(model, pictures(model, 1), slice(None), conditions(model, 1))
    np.testing.assert_allclose(found.weights.sum(3) + found.start, 1, atol=1e-5)
    by_rank = found.weights[..., model.order.numpy()]
    assert (np.triu(by_rank) == 0).all()
    assert (by_rank[..., *np.tril_indices(by_rank.shape[3], -1)] > 0).all()


@pytest.mark.parametrize("name", ATTENDING)
def test_watching_changes_no_bit_of_what_comes_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small(name)
    x, conditionals, seen = pictures(model, 1), model.conditionals, []
    plain = conditionals(x)
    attention_layers(model)
    monkeypatch.setattr(model, "conditionals", lambda *args: seen.append(conditionals(*args)))
    attention(model, x, slice(3, 4))
    assert torch.equal(seen[0], plain)


def test_it_is_what_the_transformer_computes() -> None:
    model = small("transformer")
    assert isinstance(model, Transformer)
    x = pictures(model, 1)
    found = attention(model, x, slice(20, 21))
    h = model.first(model.scaled(x).flatten(2).transpose(1, 2))
    for weights, start, block in zip(found.weights, found.start, model.blocks, strict=True):
        assert isinstance(block, Layer)
        queries, keys, _ = block.split(h)
        scores = queries[0, :, 20] @ keys[0].mT  # (heads, heads, N)
        own = torch.stack([scores[head, head] for head in range(len(scores))])[:, :21]
        expected = (own / math.sqrt(queries.shape[3])).softmax(1).numpy()
        # key j holds the pixel of rank j - 1
        np.testing.assert_allclose(start[:, 0], expected[:, 0], rtol=1e-4)
        np.testing.assert_allclose(weights[:, 0, :20], expected[:, 1:], rtol=1e-4)
        h = block(h)


def test_in_zigzag_order_it_lies_where_the_pixels_lie() -> None:
    model = small("pixelsnail-zigzag", attentions=1)
    assert isinstance(model, PixelSNAIL)
    order, x = model.order.numpy(), pictures(model, 1)
    question = Question(
        values=x[0].numpy().astype(np.uint8),
        there=np.ones(model.spec.space, bool),
        given=np.zeros(model.spec.space, bool),
        order=order,
        levels=2,
        site=int(order[9]),
    )
    found = attention_at(model, question)
    pixels = model.by_rank(model.scaled(x).permute(0, 2, 3, 1))
    h = model.first_features(pixels)
    *blocks, block = model.blocks
    for before in blocks:
        h = model.through(before, h, pixels)
    assert isinstance(block, SnailAttention)
    features = model.by_rank(h)
    keys = block.known(features, pixels)[0][0, :10]  # the start's, and those of ranks 0 to 8
    query = block.queries(F.elu(features))[0, 9]
    expected = (keys @ query / math.sqrt(len(query))).softmax(0).numpy()
    np.testing.assert_allclose(found.start[0, 0, 0], expected[0], rtol=1e-4)
    np.testing.assert_allclose(found.weights[0, 0, 0, order[:9]], expected[1:], rtol=1e-4)
    assert not found.weights[0, 0, 0, order[9:]].any()


@pytest.mark.parametrize("name", ["transformer", "pixelsnail-zigzag"])
def test_what_later_sites_hold_is_not_looked_at(name: str) -> None:
    model = small(name)
    x = pictures(model, 1)
    other = x.clone().flatten(2)
    other[..., model.order[20:]] = 1 - other[..., model.order[20:]]
    found, same = (attention(model, each.view_as(x), slice(20, 21)) for each in (x, other))
    np.testing.assert_array_equal(found.weights, same.weights)


@pytest.mark.parametrize("way", WAYS)
def test_a_model_of_another_package_is_seen_without_a_line_of_its_own(way: str) -> None:
    model = Attends(Config(way=way))
    sites = len(model.order)
    found = attention(model, pictures(model, 1), slice(None))
    weights, start = found.weights[0], found.start[0]
    asked = np.arange(sites) > 0 if way in ("no start", "a shift at the end") else slice(None)
    np.testing.assert_allclose((weights.sum(2) + start)[:, asked], 1, atol=1e-5)
    assert (np.triu(weights[:, asked][:, -sites + 1 :], 1) == 0).all()
    assert (weights[:, range(1, sites), range(sites - 1)] > 0).all(), "what comes just before"


def test_where_nothing_is_asked_for_the_first_site_nothing_is_told() -> None:
    model = Attends(Config(way="a shift at the end"))
    found = attention(model, pictures(model, 1), slice(0, 1))
    assert np.isnan(found.weights).all()
    assert np.isnan(found.start).all()


def test_keys_that_stand_for_more_than_a_site_are_refused() -> None:
    assert refusal(Attends(Config(way="rows"))) == (
        "Attends attends to something else than single earlier pixels."
    )
