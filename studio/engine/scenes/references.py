"""The model that a scene names, on this machine. Free of torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.engine.checkpoints import cards, places
from studio.engine.checkpoints.fingerprints import fingerprint
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.scene import ModelReference


@dataclass(frozen=True)
class Found:
    """checkpoint: None where there is none.
    sentence: what differs from the model that is meant, "" where nothing does.
    """

    checkpoint: Path | None
    sentence: str = ""


def reference_to(checkpoint: Path) -> ModelReference:
    """To the model of a checkpoint; without a fingerprint where the file is gone."""
    try:
        return ModelReference(places.name_of(checkpoint), fingerprint(checkpoint))
    except StudioError:
        return ModelReference(places.name_of(checkpoint))


def find(wanted: ModelReference, besides: Iterable[Path] = ()) -> Found:
    """The checkpoint with these weights, whatever it is called; else the one of that name, and a
    sentence; else none, and a sentence. Reads files: not for the window's thread.

    besides: checkpoints that are looked at too, such as recent ones.
    """
    besides = list(besides)
    alike = [path for path in besides if places.name_of(path) == wanted.name]
    named = places.named(wanted.name)
    called_so = [path for path in (named, *alike) if path is not None and path.is_file()]
    for path in (*called_so, *besides, *at_hand()) if wanted.weights else ():
        if _has(path, wanted.weights):
            return Found(path)
    name = shortened(wanted.name, 60)
    if called_so:
        return compared(wanted, called_so[0])
    return Found(
        None, f"The model “{name}” is not on this machine: its checkpoint is needed to see this."
    )


def compared(wanted: ModelReference, checkpoint: Path) -> Found:
    """This checkpoint, and a sentence where it is another than the one that is wanted."""
    if not wanted.weights or _has(checkpoint, wanted.weights):
        return Found(checkpoint)
    name = shortened(places.name_of(checkpoint), 60)
    return Found(
        checkpoint, f"“{name}” has other weights than this was made with: it may look different."
    )


def comparable(present: Path, besides: Iterable[Path] = ()) -> list[Path]:
    """Checkpoints that make what the present one does, pictures or sound, each name once: the
    present one first, then those with data of its shape. Reads cards: not for the window's
    thread."""
    shape = _shape(present)
    found: dict[str, tuple[bool, Path]] = {}
    for path in (present, *besides, *at_hand()):
        own, name = _shape(path), places.name_of(path)
        if own and len(own) == len(shape) and name not in found:
            found[name] = own != shape, path
    first = places.name_of(present)
    ordered = sorted(found.items(), key=lambda item: (item[0] != first, item[1][0], item[0]))
    return [path for _, (_, path) in ordered]


def _shape(checkpoint: Path) -> list[int | None]:
    """Of the data that a checkpoint makes; nothing where it makes none."""
    try:
        card = cards.read_card(checkpoint)
    except StudioError:
        return []
    return [] if card.get("autoregressive") is False else list(card.get("shape", []))


def _has(checkpoint: Path, weights: str) -> bool:
    try:
        return fingerprint(checkpoint) == weights
    except StudioError:  # gone, or not to be read
        return False


def at_hand() -> Iterator[Path]:
    """Every checkpoint that is known here: shipped, the person's own, and those of runs."""
    yield from cards.shipped().values()
    yield from sorted(places.own_folder().glob(f"*{cards.SUFFIX}"))
    for folder in places.run_folders():
        yield from (
            path for path in (folder / places.LATEST, folder / places.BEST) if path.is_file()
        )
