"""Reconstruction: what a model gives back of a picture, as it is or with noise on it.

`Reconstruction` is to a `Player` what a `Generation` is, one that is over as soon as it has begun:
all pixels come at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import Model, Reconstructor
from studio.engine.data.of_model import data_for, prepared_for
from studio.engine.editing.evidence import Evidence, checked_evidence
from studio.engine.generation.changes import Change
from studio.engine.generation.next_site import Supposed
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.generation.snapshot import Snapshot
from studio.engine.generation.stretches import Stretches
from studio.engine.runtime.errors import StudioError


def as_reconstructor(model: Model) -> Reconstructor:
    """The model, where it gives back pictures; StudioError, one sentence, where it does not."""
    if not isinstance(model, Reconstructor):
        raise StudioError(f"{model.name or type(model).__name__} cannot reconstruct pictures.")
    return model


@torch.inference_mode()
def most_probable(model: Reconstructor, x: Tensor) -> Tensor:
    """What a model makes of pictures x, levels (B, C, H, W): uint8 of the same shape."""
    return model.restored(x.to(model.device)).to(torch.uint8)


def corrupted_images(model: Reconstructor, x: Tensor, share: float, seed: int) -> Tensor:
    """Pictures x, levels (B, C, H, W), with a share of their
    pixels replaced by levels drawn at random."""
    return model.corrupt(x, share, torch.Generator().manual_seed(seed))


def held_out_pictures(model: Model) -> NDArray[np.uint8]:
    """The test images of the data that the model learnt from, levels (N, C, H, W); StudioError
    where they do not fit it."""
    data = data_for(model)
    if tuple(data.test.shape[1:]) != tuple(model.spec.shape):
        raise StudioError(
            f'The pictures of "{data.name}" are of another size than those that the model takes.'
        )
    return prepared_for(model).apply(data.test, torch.Generator().manual_seed(0)).numpy()


class Reconstruction:
    """A picture, and beside it what the model makes of it.

    values: levels (2, C, H, W): what the model is shown, which is the evidence with level 0 where
    nothing is given and with the noise of the options, and its reconstruction.
    right: share of the values of the evidence that the reconstruction has.
    StudioError, one sentence, where options or evidence do not fit the model.
    """

    start: int
    values: NDArray[np.uint8]
    right: float

    def __init__(
        self,
        model: Reconstructor,
        options: SamplingOptions | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self.model = model
        self.length = self.position = self.recorded = self.start = model.spec.sites or 0
        self.options = options or SamplingOptions()
        check_options(self.options, model)
        self.edit(evidence)

    def edit(self, evidence: Evidence | None, position: int | None = None) -> None:
        """Another picture; there is no other position than the end."""
        spec = self.model.spec
        if evidence is None:
            evidence = Evidence(
                np.zeros((spec.channels, *spec.space), np.uint8), np.zeros(spec.space, bool)
            )
        self.evidence = checked_evidence(evidence.values, evidence.known, self.model)
        self._reconstruct()

    def set_options(self, options: SamplingOptions) -> None:
        """Other noise."""
        check_options(options, self.model)
        before, self.options = self.options, options
        if (before.corruption, before.seed) != (options.corruption, options.seed):
            self._reconstruct()

    def _reconstruct(self) -> None:
        whole = torch.from_numpy(self.evidence.values)[None]
        shown = corrupted_images(self.model, whole, self.options.corruption, self.options.seed)
        made = most_probable(self.model, shown).cpu()
        self.values = torch.cat([shown, made]).numpy()
        self.right = float((made == whole).float().mean())

    def snapshot(
        self,
        unseen: NDArray[np.bool_] | None,
        playing: bool,
        sites_per_second: float,
        chosen: int | None = None,
        supposed: Supposed | None = None,
        hurried: bool = False,
    ) -> Snapshot:
        """Both pictures, whole; none of them is chosen."""
        share = self.options.corruption
        noise = f", {100 * share:.0f} % of the pixels noise" if share else ""
        return Snapshot(
            position=self.position,
            length=self.length,
            start=self.start,
            recorded=self.recorded,
            playing=False,
            count=2,
            values=self.values,
            known=None,
            unseen=None,
            order=np.arange(self.length),
            next_site=None,
            probabilities=None,
            entropies=np.full(self.length, np.nan, np.float32),
            nats_so_far=0.0,
            bits_per_dim=None,
            sites_per_second=0.0,
            options=self.options,
            captions=(f"What it is shown{noise}", "What it makes of it"),
            right=self.right,
        )

    # There is nothing to play: it is at its end, whatever a player wants of it.

    def step(self, n: int = 1, interrupted: Callable[[], bool] | None = None) -> int:
        return 0

    def rewind(self, position: int) -> None:
        """All pixels or none."""

    def restart(self) -> None:
        """It comes out the same."""

    def set_changes(self, changes: tuple[Change, ...], earlier: Stretches | None = None) -> None:
        """Nothing comes later than anything else: there is nothing to go on with."""

    def given_ahead(self) -> int:
        return 0
