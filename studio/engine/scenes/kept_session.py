"""`KeptSession`: what is open in a window, as a JSON document, and back.

    {"format": "autoregressive-studio session", "version": 1, "studio": "0.4.0",
     "scene": {...},                                   see `studio.engine.scenes.document`
     "painting": {"shape": [1, 28, 28], "levels": 2, "now": STATE, "done": [STATE, ...],
                  "undone": [STATE, ...]},             the oldest first; what is redone first last
     "beginnings": {"all": [{"codes": ARRAY, "rate": 8000, "filled": [[begin, end], ...]}, ...],
                    "at": 1},
     "branches": {...},                                see `studio.engine.scenes.branches`
     "page": "stage",                                  or "start"
     "layout": "...",                                  what the window makes of it, in base64
     "drawings": {"names": ["heart"], "images": ARRAY, "labels": ARRAY, "sketch": ARRAY},
                                                       see `studio.engine.data.drawings`; what is
                                                       being drawn
     "seed locked": true}

A STATE is {"values": ARRAY, "known": ARRAY, "beside": [drawn, seed]}, where "beside" has the
changes by hand for a third, if there are any; an ARRAY and changes are as in a scene. What is
absent there was not. A document is checked like any other file: it may have been changed.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio import __version__
from studio.engine.data.drawings import LARGEST, MOST, Drawings, from_arrays
from studio.engine.editing.beginnings import MOST_BYTES as MOST_OF_SOUND
from studio.engine.editing.beginnings import Beginning
from studio.engine.editing.gap import Gap
from studio.engine.editing.painting import MOST_BYTES, History, State
from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.branches import Branch, Branches, branch_document, document_of
from studio.engine.scenes.document import (
    MOST_CHARACTERS,
    as_document,
    changes_in,
    from_document,
    listed,
)
from studio.engine.scenes.packed import packed, unpacked
from studio.engine.scenes.scene import Scene

FORMAT = "autoregressive-studio session"
VERSION = 1
PAGES = ("start", "stage")
MOST_HISTORY = 8 << 20  # bytes of the ways back of a painting that are written, before compression
MOST_BEGINNINGS = 4 << 20  # the same of what a sound was gone on from, but for the present one
MOST_OF_DRAWINGS = MOST * LARGEST**2  # bytes
_WHAT = "What the studio saved by itself"
_LONGEST = 2**31
_MOST_LAYOUT = 1 << 20  # bytes

Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class KeptSession:
    """scene: what is shown; None before there is a model.
    painting: with its way back; also while a model of sound is in use.
    beginnings: what sound was gone on from, and which one is the present one.
    branches: of drawings, a parent before its children.
    drawings: to teach a model, and what is being drawn for them, 0..255 (H, W).
    page: one of `PAGES`. layout: of the docks; the engine makes nothing of it.
    """

    scene: Scene | None = None
    painting: History | None = None
    beginnings: tuple[tuple[Beginning, ...], int] | None = None
    page: str = "start"
    layout: bytes = b""
    seed_locked: bool = True
    branches: tuple[Branch, ...] = ()
    drawings: tuple[Drawings, NDArray[np.uint8]] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing that a person would miss."""
        done = self.painting is not None and (
            self.painting.done or self.painting.undone or self.painting.now[1].any()
        )
        heard = self.beginnings is not None and len(self.beginnings[0]) > 1
        drawn = self.drawings is not None and (self.drawings[0].count or self.drawings[1].any())
        return not (done or heard or drawn or self.branches or self.page != "start")


