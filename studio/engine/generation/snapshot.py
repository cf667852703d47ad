"""`Snapshot`: a moment of a generation, as the window shows it.
Plain arrays and numbers; free of torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.patches import ONE_PIXEL, Patch, in_pixels
from studio.engine.editing.site_words import of_sites
from studio.engine.generation.changes import Change
from studio.engine.generation.next_site import NextSite
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretches


@dataclass(frozen=True)
class Particles:
    """Of a picture at which several attempts compete.

    count: how many.
    effective: effective sample size, 1 to `count`, when they were last weighed: where it is 1, one
    of them explains what is given and the others do not.
    log2_evidence: in bits, the logarithm of an unbiased estimate of the probability of what is
    given up to here; None where what is drawn is no sample of the model.
    sweeps: done since the last site.
    """

    count: int
    effective: float
    log2_evidence: float | None
    sweeps: int = 0


@dataclass(frozen=True, eq=False)
class Decoded:
    """The pictures that the values of a snapshot stand for, where these are codes.

    pictures: levels, uint8 (count, C, H, W).
    there: the sites from which each was decoded, bool (count, h, w). While much is drawn, or of
    pictures that nobody looks at, this is as it was a moment ago.
    codes: how many codes there are.
    waiting: how many of the pictures that are looked at are not decoded as they are now.
    """

    pictures: NDArray[np.uint8]
    there: NDArray[np.bool_]
    codes: int
    waiting: int = 0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """position: sites shown, of `length` N.
    recorded: the furthest that was computed.
    start: sites given at the beginning.
    values: levels, uint8 (count, C, H, W).
    known: what is given, bool (H, W), None where nothing is.
    unseen: evidence that was not there when earlier sites were drawn,
    bool (H, W), None where there is none.
    order: raster indices, int64 (N,).
    next_site: (row, column), None at the end.
    chosen: the picture that the person chose, None for none; `shown` is then the first.
    probabilities: of the picture shown at the next site, (C, K), None at the end.
    entropies: of the picture shown, nats, float32 (N,), entry i
    for site order[i], NaN where nothing was drawn.
    nats: -log p of what was drawn, of the picture shown, the same way.
    nats_so_far: -log p of what was drawn, of the chosen picture, else the mean over all.
    bits_per_dim: the same for each dimension drawn, None before the first.
    sites_per_second: measured over the last second of running.
    captions: what each picture is, where they are no samples but a reconstruction; "what is
    painted" is then in the first.
    right: the share of the person's pixels that are in the reconstruction as they were painted.
    hurried: whether more is drawn as fast as it goes.
    method: of completion, by name; why: in one sentence, why this one, "" where it was asked for.
    particles: of the picture shown; None where it is drawn as it comes.
    expected: what the model expects of the pixels that are not there yet, of the picture shown, as
    a share of the highest level, float32 (C, H, W), NaN where it is not asked; None where nobody
    asks. It may be a moment older than the rest.
    changes: values set by hand, also where they are not reached yet.
    earlier: what comes first and is sampled otherwise than the options say.
    passes: where all sites are drawn at once, the pass that is shown, 0 before the first; None
    where they are drawn one by one.
    passes_in_all: how many there were until nothing changed; None until that is known.
    pass_ends: how many sites were settled after each pass on record, ascending: where one can go.
    settled: which sites of each picture no pass will change any more, bool (count, H, W); `values`
    has guesses at the others. None before the first pass.
    upcoming: the next site of the picture shown, looked into; None at the end.
    decoded: what the values stand for, where they are codes; None where they are the pixels.
    """

    position: int
    length: int
    start: int
    recorded: int
    playing: bool
    count: int
    values: NDArray[np.uint8]
    known: NDArray[np.bool_] | None
    unseen: NDArray[np.bool_] | None
    order: NDArray[np.int64]
    next_site: tuple[int, int] | None
    probabilities: NDArray[np.float32] | None
    entropies: NDArray[np.float32]
    nats_so_far: float
    bits_per_dim: float | None
    sites_per_second: float
    options: SamplingOptions
    captions: tuple[str, ...] = ()
    right: float | None = None
    hurried: bool = False
    chosen: int | None = None
    method: str = ""
    why: str = ""
    particles: Particles | None = None
    expected: NDArray[np.float32] | None = None
    changes: tuple[Change, ...] = ()
    earlier: Stretches = ()
    nats: NDArray[np.float32] | None = None
    passes: int | None = None
    passes_in_all: int | None = None
    pass_ends: tuple[int, ...] = ()
    settled: NDArray[np.bool_] | None = None
    upcoming: NextSite | None = None
    decoded: Decoded | None = None

    @property
    def shown(self) -> int:
        """The picture that `probabilities` and `entropies` are about."""
        return self.chosen or 0

    @property
    def finished(self) -> bool:
        """Whether the model has drawn the pictures to their end."""
        given = self.known is not None and bool(self.known.all())
        return self.position == self.length and not given and not self.captions

    def rank_of(self, row: int, column: int) -> int:
        """Where a site comes in the order."""
        site = row * self.values.shape[3] + column
        return int(np.flatnonzero(self.order == site)[0])

    # What is seen: the values themselves, or the pictures that they stand for.

    @property
    def pictures(self) -> NDArray[np.uint8]:
        """What there is to be seen, levels (count, C, H, W)."""
        return self.values if self.decoded is None else self.decoded.pictures

    @property
    def space(self) -> tuple[int, int]:
        """(H, W) of a picture, in pixels."""
        height, width = self.pictures.shape[2:]
        return height, width

    @property
    def patch(self) -> Patch:
        """The pixels that a site stands for."""
        if self.decoded is None:
            return ONE_PIXEL
        (height, width), (rows, columns) = self.space, self.values.shape[2:]
        return height // rows, width // columns

    @property
    def coded(self) -> bool:
        """Whether its values are codes, which stand for patches of pixels."""
        return self.decoded is not None

    @property
    def site(self) -> str:
        """What a site is called."""
        return of_sites("pixel", self.coded)

    @property
    def sites(self) -> str:
        """What several are called."""
        return of_sites("pixels", self.coded)

    @property
    def waiting(self) -> bool:
        """Whether pictures that are looked at are still to be decoded as they are now."""
        return self.decoded is not None and self.decoded.waiting > 0

    def site_at(self, row: int, column: int) -> tuple[int, int]:
        """The site in which a pixel lies."""
        rows, columns = self.patch
        return row // rows, column // columns

    def pixels_of(self, sites: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Where some sites lie, by their raster indices: bool (H, W)."""
        found = np.zeros(self.length, bool)
        found[sites] = True
        return in_pixels(found.reshape(self.values.shape[2:]), self.patch)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Which pixels have something to be seen, given or drawn: bool (H, W)."""
        drawn = self.pixels_of(self.order[: self.position])
        return drawn if self.known is None else drawn | in_pixels(self.known, self.patch)

    # What any moment says of itself; see `studio.engine.generation.live.Moment`.

    @property
    def next_name(self) -> str:
        row, column = self.next_site or (0, 0)
        return f"{self.site.capitalize()} in row {row}, column {column}"

    @property
    def next_levels(self) -> NDArray[np.float32] | None:
        return self.probabilities

    @property
    def so_far(self) -> str:
        unit = "bits/dim" if self.decoded is None else "bits/code"
        return "" if self.bits_per_dim is None else f"{self.bits_per_dim:.3f} {unit} so far"
