"""`Question`: what an insight is asked about; `Answer`, with its `Map`s: what it says.
Plain arrays, free of torch and Qt."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Question:
    """A picture as far as it is there, or a sound, and a site of it.

    values: levels, uint8 (C, *space); 0 where nothing is there.
    there: what is drawn or given, bool (*space).
    given: what the person gave, bool (*space).
    order: raster indices, int64 (N,): order[i] is the i-th site generated.
    levels: K.
    options: how it is drawn: condition, temperature, seed and so on.
    picture: which of the pictures with that seed it is.
    site: the raster index of the site that is asked about; None for the next one of the order.
    nats, entropies: of each drawn site in nats, float32 (N,), entry i for site order[i], NaN where
    nothing was drawn; None where nobody recorded it.
    expected: what the model expects of sites that are not there, as a share of the highest level,
    float32 (C, *space), NaN where it is not known; None where it was not worked out.
    chosen: the number of what was chosen, by the name of the choice; see `Insight.choices`.
    coded: whether the levels are codes, each of which stands for a patch of pixels.
    """

    values: NDArray[np.uint8]
    there: NDArray[np.bool_]
    given: NDArray[np.bool_]
    order: NDArray[np.int64]
    levels: int
    options: SamplingOptions = field(default_factory=SamplingOptions)
    picture: int = 0
    site: int | None = None
    nats: NDArray[np.float32] | None = None
    entropies: NDArray[np.float32] | None = None
    expected: NDArray[np.float32] | None = None
    chosen: Mapping[str, int] = field(default_factory=dict)
    coded: bool = False

    @property
    def space(self) -> tuple[int, ...]:
        """(height, width), or (samples,)."""
        return self.there.shape

    @functools.cached_property  # sound has a million sites, and views ask at each dot they draw
    def position(self) -> int:
        """How many sites of the order are there before the first that is not."""
        ranked = self.there.ravel()[self.order]
        return len(ranked) if ranked.all() else int(ranked.argmin())

    @property
    def asked(self) -> int:
        """The raster index of the site that is asked about: the next one, where none is named, and
        at the end the last."""
        if self.site is not None:
            return self.site
        return int(self.order[min(self.position, len(self.order) - 1)])

    def rank_of(self, site: int) -> int:
        """Where a site comes in the order."""
        return int(np.flatnonzero(self.order == site)[0])

    def choice(self, name: str) -> int:
        """The number of what was chosen, 0 for the first."""
        return self.chosen.get(name, 0)

    def same(self, other: Question) -> bool:
        """Whether the answer of the model is the same; the record is not looked at."""
        plain = (self.site, self.options, self.picture, dict(self.chosen))
        return (
            plain == (other.site, other.options, other.picture, dict(other.chosen))
            and self.values.shape == other.values.shape
            and np.array_equal(self.there, other.there)
            and np.array_equal(self.given, other.given)
            and np.array_equal(self.values, other.values)
            and np.array_equal(self.order, other.order)
        )


@dataclass(frozen=True, eq=False)
class Map:
    """Something to be seen of each site.

    values: float32 (*space), 0..1 on the insight's colour map, NaN where there is nothing to say;
    or colours themselves, (3, *space), red, green and blue in 0..1.
    name: what it is, where there are several, such as "Head 2".
    """

    values: NDArray[np.float32]
    name: str = ""


@dataclass(frozen=True, eq=False)
class Answer:
    """maps: the first is laid over the picture; more are shown beside it, small.
    ends: what both ends of the colour map stand for, where that depends on the answer, such as
    ("0", "0.31"); None: what the insight says.
    sentence: what it comes to, in words.
    rows: a short list besides, (what, how much), such as the most surprising pixels.
    marked: raster indices of sites that are to be outlined, int64 (M,), `rows` in their order where
    both are there.
    path: raster indices of sites that a line joins, int64 (M,); None for no line.
    site: the raster index of what it is about; None for all.
    arrays: everything in its own units, by name, as `studio insight --out F.npz` writes it.
    """

    maps: tuple[Map, ...] = ()
    ends: tuple[str, str] | None = None
    sentence: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    marked: NDArray[np.int64] | None = None
    path: NDArray[np.int64] | None = None
    site: int | None = None
    arrays: Mapping[str, NDArray] = field(default_factory=dict)


def question_of(
    snapshot: Snapshot,
    levels: int,
    painted: Evidence | None = None,
    site: int | None = None,
    chosen: Mapping[str, int] | None = None,
    picture: int | None = None,
) -> Question:
    """About a picture of a snapshot; its arrays are used as they are, not copied.

    levels: of its pictures; of codes the snapshot knows how many there are.
    picture: None for the one that is shown, the only one of which there is a record.
    painted: what the person has painted since then, which is newer.
    """
    picture = snapshot.shown if picture is None else picture
    recorded = picture == snapshot.shown
    there = np.zeros(snapshot.length, bool)
    there[snapshot.order[: snapshot.position]] = True
    space = snapshot.values.shape[2:]
    given = np.zeros(space, bool) if snapshot.known is None else snapshot.known
    values = snapshot.values[picture]
    coded = snapshot.decoded is not None
    if painted is not None and not coded:  # strokes become codes in the player only
        given = painted.known.copy()
        values = np.where(painted.known, painted.values, values).astype(np.uint8)
    known = there.reshape(space) | given
    return Question(
        values=np.where(known, values, 0).astype(np.uint8),
        there=known,
        given=given,
        order=snapshot.order,
        levels=levels if snapshot.decoded is None else snapshot.decoded.codes,
        coded=coded,
        options=snapshot.options,
        picture=picture,
        site=site,
        nats=snapshot.nats if recorded else None,
        entropies=snapshot.entropies if recorded else None,
        expected=snapshot.expected if recorded else None,
        chosen=chosen or {},
    )


def of_drawn(question: Question, shares: NDArray[np.floating]) -> NDArray[np.float32]:
    """Of the sites in the order of generation, (N,), NaN for nothing: of all where they lie,
    (*space)."""
    found = np.full(len(question.order), np.nan, np.float32)
    found[question.order] = shares
    return found.reshape(question.space)
