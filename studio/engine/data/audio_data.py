"""Data sets of sound: the shipped speech, or the person's own recordings, as one row of codes a
file.

Every recording is mixed to mono, resampled to the rate of the model, freed of the silence at its
ends and companded by mu-law (`models.companding`); recordings are as long as they are. A fixed
tenth of the files, by duration, is held out; one that comes under two names, as the shipped speech
has two of, is held out or learnt from both times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.companding import LEVELS, mu_law_encode
from models.interface import Classes, Model
from studio.engine.media.recordings import SUFFIXES, read_recording, trim_silence
from studio.engine.runtime.assets import SOUND_SETS, assets_folder
from studio.engine.runtime.errors import StudioError

_HOLD_OUT_SEED = 20_240_607  # part of the meaning of "the held-out tenth": never change it
# codes: recordings of one length that differ by less, on average, are the same one; others differ
# by tens
_ALIKE = 8.0
_STRETCHES = 64  # of an outline, by which most recordings are told apart
# as many samples are taken to have been seen after each code as the unigram has it; see `baselines`
_BELIEF = 100.0


@dataclass(frozen=True)
class Sounds:
    """A part of a data set. codes: uint8 (T,) of each recording.  files: their names.  labels:
    int64 (N,), the number of each one's class, -1 for none; None where there are no classes at
    all."""

    codes: tuple[Tensor, ...]
    files: tuple[str, ...]
    labels: Tensor | None

    @property
    def samples(self) -> int:
        return sum(len(codes) for codes in self.codes)


@dataclass(frozen=True)
class AudioData:
    """rate: samples a second.  train, test: recordings to learn from, and those that are held out.
    class_names: of the labels."""

    name: str
    rate: int
    train: Sounds
    test: Sounds
    class_names: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Of a recording, as `DataSpec` has it."""
        return 1, None

    @property
    def labelled(self) -> bool:
        """Whether there are classes to learn."""
        return self.train.labels is not None

    def split(self, name: str) -> Sounds:
        """The part "train" or "test"; StudioError for any other name."""
        if name in ("train", "test"):
            return self.train if name == "train" else self.test
        raise StudioError(f'"{name}" is not a part of the data: choose train or test.')


def open_audio(name_or_path: str | Path, rate: int) -> AudioData:
    """The data set "speech", or the one at a path, at `rate` samples a second: a folder of WAV,
    FLAC or OGG files, of which those in a subfolder are a class, or one such file, of which the
    last tenth is held out.

    StudioError, one sentence that names the file or folder, for everything that is wrong with it.
    """
    name = str(name_or_path)
    path = assets_folder() / "data" / name if name in SOUND_SETS else Path(name)
    if not path.exists():
        raise StudioError(
            f'There is no sound "{path}": it is neither {" nor ".join(SOUND_SETS)} nor a file or'
            " folder."
        )
    if not path.is_dir():
        codes = _codes(path, rate)
        end = len(codes) - len(codes) // 10
        if end == len(codes):
            raise StudioError(f'"{path}" is too short, or silent, to learn from and to test with.')
        train, test = (Sounds((part,), (path.name,), None) for part in (codes[:end], codes[end:]))
        return AudioData(name, rate, train, test)
    classes, recordings = _recordings(path, rate)
    train, test = _hold_out(recordings)
    return AudioData(name, rate, train, test, classes)


def check_classes(model: Model, sounds: Sounds, name: str) -> None:
    """StudioError unless a model that is told classes has one for every label of these
    recordings."""
    if isinstance(model.conditioning, Classes):
        if sounds.labels is None:
            raise StudioError(
                f'{model.name or type(model).__name__} is told classes, and "{name}" has no folders'
                " that are some."
            )
        if int(sounds.labels.max()) >= model.conditioning.count:
            raise StudioError(
                f'"{name}" has more classes than the {model.conditioning.count} that the model'
                " knows."
            )


