"""Who judges whether a completion is still the digit that it was: a small convolutional network,
trained in the benchmark itself on the training digits, within a minute or two."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import Preparation
from studio.engine.runtime.errors import StudioError

SURE = 0.9  # the probability from which on a picture counts as recognised
_BATCH, _RATE = 128, 4e-3
_AT_ONCE = 500  # pictures that are judged together
_SEED = 20_240_607


class _Network(nn.Sequential):
    """Two convolutions, each halved by its maxima, and two layers that see everything."""

    def __init__(self, space: tuple[int, int], classes: int) -> None:
        height, width = (size // 4 for size in space)
        super().__init__(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.25),
            nn.Linear(32 * height * width, 128),
            nn.ReLU(),
            nn.Dropout(0.25),
            nn.Linear(128, classes),
        )


@dataclass(frozen=True, eq=False)
class Judge:
    """accuracy: share of the clean digits of the test part whose class it finds.
    seconds: that its training took."""

    network: nn.Module
    accuracy: float
    seconds: float

    def probabilities(self, pictures: Tensor, levels: int) -> Tensor:
        """Of each class, (B, classes), float on the host: pictures as levels (B, 1, H, W)."""
        shown = _black_and_white(pictures.cpu(), levels)
        return torch.cat([self.network(some).softmax(1) for some in shown.split(_AT_ONCE)])

    def kept(self, pictures: Tensor, labels: Tensor, levels: int) -> float:
        """Share of the pictures in which it finds the class of the label."""
        return float((self.probabilities(pictures, levels).argmax(1) == labels).float().mean())

    def recognised(self, pictures: Tensor, levels: int) -> float:
        """Share of the pictures of whose class it is more than `SURE`."""
        return float((self.probabilities(pictures, levels).amax(1) > SURE).float().mean())


def train_judge(data: Data, preparation: Preparation, epochs: int) -> Judge:
    """A network that tells the classes of the data apart, by pictures in black and white, which
    `preparation` makes of the grey ones; always the same one on one machine.

    StudioError where the data have no classes, or pictures that are too small.
    """
    if not data.labelled or data.train_labels is None or data.test_labels is None:
        raise StudioError(f'"{data.name}" has no classes by which completions could be judged.')
    height, width = data.train.shape[2:]
    if min(height, width) < 4:
        raise StudioError("Pictures of fewer than 4 x 4 pixels are too small to be judged.")
    began = time.perf_counter()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        network = _Network((height, width), len(data.class_names))
        _train(network, data.train, data.train_labels, preparation, epochs)
    judge = Judge(network.eval().requires_grad_(False), 0.0, time.perf_counter() - began)
    clean = preparation.apply(data.test, torch.Generator().manual_seed(_SEED))
    found = judge.kept(clean, data.test_labels, preparation.levels)
    return Judge(judge.network, found, judge.seconds)


def _train(
    network: nn.Module, images: Tensor, labels: Tensor, preparation: Preparation, epochs: int
) -> None:
    generator = torch.Generator().manual_seed(_SEED)
    steps = epochs * -(-len(images) // _BATCH)
    optimiser = torch.optim.Adam(network.parameters(), lr=_RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=_RATE, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=generator).split(_BATCH):
            levels = preparation.apply(images[rows], generator)
            logits = network(_black_and_white(levels, preparation.levels))
            loss = F.cross_entropy(logits, labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rate.step()


def _black_and_white(levels: Tensor, count: int) -> Tensor:
    """Levels 0..count-1, (B, 1, H, W), as -0.5 for the darker half of them and 0.5 for the rest."""
    return (2 * levels.int() >= count).float() - 0.5
