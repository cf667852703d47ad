"""Who judges pictures: a small convolutional network that has learnt to tell the classes of a data
set apart, within about a minute, from pictures that are moved, turned and scaled a little.

Of what a model draws, or finishes, it says whether it is recognised, that is, whether the judge is
more than `SURE` of some class, and whether it is of the class that it should be. Neither figure
means anything alone: its accuracy on held-out pictures stands beside it, and so does what it says
of these.

A judge is kept in the person's cache folder, under a fingerprint of all that it comes from: the
data, how they are prepared and changed while it learns, and this file.
"""

from __future__ import annotations

import hashlib
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from studio.engine.bench.completion_amounts import SHOWN
from studio.engine.data.data_sets import Data
from studio.engine.data.preparation import Preparation
from studio.engine.runtime import devices
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import write_atomically
from studio.engine.runtime.threads import one_thread
from studio.engine.training import augmentation
from studio.engine.training.augmentation import Augmentation

SURE = 0.9  # the probability from which on a picture counts as recognised
_BATCH, _RATE, _DECAY = 64, 4e-3, 0.02
_SMALLEST = 4  # pixels of a side
_AT_ONCE = 500  # pictures that are judged together
_SEED = 20_240_607
_SHIFT = 1 / 14  # of the longer side, either way
_ROTATION, _ZOOM = 8.0, 0.1  # degrees, and a share
_MOST_FEATURES = 8  # rows and columns of what the last layer sees

_log = logging.getLogger(__name__)


