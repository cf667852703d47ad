"""A PixelCNN that draws light on dark and dark on light alike: what it learns is shown to it as it
is, and turned round."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from models import Recipe
from models.pixelcnn import Config, PixelCNN


class EvenHanded(PixelCNN):
    """The mean of the loss on pictures and on their negatives."""

    def loss(self, x: Tensor, *given: Any, **more: Any) -> Tensor:
        negative = self.spec.levels - 1 - x
        return (super().loss(x, *given, **more) + super().loss(negative, *given, **more)) / 2


VARIANTS = [
    (
        "example-even-handed",
        EvenHanded,
        Config(width=16, hidden=8, blocks=2, kernel=5, head=16),
        Recipe(epochs=1),
        "A small PixelCNN that learns pictures and their negatives",
    )
]
