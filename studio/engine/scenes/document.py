"""A `Scene` as a JSON document, and back.

    {"format": "autoregressive-studio scene", "version": 1, "studio": "0.4.0",
     "title": "...",
     "model": {"name": "gated-pixelcnn", "weights": "sha256:..."},
     "options": {"count": 16, "seed": 3, ...},        the fields of SamplingOptions
     "evidence": {"known": ARRAY, "values": ARRAY},   (H, W) truth values; (C, H, W) levels
     "changes": [[picture, site, [level, ...]], ...],
     "earlier": [[position, temperature, top-k, top-p], ...],   so up to there, before the options
     "position": 392,                                 null: to the end
     "chosen": 2,
     "sound": {"beginning": ARRAY, "rate": 8000, "filled": [[begin, end], ...],
               "spectrogram": ARRAY, "seconds": 5.0, "take": 0},
     "view": {...}}

An ARRAY is {"type": "uint8", "shape": [1, 28, 28], "data": "..."}: bytes, row by row and
little-endian (truth values: eight in a byte, the first one highest), compressed by zlib, in base64.
What is absent is as in a fresh `Scene`. Fields that are not known are kept, so that a document of a
later version loses nothing on its way through this one; those of earlier versions are migrated.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from studio import __version__
from studio.engine.editing.evidence import Evidence
from studio.engine.editing.gap import Gap
from studio.engine.generation.changes import Change
from studio.engine.generation.sampling_options import (
    MOST_PARTICLES,
    MOST_SWEEPS,
    MOST_TAKES,
    STRONGEST,
    SamplingOptions,
)
from studio.engine.generation.stretches import Stretch, Stretches
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import in_json
from studio.engine.runtime.texts import shortened
from studio.engine.scenes.packed import packed, unpacked
from studio.engine.scenes.scene import ModelReference, Scene, Sound

FORMAT = "autoregressive-studio scene"
VERSION = 1
SUFFIX = ".scene.json"
MOST_CHARACTERS = 64 << 20  # of a document that is read
_LONGEST = 2**31  # samples, sites: what no scene exceeds
_MOST_CHANGES = 1_000_000
_MOST_PARTS = 5_000_000  # values in a document: a few hundred MB once they are read
_RANGES = {  # of options, from 0 up where nothing is said
    "count": (1, _LONGEST),
    "top_p": (1e-9, 1),
    "corruption": (0, 1),
    "guidance": (0, STRONGEST),
    "particles": (0, MOST_PARTICLES),
    "sweeps": (0, MOST_SWEEPS),
}
_DEEPEST = 40  # levels of lists within lists in a view

Document = dict[str, Any]

# From each earlier version to the one after it; a function changes the document it is given.
MIGRATIONS: dict[int, Callable[[Document], None]] = {}


def as_document(scene: Scene) -> Document:
    """For `json.dumps`."""
    document: Document = {
        "format": FORMAT,
        "version": VERSION,
        "studio": __version__,
        "model": {"name": scene.model.name, "weights": scene.model.weights},
        "options": dataclasses.asdict(scene.options),
        "position": scene.position,
    }
    if scene.title:
        document["title"] = scene.title
    if scene.evidence is not None:
        known, values = scene.evidence.known, scene.evidence.values
        document["evidence"] = {"known": packed(known), "values": packed(values)}
    if scene.changes:
        document["changes"] = listed(scene.changes)
    if scene.earlier:
        document["earlier"] = [[stretch.end, *stretch.sampling] for stretch in scene.earlier]
    if scene.chosen is not None:
        document["chosen"] = scene.chosen
    if scene.sound is not None:
        document["sound"] = _of_sound(scene.sound)
    if scene.view:
        document["view"] = dict(scene.view)
    return {**scene.unknown, **in_json(document)}


def listed(changes: tuple[Change, ...]) -> list[list[Any]]:
    """Changes as a document has them."""
    return [[change.picture, change.site, list(change.values)] for change in changes]


def changes_in(given: Any, what: str) -> tuple[Change, ...]:
    """What `listed` gave; StudioError, one sentence about `what`, for anything else."""
    return _Reading(what).changes(given)


def as_text(scene: Scene, indent: int | None = None) -> str:
    """The document as one line, or indented for people."""
    text = json.dumps(as_document(scene), ensure_ascii=False, indent=indent)
    return text.encode(errors="replace").decode()  # half a character cannot be written


def is_scene(text: str) -> bool:
    """Whether a text is meant to be a document of a scene, be it damaged; quick."""
    return FORMAT in text and text.lstrip()[:1] == "{"


def from_text(text: str, what: str = "The scene") -> Scene:
    """The scene of a document; StudioError, one sentence about `what`, where it is none."""
    if len(text) > MOST_CHARACTERS or sum(map(text.count, ",[{")) > _MOST_PARTS:
        raise StudioError(f"{what} is larger than {MOST_CHARACTERS >> 20} MB.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError(f"{what} cannot be read: it is no JSON.") from error
    return from_document(document, what)


def from_document(document: Any, what: str = "The scene") -> Scene:
    """As `from_text`, of a document that is read already."""
    return _Reading(what).scene(document)


def _of_sound(sound: Sound) -> Document:
    found: Document = {"rate": sound.rate, "seconds": sound.seconds, "take": sound.take}
    if sound.beginning is not None:
        found["beginning"] = packed(sound.beginning)
    if sound.spectrogram is not None:
        found["spectrogram"] = packed(sound.spectrogram)
    if sound.filled:
        found["filled"] = [[gap.begin, gap.end] for gap in sound.filled]
    return found


class _Reading:
    """Every field checked by type and range before anything is made of it."""

    def __init__(self, what: str) -> None:
        self._what = what

    def scene(self, document: Any) -> Scene:
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise StudioError(f"{self._what} cannot be read: it is no scene of this studio.")
        document = self._migrated(document)
        own = {"format", "version", "studio", "sound", "evidence", "changes"}
        own |= {field.name for field in dataclasses.fields(Scene)}
        model = self._mapping(document, "model")
        chosen, position = document.get("chosen"), document.get("position")
        return Scene(
            model=ModelReference(
                self._text(model.get("name"), "model's name"),
                self._text(model.get("weights", ""), "model's fingerprint"),
            ),
            options=self._options(self._mapping(document, "options")),
            evidence=self._evidence(document.get("evidence")),
            changes=self.changes(document.get("changes", [])),
            earlier=self._earlier(document.get("earlier", [])),
            position=None if position is None else self._whole(position, "position"),
            chosen=None if chosen is None else self._whole(chosen, "chosen picture"),
            sound=self._sound(document.get("sound")),
            view=self._view(self._mapping(document, "view")),
            title=self._text(document.get("title", ""), "title"),
            unknown={key: value for key, value in document.items() if key not in own},
        )

    def _migrated(self, document: Document) -> Document:
        version = self._whole(document.get("version"), "version")
        if version > VERSION:
            made = shortened(str(document.get("studio", "?")), 20)
            raise StudioError(
                f"{self._what} is of version {version}, made by studio {made}: this one reads up to"
                f" {VERSION}. Install a newer studio."
            )
        document = dict(document)
        for old in range(version, VERSION):
            if old not in MIGRATIONS:
                raise self._wrong("version")
            MIGRATIONS[old](document)
        return document

    def _options(self, given: Document) -> SamplingOptions:
        usual, found = SamplingOptions(), dict[str, Any]()
        for field in dataclasses.fields(SamplingOptions):
            if field.name not in given:
                continue
            value, before = given[field.name], getattr(usual, field.name)
            if field.name == "order":
                found["order"] = self._order(value)
            elif field.name == "chosen_takes":
                found["chosen_takes"] = self._takes(value)
            elif field.name == "condition":
                found["condition"] = None if value is None else self._whole(value, "class")
            elif isinstance(before, str):
                found[field.name] = self._text(value, field.name)
            elif isinstance(before, float):
                found[field.name] = self._number(value, field.name)
            else:
                limit = 2**64 if field.name == "seed" else _LONGEST
                found[field.name] = self._whole(value, field.name, limit)
            low, high = _RANGES.get(field.name, (0, math.inf))
            if isinstance(value, int | float) and not low <= value <= high:
                raise self._wrong(field.name)
        return SamplingOptions(**found)

    def _order(self, value: Any) -> str | tuple[int, ...] | None:
        if isinstance(value, list):
            return tuple(self._whole(site, "order") for site in value)
        return None if value is None else self._text(value, "order")

    def _takes(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, list) or len(value) > MOST_TAKES:
            raise self._wrong("takes")
        return tuple(self._whole(take, "takes", MOST_TAKES) for take in value)

    def _evidence(self, given: Any) -> Evidence | None:
        if given is None:
            return None
        if not isinstance(given, dict):
            raise self._wrong("evidence")
        known = unpacked(given.get("known"), f"{self._what}'s evidence")
        values = unpacked(given.get("values"), f"{self._what}'s evidence")
        fits = known.ndim == 2 and values.ndim == 3 and values.shape[1:] == known.shape
        if not fits or known.dtype != np.bool_ or values.dtype != np.uint8:
            raise self._wrong("evidence")
        return Evidence(values, known)

    def changes(self, given: Any) -> tuple[Change, ...]:
        if not isinstance(given, list) or len(given) > _MOST_CHANGES:
            raise self._wrong("changes")
        found = []
        for change in given:
            if not isinstance(change, list) or len(change) != 3 or not isinstance(change[2], list):
                raise self._wrong("changes")
            picture, site = (self._whole(number, "changes") for number in change[:2])
            levels = tuple(self._whole(level, "changes", 256) for level in change[2])
            found.append(Change(picture, site, levels))
        return tuple(found)

    def _earlier(self, given: Any) -> Stretches:
        if not isinstance(given, list) or len(given) > _MOST_CHANGES:
            raise self._wrong("earlier")
        found = []
        for stretch in given:
            if not isinstance(stretch, list) or len(stretch) != 4:
                raise self._wrong("earlier")
            end, top_k = (self._whole(stretch[at], "earlier") for at in (0, 2))
            temperature, top_p = (self._number(stretch[at], "earlier") for at in (1, 3))
            if temperature < 0 or not 0 < top_p <= 1:
                raise self._wrong("earlier")
            found.append(Stretch(end, (temperature, top_k, top_p)))
        return tuple(found)

    def _sound(self, given: Any) -> Sound | None:
        if given is None:
            return None
        if not isinstance(given, dict):
            raise self._wrong("sound")
        beginning, spectrogram = given.get("beginning"), given.get("spectrogram")
        filled = given.get("filled", [])
        pairs = isinstance(filled, list) and all(
            isinstance(g, list) and len(g) == 2 for g in filled
        )
        if not pairs:
            raise self._wrong("gaps")
        seconds = self._number(given.get("seconds", 0.0), "seconds")
        if not 0 <= seconds < _LONGEST:
            raise self._wrong("seconds")
        sound = Sound(
            beginning=None if beginning is None else unpacked(beginning, "The beginning"),
            rate=max(1, self._whole(given.get("rate", 1), "rate")),
            filled=tuple(Gap(*(self._whole(at, "gaps") for at in gap)) for gap in filled),
            spectrogram=None if spectrogram is None else unpacked(spectrogram, "The spectrogram"),
            seconds=seconds,
            take=self._whole(given.get("take", 0), "take"),
        )
        codes, frames = sound.beginning, sound.spectrogram
        if codes is not None and (codes.dtype != np.uint8 or codes.ndim not in (1, 2)):
            raise self._wrong("beginning")
        if frames is not None and (frames.dtype != np.float32 or frames.ndim != 2):
            raise self._wrong("spectrogram")
        if frames is not None and not bool(np.isfinite(frames).all()):
            raise self._wrong("spectrogram")
        return sound

    def _view(self, view: Document) -> Document:
        if _depth(view) > _DEEPEST:
            raise self._wrong("view")
        return view

    def _mapping(self, document: Document, name: str) -> Document:
        found = document.get(name, {})
        if not isinstance(found, dict):
            raise self._wrong(name)
        return found

    def _text(self, value: Any, name: str) -> str:
        if not isinstance(value, str) or len(value) > 1000:
            raise self._wrong(name)
        return "".join(mark for mark in value if mark.isprintable())

    def _whole(self, value: Any, name: str, limit: int = _LONGEST) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < limit:
            raise self._wrong(name)
        return value

    def _number(self, value: Any, name: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(name)
        try:
            number = float(value)
        except OverflowError:  # a whole number may be longer than any of these
            number = math.inf
        if not math.isfinite(number):
            raise self._wrong(name)
        return number

    def _wrong(self, name: str) -> StudioError:
        return StudioError(f"{self._what} cannot be read: its {name} is not what it should be.")


def _depth(value: Any, so_far: int = 0) -> int:
    """How deep lists and mappings lie within each other, as far as it matters."""
    inner = value.values() if isinstance(value, Mapping) else value
    if not isinstance(value, Mapping | list) or so_far > _DEEPEST:
        return so_far
    return max((_depth(each, so_far + 1) for each in inner), default=so_far + 1)
