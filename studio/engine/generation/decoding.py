"""The pictures that drawn codes stand for, decoded when there is somebody to see them.

Everything that draws works on codes (see `models.interface.TwoStageModel`); here, and nowhere else,
they become pixels. A `Decoding` stands beside a drawing in its thread: it decodes the pictures
whose codes have changed since they were decoded last, of those that are looked at. While much is
drawn it takes no more than a share of the time; what is shown then is a moment old, and says so.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from models.interface import Model, TwoStageModel
from studio.engine.editing.patches import patch_of
from studio.engine.generation.snapshot import Decoded, Snapshot

_SHARE = 0.3  # of the time, at most, while pictures are drawn as fast as it goes
_PIECE = 0.02  # seconds of decoding between two looks at what else is asked
_RATE = 30.0  # times a second, at most, while there is no time to look at each
_TOGETHER = 8  # pictures in a pass


@torch.inference_mode()
def pictures_of(
    model: TwoStageModel, codes: NDArray[np.uint8], known: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The pictures that codes stand for, levels (B, C, H, W).

    codes: (B, 1, h, w). known: which of them are there, (h, w); a neutral one stands elsewhere.
    """
    mask = torch.from_numpy(known)[None, None].to(model.device)
    parts = [
        model.decode(torch.from_numpy(part).long().to(model.device), mask)
        for part in np.array_split(codes, math.ceil(len(codes) / _TOGETHER))
    ]
    return torch.cat(parts).to(torch.uint8).cpu().numpy()


@torch.inference_mode()
def code_nearest(
    model: TwoStageModel,
    codes: NDArray[np.uint8],
    known: NDArray[np.bool_],
    site: tuple[int, int],
    levels: tuple[int, ...],
) -> int:
    """The code of a patch if it were painted in one colour, the rest being as it is.

    codes: of the picture, (1, h, w). known: which of them are there, (h, w). levels: one a channel.
    """
    picture = pictures_of(model, codes[None], known)[0]
    down, across = patch_of(model)
    top, left = site[0] * down, site[1] * across
    picture[:, top : top + down, left : left + across] = np.reshape(levels, (-1, 1, 1))
    found = model.encode(torch.from_numpy(picture)[None].to(model.device))
    return int(found[(0, 0, *site)])


class Decoding:
    """What a drawing of one model looks like. Of models whose values are the pixels themselves it
    leaves a snapshot as it is."""

    def __init__(self, model: Model) -> None:
        self._model = model if isinstance(model, TwoStageModel) else None
        self._codes = np.zeros((0, 0, 0, 0), np.uint8)  # (count, 1, h, w), those decoded
        self._there = np.zeros((0, 0, 0), bool)  # (count, h, w), and which of them were there
        self._pictures = np.zeros((0, 0, 0, 0), np.uint8)
        self._turns = np.zeros(0, np.int64)  # when each was decoded, in passes
        self._passes = 0
        self._seen: Decoded | None = None  # what was said last
        self._not_before = 0.0  # when there may be a next pass of a drawing that hurries

    def beside(self, snapshot: Snapshot, only: int | None = None, at_once: bool = True) -> Snapshot:
        """The snapshot with the pictures that its codes stand for.

        only: the one that is looked at; None for all. at_once: all of them now, however long that
        takes; else for a moment, and the rest with the next snapshots: see `Snapshot.waiting`.
        """
        model = self._model
        if model is None:
            return snapshot
        known = _known_in(snapshot)
        codes = np.where(known, snapshot.values, 0).astype(np.uint8)
        self._fit(codes.shape, model)
        late = (self._codes != codes).any((1, 2, 3)) | (self._there != known).any((1, 2))
        if only is not None:
            late[np.arange(len(late)) != only] = False
        rows = np.flatnonzero(late)
        rows = rows[self._turns[rows].argsort(kind="stable")]  # who waits longest comes first
        done = 0
        if at_once:
            done = self._decode(model, rows, codes, known, math.inf)
        elif not snapshot.hurried or time.monotonic() >= self._not_before:
            done = self._decode(model, rows, codes, known, _PIECE)
        waiting = len(rows) - done
        if done or self._seen is None:
            pictures, there = self._pictures.copy(), self._there.copy()
            self._seen = Decoded(pictures, there, model.spec.levels, waiting)
        elif waiting != self._seen.waiting:
            self._seen = replace(self._seen, waiting=waiting)
        return replace(snapshot, decoded=self._seen)

    def _fit(self, shape: tuple[int, ...], model: TwoStageModel) -> None:
        """As many pictures as there are now; none of them is decoded where they are others."""
        if self._codes.shape == shape:
            return
        count, space = shape[0], shape[2:]
        height, width = model.pictures.space
        self._codes = np.zeros(shape, np.uint8)
        self._there = np.zeros((count, *space), bool)
        self._pictures = np.zeros((count, model.pictures.channels, height, width), np.uint8)
        self._turns = np.zeros(count, np.int64)
        self._seen = None

    def _decode(
        self,
        model: TwoStageModel,
        rows: NDArray[np.intp],
        codes: NDArray[np.uint8],
        known: NDArray[np.bool_],
        seconds: float,
    ) -> int:
        """Some of the rows, the first at least, for about so many seconds; how many."""
        began = now = time.monotonic()
        until, done = began + seconds, 0
        while done < len(rows) and (done == 0 or now < until):
            fitting = float(_TOGETHER)
            if seconds < math.inf:  # how long one takes is seen from the first
                fitting = (until - now) * done / max(now - began, 1e-6) if done else 1.0
            part = rows[done : done + max(1, min(_TOGETHER, int(fitting)))]
            self._passes += 1
            self._codes[part], self._there[part] = codes[part], known
            self._turns[part] = self._passes
            if known.any():
                self._pictures[part] = pictures_of(model, codes[part], known)
            done, now = done + len(part), time.monotonic()
        took = now - began
        if done:
            self._not_before = now + max(took * (1 / _SHARE - 1), 1 / _RATE - took)
        return done


def _known_in(snapshot: Snapshot) -> NDArray[np.bool_]:
    """The sites that have a value, be it a guess, (h, w)."""
    space = snapshot.values.shape[2:]
    if snapshot.settled is not None:
        return np.ones(space, bool)
    found = np.zeros(snapshot.length, bool)
    found[snapshot.order[: snapshot.position]] = True
    known = found.reshape(space)
    return known if snapshot.known is None else known | snapshot.known
