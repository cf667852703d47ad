"""The kinds of model that there are for the engine, and what follows from each: what it learns
from, what a training shows of it, how it is scored, what plays it, and which commands it has.

A model's kind is what it *can do* (see `models.interface`), never what it is. A new kind of model
is a row here, one in `studio.gui.kinds`, and files of its own.

A row names its parts as "module:name", which are imported when they are first used. So the table
stands below all rooms, every one of them may ask it, and reading it costs no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.engine.runtime.by_name import by_name

if TYPE_CHECKING:
    from models.interface import Model
    from models.variants import Variant

_TRAINING = "studio.engine.training"
_GENERATION = "studio.engine.generation"


@dataclass(frozen=True)
class Kind:
    """A row of the table.

    name: what the window's table has it under.
    capability: the class that says what such a model can do, "module:class"; the first row that
    fits is a model's.
    endless: whether its data are of open length: recordings, not pictures.
    generates: whether it makes something of its own.
    most_at_once: how many the window makes at once, None for as many as it offers.

    Parts:
    - commands: the module of the command line whose `generate`, `complete` and `report` are for it;
    - data_sets(): the names of those that ship and that it can learn from;
    - open_data(name, recipe, config): see `training_source.open_for`;
    - settings(name, recipe, data): the settings of a model of this name that these data decide;
    - source(data, model, recipe, device): the `TrainingSource` that a training is fed with;
    - made_by(trainer): what a training shows after an epoch, see `epoch_samples.Made`;
    - evaluate(model, data, split, preparation, labels, progress, token, orders, skip_damaged,
    share): a `Score`;
    - player(model, options, evidence, after): the `LivePlayer` that works while the window looks,
    once those before it have ended;
    - film(model, options, evidence): what a `Player` plays, of kinds that have one.
    """

    name: str
    capability: str
    commands: str
    made_by: str
    film: str = ""
    data_sets: str = "studio.engine.data.sources:shipped_names"
    open_data: str = f"{_TRAINING}.training_source:open_pictures"
    settings: str = f"{_TRAINING}.fresh_model:as_the_data"
    source: str = f"{_TRAINING}.training_source:PictureSource"
    evaluate: str = "studio.engine.scoring.evaluation:evaluate_pictures"
    player: str = f"{_GENERATION}.player:Player"
    endless: bool = False
    generates: bool = True
    most_at_once: int | None = None

    def part(self, name: str) -> Any:
        """One of the functions that it names, imported."""
        return by_name(getattr(self, name))

    def has(self, model: Model) -> bool:
        """Whether a model is of this kind."""
        return self.fits(type(model)) and self.endless == (model.spec.sites is None)

    def lists(self, variant: Variant) -> bool:
        """Whether what is built of a variant is of this kind."""
        return self.fits(variant.model) and self.endless == variant.sound

    def fits(self, model: type[Model]) -> bool:
        """Whether models of a class can do what it takes."""
        return issubclass(model, by_name(self.capability))


KINDS = (
    Kind(
        "sound",
        "models.interface:AudioModel",
        commands="studio.cli.speaking",
        data_sets="studio.engine.data.audio_data:shipped_names",
        open_data=f"{_TRAINING}.training_source:open_recordings",
        source=f"{_TRAINING}.training_source:SoundSource",
        made_by=f"{_TRAINING}.epoch_samples:spoken",
        evaluate="studio.engine.scoring.sound_scoring:evaluate_audio",
        player="studio.engine.audio.sound_player:player_of",
        endless=True,
        most_at_once=4,
    ),
    Kind(
        "discrete autoencoders",
        "models.interface:DiscreteAutoencoder",
        commands="studio.cli.coding",
        made_by=f"{_TRAINING}.epoch_samples:restored",
        film=f"{_GENERATION}.reconstruction:Reconstruction",
        evaluate="studio.engine.scoring.code_scoring:evaluate_autoencoder",
        generates=False,
    ),
    Kind(
        "reconstructions",
        "models.interface:Reconstructor",
        commands="studio.cli.reconstructing",
        made_by=f"{_TRAINING}.epoch_samples:restored",
        film=f"{_GENERATION}.reconstruction:Reconstruction",
        generates=False,
    ),
    Kind(
        "two stages",
        "models.interface:TwoStageModel",
        commands="studio.cli.drawing",
        open_data=f"{_TRAINING}.two_stages:open_pictures",
        settings=f"{_TRAINING}.two_stages:as_the_first_stage",
        source=f"{_TRAINING}.two_stages:CodeSource",
        made_by=f"{_TRAINING}.epoch_samples:decoded",
        evaluate="studio.engine.scoring.code_scoring:evaluate_two_stages",
        film=f"{_GENERATION}.generation:Generation",
    ),
    Kind(
        "pictures",
        "models.interface:AutoregressiveModel",
        commands="studio.cli.drawing",
        made_by=f"{_TRAINING}.epoch_samples:drawn",
        film=f"{_GENERATION}.generation:Generation",
    ),
)


def of(model: Model) -> Kind:
    """The kind of a model; ValueError where it can do nothing that the studio knows of."""
    return _first((kind for kind in KINDS if kind.has(model)), model.name or type(model).__name__)


def listed(name: str) -> Kind:
    """The kind of what the registry builds under a name;
    ValueError for a name that is not listed."""
    from models.registry import variant

    found = variant(name)
    return _first((kind for kind in KINDS if kind.lists(found)), name)


def _first(kinds: Iterator[Kind], name: str) -> Kind:
    found = next(kinds, None)
    if found is None:
        raise ValueError(f"{name} neither draws, nor reconstructs, nor makes sound")
    return found
