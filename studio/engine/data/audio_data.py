"""Data sets of sound: the shipped speech, or the person's own recordings,
as one row of codes a file.

Every recording is mixed to mono, resampled to the rate of the model, freed of the silence at its
ends and companded by mu-law (`models.companding`); recordings are as long as they are. A tenth of
the seconds or a little more, in whole files that are always the same, is held out for the test, and
a twentieth or more of the others for validation; one that comes under two names (the shipped speech
has two such) is in the same part both times, and so is a text that is spoken in two languages.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from models.companding import LEVELS
from models.interface import Classes, Model
from studio.engine.data.sources import class_numbers
from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.texts import shortened


@dataclass(frozen=True)
class _Shipped:
    """A data set that ships, or that belongs into the folder of those that do.

    what: in a few words.
    translated: whether its folders are languages, in each of which a text has the same name: these
    are held out together.
    at_least: samples that are held out for the test, None for a whole tenth.
    """

    what: str
    translated: bool = False
    at_least: int | None = None


_SHIPPED = {
    # what the shipped models were tested with was chosen before it had to be a whole tenth
    "speech": _Shipped("speech of one speaker, 24 minutes, 8 kHz", at_least=1),
    "speech-16k": _Shipped(
        "speech of the same speaker in English and Spanish, 56 minutes, 16 kHz", translated=True
    ),
}
_OWN = "recordings: a file, or a folder whose subfolders are classes, of"
# part of the meaning of "the held-out tenth", and of the twentieth after it: never change it
_HOLD_OUT_SEED = 20_240_607
# codes: recordings of one length that differ by less,
# on average, are the same one; others differ by tens
_ALIKE = 8.0
_STRETCHES = 64  # of an outline, by which most recordings are known to differ


@dataclass(frozen=True)
class Sounds:
    """A part of a data set.

    codes: uint8 (T,) of each recording.
    files: their names.
    labels: int64 (N,), the number of each one's class, -1 for none;
    None where there are no classes at all.
    """

    codes: tuple[Tensor, ...]
    files: tuple[str, ...]
    labels: Tensor | None

    @property
    def samples(self) -> int:
        return sum(len(codes) for codes in self.codes)


@dataclass(frozen=True)
class AudioData:
    """rate: samples a second.
    train, validation, test: recordings to learn from, and those
    that are held out, to choose by and for the end.
    class_names: of the labels."""

    name: str
    rate: int
    train: Sounds
    validation: Sounds
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
        """The part "train", "validation" or "test"; StudioError for any other name."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        if name in parts:
            return parts[name]
        raise StudioError(f'"{name}" is not a part of the data: choose train, validation or test.')


def shipped_names() -> tuple[str, ...]:
    """Of the data sets that are installed with the studio."""
    return tuple(name for name in _SHIPPED if (assets_folder() / "data" / name).is_dir())


def sources() -> list[tuple[str, str]]:
    """What can be opened: the name of a data set that is installed, or "", and what it is."""
    from studio.engine.media.recordings import USUAL

    found = [(name, _SHIPPED[name].what) for name in shipped_names()]
    return [*found, ("", f"{_OWN} {USUAL}")]


def open_audio(
    name_or_path: str | Path,
    rate: int,
    validation: str | Path | None = None,
    skip_damaged: bool = False,
) -> AudioData:
    """The data set of a name, such as "speech", or the one at a path, at `rate` samples a second: a
    folder of sound files, of which those in a subfolder are a class, or one such file, of which the
    last tenth is held out. What is left out of a folder is counted in the log.

    validation: a file or folder whose recordings are the validation part.
    skip_damaged: leave out the files of a folder that cannot be read.
    StudioError, one sentence that names the file or folder, for everything that is wrong with it;
    what is too long is refused by the headers, before anything is read.
    """
    from studio.engine.media.recordings import check_rate  # sound libraries, where sound is read

    check_rate(rate)
    name = str(name_or_path)
    shipped = _SHIPPED.get(name, _Shipped(""))
    path = assets_folder() / "data" / name if name in _SHIPPED else Path(name)
    if name in _SHIPPED and not path.is_dir():
        raise StudioError(
            f'The recordings "{name}" are not installed: put them into "{path}", as'
            " CONTRIBUTING.md says."
        )
    classes, recordings = _recordings(path, rate, skip_damaged)
    if path.is_dir():
        same = _same(recordings, shipped.translated)
        rest, test, firsts = _test_apart(recordings, path, same, shipped.at_least)
    else:
        rest, test = _ends_cut_off(recordings, 10, path)
        firsts = torch.zeros(len(rest.codes), dtype=torch.long)
    if validation:
        found = _validation_in(Path(validation), rate, classes, skip_damaged)
        return AudioData(name, rate, rest, found, test, classes)
    return AudioData(name, rate, *_validation_apart(rest, firsts, path), test, classes)


def come_along(name: str, rate: int) -> Sounds | None:
    """The few held-out recordings of a data set that come with the studio where the others have to
    be put beside them, at `rate` samples a second; None where these are there, or there are none.
    """
    few = assets_folder() / "data" / f"{name}-held-out"
    if name not in _SHIPPED or name in shipped_names() or not few.is_dir():
        return None
    return _recordings(few, rate, skip_damaged=False)[1]


def check_classes(model: Model, sounds: Sounds, name: str) -> None:
    """StudioError unless a model conditioned on classes
    has one for every label of these recordings."""
    if isinstance(model.conditioning, Classes):
        if sounds.labels is None:
            raise StudioError(
                f"{model.name or type(model).__name__} is conditioned on classes, and"
                f' "{name}" has no subfolders to be its classes.'
            )
        if int(sounds.labels.max()) >= model.conditioning.count:
            raise StudioError(
                f'"{name}" has more classes than the {model.conditioning.count} that the model'
                " knows."
            )


