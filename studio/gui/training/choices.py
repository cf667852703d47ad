"""What the training form offers: models with their settings as text, devices, runs to go on with.
No Qt; torch only in a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engine import kinds
from studio.engine.checkpoints.places import run_named
from studio.engine.checkpoints.words import in_short
from studio.engine.runtime.durations import about
from studio.engine.runtime.errors import StudioError
from studio.engine.training.record import Record, record_of
from studio.gui.kinds import KINDS

if TYPE_CHECKING:
    import models.registry
    from models.recipe import Recipe
    from studio.engine.training.runs import Run

# the data and their preparation say these, never the person
FROM_THE_DATA = ("levels", "classes", "class_names")
UNSET = ("shape",)  # the data say this too, unless the person does
_MOST_STARTS = 50  # runs, the newest, whose weights are offered to begin with
NOT_ASKED = (*FROM_THE_DATA, "config")  # those of a recipe show as the model's own


@dataclass(frozen=True)
class Setting:
    """A value that can be changed: its default as text ("" for one that comes from the data), what
    it means and what it is called."""

    key: str
    default: str
    meaning: str
    title: str = ""


@dataclass(frozen=True)
class ModelChoice:
    """A model that can be trained: its summary in one line, the settings of its recipe and those of
    the model itself.

    others: all settings again where there is a recipe of its own for some data, by their name.
    kind: the name of its row in `studio.gui.kinds`.
    data_sets: those that ship and that it can learn from.
    cost: how large the one that ships is, and how long its training took, in a sentence; "" where
    none ships.
    record: how that training went.
    starts: the checkpoints of its family, which it can begin with, by their names.
    """

    name: str
    summary: str
    recipe: tuple[Setting, ...]
    config: tuple[Setting, ...]
    others: Mapping[str, tuple[Setting, ...]] = field(default_factory=dict)
    kind: str = "pictures"
    data_sets: tuple[str, ...] = ()
    cost: str = ""
    record: Record | None = None
    starts: tuple[str, ...] = ()

    def settings(self, data: str) -> tuple[Setting, ...]:
        """The settings that a training with these data begins with."""
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


def texts_of(recipe: Recipe, config: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a run was trained with, as the form has them; what its data say is left
    out."""
    from models.settings import as_text

    values = {**{spec.name: getattr(recipe, spec.name) for spec in fields(recipe)}, **config}
    return {key: as_text(value) for key, value in values.items() if key not in (*NOT_ASKED, *UNSET)}


def run_folder(text: str) -> Path | None:
    """Where a run goes: a name is a folder among the person's runs, "" a new one. StudioError, one
    sentence, for a name that cannot be one or that is taken."""
    path = Path(text).expanduser()
    return None if not text else path if path.is_absolute() else run_named(text)


def look_around() -> Choices:
    """All that the form needs to know. Imports torch: call it in a job."""
    import models
    from studio.engine.runtime import devices

    starts = _starts()
    variants = (models.registry.variant(name) for name in models.available())
    return Choices(
        tuple(_choice(v.name, v, tuple(starts.get(v.model, ()))) for v in variants),
        tuple(name for name in devices.CHOICES if _usable(name)),
        tuple(unfinished_runs()),
    )


def _choice(name: str, variant: models.Variant, starts: tuple[str, ...]) -> ModelChoice:
    kind = kinds.listed(name)

    def asked(values: Any) -> tuple[Setting, ...]:
        return _settings(values, KINDS[kind.name].useless)

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
        kind.name,
        kind.part("data_sets")(),
        _cost(name),
        record_of(name),
        starts,
    )


def _starts() -> dict[type, list[str]]:
    """The names of checkpoints, shipped ones and those of runs, by the class of their model."""
    import models
    from studio.engine.checkpoints.cards import read_card, shipped
    from studio.engine.checkpoints.places import LATEST, run_folders

    of_runs = {folder.name: folder / LATEST for folder in run_folders()[:_MOST_STARTS]}
    found: dict[type, list[str]] = {}
    for name, path in {**of_runs, **shipped()}.items():
        with suppress(StudioError, ValueError):
            found.setdefault(models.registry.variant(read_card(path)["model"]).model, []).append(
                name
            )
    return found


def _cost(name: str) -> str:
    from studio.engine.checkpoints.cards import read_card, shipped

    path = shipped().get(name)
    try:
        return "" if path is None else cost_in_words(read_card(path))
    except StudioError:
        return ""


def cost_in_words(card: Mapping[str, Any]) -> str:
    """Such as: 3.3M weights; the shipped one took about 16 minutes (AMD EPYC, 1 thread)."""
    words = []
    if "parameters" in card:
        words.append(f"{in_short(round(card['parameters']))} weights")
    if card.get("seconds"):
        machine = f" ({card['machine']})" if card.get("machine") else ""
        words.append(f"the shipped one took {about(card['seconds'])}{machine}")
    said = "; ".join(words)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


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
        recipe = run.read_config()["recipe"]
        whole = f"{recipe.minutes:g} minutes" if recipe.minutes else f"{recipe.epochs:g} epochs"
        if not run.latest.is_file():
            return f"{run.name} (at the beginning of {whole})"
        card = read_card(run.latest)
    except StudioError:
        return ""
    done = card.get("seconds", 0) / 60 if recipe.minutes else card.get("epochs", 0)
    if card.get("metrics", {}).get("split") == "test":
        return ""
    return f"{run.name} ({done:.3g} of {whole})"


def _usable(device: str) -> bool:
    from studio.engine.runtime import devices

    try:
        devices.pick(device)
    except StudioError:
        return False
    return True


def _settings(values: Any, useless: tuple[str, ...]) -> tuple[Setting, ...]:
    """The fields of a recipe or of a model's configuration,
    but for those that are useless to the model, or that its first weights bring."""
    from models.settings import as_text, settings_of

    return tuple(
        Setting(
            key, "" if key in UNSET else as_text(getattr(values, key)), spec.meaning, spec.title
        )
        for key, spec in settings_of(type(values)).items()
        if key not in (*NOT_ASKED, *useless, *getattr(values, "GIVEN", ()))
    )
