"""How many steps a training makes in a second, beside the loop of an article, in one run.

The article's loop is the one of many tutorials, and of the trainer of `pytorch-generative`: a data
set gives pictures one by one, a `DataLoader` stacks them, everything is computed in float32 as it
comes, Adam makes the step, and `loss.item()` is added up after each. It has what makes it fastest:
as many threads as that, which is tried, and no worker processes, which would take processors from
the network. It trains, for each family of convolutions,

- the article's own network: masked 7x7 convolutions one after the other, with as many weights as
  the family's model has (`MaskedNetwork`);
- the family's network itself, which says what of the gain is the studio's loop and what its layers.

The studio's figure is that of a whole `Trainer` by the model's recipe, as `studio train` runs it.
All have the same pictures, in batches of the same size.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, Dataset

import models
from models.interface import AutoregressiveModel
from models.recipe import Recipe
from studio.engine import kinds
from studio.engine.bench.text_columns import columns
from studio.engine.data.data_sets import open_data
from studio.engine.runtime import devices, threads
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.runtime.threads import with_threads
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Callback, Trainer

NAME = "training"  # of the benchmark
_KERNEL, _DEPTH = 7, 5  # rows of the article's kernels, and how many layers of them
_WARM_UP, _STEPS = 3, 12
_QUICK_WARM_UP, _QUICK_STEPS = 1, 2
_LONGEST = 60.0  # seconds of one loop: fewer steps of what takes long

Document = dict[str, Any]


def run(
    names: Sequence[str] = (),
    quick: bool = False,
    show: Callable[[str], object] = lambda text: None,
) -> Document:
    """Measure, and return a document that JSON can hold.

    names: of models; none for one of each family of convolutions.
    quick: hardly any steps; for tests.
    show: is given what is being measured.
    StudioError, one sentence, for a model that is named and does not learn from pictures by
    convolutions.
    """
    document: Document = {
        "machine": devices.describe("cpu"),
        "threads": threads.ALL,
        "torch": torch.__version__,
        "quick": quick,
        NAME: {},
    }
    for name in names or families():
        if name not in models.autoregressive() or kinds.listed(name).endless:
            raise StudioError(f'There is no model of pictures called "{name}".')
        if names and not convolves(_fresh(name)):
            raise StudioError(f"{name} has no convolutions to be compared with the article's.")
        show(f"Training {name}; anything else that runs here makes the figures worse.")
        document[NAME][name] = measure(name, quick)
    return document


def as_text(document: Document) -> str:
    """The document for a person."""
    rows = [["", "steps a second", "article", "times", "same network", "times", "batch", "weights"]]
    for name, row in document[NAME].items():
        rows.append(
            [
                name,
                f"{row['steps_per_second']:.2f}",
                f"{row['article_steps_per_second']:.2f}",
                f"{row['times_the_article']:.1f}",
                f"{row['same_network_steps_per_second']:.2f}",
                f"{row['times_the_same_network']:.1f}",
                str(row["batch"]),
                f"{row['weights']:,}",
            ]
        )
    return "\n".join(
        [
            (
                f"{document['machine']}; the studio computes with {document['threads']} threads,"
                " the article's loop with as many as make it fastest."
            ),
            "",
            *columns(rows),
            "",
            "Article: masked 7x7 convolutions with as many weights, in the article's loop.",
            "Same network: the model itself, in that loop.",
        ]
    )


def families() -> list[str]:
    """The first model of each family of pictures that convolves."""
    pictures = [name for name in models.autoregressive() if not models.registry.variant(name).sound]
    return [name for name in models.registry.families(pictures) if convolves(_fresh(name))]


class _Convolutions(TorchDispatchMode):
    """Notes whether something is convolved."""

    found = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.found |= "convolution" in str(func)
        return func(*args, **(kwargs or {}))


@torch.no_grad()
def convolves(model: AutoregressiveModel) -> bool:
    """Whether a step of its training computes convolutions."""
    x = torch.zeros(1, model.spec.channels, *model.spec.space, dtype=torch.long)
    with _Convolutions() as noted:
        model.loss(x)
    return noted.found


def measure(
    name: str,
    quick: bool = False,
    recipe: Recipe | None = None,
    config: Mapping[str, Any] = MappingProxyType({}),
) -> Document:
    """One family. recipe, config: others than its own."""
    recipe = recipe or models.registry.variant(name).recipe.with_changes(start="")
    with TemporaryDirectory() as folder:
        training = _Training(name, recipe, dict(config), Path(folder) / "run", quick)
    seconds, trainer = training.seconds, training.trainer
    model = _fresh(name, trainer.config)
    network = MaskedNetwork(model.spec.channels, model.spec.levels, model.parameter_count)
    highest = model.spec.levels - 1
    pictures = OneByOne(open_data(recipe.data).train, model.spec.levels)
    article, article_threads = at_best(network, network.loss, pictures, recipe.batch, quick)
    same, same_threads = at_best(
        model, lambda x: model.loss((x * highest).round().long()), pictures, recipe.batch, quick
    )
    return {
        "batch": recipe.batch,
        "weights": model.parameter_count,
        "levels": model.spec.levels,
        "precision": trainer.precision,
        "steps_per_second": 1 / seconds,
        "article_weights": sum(p.numel() for p in network.parameters()),
        "article_threads": article_threads,
        "article_steps_per_second": 1 / article,
        "times_the_article": article / seconds,
        "same_network_threads": same_threads,
        "same_network_steps_per_second": 1 / same,
        "times_the_same_network": same / seconds,
    }


def _fresh(name: str, config: Mapping[str, Any] = MappingProxyType({})) -> AutoregressiveModel:
    torch.manual_seed(0)
    model = models.build(name, **config)
    assert isinstance(model, AutoregressiveModel)
    return model


class _Training(Callback):
    """A training by its recipe that is stopped after some steps. seconds: of one, the median."""

    def __init__(
        self, name: str, recipe: Recipe, config: dict[str, Any], folder: Path, quick: bool
    ) -> None:
        self._token = CancelToken()
        self._steps = _Steps(quick)
        run = Run.create(name, folder)
        cpu = torch.device("cpu")
        self.trainer = Trainer(name, recipe, config, run, cpu, self._token, anyway=True)
        self.trainer.go([self])
        self.seconds = self._steps.seconds

    def on_step(self, training: Trainer) -> None:
        self._steps.note()
        if self._steps.enough:
            self._token.cancel()


class _Steps:
    """The times at which steps end."""

    def __init__(self, quick: bool) -> None:
        self._skipped, self._wanted = (
            (_QUICK_WARM_UP, _QUICK_STEPS) if quick else (_WARM_UP, _STEPS)
        )
        self._ends: list[float] = []

    def note(self) -> None:
        self._ends.append(time.perf_counter())

    @property
    def enough(self) -> bool:
        timed = len(self._ends) - self._skipped
        return timed > self._wanted or (timed > 1 and self._ends[-1] - self._ends[0] > _LONGEST)

    @property
    def seconds(self) -> float:
        """Between two ends, the median, but for the first ones."""
        ends = self._ends[self._skipped - 1 :]
        return median(later - end for end, later in pairwise(ends))


# ---- the article's loop --------------------------------------------------------------------------


class MaskedNetwork(nn.Module):
    """A PixelCNN as articles write it: the kernels are whole squares, and a mask is multiplied into
    the weights before each pass. As many weights as are asked for, masked ones among them."""

    def __init__(self, channels: int, levels: int, weights: int) -> None:
        super().__init__()
        self.levels = levels
        outputs = channels * (levels if levels > 2 else 1)
        width = _width_for(channels, outputs, weights)
        self.first = MaskedSquare(channels, width, "A")
        self.layers = nn.ModuleList(MaskedSquare(width, width, "B") for _ in range(_DEPTH - 1))
        self.head, self.out = nn.Conv2d(width, width, 1), nn.Conv2d(width, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, H, W), 0..1 -> logits (B, C, H, W), or (B, C * levels, H, W) of many levels."""
        h = self.first(x)
        for layer in self.layers:
            h = layer(F.relu(h))
        logits: Tensor = self.out(F.relu(self.head(F.relu(h))))
        return logits

    def loss(self, x: Tensor) -> Tensor:
        logits = self(x)
        if self.levels == 2:
            return F.binary_cross_entropy_with_logits(logits, x)
        values = (x * (self.levels - 1)).round().long()
        return F.cross_entropy(logits.unflatten(1, (self.levels, -1)), values)