def baselines(data: AudioData) -> dict[str, float]:
    """What trivial models need for the held-out part, in bits a sample: `uniform`, which knows
    nothing; `unigram`, how often each code comes in the training part; `previous_sample`, how often
    after which other.

    Counts are smoothed: the unigram's by one, those after a code as if the unigram had been seen
    there `_BELIEF` times.
    """
    pairs = torch.zeros(LEVELS * LEVELS)
    singles = torch.ones(LEVELS)
    for codes in data.train.codes:
        singles += codes.bincount(minlength=LEVELS)
        pairs += _pairs(codes).bincount(minlength=LEVELS * LEVELS)
    unigram = singles.double() / singles.sum()
    counts = pairs.double().view(LEVELS, LEVELS) + _BELIEF * unigram
    bigram = counts / counts.sum(1, keepdim=True)
    single_bits, pair_bits = -unigram.log2(), -bigram.flatten().log2()
    alone = sum(float(single_bits[codes.int()].sum()) for codes in data.test.codes)
    after = sum(
        float(pair_bits[_pairs(codes)].sum() + single_bits[codes[:1].int()].sum())
        for codes in data.test.codes
    )
    return {
        "uniform": math.log2(LEVELS),
        "unigram": alone / data.test.samples,
        "previous_sample": after / data.test.samples,
    }


def _pairs(codes: Tensor) -> Tensor:
    """Each code but the first with the one before it, as one number, (T - 1,)."""
    return codes[:-1].int() * LEVELS + codes[1:].int()


def _codes(path: Path, rate: int) -> Tensor:
    return mu_law_encode(
        torch.from_numpy(trim_silence(read_recording(path, rate).samples, rate).copy())
    )


def _recordings(folder: Path, rate: int) -> tuple[tuple[str, ...], Sounds]:
    """The classes of a folder, and all that it holds except what is silent throughout."""
    found = [
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file()
    ]
    files = sorted(
        path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts)
    )
    if not files:
        raise StudioError(
            f'The folder "{folder}" holds no sound: WAV, FLAC and OGG files are read.'
        )
    heard = {file: codes for file in files if len(codes := _codes(folder / file, rate))}
    if len(heard) < 2:
        few = "one recording" if heard else "no recording"
        raise StudioError(
            f'"{folder}" has {few} that is not silent: to learn and to test takes two.'
        )
    own = [file.split("/")[0] if "/" in file else "" for file in heard]
    classes = sorted(set(own) - {""})
    labels = (
        torch.tensor([classes.index(name) if name else -1 for name in own]) if classes else None
    )
    return tuple(classes), Sounds(tuple(heard.values()), tuple(heard), labels)


def _hold_out(sounds: Sounds) -> tuple[Sounds, Sounds]:
    """What to learn from, and the recordings that, taken by chance, together last a tenth; at least
    the shortest one."""
    lengths = torch.tensor([len(codes) for codes in sounds.codes])
    first = torch.tensor(_first_alike(sounds.codes))
    room = sounds.samples // 10
    held = torch.zeros(len(lengths), dtype=torch.bool)
    for row in torch.randperm(
        len(lengths), generator=torch.Generator().manual_seed(_HOLD_OUT_SEED)
    ).tolist():
        alike = first == row
        if 0 < lengths[alike].sum() <= room:
            held |= alike
            room -= int(lengths[alike].sum())
    if not held.any():
        shortest = first == first[lengths.argmin()]  # and what is the same
        held = shortest if not shortest.all() else torch.arange(len(lengths)) == lengths.argmin()
    return _those(sounds, ~held), _those(sounds, held)


def _first_alike(recordings: tuple[Tensor, ...]) -> list[int]:
    """Of each recording, the first that is the same one, perhaps under another name and with other
    noise."""
    by_length: dict[int, list[int]] = {}
    firsts, outlines = [], [_outline(codes) for codes in recordings]
    for row, codes in enumerate(recordings):
        others = by_length.setdefault(len(codes), [])
        near: list[int] = []
        if others:  # outlines are no further apart than recordings: few are left to compare
            apart = (
                (torch.stack([outlines[other] for other in others]) - outlines[row]).abs().sum(1)
            )
            near = [others[i] for i in (apart < _ALIKE * len(codes)).nonzero().flatten().tolist()]
        alike = (
            other
            for other in near
            if (codes.float() - recordings[other].float()).abs().mean() < _ALIKE
        )
        firsts.append(next(alike, row))
        if firsts[-1] == row:
            others.append(row)
    return firsts


def _outline(codes: Tensor) -> Tensor:
    """How far the codes (T,) are from silence, all together in each of some stretches."""
    loudness = (codes.float() - LEVELS // 2).abs()
    return torch.stack([stretch.sum() for stretch in loudness.tensor_split(_STRETCHES)])


def _those(sounds: Sounds, which: Tensor) -> Sounds:
    rows = which.nonzero().flatten().tolist()
    labels = None if sounds.labels is None else sounds.labels[which]
    return Sounds(
        tuple(sounds.codes[row] for row in rows), tuple(sounds.files[row] for row in rows), labels
    )
