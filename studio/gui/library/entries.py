"""What stands in the library: every checkpoint that can be found,
described in the words of its card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import platformdirs

from studio.engine.checkpoints.cards import SUFFIX, read_card, shipped
from studio.engine.checkpoints.words import form_of, in_short, in_words, learnt_from_in_words
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import last_part
from studio.engine.runtime.jobs import Job

BETWEEN = " · "  # what stands between the words of a card
Origin = Literal["shipped", "own", "run"]


@dataclass(frozen=True)
class Entry:
    """A checkpoint file and its card; a file that is none has an empty card, and `problem` says why
    in one sentence."""

    path: Path
    origin: Origin
    card: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def read(cls, path: Path, origin: Origin) -> Entry:
        try:
            return cls(path, origin, read_card(path))
        except StudioError as error:
            return cls(path, origin, problem=str(error).replace(f'"{path}"', f'"{path.name}"'))

    @property
    def title(self) -> str:
        """The model's name; the name that the person gave, where it is a file of theirs."""
        if self.origin == "run":
            return str(self.card.get("model") or self.path.parent.name)
        return self.path.stem

    @property
    def about(self) -> str:
        """Model (where the title does not say it), data, preparation, and what it can be
        conditioned on; the form of colour pictures; and what cannot generate."""
        card, words = self.card, []
        if not self.title.startswith(str(card.get("model"))):
            words.append(card.get("model"))
        # a file's folder says little here
        words += [last_part(str(card.get("data") or "")), card.get("preparation")]
        if isinstance(card.get("classes"), list):
            words.append(f"{len(card['classes'])} classes")
        if card.get("conditioning") == "map":
            words.append("painted map")
        if self.is_colour:
            words.append(form_of(self._shape))
        if card.get("autoregressive") is False:
            words.append("cannot generate")
        return BETWEEN.join(str(word) for word in words if word)

    @property
    def figures(self) -> str:
        """Bits/dim on test images, or what else it is measured by, and size."""
        words = [measured] if (measured := in_words(self.card.get("metrics"))) else []
        if isinstance(count := self.card.get("parameters"), int):
            words.append(f"{in_short(count)} weights")
        return BETWEEN.join(words)

    @property
    def learnt_from(self) -> str:
        """How much of its data it has learnt from; "" where the card names no data."""
        amount = learnt_from_in_words(self.card)
        return f"learnt from {amount}" if amount else ""

    @property
    def is_image(self) -> bool:
        return len(self._shape) == 3

    @property
    def is_colour(self) -> bool:
        return self.is_image and self._shape[0] == 3

    @property
    def is_audio(self) -> bool:
        return len(self._shape) == 2

    @property
    def conditional(self) -> bool:
        return isinstance(self.card.get("classes"), list) or self.card.get("conditioning") == "map"

    @property
    def _shape(self) -> list:
        shape = self.card.get("shape")
        return shape if isinstance(shape, list) else []


def own_folder() -> Path:
    """Where the person keeps checkpoints of their own."""
    return (
        Path(platformdirs.user_data_dir("autoregressive-studio", appauthor=False)) / "checkpoints"
    )


def read_entries(job: Job[list[Entry]]) -> list[Entry]:
    """Work for a `Job`: every entry; its mailbox has those of the person and the shipped ones
    before the runs are in."""
    places: list[tuple[Path, Origin]] = [(path, "shipped") for path in shipped().values()]
    places += [(path, "own") for path in sorted(own_folder().glob(f"*{SUFFIX}"))]
    entries = list(_read(job, places))
    job.mailbox.put(list(entries))
    # takes torch with it, seconds when it is the first
    from studio.engine.training.runs import all_runs

    entries += _read(job, ((run.latest, "run") for run in all_runs() if run.latest.is_file()))
    return entries


def _read(job: Job[list[Entry]], places: Iterable[tuple[Path, Origin]]) -> Iterator[Entry]:
    for path, origin in places:
        job.token.raise_if_cancelled()
        yield Entry.read(path, origin)
