"""Teaching a shipped model symbols of one's own: which model it begins with, and how that learns a
few drawings in a few minutes. The window's dock and `studio teach` both ask here.

A class-conditional model of black and white pictures already draws strokes. Its weights are gone on
with, but for those of its classes, which are the person's names from now on. Ten to thirty drawings
are few: each is gone through hundreds of times, and each time it is moved, turned, larger or
smaller and thicker or thinner.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import models
from models.settings import as_text
from studio.demonstrations import TEACHABLE
from studio.engine.checkpoints.cards import read_card, shipped
from studio.engine.checkpoints.places import drawings_folder, named, runs_folder
from studio.engine.checkpoints.storage import require_model
from studio.engine.data.drawing_files import SUFFIX, save_drawings
from studio.engine.data.drawings import Drawings
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import file_name, free_name
from studio.engine.runtime.files import reason
from studio.engine.training.augmentation import Augmentation

_BATCH = 13  # drawings at most: small steps cost less, and many of them matter more
_LONGEST_NAME = 60  # characters of a run's
_OF_THE_DATA = ("shape", "levels", "classes", "class_names")

# As changes to the recipe of the model that it begins with. Tried with thirty triangles drawn with
# the mouse: after 344 steps of 13 (111 seconds of one slow core) a classifier that never saw them
# took 29 of 32 samples for triangles; after 250 steps of another such set 28 of 32.
CHANGES: dict[str, Any] = {
    "conditional": True,  # on the names, whatever the model that it begins with was trained for
    "preparation": "thresholded",
    "rate": 2e-3,
    "muon_rate": 4e-3,
    "ema": 0.99,
    "label_dropout": 0.1,
    "shift": 1.5,
    "rotation": 8.0,
    "zoom": 0.1,
    "stroke": 0.3,
}


@dataclass(frozen=True)
class Base:
    """A checkpoint that can be gone on from: what it has learnt, and the (height, width) of its
    pictures."""

    checkpoint: str
    learnt: str
    space: tuple[int, int]


@dataclass(frozen=True)
class Teaching:
    """A training as `studio train` is asked for it: the model, its settings as text, and what the
    run is called."""

    model: str
    changes: dict[str, str]
    run: str


def bases() -> list[Base]:
    """The shipped models that can be taught, the usual one first."""
    found = shipped()
    cards = {name: read_card(found[name]) for name in TEACHABLE if name in found}
    return [_base(name, card) for name, card in cards.items() if not _why_not(card)]


def teaching(drawings: Drawings, minutes: float, base: str | Path) -> Teaching:
    """How a set of drawings is taught, in so many minutes; it is kept as it is now.

    StudioError, one sentence, where too few are drawn, or the base cannot be taught them.
    """
    if drawings.missing:
        raise StudioError(drawings.missing)
    path = Path(base) if Path(base).is_file() else named(str(base))
    if path is None:
        raise StudioError(f'There is no checkpoint "{base}" to begin with.')
    card = read_card(path)
    if why_not := _why_not(card):
        raise StudioError(f"{base} cannot be taught drawings: {why_not}.")
    if (space := _base(str(base), card).space) != drawings.space:
        height, width = drawings.space
        raise StudioError(
            f"The drawings are {width} × {height} pixels, and {base} draws {space[1]} × {space[0]}."
        )
    name = card["model"]
    require_model(name, f"{base}")
    defaults = models.registry.variant(name).defaults.to_dict()
    config = {
        key: value
        for key, value in card["config"].items()
        if key not in _OF_THE_DATA and key in defaults and value != defaults[key]
    }
    asked = {
        **config,
        **CHANGES,
        "data": str(_kept(drawings)),
        "start": str(path) if Path(base).is_file() else str(base),
        "minutes": minutes,
        "batch": _batch(drawings.count),
    }
    taken = (folder.name for folder in runs_folder().glob("*"))
    run = free_name(_stem(drawings), taken)
    return Teaching(name, {key: as_text(value) for key, value in asked.items()}, run)


def _batch(count: int) -> int:
    """Drawings in a step, so that all steps have about as many."""
    learnt = count - max(1, count // 10) - max(1, count // 20)  # the others are for scores
    return math.ceil(learnt / math.ceil(learnt / _BATCH))


def _stem(drawings: Drawings) -> str:
    """What the run of a set is called, but for a number after it."""
    names = "-".join(drawings.used.names)
    return file_name(f"own-{names}")[:_LONGEST_NAME].rstrip(" .-")


def augmented(drawings: Drawings, count: int, seed: int = 0) -> NDArray[np.uint8]:
    """What training sees of a set, (count, H, W) of 0 and 255: drawings one after the other, each
    changed in its own way."""
    chosen = np.linspace(0, drawings.count - 1, count).round().astype(int)
    images = torch.from_numpy(drawings.images[chosen])[:, None]
    recipe = models.Recipe().with_changes(**CHANGES)
    generator = torch.Generator().manual_seed(seed)
    changed = Augmentation.of(recipe).apply(images, generator)[:, 0].numpy()
    return np.where(changed > 127, 255, 0).astype(np.uint8)  # as the preparation has it


def _kept(drawings: Drawings) -> Path:
    """The file of a set, from which it is learnt: the card of its model names it, so it stays as it
    is."""
    folder = drawings_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f'"{folder}" cannot be made: {reason(error)}.') from error
    # not called by the names: "test" would mean a part of the data
    stem = f"drawings-{time.strftime('%Y%m%d-%H%M%S')}"
    name = free_name(stem, (path.stem for path in folder.glob(f"*{SUFFIX}")))
    path = folder / f"{name}{SUFFIX}"
    save_drawings(drawings.used, path)
    return path


def _why_not(card: dict[str, Any]) -> str:
    """What keeps a model from learning drawings under names, "" for nothing."""
    if not card.get("autoregressive", True):
        return "it draws nothing of its own"
    shape = card.get("shape")
    if not isinstance(shape, list) or len(shape) != 3 or card.get("levels") != 2 or shape[0] != 1:
        return "it does not draw in black and white"
    return "" if card.get("conditioning") == "classes" else "it knows no classes"


def _base(checkpoint: str, card: dict[str, Any]) -> Base:
    _, height, width = card["shape"]
    return Base(checkpoint, str(card.get("data") or checkpoint), (height, width))
