"""What a training shows after every epoch: what its averaged weights draw, finish, restore or say,
with the same noise.

A model of pictures draws 64 of them; one that is conditioned on what is given finishes validation
images besides; one that cannot generate shows validation images with noise, and beside each what it
makes of it. A model of sound is heard in a few takes, and seen as their log-mel spectrograms; a
vocoder is given those of validation recordings. A model of two stages draws codes, and is shown by
the pictures that these stand for.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from models import orders
from models.companding import mu_law_decode
from models.interface import Classes, Coder, Spectrogram
from models.stepping import MaskStepper
from studio.engine import kinds
from studio.engine.audio.rendering import as_audio_model
from studio.engine.data.inpainting_masks import HALVES, half
from studio.engine.data.preparation import to_grey
from studio.engine.generation.generation import as_autoregressive
from studio.engine.generation.passes import schedule
from studio.engine.generation.reconstruction import (
    as_reconstructor,
    corrupted_images,
    most_probable,
)
from studio.engine.media.mel import log_mel
from studio.engine.media.recordings import Recording
from studio.engine.scoring.sound_scoring import mel_spec_of, side_by_side, takes
from studio.engine.training.learner import seeded
from studio.engine.training.trainer import Trainer
from studio.engine.training.training_source import PictureSource, SoundSource

SAMPLES = 64
TAKES = 4
SECONDS = 1.5  # of a take
_PAUSE = 0.25  # seconds between takes
_PASSES = 50  # in which a model draws that predicts all unknown sites at once


@dataclass(frozen=True)
class Made:
    """pictures: levels (N, C, H, W), uint8.
    first: the number of the one that stands for all.
    sound: what is heard."""

    pictures: NDArray[np.uint8]
    first: int = 0
    sound: Recording | None = None


def made_by(training: Trainer) -> Made | None:
    """None where the training was stopped meanwhile."""
    made: Made | None = kinds.of(training.model).part("made_by")(training)
    return made


def spoken(training: Trainer) -> Made | None:
    """Takes of the averaged weights, one class after the other where there are classes;
    spectrograms with the low sounds below, as levels of grey."""
    model, source = as_audio_model(training.model), training.source
    assert isinstance(source, SoundSource)
    spec, samples = mel_spec_of(model), round(SECONDS * model.sample_rate)
    condition: Tensor | None = None
    if isinstance(model.conditioning, Classes):
        condition = torch.arange(TAKES) % model.conditioning.count
    elif isinstance(model.conditioning, Spectrogram):
        recordings = source.data.validation.codes
        rows = torch.linspace(0, len(recordings) - 1, TAKES).long().tolist()
        condition = side_by_side(
            [log_mel(mu_law_decode(recordings[row][:samples]).numpy(), spec) for row in rows]
        )
    codes = takes(model, condition, range(TAKES), samples, training.recipe.seed, training.token)
    if codes is None:
        return None
    heard = mu_law_decode(codes)
    # (takes, 1, mels, frames)
    pictures = np.stack([log_mel(take, spec).T[None, ::-1] for take in heard])
    pause = np.zeros((TAKES, round(_PAUSE * model.sample_rate)), np.float32)
    sound = Recording(np.concatenate([heard, pause], 1).ravel(), model.sample_rate)
    return Made((pictures * (model.spec.levels - 1)).round().astype(np.uint8), sound=sound)


@torch.inference_mode()
def drawn(training: Trainer) -> Made | None:
    """64 samples of the averaged weights, one class after the other where there are classes; None
    where the training was stopped meanwhile.

    A model that is conditioned on what is given draws the first half of them from nothing, and
    finishes validation images in the others."""
    model, source = as_autoregressive(training.model), training.source
    assert isinstance(source, PictureSource)
    condition: Tensor | None = None
    x, known = _given(training, source)
    if model.takes_painting:
        condition = model.painted(x, known)
    elif isinstance(model.conditioning, Classes):
        condition = torch.arange(SAMPLES, device=model.device) % model.conditioning.count
    order: Tensor | None = None
    if model.predicts_all:  # several sites from a pass should not be neighbours
        height, width = model.spec.space
        order = orders.random(height, width, training.recipe.seed).to(model.device)
    stepper = model.stepper(SAMPLES, condition, order)
    sites, draws = len(model.order), model.likelihood.draws
    noise = torch.rand(sites, SAMPLES, draws, generator=seeded(training.recipe.seed, -1)).to(
        model.device
    )
    flat, given = x.flatten(2).to(torch.uint8), known.flatten(1)
    passes = schedule(sites, _PASSES)
    for site, place in enumerate(stepper.order.tolist()):
        if training.token.cancelled:
            return None
        if isinstance(stepper, MaskStepper) and site in passes:
            stepper.hold(passes[passes.index(site) + 1])
        values = model.likelihood.sample(stepper.conditional(), noise[site])
        values = torch.where(given[:, place, None], x.flatten(2)[:, :, place], values)
        flat[:, :, place] = values.to(torch.uint8)
        stepper.commit(values)
    return Made(flat.unflatten(2, model.spec.space).cpu().numpy())


def decoded(training: Trainer) -> Made | None:
    """The same of a model of two stages: the pictures that the drawn codes stand for."""
    made, model = drawn(training), training.model
    if made is None:
        return None
    assert isinstance(model, Coder)
    codes = torch.from_numpy(made.pictures).to(model.device)
    return Made(model.decode(codes).to("cpu", torch.uint8).numpy())


def _given(training: Trainer, source: PictureSource) -> tuple[Tensor, Tensor]:
    """Levels (64, C, H, W) and where they are given, bool (64, H, W): nowhere, unless the model is
    conditioned on what is given. Then the last 32 are validation images with a half given, one side
    after the other; fewer where there are fewer images."""
    model = training.model
    channels, space = model.spec.channels, model.spec.space
    x = torch.zeros(SAMPLES, channels, *space, dtype=torch.long)
    known = torch.zeros(SAMPLES, *space, dtype=torch.bool)
    if model.takes_painting:
        images = source.data.validation[: SAMPLES // 2]
        levels = source.preparation.apply(images, seeded(training.recipe.seed, -1))
        for row, picture in enumerate(levels, SAMPLES // 2):
            x[row] = picture
            known[row] = torch.from_numpy(half(HALVES[row % len(HALVES)], model.spec))
    return x.to(model.device), known.to(model.device)


def restored(training: Trainer) -> Made:
    """The first validation images with noise, and what the averaged weights make of each, one
    beside the other: 64 pictures, fewer where there are fewer images."""
    model, source, seed = as_reconstructor(training.model), training.source, training.recipe.seed
    assert isinstance(source, PictureSource)
    images = source.preparation.apply(source.data.validation[: SAMPLES // 2], seeded(seed, -1))
    shown = corrupted_images(model, images, model.scored_corruption, seed)
    both = torch.stack([shown, most_probable(model, shown).cpu()], 1)
    return Made(both.flatten(0, 1).numpy(), first=1)


def thumbnail(levels: np.ndarray, count: int) -> str:
    """A sample (C, H, W) as a PNG in base64."""
    grey = to_grey(torch.from_numpy(levels.copy()), count).permute(1, 2, 0).numpy()
    image = Image.fromarray(grey[:, :, 0] if grey.shape[2] == 1 else grey)
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
