"""`Stretch`: a first part of a drawing that was drawn with other sampling than what comes after it,
because the person changed the temperature, top-k or top-p on the way. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.engine.generation.decoders import SEQUENTIAL
from studio.engine.generation.sampling_options import SamplingOptions, check_sampling
from studio.engine.runtime.errors import StudioError

Sampling = tuple[float, int, float]  # temperature, top-k, top-p


@dataclass(frozen=True)
class Stretch:
    """The sites before a position of the order, and after those of the stretch before.

    end: the first position that no longer belongs to it.
    sampling: of its sites, see `SamplingOptions.sampling`.
    """

    end: int
    sampling: Sampling


Stretches = tuple[Stretch, ...]  # ascending


def checked_stretches(stretches: Stretches, usual: Sampling) -> Stretches:
    """The same, without what says nothing; StudioError, one sentence, where they are none. usual:
    what comes after the last."""
    ends = [stretch.end for stretch in stretches]
    if ends != sorted(set(ends)) or (ends and ends[0] < 0):
        raise StudioError("The stretches of a drawing end one after the other, and these do not.")
    for stretch in stretches:
        check_sampling(*stretch.sampling)
    found: list[Stretch] = []
    for stretch in stretches:
        if found and found[-1].sampling == stretch.sampling:
            found.pop()
        if stretch.end:
            found.append(stretch)
    while found and found[-1].sampling == usual:
        found.pop()
    return tuple(found)


def sampling_at(
    stretches: Stretches, usual: Sampling, position: int
) -> tuple[Sampling, int | None]:
    """How a site is sampled, and up to which position others are, too; None for the end."""
    for stretch in stretches:
        if position < stretch.end:
            return stretch.sampling, stretch.end
    return usual, None


def changed_at(stretches: Stretches, before: Sampling, position: int, after: Sampling) -> Stretches:
    """What they are where sampling becomes another one at a position."""
    sampling, _ = sampling_at(stretches, before, max(0, position - 1))
    return checked_stretches(
        (*(s for s in stretches if s.end < position), Stretch(position, sampling)), after
    )


def cut_off(stretches: Stretches, position: int) -> Stretches:
    """What is left of them before a position."""
    ends = [stretch.end for stretch in stretches]
    inside = sum(end <= position for end in ends)
    across = stretches[inside : inside + 1] if position not in (0, *ends) else ()
    return (*stretches[:inside], *(Stretch(position, stretch.sampling) for stretch in across))


def first_resampled(
    before: tuple[Stretches, Sampling], after: tuple[Stretches, Sampling], length: int
) -> int:
    """The first of `length` positions that is sampled otherwise; `length` where none is."""
    begins = {0, *(stretch.end for stretches, _ in (before, after) for stretch in stretches)}
    return next(
        (
            begin
            for begin in sorted(begins)
            if begin < length and sampling_at(*before, begin)[0] != sampling_at(*after, begin)[0]
        ),
        length,
    )


def but_sampling(options: SamplingOptions) -> SamplingOptions:
    """The others, to compare, and no matter how they are decoded."""
    return replace(but_decoding(options), temperature=1.0, top_k=0, top_p=1.0)


def but_decoding(options: SamplingOptions) -> SamplingOptions:
    """What is drawn with them is the same, however it is decoded."""
    return replace(options, decode=SEQUENTIAL)
