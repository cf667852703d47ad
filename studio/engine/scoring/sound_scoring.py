"""Scoring sound: how many bits a sample a model needs for recordings it has not heard, beside what
trivial models need; and of a vocoder, how far what it makes of a spectrogram is from the recording
that the spectrogram was taken of."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.companding import mu_law_decode
from models.interface import AudioModel, Model, Spectrogram
from studio.engine.audio.compiled_network import CompiledNetwork, worth_compiling
from studio.engine.audio.rendering import as_audio_model, noise_for
from studio.engine.audio.sample_sources import Source, Stepping, Streaming
from studio.engine.data.audio_data import (
    AudioData,
    Sounds,
    check_classes,
    come_along,
    open_audio,
)
from studio.engine.data.audio_windows import Windows
from studio.engine.data.fingerprints import check_unchanged
from studio.engine.data.preparation import Preparation
from studio.engine.media.levels import level_difference, missing
from studio.engine.media.loudness import loudness_difference
from studio.engine.media.mel import MelSpec, distance, log_mel
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import CancelToken
from studio.engine.runtime.memory import keep_freed_memory
from studio.engine.scoring.baselines import baselines
from studio.engine.scoring.intelligibility import intelligibility
from studio.engine.scoring.scores import Score
from studio.engine.scoring.shares import ALONE, Report, Share, Sums

_BATCH = 4  # windows
_SECONDS = 1.0  # of a window
_RECORDINGS = 64  # that a vocoder makes again, at most
_REMADE = 2.0  # seconds of each, from its beginning
_SEED = 20_240_607  # of the noise of what is made again
_WORTH_COMPILING = 20_000  # samples: the stepper takes some seconds for them, too
_CHUNK = 64  # samples between two looks at whether to go on
_COMPARED = ("log_mel_distance", "loudness_difference", "level_difference", "missing", "stoi")


def evaluate_audio(
    of: Model,
    name: str | Path | None,
    split: str,
    preparation: Preparation,
    labels: str | Path | None,
    progress: Report | None,
    token: CancelToken | None,
    orders: int | None,
    skip_damaged: bool,
    share: Share = ALONE,
) -> Score | None:
    """Score a whole part of a data set of sound, of the one that the model learnt from where none
    is named; see `studio.engine.scoring.evaluation.evaluate`. There is one preparation of sound,
    and one order."""
    model = as_audio_model(of)
    if labels is not None:
        raise StudioError(
            "Sound is labelled by the subfolders that it lies in: leave out the file of labels."
        )
    data = data_of(model, name, skip_damaged)
    sounds = data.split(split)
    check_classes(model, sounds, data.name)
    score = evaluate_sounds(model, sounds, progress, token, remake=True, share=share)
    return score and replace(score, baselines=baselines(data) if split == "test" else {})


def data_of(
    model: AudioModel, name: str | Path | None = None, skip_damaged: bool = False
) -> AudioData:
    """A data set at the rate of a model: the one that it learnt from where none is named;
    StudioError where it cannot be opened.

    skip_damaged: leave out the files that cannot be read, as the training did where it was told to.
    """
    card, validation = model.card or {}, None
    if not name:
        recipe = card.get("recipe") or {}
        validation = recipe.get("validation")
        skip_damaged = skip_damaged or bool(recipe.get("skip_damaged"))
        check_unchanged(card)
    opened = name or card.get("data") or "speech"
    return open_audio(opened, model.sample_rate, validation, skip_damaged)


def held_out_for(model: AudioModel) -> Sounds:
    """Recordings that a model has not learnt from: all of them, or those that come along; see
    `data_of` for the error where there are none."""
    few = come_along(str((model.card or {}).get("data", "")), model.sample_rate)
    return few or data_of(model).test


@torch.inference_mode()
def evaluate_sounds(
    model: AudioModel,
    sounds: Sounds,
    progress: Report | None = None,
    token: CancelToken | None = None,
    remake: bool = False,
    share: Share = ALONE,
) -> Score | None:
    """Score recordings; None where the token was cancelled, or the shares of others are missing.

    remake: also by what a model that is conditioned on a spectrogram makes of theirs: `compared`.
    share: of the process that runs this, where several score the same recordings:
    the score is that of all.
    """
    keep_freed_memory()
    began = time.monotonic()
    windows = Windows(sounds, model, _SECONDS, model.device)
    size = share.batch(len(windows), _BATCH)
    groups = torch.arange(len(windows)).split(size) if len(windows) else ()
    recordings = range(min(len(sounds.codes), _RECORDINGS))
    if not (remake and isinstance(model.conditioning, Spectrogram)):
        recordings = range(0)
    several = share.batch(len(recordings), _RECORDINGS)
    remade = [recordings[start : start + several] for start in range(0, len(recordings), several)]

    def score(unit: int, report: Report) -> Sums | None:
        if unit < len(groups):
            return _nats(model, windows, groups[unit])
        return _remade(model, sounds, remade[unit - len(groups)], report, token)

    # to make recordings again takes as long as all the rest
    work = [1.0] * len(groups) + [len(groups) / max(1, len(remade))] * len(remade)
    if (totals := share.totals(work, score, progress, token)) is None:
        return None
    nats_a_sample = totals["nats"] / totals["samples"]
    figures = {
        model.measure: nats_a_sample / math.log(2),
        "nats": nats_a_sample * sounds.samples / len(sounds.codes),
    }
    counted = {name: totals[key] for name in _COMPARED if (key := f"{name} of") in totals}
    figures |= {name: totals[name] / count for name, count in counted.items()}
    return Score(figures, len(sounds.codes), time.monotonic() - began)


def _nats(model: AudioModel, windows: Windows, rows: Tensor) -> Sums:
    """What some windows need, and how many samples they have."""
    x, condition, known = windows.of(rows)
    # (B, N)
    nats = -model.likelihood.log_prob(model.conditionals(x, condition), model.sites(x))
    total = float(nats.masked_fill(known, 0).sum(1).double().sum())
    return {"nats": total, "samples": float(windows.counts[rows].sum())}


def _remade(
    model: AudioModel, sounds: Sounds, mine: range, report: Report, token: CancelToken | None
) -> Sums | None:
    """How far what a vocoder makes of their spectrograms is from some of the first 64 recordings,
    over the first two seconds of each: the sum of each figure of `compared`, and how many have it
    ("... of"). None where the token was cancelled."""
    spec = mel_spec_of(model)
    firsts = [
        mu_law_decode(codes[: round(_REMADE * spec.rate)]).numpy()
        for codes in sounds.codes[:_RECORDINGS]
    ]
    spectrograms = [log_mel(samples, spec) for samples in firsts]
    condition = side_by_side(spectrograms)[mine.start : mine.stop]
    made = takes(model, condition, mine, max(map(len, firsts)), _SEED, token, report)
    if made is None:
        return None
    sums: dict[str, float] = defaultdict(float)
    for number, codes in zip(mine, made, strict=True):
        original = firsts[number]
        for name, value in compared(original, mu_law_decode(codes[: len(original)]), spec).items():
            sums[name] += value
            sums[f"{name} of"] += 1
    return dict(sums)


def compared(
    original: NDArray[np.float32], copy: NDArray[np.float32], spec: MelSpec
) -> dict[str, float]:
    """How far a copy (n,) is from a recording (n,): log_mel_distance in dB; loudness_difference,
    the share of what is heard that differs; level_difference, by how many dB it is louder or softer
    as a whole, where neither is silent; missing, the share of what is heard that it has gaps in
    place of; and stoi, how much can be understood, where the library for it is installed and the
    recording is not too short."""
    found = {
        "log_mel_distance": distance(log_mel(copy, spec), log_mel(original, spec)),
        "loudness_difference": loudness_difference(original, copy, spec.rate),
        "missing": missing(original, copy, spec.rate),
    }
    if (apart := level_difference(original, copy)) is not None:
        found["level_difference"] = abs(apart)
    if (understood := intelligibility(original, copy, spec.rate)) is not None:
        found["stoi"] = understood
    return found


def mel_spec_of(model: AudioModel) -> MelSpec:
    """The spectrogram that a model is conditioned on; of one without,
    the one by which its sound is shown."""
    rate, conditioning = model.sample_rate, model.conditioning
    return (
        MelSpec.at(rate, conditioning.hop, conditioning.mels)
        if isinstance(conditioning, Spectrogram)
        else MelSpec.at(rate, rate // 100)
    )


def side_by_side(spectrograms: Sequence[NDArray[np.float32]]) -> Tensor:
    """Spectrograms (frames, mels) as a condition, (B, mels, frames);
    the shorter ones end in silence."""
    parts = [torch.from_numpy(spectrogram) for spectrogram in spectrograms]
    return torch.nn.utils.rnn.pad_sequence(parts, batch_first=True).transpose(1, 2)


def takes(
    model: AudioModel,
    condition: Tensor | None,
    numbers: Sequence[int],
    samples: int,
    seed: int,
    token: CancelToken | None = None,
    progress: Report = lambda _: None,
) -> NDArray[np.uint8] | None:
    """Sound from nothing, codes (takes, samples), each under a condition of its own (see
    `Model.conditioning`), and with the noise that the take of its number has. None where the token
    was cancelled.

    On a processor the compiled engine makes them, where
    there is more to make than it takes to compile it.
    """
    nothing = np.zeros((len(numbers), 0), np.uint8)
    source: Source
    if worth_compiling(model, len(numbers) * samples, _WORTH_COMPILING):
        source = Streaming(CompiledNetwork(model), condition, nothing)
    else:
        source = Stepping(model, condition, nothing)
    made: list[NDArray[np.uint8]] = []
    block, position = 0, 0
    while position < samples:
        noise = np.stack([noise_for(seed, take, block) for take in numbers])[
            :, : samples - position
        ]
        for start in range(0, noise.shape[1], _CHUNK):
            if token is not None and token.cancelled:
                return None
            made.append(source.run(noise[:, start : start + _CHUNK], (1.0, 0, 1.0)))
            progress((position + start) / samples)
        block, position = block + 1, position + noise.shape[1]
    progress(1.0)
    return np.concatenate(made, 1)
