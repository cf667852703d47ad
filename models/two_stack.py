"""PixelCNN with a vertical and a horizontal stack and plain rectifiers: no blind spot, no gates.

The idea is section 2.2 of van den Oord et al. 2016b without its gates, a step on the way from
`pixelcnn` to `gated-pixelcnn` that shows what removing the blind spot alone is worth.

Differences from the paper: as in `gated_pixelcnn`, two dilated rows instead of squares, residual
connections in both stacks, biases everywhere and a channel of ones in the input. Without biases and
that channel, a stack of convolutions cannot predict anything but one half from an empty context,
and pays a bit for every blank pixel of the top rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import LongTensor, Tensor, nn

from models.gated_pixelcnn import two_stack_dependencies
from models.interface import AutoregressiveModel, ModelConfig
from models.layers.rows import RowStepper, as_kernel, as_matrix, bias_of, row_of
from models.layers.stacks import FIRST_REACH, Downward, LeftOf, Rightward, RowsAbove
from models.recipe import Recipe
from models.settings import setting
from models.variants import Article, Variant


@dataclass(frozen=True)
class Config(ModelConfig):
    shape: tuple[int, int, int] = (1, 28, 28)
    levels: int = 2
    width: int = setting(40, "Channels of each stack", range=(1, 4096))
    dilations: tuple[int, ...] = setting(
        (1, 2, 4, 1, 2, 4, 1),
        "One layer for each: the distance between the rows and columns that its vertical part looks"
        " at",
        range=(1, 1024),
    )
    head: int = setting(64, "Channels between the last two layers", range=(1, 4096))


class Layer(nn.Module):
    """v + relu(down(v)), h + mix(relu(right(h) + across(v'))): both stacks one layer up."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.down = Downward(width, width, dilation)
        self.across = nn.Conv2d(width, width, 1)
        self.right = Rightward(width, width)
        self.mix = nn.Conv2d(width, width, 1)

    def forward(self, v: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        v = v + self.down(v).relu_()  # (B, width, H, W)
        return v, h + self.mix((self.right(h) + self.across(v)).relu_())


class TwoStackPixelCNN(AutoregressiveModel):
    """Vertical and horizontal stacks of rectified layers."""

    OUTER_PARTS = ("first_down", "first_right", "first_across", "layers.0", "out")
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.first_down = RowsAbove(self.spec.channels + 1, config.width)
        self.first_right = LeftOf(self.spec.channels + 1, config.width)
        self.first_across = nn.Conv2d(config.width, config.width, 1)
        self.layers = nn.ModuleList(Layer(config.width, dilation) for dilation in config.dilations)
        self.head = nn.Conv2d(config.width, config.head, 1)
        self.out = nn.Conv2d(config.head, self.likelihood.parameters, 1)

    def first(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Both stacks after their first layers: x (B, channels + 1, H, W) -> two of (B, width, H,
        W)."""
        v = self.first_down(x).relu_()
        return v, self.first_right(x) + self.first_across(v)

    def _conditionals(self, x: Tensor, condition: Tensor | None, order: LongTensor) -> Tensor:
        x = self.scaled(x)
        v, h = self.first(torch.cat([x, torch.ones_like(x[:, :1])], 1))
        for layer in self.layers:
            v, h = layer(v, h)
        return self.out(self.head(h.relu_()).relu_()).flatten(2).transpose(1, 2)  # (B, N, P)

    def _stepper(self, batch: int, condition: Tensor | None, order: LongTensor) -> TwoStackStepper:
        return TwoStackStepper(self, batch)

    def dependencies(self) -> Tensor:
        """Everything earlier within a rectangle: see `two_stack_dependencies`."""
        return two_stack_dependencies(
            self.spec.space, sum(self.config.dilations), len(self.config.dilations)
        )


class TwoStackStepper(RowStepper):
    """The vertical stack is computed a row at a time; a pixel costs two small products a layer."""

    model: TwoStackPixelCNN

    def __init__(self, model: TwoStackPixelCNN, batch: int) -> None:
        def pair(conv: nn.Conv2d) -> tuple[Tensor, Tensor]:
            return as_matrix(conv.weight), bias_of(conv)

        def kernel(conv: nn.Conv2d) -> tuple[Tensor, Tensor]:
            return as_kernel(conv.weight, bias_of(conv))

        self._down, self._across, self._right, self._mix = (
            [kernel(model.first_down.conv)],
            [],
            [],
            [],
        )
        self._across.append(pair(model.first_across))
        self._right.append(pair(model.first_right.conv))
        for layer in model.layers:
            assert isinstance(layer, Layer)
            self._down.append(kernel(layer.down.conv))
            self._across.append(pair(layer.across))
            self._right.append(pair(layer.right.conv))
            self._mix.append(pair(layer.mix))
        self._head, self._out = pair(model.head), pair(model.out)
        super().__init__(model, batch, FIRST_REACH)

    def _allocate(self) -> None:
        config = self.model.config
        self.vertical = [
            self.zeros(d + self.height, self.width + 2 * d, config.width) for d in config.dilations
        ]
        self.horizontal = [self.zeros(1 + self.width, config.width) for _ in config.dilations]
        self._slots = [[line[:, c + 1] for c in range(self.width)] for line in self.horizontal]
        self._windows = [
            [line[:, c : c + 2].flatten(1) for c in range(self.width)] for line in self.horizontal
        ]

    def _buffers(self) -> list[Tensor]:
        return self.vertical

    def _open(self, row: int) -> None:
        """The vertical stack's row, and what it gives each column of the horizontal one."""
        dilations = self.model.config.dilations
        self._above = []
        for i, (down, (across, across_bias), (_, right_bias)) in enumerate(
            zip(self._down, self._across, self._right, strict=True)
        ):
            seen = (
                row_of(self.vertical[i - 1], row, down, dilations[i - 1])
                if i
                else row_of(self.grid, row, down)
            )
            v = seen.relu_().unflatten(0, (self.batch, self.width))  # (B, W, width)
            if i > 0:
                d = dilations[i - 1]
                v += self.vertical[i - 1][:, d + row, d : d + self.width]
            above = torch.addmm(across_bias, v.flatten(0, 1), across).add_(right_bias)
            self._above.append(above.unflatten(0, (self.batch, self.width)).unbind(1))
            if i < len(dilations):
                d = dilations[i]
                self.vertical[i][:, d + row, d : d + self.width] = v

    def _pixel(self, column: int) -> Tensor:
        h = torch.addmm(self._above[0][column], self.left[column], self._right[0][0])  # (B, width)
        for i, (weight, bias) in enumerate(self._mix):
            self._slots[i][column].copy_(h)
            inner = torch.addmm(
                self._above[i + 1][column], self._windows[i][column], self._right[i + 1][0]
            ).relu_()
            h = torch.addmm(bias, inner, weight).add_(h)
        return torch.addmm(
            self._out[1], torch.addmm(self._head[1], h.relu_(), self._head[0]).relu_(), self._out[0]
        )

    def _close(self, row: int) -> None:
        """Nothing: the rows below look at the vertical stack alone."""

    def _prime(self, x: Tensor, rows: int) -> None:
        v, h = self.model.first(x[:, :, :rows])
        for i, layer in enumerate(self.model.layers):
            d = self.model.config.dilations[i]
            self.vertical[i][:, d : d + rows, d : d + self.width] = v.permute(0, 2, 3, 1)
            v, h = layer(v, h)


VARIANTS = [
    Variant(
        "pixelcnn-two-stack",
        TwoStackPixelCNN,
        Config(),
        Recipe(epochs=3),
        "Vertical and horizontal stacks: no blind spot, no gates",
        article=Article(0.3007),
    )
]
