"""The kinds of model that there are for the engine, and what follows from each: what it learns
from, what a training shows of it, how it is scored, what plays it, and which commands it has.

A model's kind is what it *can do* (see `models.interface`), never what it is. A new kind of model
is a row here, one in `studio.gui.kinds`, and files of its own. Every room of the engine may ask
this table, so a row imports what it names when it is asked for it; torch with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from models.interface import Model
    from models.recipe import Recipe
    from models.variants import Variant
    from studio.engine.data.audio_data import AudioData
    from studio.engine.data.data_sets import Data, Preparation
    from studio.engine.editing.evidence import Evidence
    from studio.engine.generation.player import Film
    from studio.engine.generation.sampling_options import SamplingOptions
    from studio.engine.runtime.jobs import CancelToken, Mailbox
    from studio.engine.scoring.scores import Score
    from studio.engine.training.epoch_samples import Made
    from studio.engine.training.trainer import Trainer
    from studio.engine.training.training_source import TrainingSource


class Moment(Protocol):
    """What a player of any kind shows.

    hurried: whether there will be more of it at once, so that nobody can read every one.
    next_name: what comes next, such as "Pixel in row 3, column 4".  next_levels: how probable each
    of its levels is, (C, K), None at the end.  so_far: what it needed, in words, "" for nothing.
    """

    @property
    def hurried(self) -> bool: ...
    @property
    def next_name(self) -> str: ...
    @property
    def next_levels(self) -> NDArray[np.float32] | None: ...
    @property
    def so_far(self) -> str: ...


class LivePlayer(Protocol):
    """An actor that makes something for as long as somebody looks; see
    `studio.engine.runtime.actor.Actor`. What is in its mailbox is a `Moment`."""

    mailbox: Mailbox[Any]
    failures: Mailbox[tuple[str, str]]

    def set_options(self, options: SamplingOptions) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout: float | None = None) -> bool: ...


class Scorer(Protocol):
    """See `studio.engine.scoring.evaluation.evaluate`."""

    def __call__(
        self,
        model: Model,
        data: str | Path | None,
        split: str,
        preparation: Preparation,
        labels: str | Path | None,
        progress: Callable[[float], object] | None,
        token: CancelToken | None,
        orders: int | None,
        /,
    ) -> Score | None: ...


@runtime_checkable
class TakesEvidence(Protocol):
    """A player that goes on from what a person paints."""

    def set_evidence(self, evidence: Evidence | None) -> None: ...


class Kind(ABC):
    """A row of the table.

    name: what the window's table has it under.  capability: the class of `models` that
    says what such a model can do; the first row that fits is a model's.  recordings: whether it
    learns from recordings, not from pictures.  most_at_once: how many the window makes at once,
    None for as many as it offers.  commands: the module of the command line whose `generate`,
    `complete` and `report` are for it.
    """

    name: str
    capability: str
    recordings: bool = False
    most_at_once: int | None = None
    commands: str

    def has(self, model: Model) -> bool:
        """Whether a model is of this kind."""
        return isinstance(model, self._class())

    def lists(self, variant: Variant) -> bool:
        """Whether what is built of a variant is of this kind."""
        return issubclass(variant.model, self._class())

    def _class(self) -> type[Model]:
        import models

        found: type[Model] = getattr(models, self.capability)
        return found

    @abstractmethod
    def open_data(
        self, name: str, recipe: Recipe, config: dict[str, Any]
    ) -> tuple[Data | AudioData, Recipe]:
        """See `studio.engine.training.training_source.open_for`."""

    @abstractmethod
    def source(
        self, data: Data | AudioData, model: Model, recipe: Recipe, device: torch.device
    ) -> TrainingSource:
        """What a training is fed with."""

    @abstractmethod
    def made_by(self, training: Trainer) -> Made | None:
        """What a training shows after an epoch; None where it was stopped meanwhile."""

    @abstractmethod
    def scorer(self) -> Scorer:
        """What scores it on a part of a data set."""

    @abstractmethod
    def player(
        self, model: Model, options: SamplingOptions, evidence: Evidence | None
    ) -> LivePlayer:
        """What makes something with it while the window looks."""

    def film(self, model: Model, options: SamplingOptions, evidence: Evidence | None) -> Film:
        """What a `Player` plays, for kinds that have one."""
        raise NotImplementedError(f"there is nothing to play of {self.name}")


class _OfPictures(Kind):
    def open_data(
        self, name: str, recipe: Recipe, config: dict[str, Any]
    ) -> tuple[Data | AudioData, Recipe]:
        from studio.engine.training.training_source import open_pictures

        return open_pictures(name, recipe, config)

    def source(
        self, data: Data | AudioData, model: Model, recipe: Recipe, device: torch.device
    ) -> TrainingSource:
        from studio.engine.data.data_sets import Data
        from studio.engine.training.training_source import PictureSource

        assert isinstance(data, Data)
        return PictureSource(data, model, recipe, device)

    def scorer(self) -> Scorer:
        from studio.engine.scoring.evaluation import evaluate_pictures

        return evaluate_pictures

    def player(
        self, model: Model, options: SamplingOptions, evidence: Evidence | None
    ) -> LivePlayer:
        from studio.engine.generation.player import Player

        return Player(model, options, evidence)


class Pictures(_OfPictures):
    """Draws pictures, site by site."""

    name = "pictures"
    capability = "AutoregressiveModel"
    commands = "studio.cli.drawing"

    def made_by(self, training: Trainer) -> Made | None:
        from studio.engine.training.epoch_samples import drawn

        return drawn(training)

    def film(self, model: Model, options: SamplingOptions, evidence: Evidence | None) -> Film:
        from studio.engine.generation.generation import Generation, generating

        return Generation(generating(model), options, evidence)


class Reconstructions(_OfPictures):
    """Gives back the picture that it is shown, all of it at once."""

    name = "reconstructions"
    capability = "Reconstructor"
    commands = "studio.cli.reconstructing"

    def made_by(self, training: Trainer) -> Made | None:
        from studio.engine.training.epoch_samples import restored

        return restored(training)

    def film(self, model: Model, options: SamplingOptions, evidence: Evidence | None) -> Film:
        from studio.engine.generation.reconstruction import Reconstruction, reconstructing

        return Reconstruction(reconstructing(model), options, evidence)


class Sound(Kind):
    """Makes sound, sample by sample, for as long as somebody listens."""

    name = "sound"
    capability = "AudioModel"
    recordings = True
    most_at_once = 4
    commands = "studio.cli.speaking"

    def has(self, model: Model) -> bool:
        return super().has(model) and model.spec.sites is None  # of a fixed length, it is drawn

    def lists(self, variant: Variant) -> bool:
        return super().lists(variant) and variant.sound

    def open_data(
        self, name: str, recipe: Recipe, config: dict[str, Any]
    ) -> tuple[Data | AudioData, Recipe]:
        from studio.engine.training.training_source import open_recordings

        return open_recordings(name, recipe, config)

    def source(
        self, data: Data | AudioData, model: Model, recipe: Recipe, device: torch.device
    ) -> TrainingSource:
        from studio.engine.audio.rendering import sounding
        from studio.engine.data.audio_data import AudioData
        from studio.engine.training.training_source import SoundSource

        assert isinstance(data, AudioData)
        return SoundSource(data, sounding(model), recipe, device)

    def made_by(self, training: Trainer) -> Made | None:
        from studio.engine.training.epoch_samples import spoken

        return spoken(training)

    def scorer(self) -> Scorer:
        from studio.engine.scoring.sound_scoring import evaluate_audio

        return evaluate_audio

    def player(
        self, model: Model, options: SamplingOptions, evidence: Evidence | None
    ) -> LivePlayer:
        from studio.engine.audio.rendering import sounding
        from studio.engine.audio.sound_player import SoundPlayer

        return SoundPlayer(sounding(model), options)


KINDS: tuple[Kind, ...] = (Sound(), Reconstructions(), Pictures())


def of(model: Model) -> Kind:
    """The kind of a model; ValueError where it can do nothing that the studio knows of."""
    return _first((kind for kind in KINDS if kind.has(model)), model.name or type(model).__name__)


def listed(name: str) -> Kind:
    """The kind of what the registry builds under a name; ValueError for a name that is not
    listed."""
    from models.registry import variant

    found = variant(name)
    return _first((kind for kind in KINDS if kind.lists(found)), name)


def _first(kinds: Iterator[Kind], name: str) -> Kind:
    found = next(kinds, None)
    if found is None:
        raise ValueError(f"{name} neither draws, nor reconstructs, nor makes sound")
    return found
