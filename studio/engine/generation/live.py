"""What the window may ask of whatever plays a model:
`LivePlayer`, and the `Moment` that it shows."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.changes import Change
from studio.engine.generation.next_site import NextSite
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.stretches import Stretches
from studio.engine.runtime.jobs import Mailbox


class Moment(Protocol):
    """What a player of any kind shows.

    hurried: whether there will be more of it at once, so that nobody can read every one.
    next_name: what comes next, such as "Pixel in row 3, column 4".
    next_levels: how probable each of its levels is, (C, K), None at the end.
    upcoming: the same with the reasons, None at the end.
    so_far: what it needed, in words, "" for nothing.
    """

    @property
    def hurried(self) -> bool: ...
    @property
    def next_name(self) -> str: ...
    @property
    def next_levels(self) -> NDArray[np.float32] | None: ...
    @property
    def upcoming(self) -> NextSite | None: ...
    @property
    def so_far(self) -> str: ...


class LivePlayer(Protocol):
    """An actor that makes something for as long as somebody looks; see
    `studio.engine.runtime.actor.Actor`. What is in its mailbox is a `Moment`."""

    mailbox: Mailbox[Any]
    failures: Mailbox[tuple[str, str]]

    def set_options(self, options: SamplingOptions) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...
    def join(self, timeout: float | None = None) -> bool: ...


@runtime_checkable
class TakesChanges(Protocol):
    """A player of pictures in which values are changed by hand, and that goes to any position."""

    def set_changes(self, changes: tuple[Change, ...], earlier: Stretches | None = None) -> None:
        """earlier: what comes first and is sampled otherwise, None for what there is."""

    def run_to(self, position: int | None) -> None:
        """At full speed, back or on, and stop there; None for the end."""


@runtime_checkable
class TakesEvidence(Protocol):
    """A player that goes on from what a person paints."""

    def set_evidence(self, evidence: Evidence | None, position: int | None = None) -> None:
        """position: how far what it made is to be shown, where it made that before."""
