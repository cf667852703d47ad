"""`Branches`: a small tree of scenes, each of which went another way than the one that it came
from. As a JSON document:

    {"format": "autoregressive-studio branches", "version": 1,
     "branches": [{"number": 2, "parent": 1, "name": "Branch 2", "note": "row 9, column 4 is white",
                   "begins": 256, "kept": false, "thumbnail": ARRAY, "scene": {...}}, ...]}

A parent stands before its children; a scene and an ARRAY are as in `studio.engine.scenes.document`.
Free of torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.errors import StudioError
from studio.engine.scenes.document import as_document, from_document
from studio.engine.scenes.packed import packed, unpacked
from studio.engine.scenes.scene import Scene

FORMAT = "autoregressive-studio branches"
VERSION = 1
MOST = 200  # branches
MOST_BYTES = 32 << 20  # that they take together
LARGEST = 64  # sites of a thumbnail's longer side
_LONGEST_NAME, _LONGEST_NOTE = 80, 300  # characters
_BYTES_OF_A_CHANGE = 200  # about what one takes
_WHAT = "The branches"

Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Branch:
    """number: by which it is known, from 1; none is used twice.
    scene: what is shown of it.
    thumbnail: red, green, blue and opacity, uint8 (4, H, W), opacity 0 where nothing is drawn.
    parent: the number of the branch that it came from, None for none.
    note: in a few words, in what it differs from that one.
    begins: the first position at which it does, None where nobody knows.
    kept: whether its position is to stay, however far it is drawn.
    """

    number: int
    scene: Scene
    thumbnail: NDArray[np.uint8]
    parent: int | None = None
    name: str = ""
    note: str = ""
    begins: int | None = None
    kept: bool = False

    @property
    def size(self) -> int:
        """In bytes, about."""
        evidence, order = self.scene.evidence, self.scene.options.order
        given = 0 if evidence is None else evidence.values.nbytes + evidence.known.nbytes
        changed = _BYTES_OF_A_CHANGE * (len(self.scene.changes) + len(self.scene.earlier))
        return self.thumbnail.nbytes + given + changed + (8 * len(order) if order else 0)


def thumbnail_of(
    values: NDArray[np.uint8], levels: int, there: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Of a picture, levels (C, H, W), as far as it is there, bool (H, W): see `Branch`. Of a larger
    one every second site, or third, and so on."""
    step = -(-max(there.shape) // LARGEST)
    values, there = values[:, ::step, ::step], there[::step, ::step]
    shades = values.astype(np.uint16) * 255 // max(1, levels - 1)
    colours = shades if len(shades) == 3 else np.repeat(shades[:1], 3, 0)
    return np.concatenate([colours * there, 255 * there[None]]).astype(np.uint8)


def same_drawing(one: Scene, other: Scene) -> bool:
    """Whether they show the same pictures, however far they are drawn and however they are seen."""
    if (one.model, one.options, one.earlier) != (other.model, other.options, other.earlier):
        return False
    if one.changes != other.changes and set(one.changes) != set(other.changes):
        return False
    given, its = one.evidence, other.evidence
    if given is None or its is None:
        return given is its
    return np.array_equal(given.known, its.known) and np.array_equal(given.values, its.values)


class Branches:
    """At most `MOST` of them, which take at most `MOST_BYTES` together."""

    def __init__(self) -> None:
        self._branches: dict[int, Branch] = {}  # a parent stands before its children
        self._last = 0

    def __len__(self) -> int:
        return len(self._branches)

    def __contains__(self, number: object) -> bool:
        return number in self._branches

    def __getitem__(self, number: int) -> Branch:
        return self._branches[number]

    def copy(self) -> Branches:
        """One that has the same now."""
        made = Branches()
        made._branches, made._last = dict(self._branches), self._last
        return made

    def walk(self) -> Iterator[tuple[Branch, int]]:
        """Every branch and how deep it lies, from each root down, the oldest first."""

        children: dict[int | None, list[Branch]] = {}
        for branch in self._branches.values():
            children.setdefault(branch.parent, []).append(branch)
        waiting = [(branch, 0) for branch in reversed(children.get(None, []))]
        while waiting:
            branch, depth = waiting.pop()
            yield branch, depth
            waiting += [(one, depth + 1) for one in reversed(children.get(branch.number, []))]

    def children(self, number: int | None) -> list[Branch]:
        """Those that came from a branch; of None, the roots."""
        return [branch for branch in self._branches.values() if branch.parent == number]

    def below(self, number: int) -> list[Branch]:
        """All that came from a branch, and from those."""
        found: list[Branch] = []
        wanted = {number}
        for branch in self._branches.values():
            if branch.parent in wanted:
                wanted.add(branch.number)
                found.append(branch)
        return found

    def find(self, scene: Scene, first: int | None = None, growing: bool = False) -> Branch | None:
        """One that shows the same pictures; `first`, where that one does.

        growing: only of those that are not kept as they are.
        """
        same = [
            branch
            for branch in self._branches.values()
            if not (growing and branch.kept) and same_drawing(branch.scene, scene)
        ]
        return next((one for one in same if one.number == first), same[0] if same else None)

    # ---- what can be done ------------------------------------------------------------------------

    def add(
        self,
        scene: Scene,
        thumbnail: NDArray[np.uint8],
        parent: int | None = None,
        note: str = "",
        begins: int | None = None,
        kept: bool = False,
    ) -> Branch:
        """A new one; StudioError, one sentence, where there is no more room."""
        number = self._last + 1
        name = f"Branch {number}" if parent is not None else f"Drawing {number}"
        return self._put(
            Branch(number, scene, thumbnail, parent, name, note[:_LONGEST_NOTE], begins, kept)
        )

    def update(self, number: int, **fields: Any) -> Branch:
        """Other fields of `Branch`; StudioError as in `add`."""
        return self._put(replace(self._branches[number], **fields))

    def rename(self, number: int, name: str) -> Branch:
        """StudioError for a name of nothing."""
        name = " ".join("".join(c if c.isprintable() else " " for c in name).split())
        if not name:
            raise StudioError("A branch needs a name: type one.")
        return self._put(replace(self._branches[number], name=name[:_LONGEST_NAME]))

    def delete(self, number: int, with_those_below: bool) -> None:
        """What came from it goes too, or comes from its parent then."""
        gone = self._branches[number]
        below = self.below(number) if with_those_below else []
        for branch in (gone, *below):
            del self._branches[branch.number]
        for branch in self.children(number):
            self._branches[branch.number] = replace(branch, parent=gone.parent)

    def _put(self, branch: Branch) -> Branch:
        others = [one for one in self._branches.values() if one.number != branch.number]
        if len(others) >= MOST:
            raise StudioError(f"There are {MOST} branches: delete some that you no longer need.")
        if sum(one.size for one in others) + branch.size > MOST_BYTES:
            raise StudioError(
                f"The branches take {MOST_BYTES >> 20} MB: delete some that you no longer need."
            )
        self._branches[branch.number] = branch
        self._last = max(self._last, branch.number)
        return branch

    # ---- as a document ---------------------------------------------------------------------------

    def as_document(self) -> Document:
        """For `json.dumps`."""
        return document_of([branch_document(branch) for branch, _ in self.walk()])

    @classmethod
    def of(cls, branches: Iterable[Branch]) -> Branches:
        """A tree of these; a parent comes before its children."""
        found = cls()
        for branch in branches:
            found._put(branch)
        return found

    @classmethod
    def from_document(cls, document: Any) -> Branches:
        """StudioError, one sentence, for anything else."""
        wrong = StudioError(f"{_WHAT} cannot be read: they are damaged, or none of this studio.")
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise wrong
        if document.get("version") != VERSION:
            raise StudioError(f"{_WHAT} are of a newer version: install a newer studio.")
        listed = document.get("branches")
        if not isinstance(listed, list) or len(listed) > MOST:
            raise wrong
        found = cls()
        for one in listed:
            if not isinstance(one, dict):
                raise wrong
            number, parent, begins = (one.get(key) for key in ("number", "parent", "begins"))
            if not isinstance(number, int) or not _counts(number) or number in found:
                raise wrong
            if not (parent is None or parent in found):
                raise wrong
            if not (begins is None or _counts(begins)) or not isinstance(one.get("kept"), bool):
                raise wrong
            if not all(isinstance(one.get(key), str) for key in ("name", "note")):
                raise wrong
            thumbnail = unpacked(one.get("thumbnail"), _WHAT)
            fits = thumbnail.ndim == 3 and len(thumbnail) == 4 and thumbnail.dtype == np.uint8
            if not fits or not 0 < max(thumbnail.shape[1:]) <= LARGEST or not thumbnail.size:
                raise wrong
            found._put(
                Branch(
                    number,
                    from_document(one.get("scene"), _WHAT),
                    thumbnail,
                    parent,
                    note=one["note"][:_LONGEST_NOTE],
                    begins=begins,
                    kept=one["kept"],
                )
            )
            found.rename(number, one["name"])
        return found


def branch_document(branch: Branch) -> Document:
    """One of the branches of a document."""
    return {
        "number": branch.number,
        "parent": branch.parent,
        "name": branch.name,
        "note": branch.note,
        "begins": branch.begins,
        "kept": branch.kept,
        "thumbnail": packed(branch.thumbnail),
        "scene": as_document(branch.scene),
    }


def document_of(branches: list[Document]) -> Document:
    """Of a tree, from what `branch_document` gives."""
    return {"format": FORMAT, "version": VERSION, "branches": branches}


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
