"""NADE (Larochelle and Murray 2011): hidden units whose sums grow with every pixel."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models import AutoregressiveModel, ModelConfig, Recipe, setting


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    hidden: int = setting(128, "Hidden units of each pixel", range=(1, 4096))


class NADE(AutoregressiveModel):
    def __init__(self, config: Config) -> None:
        super().__init__(config)
        sites, channels, hidden = len(self.order), self.spec.channels, config.hidden
        self.first = nn.Parameter(0.05 * torch.randn(sites, channels, hidden))
        self.start = nn.Parameter(torch.zeros(hidden))
        self.out = nn.Parameter(0.05 * torch.randn(sites, hidden, self.likelihood.parameters))
        self.bias = nn.Parameter(torch.zeros(sites, self.likelihood.parameters))

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: Tensor) -> Tensor:
        x = self.scaled(x).flatten(2)  # (B, channels, N)
        adds = torch.einsum("bcn,nch->bnh", x, self.first)  # to the sums of all later pixels
        sums = F.pad(adds[:, :-1], (0, 0, 1, 0)).cumsum(1, dtype=self.dtype)
        return torch.einsum("bnh,nhp->bnp", (self.start + sums).sigmoid(), self.out) + self.bias


VARIANTS = [
    ("nade", NADE, Config(), Recipe(epochs=10, batch=64, rate=1e-2), "Sums that grow by a pixel")
]
