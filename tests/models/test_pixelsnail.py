"""PixelSNAIL's attention, and the orders it can draw in."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

import models
from models import orders
from models.layers.attending import look_back
from tests.models.zoo import small


@pytest.mark.parametrize("sites", [1, 3, 196, 250])
def test_looking_back_is_causal_attention(sites: int) -> None:
    torch.manual_seed(0)
    queries, keys, values = (torch.randn(2, sites, width) for width in (8, 8, 5))
    expected = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    torch.testing.assert_close(look_back(queries, keys, values), expected)


def test_zigzag_is_the_order_it_draws_in() -> None:
    assert torch.equal(small("pixelsnail-zigzag", (1, 9, 8)).order, orders.zigzag(9, 8))


def test_an_order_that_it_cannot_follow_is_named() -> None:
    with pytest.raises(ValueError, match="'spiral'; it can be raster, zigzag"):
        models.build("pixelsnail", order="spiral")


def test_without_attention_it_is_not_built() -> None:
    with pytest.raises(ValueError, match="attentions is 0"):
        models.build("pixelsnail", attentions=0)
