"""What the training form offers: models with their settings as text, devices, runs to go on with.
No Qt; torch only in a job.

What a setting of a model means is read off the docstring of the class that declares it, so that it
is written once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine.runtime.errors import StudioError

if TYPE_CHECKING:
    import models.registry
    from models.recipe import Recipe
    from studio.engine.training.runs import Run

FROM_THE_DATA = (
    "levels",
    "classes",
    "class_names",
)  # the data and their preparation say these, never the person
UNSET = ("shape",)  # the data say this too, unless the person does
NOT_ASKED = (*FROM_THE_DATA, "config")  # those of a recipe show as the model's own
ONLY_PICTURES = ("labels", "flip", "orders", "shape")  # a model for sound cannot use these,
ONLY_SOUND = ("window",)  # nor one for pictures this

# SamplingOptions in the words of the window: (label, meaning).
WORDS = {
    "data": (
        "Data",
        "What to learn from: mnist, emoji, for sound speech, or a file or folder of your own",
    ),
    "labels": ("Labels", "A file with one label a picture, where the data do not bring their own"),
    "validation": (
        "Validation",
        (
            "A file or folder to validate with; empty: the last 5,000 training images of mnist, a"
            " fixed twentieth of the training part of other data"
        ),
    ),
    "preparation": (
        "Preparation",
        (
            "thresholded (black or white), dynamic (black or white by chance, drawn each time),"
            " grey-N (N shades, 2 to 256), rgb-N (N of red, green and blue) or levels-N (grey or"
            " colour, as the pictures are); for sound mu-law-256"
        ),
    ),
    "epochs": ("Epochs", "Passes over what is learnt from; may be a fraction"),
    "batch": ("Batch", "Pictures, or stretches of sound, in each step"),
    "window": (
        "Window",
        "Seconds that count of each stretch of sound, beside what is heard before them",
    ),
    "optimiser": (
        "Optimiser",
        "muon (inner weights by Muon, the others by AdamW) or adamw (all by AdamW)",
    ),
    "rate": ("Rate", "Peak learning rate of AdamW; a lower one is slower and steadier"),
    "muon_rate": ("Muon rate", "Peak learning rate of Muon"),
    "warm_up": (
        "Warm-up",
        "Share of the steps in which the rates rise to their peaks; then they fall to zero",
    ),
    "weight_decay": ("Weight decay", "How strongly AdamW pulls the weights to zero"),
    "betas": ("Betas", "How slowly AdamW forgets earlier gradients and their squares"),
    "clip": ("Clip", "Largest norm that a gradient may have, in nats an example"),
    "ema": (
        "EMA decay",
        "Decay of the moving average of the weights, which is what is scored and kept",
    ),
    "flip": ("Flip", "Whether every other picture is shown mirrored, left for right"),
    "conditional": (
        "Conditional",
        "Whether a model that can do without classes is told those of the examples",
    ),
    "label_dropout": ("Label dropout", "Share of the examples that are shown without their label"),
    "orders": (
        "Orders",
        "For models of any order, how many training takes turns with; 0: a new one in every step",
    ),
    "start": ("Start from", "Checkpoint whose weights training starts from; empty: fresh weights"),
    "seed": ("Seed", "Decides all that is left to chance; the same seed gives the same model"),
    "shape": ("Shape", "Channels, rows and columns; empty: as the pictures are"),
}


@dataclass(frozen=True)
class Setting:
    """A value that can be changed: its default as text ("" for one that comes from the data), and
    what it means."""

    key: str
    default: str
    meaning: str

    @property
    def label(self) -> str:
        return WORDS[self.key][0] if self.key in WORDS else self.key.replace("_", " ").capitalize()


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be trained: its summary in one line, the settings of its recipe and those of
    the model itself.

    others: all settings again where there is a recipe of its own for some data, by their name.
    sound: whether it learns from recordings, not from pictures.
    """

    name: str
    summary: str
    recipe: tuple[Setting, ...]
    config: tuple[Setting, ...]
    others: Mapping[str, tuple[Setting, ...]] = field(default_factory=dict)
    sound: bool = False

    def settings(self, data: str) -> tuple[Setting, ...]:
        """What the training with these data begins with."""
        return self.others.get(data, (*self.recipe, *self.config))