def _recordings(path: Path, rate: int, skip_damaged: bool) -> tuple[tuple[str, ...], Sounds]:
    """The classes of a folder, and all that it holds except what is silent throughout;
    or one recording."""
    from studio.engine.data.sound_folder import codes_of, read_folder

    if not os.path.exists(path):
        raise StudioError(
            f'There is no sound "{shortened(str(path))}": it is neither'
            f" {' nor '.join(shipped_names())} nor a file or folder."
        )
    if not path.is_dir():
        return (), Sounds((codes_of(path, rate),), (path.name,), None)
    heard = read_folder(path, rate, skip_damaged, quiet=path.parent == assets_folder() / "data")
    own = [file.split("/")[0] if "/" in file else "" for file in heard]
    classes = sorted(set(own) - {""})
    labels = (
        torch.tensor([classes.index(name) if name else -1 for name in own]) if classes else None
    )
    return tuple(classes), Sounds(tuple(heard.values()), tuple(heard), labels)


def _validation_in(path: Path, rate: int, classes: tuple[str, ...], skip_damaged: bool) -> Sounds:
    """The recordings at a path, with the numbers that their classes have in other data."""
    own, sounds = _recordings(path, rate, skip_damaged)
    if not sounds.samples:
        raise StudioError(f'"{path}" is silent: there is nothing to validate with.')
    if not classes:
        return replace(sounds, labels=None)
    labels = torch.full((len(sounds.codes),), -1)
    if sounds.labels is not None:
        numbers = class_numbers(own, classes, path)
        labels = torch.where(sounds.labels < 0, -1, numbers[sounds.labels])
    return replace(sounds, labels=labels)


def _test_apart(
    sounds: Sounds, path: Path, firsts: Tensor, at_least: int | None
) -> tuple[Sounds, Sounds, Tensor]:
    """The other recordings and those for the test, `at_least` so many samples (None: a tenth); and
    of the others, which belong together: int64 (N,), one number for these.

    firsts: see `_same`.
    """
    if len(sounds.codes) < 2:
        few = "one recording" if sounds.codes else "no recording"
        raise StudioError(
            f'"{path}" has {few} that is not silent: two are needed, one to test with.'
        )
    tenth = -(-sounds.samples // 10)
    held = _held_out(sounds, firsts, sounds.samples // 10, at_least or tenth)
    if 2 * sum(len(sounds.codes[row]) for row in held.nonzero()) > sounds.samples:
        # whole files would be more than half: of a few long ones, or of one under many names
        rest, test = _ends_cut_off(sounds, 10, path)
        return rest, test, firsts
    return _those(sounds, ~held), _those(sounds, held), firsts[~held].unique(return_inverse=True)[1]


def _validation_apart(sounds: Sounds, firsts: Tensor, path: Path) -> tuple[Sounds, Sounds]:
    """What to learn from, and whole recordings for validation; where there are too few for that,
    the ends of all."""
    held = _held_out(sounds, firsts, sounds.samples // 20, -(-sounds.samples // 20))
    if held.all():
        return _ends_cut_off(sounds, 20, path)
    return _those(sounds, ~held), _those(sounds, held)


def _held_out(sounds: Sounds, firsts: Tensor, about: int, at_least: int) -> Tensor:
    """Which recordings are held out, bool (N,): taken by chance, as many as last no longer than
    `about` samples together, and then the shortest of the others, until it is `at_least`.

    firsts: int64 (N,), below N; those with the same number are held out together.
    """
    lengths = torch.tensor([len(codes) for codes in sounds.codes])
    held = torch.zeros(len(lengths), dtype=torch.bool)
    order = torch.randperm(len(lengths), generator=torch.Generator().manual_seed(_HOLD_OUT_SEED))
    for row in order.tolist():
        alike = firsts == row
        if 0 < lengths[alike].sum() <= about - lengths[held].sum():
            held |= alike
    while lengths[held].sum() < at_least:
        shortest = lengths.masked_fill(held, int(lengths.max()) + 1).argmin()
        held |= firsts == firsts[shortest]
    return held


def _ends_cut_off(sounds: Sounds, share: int, path: Path) -> tuple[Sounds, Sounds]:
    """The recordings without their ends, and these, a share of each (10: a tenth)."""
    cuts = [len(codes) - len(codes) // share for codes in sounds.codes]
    if any(cut == len(codes) for cut, codes in zip(cuts, sounds.codes, strict=True)):
        raise StudioError(f'"{path}" is too short, or silent, to learn from and to test with.')
    return (
        replace(sounds, codes=tuple(c[:cut] for c, cut in zip(sounds.codes, cuts, strict=True))),
        replace(sounds, codes=tuple(c[cut:] for c, cut in zip(sounds.codes, cuts, strict=True))),
    )


def _same(sounds: Sounds, translated: bool) -> Tensor:
    """Of each recording, the first that it belongs together with, int64 (N,): the same one, or,
    where they are `translated`, the same text in another language."""
    firsts = _first_alike(sounds.codes)
    if not translated:
        return torch.tensor(firsts, dtype=torch.long)

    def first(row: int) -> int:
        while firsts[row] != row:
            row = firsts[row]
        return row

    texts: dict[str, int] = {}
    for row, name in enumerate(sounds.files):
        text = Path(name.partition("/")[2] or name).with_suffix("").as_posix()
        one, other = first(row), first(texts.setdefault(text, row))
        firsts[max(one, other)] = min(one, other)
    return torch.tensor([first(row) for row in range(len(firsts))], dtype=torch.long)


def _first_alike(recordings: tuple[Tensor, ...]) -> list[int]:
    """Of each recording, the first that is the same one,
    perhaps under another name and with other noise."""
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