class Writing:
    """Makes texts of sessions, one after the other: what has not changed since the last one is not
    compressed again. For one thread at a time."""

    def __init__(self) -> None:
        self._packed: dict[int, tuple[NDArray[Any], Document]] = {}
        self._sound: dict[str, tuple[NDArray[Any], Document]] = {}
        self._used: set[int] = set()
        self._branches: dict[int, tuple[Branch, Document]] = {}

    def text(self, kept: KeptSession) -> str:
        """One JSON document; see the module."""
        document: Document = {
            "format": FORMAT,
            "version": VERSION,
            "studio": __version__,
            "page": kept.page,
            "layout": base64.b64encode(kept.layout).decode("ascii"),
            "seed locked": kept.seed_locked,
        }
        self._used.clear()
        if kept.scene is not None:
            document["scene"] = self._scene(kept.scene)
        if kept.painting is not None:
            document["painting"] = self._painting(kept.painting)
        if kept.beginnings is not None:
            document["beginnings"] = self._beginnings(*kept.beginnings)
        if kept.drawings is not None:
            document["drawings"] = self._drawings(*kept.drawings)
        before = self._branches  # as with arrays, see `_array`
        self._branches = {
            id(one): before.get(id(one)) or (one, branch_document(one)) for one in kept.branches
        }
        if kept.branches:
            document["branches"] = document_of([found for _, found in self._branches.values()])
        self._packed = {key: self._packed[key] for key in self._used}
        return json.dumps(document, ensure_ascii=False)

    def _scene(self, scene: Scene) -> Document:
        """What it has of sound can be long, and stays while the rest of it changes."""
        sound = scene.sound
        if sound is None:
            return as_document(scene)
        short = dataclasses.replace(sound, beginning=None, spectrogram=None)
        document = as_document(dataclasses.replace(scene, sound=short))
        for name, array in (("beginning", sound.beginning), ("spectrogram", sound.spectrogram)):
            if array is None:
                continue
            if name not in self._sound or not alike(self._sound[name][0], array):
                self._sound[name] = array, packed(array)
            document["sound"][name] = self._sound[name][1]
        return document

    def _painting(self, history: History) -> Document:
        """The newest of it, as far as there is room."""
        values, known, _ = history.now
        most = MOST_HISTORY // max(1, values.nbytes + known.nbytes)
        undone = history.undone[max(0, len(history.undone) - most) :]
        done = history.done[max(0, len(history.done) - (most - len(undone))) :]
        return {
            "shape": list(values.shape),
            "levels": history.levels,
            "now": self._state(history.now),
            "done": [self._state(state) for state in done],
            "undone": [self._state(state) for state in undone],
        }

    def _state(self, state: State) -> Document:
        values, known, beside = state
        found: Document = {"values": self._array(values), "known": self._array(known)}
        if (pair := _drawn_and_seed(beside)) is not None:
            drawn, seed, *changes = pair
            found["beside"] = [drawn, seed, *map(listed, changes)]
        return found

    def _drawings(self, drawings: Drawings, sketch: NDArray[np.uint8]) -> Document:
        return {
            "names": list(drawings.names),
            "images": self._array(drawings.images),
            "labels": self._array(drawings.labels),
            "sketch": self._array(sketch),
        }

    def _beginnings(self, history: tuple[Beginning, ...], at: int) -> Document:
        first, last, size = at, at, 0
        while True:  # those nearest to the present one
            near = [number for number in (first - 1, last + 1) if 0 <= number < len(history)]
            fitting = [n for n in near if size + _bytes_of(history[n]) <= MOST_BEGINNINGS]
            if not fitting:
                break
            size += _bytes_of(history[fitting[0]])
            first, last = min(first, fitting[0]), max(last, fitting[0])
        return {
            "all": [self._beginning(one) for one in history[first : last + 1]],
            "at": at - first,
        }

    def _beginning(self, beginning: Beginning) -> Document:
        codes, rate, filled = beginning
        found: Document = {"rate": rate, "filled": [[gap.begin, gap.end] for gap in filled]}
        if codes is not None:
            found["codes"] = self._array(codes)
        return found

    def _array(self, array: NDArray[Any]) -> Document:
        # kept beside its text, an array cannot be another one of the same address
        key = id(array)
        if key not in self._packed:
            self._packed[key] = array, packed(array)
        self._used.add(key)
        return self._packed[key][1]