@dataclass(frozen=True)
class RunChoice:
    """A run that is not finished, and how far it has come, in words."""

    folder: Path
    title: str


@dataclass(frozen=True)
class Choices:
    models: tuple[ModelChoice, ...]
    devices: tuple[str, ...]
    runs: tuple[RunChoice, ...]


@dataclass(frozen=True)
class Request:
    """What the form asks for: a model, its settings as text where they are not the defaults, a
    device and a folder."""

    model: str
    changes: Mapping[str, str]
    device: str
    folder: Path | None


def run_folder(text: str) -> Path | None:
    """Where a run goes: a name is a folder among the person's runs, "" a new one. Imports torch."""
    from studio.engine.training.runs import runs_folder

    return (
        runs_folder() / Path(text).expanduser() if text else None
    )  # an absolute path stays what it is


def look_around() -> Choices:
    """All that the form needs to know. Imports torch: call it in a job."""
    import models
    from studio.engine.runtime import devices

    return Choices(
        tuple(_choice(name, models.registry.variant(name)) for name in models.available()),
        tuple(name for name in devices.CHOICES if _usable(name)),
        tuple(unfinished_runs()),
    )


def _choice(name: str, variant: models.Variant) -> ModelChoice:
    def asked(values: Any) -> tuple[Setting, ...]:
        return _settings(values, ONLY_PICTURES if variant.sound else ONLY_SOUND)

    def config(recipe: Recipe) -> tuple[Setting, ...]:
        return asked(replace(variant.defaults, **recipe.config))

    # The data that a recipe is made for are what the person chose: the usual ones stay the default.
    others = {
        r.data: (*asked(replace(r, data=variant.recipe.data)), *config(r)) for r in variant.others
    }
    return ModelChoice(
        name,
        variant.summary,
        asked(variant.recipe),
        config(variant.recipe),
        others,
        variant.sound,
    )


def unfinished_runs() -> list[RunChoice]:
    """The runs that can be gone on with, the newest first. Imports torch: call it in a job."""
    from studio.engine.training.runs import all_runs

    return [RunChoice(run.folder, title) for run in all_runs() if (title := _standing(run))]


def _standing(run: Run) -> str:
    """How far a run has come, "" where it is finished or nothing can go on from it."""
    from studio.engine.checkpoints.cards import read_card

    if not run.state.is_file():
        return ""
    try:
        epochs = run.read_config()["recipe"].epochs
        if not run.latest.is_file():
            return f"{run.name} (in its first epoch of {epochs:g})"
        card = read_card(run.latest)
    except StudioError:
        return ""
    done = card.get("epochs", 0)
    if card.get("metrics", {}).get("split") == "test":
        return ""
    return f"{run.name} ({done:.3g} of {epochs:g} epochs)"


def _usable(device: str) -> bool:
    from studio.engine.runtime import devices

    try:
        devices.pick(device)
    except StudioError:
        return False
    return True


def _settings(values: Any, useless: tuple[str, ...]) -> tuple[Setting, ...]:
    """The fields of a recipe or of a model's configuration, but for those that are useless to the
    model."""
    meanings = explanations(type(values))
    return tuple(
        Setting(
            key,
            "" if key in UNSET else as_text(getattr(values, key)),
            WORDS[key][1] if key in WORDS else meanings.get(key, ""),
        )
        for key in (field.name for field in fields(values))
        if key not in (*NOT_ASKED, *useless)
    )


def as_text(value: Any) -> str:
    """A default as the person would type it: 0.002, 1, 2, 4, true."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(as_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


_ENTRY = re.compile(r"(?:^|(?<=\.  )|(?<=\n))((?:\w+, )*\w+): ", re.MULTILINE)


def explanations(kind: type) -> dict[str, str]:
    """What a docstring such as "width: channels.  first, last: both ends." says of each field, by
    its name."""
    text = re.sub(r"\n +", "\n", kind.__doc__ or "")
    found: dict[str, str] = {}
    entries = list(_ENTRY.finditer(text))
    for entry, after in zip(entries, [*(e.start() for e in entries[1:]), len(text)], strict=True):
        said = " ".join(text[entry.end() : after].split()).rstrip(".")
        found |= dict.fromkeys(entry[1].split(", "), said[:1].upper() + said[1:])
    return found