class _Network(nn.Sequential):
    """Three convolutions, each at half the resolution of the one before, and a layer that sees
    everything."""

    def __init__(self, shape: tuple[int, int, int], classes: int) -> None:
        channels, height, width = shape
        last = [min(_MOST_FEATURES, size // 4) for size in (height, width)]
        super().__init__(
            *_layer(channels, 32),
            nn.MaxPool2d(2),
            *_layer(32, 64),
            nn.MaxPool2d(2),
            *_layer(64, 96),
            nn.AdaptiveMaxPool2d((last[0], last[1])),
            nn.Flatten(),
            nn.Dropout(0.4),
            nn.Linear(96 * last[0] * last[1], classes),
        )


def _layer(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return conv, nn.BatchNorm2d(outputs), nn.ReLU()


@dataclass(frozen=True, eq=False)
class Judge:
    """accuracy: share of the pictures of the test part whose class it finds.
    seconds: that its training took.
    levels: of the pictures that it has learnt from; with 2 it sees others in black and white."""

    network: nn.Module
    accuracy: float
    seconds: float
    levels: int = 2

    @torch.inference_mode()
    def probabilities(self, pictures: Tensor, levels: int) -> Tensor:
        """Of each class, (B, classes), float on the host: pictures as levels (B, C, H, W)."""
        shown = _shown(pictures.cpu(), levels, self.levels)
        found = [self.network(some).softmax(1) for some in shown.split(_AT_ONCE)]
        return torch.cat(found)

    def kept(self, pictures: Tensor, labels: Tensor, levels: int) -> float:
        """Share of the pictures in which it finds the class of the label."""
        return share_kept(self.probabilities(pictures, levels), labels)

    def recognised(self, pictures: Tensor, levels: int) -> float:
        """Share of the pictures of whose class it is more than `SURE`."""
        return share_recognised(self.probabilities(pictures, levels))


def share_kept(probabilities: Tensor, labels: Tensor) -> float:
    """Share of the pictures, of which these are the probabilities (B, classes), whose likeliest
    class is that of the label (B,)."""
    return float((probabilities.argmax(1) == labels).float().mean())


def share_recognised(probabilities: Tensor) -> float:
    """Share of the pictures that have a class which is more probable than `SURE`."""
    return float((probabilities.amax(1) > SURE).float().mean())


def judge_for(data: Data, preparation: Preparation, shown: int = SHOWN) -> Judge:
    """The judge of these data: as it lies in the cache folder, or else trained now, and kept there
    where that can be written. Arguments and errors as `train_judge`."""
    check_judged(data)
    place = _folder() / f"{_fingerprint(data, preparation, shown)}.safetensors"
    # whatever is wrong with what lies there, all that is lost is time
    with suppress(OSError, SafetensorError, KeyError, ValueError, RuntimeError):
        return _load(place, data, preparation)
    judge = train_judge(data, preparation, shown)
    try:
        _save(judge, place)
    except (OSError, StudioError) as error:
        _log.warning("The judge could not be kept, and is trained again next time: %s", error)
    return judge


def train_judge(data: Data, preparation: Preparation, shown: int = SHOWN) -> Judge:
    """A network that tells the classes of the data apart, by pictures as `preparation` makes them;
    always the same one on one machine.

    shown: how many pictures it learns from, each counted as often as it is shown.
    StudioError where the data have no classes, or pictures that are too small.
    """
    check_judged(data)
    assert data.train_labels is not None
    assert data.test_labels is not None
    began = time.perf_counter()
    with torch.random.fork_rng(devices=[]), one_thread():
        torch.manual_seed(_SEED)
        network = _network(data)
        _train(network, data.train, data.train_labels, preparation, shown)
        network.eval().requires_grad_(False)
    judge = Judge(network, 0.0, time.perf_counter() - began, preparation.levels)
    found = judge.kept(held_out(data, preparation), data.test_labels, preparation.levels)
    return Judge(network, found, judge.seconds, preparation.levels)


def held_out(data: Data, preparation: Preparation) -> Tensor:
    """The pictures of the test part as levels, always the same where chance has a part in it."""
    return preparation.apply(data.test, torch.Generator().manual_seed(_SEED))


def check_judged(data: Data) -> None:
    """StudioError, one sentence, where nothing can learn to judge such pictures."""
    if not data.labelled or data.test_labels is None:
        raise StudioError(f'"{data.name}" has no classes by which pictures could be judged.')
    if min(data.train.shape[2:]) < _SMALLEST:
        raise StudioError(
            f"Pictures of fewer than {_SMALLEST} x {_SMALLEST} pixels are too small to be judged."
        )


def _network(data: Data) -> _Network:
    channels, height, width = data.train.shape[1:]
    network = _Network((channels, height, width), len(data.class_names))
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _train(
    network: nn.Module, images: Tensor, labels: Tensor, preparation: Preparation, shown: int
) -> None:
    generator = torch.Generator().manual_seed(_SEED)
    steps = -(-shown // _BATCH)
    varied = Augmentation(shift=max(images.shape[2:]) * _SHIFT, rotation=_ROTATION, zoom=_ZOOM)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=_RATE, total_steps=steps)
    faster = devices.supports_bf16("cpu")
    for rows in _rows(len(images), steps, generator):
        levels = preparation.apply(varied.apply(images[rows], generator), generator)
        x = _shown(levels, preparation.levels, preparation.levels)
        with torch.autocast("cpu", torch.bfloat16, enabled=faster):
            loss = F.cross_entropy(network(x), labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()


def _rows(count: int, steps: int, generator: torch.Generator) -> Tensor:
    """The numbers of the pictures of every step, (steps, batch): each as often as any other."""
    rounds = -(-steps * _BATCH // count)
    order = torch.cat([torch.randperm(count, generator=generator) for _ in range(rounds)])
    return order[: steps * _BATCH].view(steps, _BATCH)


def _shown(levels: Tensor, count: int, judged: int) -> Tensor:
    """Levels 0..count-1 (B, C, H, W), from -0.5 to 0.5; of a judge of black and white, that has
    learnt from 2 levels, the darker half of them as -0.5, and the rest as 0.5."""
    if judged == 2:
        x = (2 * levels.int() >= count).float() - 0.5
    else:
        x = levels.float() / (count - 1) - 0.5
    return x.contiguous(memory_format=torch.channels_last)


def _folder() -> Path:
    return platformdirs.user_cache_path("autoregressive-studio", appauthor=False) / "judges"


def _fingerprint(data: Data, preparation: Preparation, shown: int) -> str:
    """Of all that makes a judge what it is."""
    digest = hashlib.blake2b(digest_size=16)
    for file in (__file__, augmentation.__file__):
        digest.update(Path(file).read_bytes())
    said = (preparation.name, shown, data.class_names, data.train.shape, data.test.shape)
    digest.update(repr(said).encode())
    for part in (data.train, data.train_labels, data.test, data.test_labels):
        assert part is not None
        digest.update(part.contiguous().numpy().data)
    return digest.hexdigest()


def _save(judge: Judge, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.contiguous() for name, tensor in judge.network.state_dict().items()}
    said = {"accuracy": repr(judge.accuracy), "seconds": repr(judge.seconds)}
    write_atomically(place, to_bytes(weights, said))


def _load(place: Path, data: Data, preparation: Preparation) -> Judge:
    with safe_open(place, "pt") as file:
        said = file.metadata()
    network = _network(data)
    network.load_state_dict(load_file(place))
    network.eval().requires_grad_(False)
    accuracy, seconds = float(said["accuracy"]), float(said["seconds"])
    return Judge(network, accuracy, seconds, preparation.levels)
