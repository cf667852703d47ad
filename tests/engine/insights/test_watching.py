"""What is seen of the attention that torch's functions make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.layers.attending import look_back
from studio.engine.insights.watching import AttentionWatch, Look

BATCH, SITES, WIDTH = 3, 5, 8
LATER = torch.ones(SITES, SITES, dtype=torch.bool).triu(1)


def features(heads: int = 1) -> Tensor:
    torch.manual_seed(0)
    shape = (BATCH, heads, SITES, WIDTH) if heads > 1 else (BATCH, SITES, WIDTH)
    return torch.randn(shape)


def softmax_of(x: Tensor, scale: float) -> Tensor:
    return (x @ x.mT * scale).masked_fill(LATER, -torch.inf).softmax(-1)


def watched(run: Callable[[], object]) -> list[Tensor]:
    """The weights of each look, (B, H, n, m)."""
    found: list[Tensor] = []

    def see(look: Look) -> None:
        found.append(look.weights(slice(None)))

    with torch.inference_mode(), AttentionWatch(BATCH, see):
        run()
    return found


@pytest.mark.parametrize("mask", ["causal", "bool", "added"])
def test_dot_products_are_weighed_as_torch_does(mask: str) -> None:
    x = features(heads=2)
    masks: dict[str, dict[str, Any]] = {
        "causal": {"is_causal": True},
        "bool": {"attn_mask": ~LATER},
        "added": {"attn_mask": torch.zeros(SITES, SITES).masked_fill(LATER, -torch.inf)},
    }
    (found,) = watched(lambda: F.scaled_dot_product_attention(x, x, x, scale=0.3, **masks[mask]))
    torch.testing.assert_close(found, softmax_of(x, 0.3))


def test_of_some_rows_no_more_is_worked_out() -> None:
    x, found = features(), []
    with AttentionWatch(BATCH, lambda look: found.append(look.weights(slice(2, 4)))):
        look_back(x, x, x)
    torch.testing.assert_close(found[0][:, 0], softmax_of(x, WIDTH**-0.5)[:, 2:4])


def test_keys_that_several_heads_share_are_looked_at_by_each() -> None:
    torch.manual_seed(0)
    queries, keys = torch.randn(BATCH, 4, SITES, WIDTH), torch.randn(BATCH, 2, SITES, WIDTH)
    (found,) = watched(lambda: F.scaled_dot_product_attention(queries, keys, keys, enable_gqa=True))
    each = keys.repeat_interleave(2, 1)
    torch.testing.assert_close(found, (queries @ each.mT * WIDTH**-0.5).softmax(3))


@pytest.mark.parametrize("need_weights", [True, False])
def test_torchs_layer_is_seen_however_it_works(need_weights: bool) -> None:
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(WIDTH, 2, batch_first=True).eval(), features()
    asked = {"attn_mask": LATER, "need_weights": need_weights}
    (found,) = watched(lambda: layer(x, x, x, **asked))
    with torch.inference_mode():
        expected = layer(x, x, x, attn_mask=LATER, average_attn_weights=False)[1]
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    "then",
    [
        lambda shares, x: shares @ x,
        lambda shares, x: torch.bmm(F.dropout(shares, 0.5, training=False), x),
        lambda shares, x: torch.einsum("bij,bjd->bid", shares, x),
        lambda shares, x: torch.einsum("bjd,bij->bid", x, shares),
    ],
)
def test_a_softmax_and_a_product_with_it_are_attention(
    then: Callable[[Tensor, Tensor], Tensor],
) -> None:
    x = features()
    (found,) = watched(lambda: then(softmax_of(x, 1.0), x))
    torch.testing.assert_close(found[:, 0], softmax_of(x, 1.0))


def test_a_softmax_alone_or_another_product_is_none() -> None:
    x = features()
    assert watched(lambda: (x.softmax(2), x @ x.mT)) == []
