"""What stands in the library: every checkpoint that can be found,
described in the words of its card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studio.engine.checkpoints.card_fields import thumbnail
from studio.engine.checkpoints.cards import SUFFIX, read_card, shipped
from studio.engine.checkpoints.places import LATEST, name_of, own_folder, run_folders
from studio.engine.checkpoints.words import (
    data_in_words,
    form_of,
    in_short,
    in_words,
    learnt_from_in_words,
)
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Job
from studio.engine.runtime.texts import shortened

if TYPE_CHECKING:
    from models.variants import Variant

BETWEEN = " · "  # what stands between the words of a card
Origin = Literal["shipped", "own", "run", "recent"]


@dataclass(frozen=True)
class Entry:
    """A checkpoint file and its card, as it can be shown; a file that is none has an empty card,
    and `problem` says why in one sentence.

    origin: with the studio, in the person's own folder, of a run there, or opened from elsewhere.
    thumbnail: a PNG. written: when, in seconds.
    model: how its model is declared, where that is known here; it says what there is to see in it.
    """

    path: Path
    origin: Origin
    card: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    thumbnail: bytes | None = None
    written: float = 0.0
    model: Variant | None = None

    @classmethod
    def read(cls, path: Path, origin: Origin) -> Entry:
        try:
            file = path.stat()
            card, picture = _card_of(path, file.st_mtime_ns, file.st_size)
        except StudioError as error:
            said = str(error).replace(f'"{path}"', f'"{path.name}"')
            return cls(path, origin, problem=shortened(said, 400))
        except OSError as error:  # it went away after it was found
            return cls(path, origin, problem=f'"{path.name}" is gone: {error.strerror}.')
        return cls(path, origin, card, thumbnail=picture, written=file.st_mtime)

    @cached_property
    def title(self) -> str:
        """What it is called, here and everywhere."""
        return shortened(name_of(self.path), 80)

    @cached_property
    def about(self) -> str:
        """Model (where the title does not say it), data, preparation, and what it can be
        conditioned on; the form of colour pictures; and what cannot generate."""
        card, words = self.card, []
        if not self.title.startswith(str(card.get("model"))):
            words.append(card.get("model"))
        # a file's folder says little here
        words += [data_in_words(card), card.get("preparation")]
        if "classes" in card:
            words.append(f"{len(card['classes'])} classes")
        if card.get("conditioning") == "map":
            words.append("painted map")
        if self.is_colour:
            words.append(form_of(self._shape))
        if card.get("autoregressive") is False:
            words.append("cannot generate")
        return BETWEEN.join(str(word) for word in words if word)

    @cached_property
    def figures(self) -> str:
        """Bits/dim on test images, or what else it is measured by, and size."""
        words = [measured] if (measured := in_words(self.card.get("metrics"))) else []
        if "parameters" in self.card:
            words.append(f"{in_short(round(self.card['parameters']))} weights")
        return BETWEEN.join(words)

    @property
    def learnt_from(self) -> str:
        """How much of its data it has learnt from; "" where the card names no data."""
        amount = learnt_from_in_words(self.card)
        return f"trained on {amount}" if amount else ""

    def mentions(self, words: str) -> bool:
        """Whether all of these words are in its name, data or folder."""
        return all(word in self._searched for word in words.lower().split())

    @cached_property
    def _searched(self) -> str:
        return f"{self.title} {self.about} {self.path}".lower()

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
        return "classes" in self.card or self.card.get("conditioning") == "map"

    @property
    def _shape(self) -> list[Any]:
        return self.card.get("shape", [])

    @property
    def renamable(self) -> bool:
        return self.origin in ("own", "run")


@lru_cache(maxsize=512)
def _card_of(path: Path, changed: int, size: int) -> tuple[dict[str, Any], bytes | None]:
    """The card of a checkpoint, and its picture: read once for as long as the file is the same, for
    all are asked for whenever one of them has changed."""
    card = read_card(path)
    return card, thumbnail(card)


def read_entries(job: Job[list[Entry]], recent: Iterable[Path] = ()) -> list[Entry]:
    """Work for a `Job`: every entry, the person's own first, and of these the newest; its mailbox
    has them before it is known what there is to see in each.

    recent: checkpoints that were opened from elsewhere.
    """
    places: list[tuple[Path, Origin]] = [(folder / LATEST, "run") for folder in run_folders()]
    places += [(path, "own") for path in own_folder().glob(f"*{SUFFIX}")]
    places += [(path, "recent") for path in recent]
    own = _read(job, ((path, origin) for path, origin in places if path.is_file()))
    entries = sorted(own, key=lambda entry: entry.written, reverse=True)
    entries += _read(job, ((path, "shipped") for path in shipped().values()))
    job.mailbox.put(list(entries))
    from models.registry import variants  # takes torch with it, seconds when it is the first

    known = variants()
    return [replace(entry, model=known.get(entry.card.get("model", ""))) for entry in entries]


def _read(job: Job[list[Entry]], places: Iterable[tuple[Path, Origin]]) -> Iterator[Entry]:
    for path, origin in places:
        job.token.raise_if_cancelled()
        yield Entry.read(path, origin)
