"""`Drawings`: what a person has drawn to teach a model, several pictures under each name. Free of
torch.

A set is never changed: every edit gives another one, which shares its pictures. So a thread can
write one while the next is drawn, and the way back is a list of sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened

LEAST = 10  # drawings of a thing from which a model can learn it
MOST = 2000  # drawings in a set,
MOST_NAMES = 50  # and names
LONGEST_NAME = 40  # characters
SMALLEST, LARGEST = 4, 64  # pixels of a side

Picture = NDArray[np.uint8]  # (H, W), 0 for the ground to 255 for ink; never changed in place
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Drawings:
    """space: (height, width) of every picture.
    names: of what is drawn, each once.
    pictures: of each name, in the order in which they were drawn."""

    space: tuple[int, int]
    names: tuple[str, ...] = ()
    pictures: tuple[tuple[Picture, ...], ...] = ()

    @property
    def count(self) -> int:
        """How many drawings there are, of all names together."""
        return sum(map(len, self.pictures))

    @property
    def missing(self) -> str:
        """What is still to be drawn before a model can learn these, in a sentence; "" for
        nothing."""
        if not self.count:
            return f"Draw something first: at least {LEAST} drawings of it."
        for name, drawn in zip(self.names, self.pictures, strict=True):
            if 0 < len(drawn) < LEAST:
                return f'Draw {LEAST - len(drawn)} more of "{name}": it takes at least {LEAST}.'
        return ""

    @property
    def used(self) -> Drawings:
        """Without the names of which nothing is drawn."""
        rows = [row for row, drawn in enumerate(self.pictures) if drawn]
        return replace(
            self,
            names=tuple(self.names[row] for row in rows),
            pictures=tuple(self.pictures[row] for row in rows),
        )

    # ---- edits -----------------------------------------------------------------------------------

    def with_name(self, text: str) -> Drawings:
        """With another name, of which nothing is drawn; StudioError, one sentence, where it cannot
        be one."""
        if len(self.names) >= MOST_NAMES:
            raise StudioError(f"A set has at most {MOST_NAMES} names.")
        name = self._checked(text, self.names)
        return replace(self, names=(*self.names, name), pictures=(*self.pictures, ()))

    def renamed(self, row: int, text: str) -> Drawings:
        """With another text in the place of a name; StudioError as with `with_name`."""
        name = self._checked(text, _without(self.names, row))
        return replace(self, names=_with(self.names, row, name))

    def without_name(self, row: int) -> Drawings:
        """Without a name and all that is drawn of it."""
        names, pictures = _without(self.names, row), _without(self.pictures, row)
        return replace(self, names=names, pictures=pictures)

    def with_picture(self, row: int, picture: Picture) -> Drawings:
        """With one more drawing of a name; StudioError, one sentence, where the set is full."""
        if self.count >= MOST:
            raise StudioError(f"A set has at most {MOST:,} drawings.")
        assert picture.shape == self.space
        return self._with_drawn(row, (*self.pictures[row], picture))

    def without_pictures(self, row: int, numbers: Sequence[int]) -> Drawings:
        """Without some drawings of a name."""
        kept = (one for number, one in enumerate(self.pictures[row]) if number not in numbers)
        return self._with_drawn(row, tuple(kept))

    def free_name(self, stem: str) -> str:
        """A name that is not taken: "symbol 1"."""
        taken = {name.casefold() for name in self.names}
        names = (f"{stem} {number}" for number in range(1, len(taken) + 2))
        return next(name for name in names if name.casefold() not in taken)

    def _with_drawn(self, row: int, drawn: tuple[Picture, ...]) -> Drawings:
        return replace(self, pictures=_with(self.pictures, row, drawn))

    def _checked(self, text: str, others: Sequence[str]) -> str:
        name = "".join(c if c.isprintable() else " " for c in text).strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise StudioError(f"A name must have 1 to {LONGEST_NAME} characters.")
        if name.casefold() in {other.casefold() for other in others}:
            raise StudioError(f'There is a "{name}" already: choose another name.')
        return name

    # ---- as arrays -------------------------------------------------------------------------------

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """All pictures, (N, H, W), one name after the other. Made once, and never changed."""
        every = [picture for drawn in self.pictures for picture in drawn]
        return np.stack(every) if every else np.zeros((0, *self.space), np.uint8)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The number of each picture's name, (N,)."""
        return np.repeat(np.arange(len(self.names)), [*map(len, self.pictures)]).astype(np.int64)


def from_arrays(images: Any, labels: Any, names: Sequence[str], what: str) -> Drawings:
    """The set that `images` (N, H, W), `labels` (N,) and `names` are of; StudioError, one sentence
    that begins with `what`, where they are of none."""

    def wrong(why: str) -> StudioError:
        return StudioError(f"{what} is no set of drawings: {why}.")

    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim != 3 or images.dtype != np.uint8:
        raise wrong("its images are not greys 0 to 255 of one size")
    height, width = images.shape[1:]
    if not (SMALLEST <= height <= LARGEST and SMALLEST <= width <= LARGEST):
        raise wrong(f"pictures have sides of {SMALLEST} to {LARGEST} pixels")
    if len(images) > MOST or not 0 < len(names) <= MOST_NAMES:
        raise wrong(f"one has at most {MOST:,} drawings under 1 to {MOST_NAMES} names")
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        raise wrong("there is not one label for each image")
    if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < len(names):
        raise wrong("a label has no name")
    made = Drawings((height, width))
    try:
        for name in names:
            made = made.with_name(shortened(name, LONGEST_NAME))
    except StudioError:
        raise wrong("its names are empty, or not different ones") from None
    held = images.copy()
    held.setflags(write=False)
    pictures = tuple(
        tuple(held[number] for number in np.flatnonzero(labels == row))
        for row in range(len(made.names))
    )
    return replace(made, pictures=pictures)


def _with(items: tuple[T, ...], place: int, item: T) -> tuple[T, ...]:
    return (*items[:place], item, *items[place + 1 :])


def _without(items: tuple[T, ...], place: int) -> tuple[T, ...]:
    return items[:place] + items[place + 1 :]