class MaskedSquare(nn.Conv2d):
    """A masked convolution as articles write it."""

    mask: Tensor

    def __init__(self, inputs: int, outputs: int, kind: str) -> None:
        super().__init__(inputs, outputs, _KERNEL, padding=_KERNEL // 2)
        middle = _KERNEL // 2
        mask = torch.ones_like(self.weight)
        mask[:, :, middle, middle + (kind == "B") :] = 0
        mask[:, :, middle + 1 :] = 0
        self.register_buffer("mask", mask)

    def forward(self, x: Tensor) -> Tensor:
        self.weight.data *= self.mask
        return super().forward(x)


def _width_for(channels: int, outputs: int, weights: int) -> int:
    """The width with which the network comes nearest to so many weights."""

    def count(width: int) -> int:
        square = _KERNEL**2
        inner = (_DEPTH - 1) * (square * width + 1) * width + (width + 1) * width
        return (square * channels + 1) * width + inner + (width + 1) * outputs

    return min(range(1, 513), key=lambda width: abs(count(width) - weights))


class OneByOne(Dataset[Tensor]):
    """Pictures as torchvision gives them: each becomes a PIL image, and that a tensor in 0..1."""

    def __init__(self, images: Tensor, levels: int) -> None:
        """images: uint8 (N, 1 or 3, H, W)."""
        self.images, self.levels = images, levels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> Tensor:
        image = Image.fromarray(self.images[number].permute(1, 2, 0).squeeze(2).numpy())
        pixels = torch.from_numpy(np.array(image)).view(*image.size[::-1], -1).permute(2, 0, 1)
        x = pixels.contiguous().float().div(255)
        return (x > 0.5).float() if self.levels == 2 else x


def at_best(
    network: nn.Module,
    loss: Callable[[Tensor], Tensor],
    pictures: OneByOne,
    batch: int,
    quick: bool = False,
) -> tuple[float, int]:
    """Seconds of a step in the article's loop with the number of threads that is fastest, tried
    from one to all; and this number."""
    seconds = {}
    for count in range(1, threads.ALL + 1):
        with with_threads(count):
            seconds[count] = _loop(network, loss, pictures, batch, quick)
    best = min(seconds, key=seconds.__getitem__)
    return seconds[best], best


def _loop(
    network: nn.Module,
    loss: Callable[[Tensor], Tensor],
    pictures: OneByOne,
    batch: int,
    quick: bool,
) -> float:
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    steps, total = _Steps(quick), 0.0
    network.train()
    for x in _endlessly(DataLoader(pictures, batch, shuffle=True)):
        optimiser.zero_grad()
        found = loss(x)
        found.backward()
        optimiser.step()
        total += found.item()
        steps.note()
        if steps.enough:
            break
    return steps.seconds


def _endlessly(loader: DataLoader[Tensor]) -> Iterator[Tensor]:
    while True:
        yield from loader
