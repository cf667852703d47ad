"""Models of others that attend in their own ways, of no family that the studio has."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import LongTensor, Tensor, nn

from models import AutoregressiveModel, ModelConfig

WAYS = ("torch's layer", "by hand", "a sum", "a class token", "no start", "a shift at the end")


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 3, 4)
    levels: int = 2
    way: str = WAYS[0]


class Attends(AutoregressiveModel):
    """A pixel looks back once, in one of `WAYS`, or at the rows above: "rows"."""

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        torch.manual_seed(0)
        self.way = config.way
        self.first = nn.Linear(self.spec.channels, 8)
        self.places = nn.Parameter(torch.randn(len(self.order), 8))
        self.start = nn.Parameter(torch.randn(2, 8))
        self.look = nn.MultiheadAttention(8, 2, batch_first=True)
        self.out = nn.Linear(8, self.likelihood.parameters)
        self.eval().requires_grad_(False)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        pixels = self.first(self.scaled(x).flatten(2).transpose(1, 2)) + self.places  # (B, N, 8)
        start = self.start.expand(len(x), -1, -1)
        if self.way == "rows":
            rows = pixels.unflatten(1, self.spec.space).mean(2)  # (B, height, 8)
            rows = torch.cat([start[:, :1], rows[:, :-1]], 1)
            seen = F.scaled_dot_product_attention(rows, rows, rows, is_causal=True)
            return self.out(seen.repeat_interleave(self.spec.space[1], 1))
        if self.way == "no start":
            # a query that knows its place only, and the keys of those before it, or none
            queries = self.places.expand(len(x), -1, -1)
            later = torch.ones(len(order), len(order), dtype=torch.bool).triu()
            scores = (queries @ pixels.mT).masked_fill(later, -1e9)
            return self.out(scores.softmax(2).masked_fill(later, 0) @ pixels)
        if self.way == "a shift at the end":
            seen = F.scaled_dot_product_attention(pixels, pixels, pixels, is_causal=True)
            return self.out(torch.cat([start[:, :1], seen[:, :-1]], 1))
        tokens = torch.cat([start[:, :1], pixels[:, :-1]], 1)
        if self.way == "a class token":
            tokens = torch.cat([start, pixels[:, :-1]], 1)
        n = tokens.shape[1]
        later = torch.ones(n, n, dtype=torch.bool).triu(1)
        if self.way in ("torch's layer", "a class token"):
            seen = self.look(tokens, tokens, tokens, attn_mask=later, need_weights=False)[0]
            return self.out(seen[:, -len(order) :])
        heads = tokens.unflatten(2, (2, 4))  # (B, n, 2, 4)
        scores = torch.einsum("bihd,bjhd->bhij", heads, heads).masked_fill(later, -torch.inf)
        shares = F.dropout(scores.softmax(-1), 0.1, self.training)
        if self.way == "a sum":
            return self.out(torch.einsum("bhij,bjhd->bihd", shares, heads).flatten(2))
        return self.out((shares @ heads.transpose(1, 2)).transpose(1, 2).flatten(2))