def from_text(text: str) -> KeptSession:
    """What was open; StudioError, one sentence, where the document is none, or damaged."""
    if len(text) > MOST_CHARACTERS:
        raise StudioError(f"{_WHAT} is larger than {MOST_CHARACTERS >> 20} MB.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StudioError(f"{_WHAT} cannot be read: it is damaged.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StudioError(f"{_WHAT} cannot be read: it is damaged.")
    version = _whole(document.get("version"), "version")
    if version != VERSION:
        raise StudioError(f"{_WHAT} is of version {version}, which this studio cannot read.")
    scene, painting = document.get("scene"), document.get("painting")
    beginnings, page = document.get("beginnings"), document.get("page", "start")
    drawings = document.get("drawings")
    return KeptSession(
        scene=None if scene is None else from_document(scene, _WHAT),
        painting=None if painting is None else _painting_in(painting),
        beginnings=None if beginnings is None else _beginnings_in(beginnings),
        page=page if page in PAGES else "start",
        layout=_layout_in(document.get("layout", "")),
        seed_locked=document.get("seed locked") is not False,
        branches=_branches_in(document.get("branches")),
        drawings=None if drawings is None else _drawings_in(drawings),
    )


def alike(one: Any, other: Any) -> bool:
    """Whether two sessions, or parts of them, say the same. Cheap where they share their arrays."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and np.array_equal(one, other)
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        names = [field.name for field in dataclasses.fields(one)]
        return all(alike(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)


# ---- reading -------------------------------------------------------------------------------------


def _painting_in(given: Any) -> History:
    given = _mapping(given, "painting")
    shape, levels = given.get("shape"), _whole(given.get("levels"), "painting", 257)
    if not isinstance(shape, list) or len(shape) != 3 or levels < 2:
        raise _wrong("painting")
    size = tuple(_whole(side, "painting") for side in shape)
    done, undone = (_list(given.get(name, []), "painting") for name in ("done", "undone"))
    states = 1 + len(done) + len(undone)
    if states * max(1, math.prod(size) + math.prod(size[1:])) > 2 * MOST_BYTES:
        raise _wrong("painting")

    def state(one: Any) -> State:
        one = _mapping(one, "painting")
        values, known = one.get("values"), one.get("known")
        for array, its_shape in ((values, list(size)), (known, list(size[1:]))):
            if _mapping(array, "painting").get("shape") != its_shape:  # before it is unpacked
                raise _wrong("painting")
        values, known = unpacked(values, _WHAT), unpacked(known, _WHAT)
        if values.dtype != np.uint8 or known.dtype != np.bool_:
            raise _wrong("painting")
        values = np.where(known, np.minimum(values, levels - 1), 0).astype(np.uint8)
        beside = one.get("beside")
        if isinstance(beside, list) and len(beside) == 3 and isinstance(beside[2], list):
            beside = [*beside[:2], changes_in(beside[2], _WHAT)]
        return values, known, _drawn_and_seed(beside)

    return History(levels, state(given.get("now")), (*map(state, done),), (*map(state, undone),))


def _beginnings_in(given: Any) -> tuple[tuple[Beginning, ...], int]:
    given = _mapping(given, "sound")
    everything, room = [], 2 * MOST_OF_SOUND
    for one in _list(given.get("all", []), "sound"):
        one = _mapping(one, "sound")
        codes = one.get("codes")
        if codes is not None:
            codes = unpacked(codes, _WHAT)
            if codes.dtype != np.uint8 or codes.ndim not in (1, 2):
                raise _wrong("sound")
            room -= codes.nbytes
        if room < 0:
            raise _wrong("sound")
        gaps = []
        for gap in _list(one.get("filled", []), "sound"):
            ends = _list(gap, "sound")
            if len(ends) != 2:
                raise _wrong("sound")
            gaps.append(Gap(*(_whole(end, "sound") for end in ends)))
        everything.append((codes, max(1, _whole(one.get("rate", 1), "sound")), tuple(gaps)))
    return tuple(everything), _whole(given.get("at", 0), "sound")


def _drawings_in(given: Any) -> tuple[Drawings, NDArray[np.uint8]]:
    given = _mapping(given, "drawings")
    names = _list(given.get("names"), "drawings")
    arrays = [_mapping(given.get(name), "drawings") for name in ("images", "labels", "sketch")]
    for array, dimensions in zip(arrays, (3, 1, 2), strict=True):  # before they are unpacked
        shape = array.get("shape")
        if not isinstance(shape, list) or len(shape) != dimensions:
            raise _wrong("drawings")
        if math.prod(_whole(side, "drawings") for side in shape) > MOST_OF_DRAWINGS:
            raise _wrong("drawings")
    if not all(isinstance(name, str) for name in names):
        raise _wrong("drawings")
    images, labels, sketch = (unpacked(array, _WHAT) for array in arrays)
    try:
        drawings = from_arrays(images, labels, names, _WHAT)
    except StudioError as error:
        raise _wrong("drawings") from error
    if sketch.dtype != np.uint8 or sketch.shape != drawings.space:
        raise _wrong("drawings")
    return drawings, sketch


def _layout_in(given: Any) -> bytes:
    if not isinstance(given, str) or len(given) > _MOST_LAYOUT:
        raise _wrong("layout")
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong("layout") from error


def _branches_in(given: Any) -> tuple[Branch, ...]:
    found = Branches() if given is None else Branches.from_document(given)
    return tuple(branch for branch, _ in found.walk())


def _drawn_and_seed(beside: Any) -> tuple[Any, ...] | None:
    """What the window keeps beside each state of a painting: how far it was drawn, the seed, and
    the changes by hand, where there are any; None for anything else."""
    if not isinstance(beside, tuple | list) or len(beside) not in (2, 3):
        return None
    drawn, seed, *changes = beside
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in (drawn, seed))
    whole = whole and all(isinstance(one, tuple) for one in changes)
    return (drawn, seed, *changes) if whole and drawn < _LONGEST and seed < 2**64 else None


def _bytes_of(beginning: Beginning) -> int:
    return 0 if beginning[0] is None else beginning[0].nbytes


def _mapping(value: Any, name: str) -> Document:
    if not isinstance(value, dict):
        raise _wrong(name)
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > 10_000:
        raise _wrong(name)
    return value


def _whole(value: Any, name: str, limit: int = _LONGEST) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < limit:
        raise _wrong(name)
    return value


def _wrong(name: str) -> StudioError:
    return StudioError(f"{_WHAT} cannot be read: its {name} is not what it should be.")
