"""A folder of recordings: which files it holds, how long they are, and the codes of each.

What is too long is refused by the headers. What is left out, for it is no sound, silent or damaged,
is counted in the log, and everything that is damaged is named at once.
"""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from models.companding import mu_law_encode
from studio.engine.media.recordings import (
    SUFFIXES,
    USUAL,
    Loudness,
    lasting,
    recording_blocks,
    seconds_of,
)
from studio.engine.runtime.errors import StudioError

MOST = 2**31  # samples of all recordings, which take as many bytes: 74 hours at 8 kHz
_NAMED = 5  # files that a sentence names

_log = logging.getLogger(__name__)


def codes_of(path: Path, rate: int) -> Tensor:
    """The codes (T,) of a recording without the silence at its ends, made a block at a time."""
    loudness, parts = Loudness(rate), []
    for block in recording_blocks(path, rate):
        loudness.add(block)
        parts.append(mu_law_encode(torch.from_numpy(block)))
    return torch.cat(parts)[loudness.heard()].clone()


def read_folder(
    folder: Path, rate: int, skip_damaged: bool = False, quiet: bool = False
) -> dict[str, Tensor]:
    """The codes (T,) of every recording in a folder, by their names in it and sorted by them;
    without those that are silent throughout.

    skip_damaged: leave out the files that cannot be read.
    quiet: say nothing of what is left out.
    StudioError, one sentence, where there are none, they are too long, or some are damaged.
    """
    files, others = _files_in(folder)
    if not files:
        raise StudioError(f'The folder "{folder}" holds no sound files, such as {USUAL}.')
    with ThreadPoolExecutor() as pool:  # what takes the time, decoding, lets others run
        _check_length(
            folder, rate, sum(each or 0.0 for each in pool.map(seconds_of, files.values()))
        )
        read = pool.map(lambda file: _codes_or_why_not(file, rate), files.values())
        found = dict(zip(files, read, strict=True))
    damaged = {name: why for name, why in found.items() if isinstance(why, StudioError)}
    if damaged and not skip_damaged:
        raise _all_damaged(folder, damaged, len(files))
    heard = {
        name: codes for name, codes in found.items() if isinstance(codes, Tensor) and len(codes)
    }
    kinds = _listed([f"{count} {ending}" for ending, count in others.most_common()])
    silent = [name for name in files if name not in heard and name not in damaged]
    every = len(files) + others.total()
    for number, why in (
        (others.total(), f"no sound files ({kinds})"),
        (len(damaged), f"damaged ({_listed(list(damaged))})"),
        (len(silent), f"silent ({_listed(silent)})"),
    ):
        if number and not quiet:
            _log.warning('Left out of "%s": %d of %d files, %s.', folder, number, every, why)
    return heard


def _files_in(folder: Path) -> tuple[dict[str, Path], Counter[str]]:
    """The sound files of a folder by their names in it, and how many others there are of each
    ending; without those that are hidden."""
    files: dict[str, Path] = {}
    others: Counter[str] = Counter()
    for file in sorted(folder.rglob("*"), key=lambda file: file.relative_to(folder).as_posix()):
        name, ending = file.relative_to(folder), file.suffix.lower()
        if any(part.startswith(".") for part in name.parts) or not file.is_file():
            continue
        if ending in SUFFIXES:
            files[name.as_posix()] = file
        else:
            others[ending or "without an ending"] += 1
    return files, others


def _check_length(folder: Path, rate: int, seconds: float) -> None:
    if seconds * rate > MOST:
        raise StudioError(
            f'The folder "{folder}" is too large: it holds {lasting(seconds)} of sound, which take'
            f" {seconds * rate / 1e9:,.1f} GB at {rate:,} Hz, and at most {lasting(MOST / rate)}"
            " are read."
        )


def _codes_or_why_not(file: Path, rate: int) -> Tensor | StudioError:
    try:
        return codes_of(file, rate)
    except StudioError as error:
        return error


def _all_damaged(path: Path, damaged: dict[str, StudioError], files: int) -> StudioError:
    """Which they are; of one, why, too."""
    if files == 1:
        return next(iter(damaged.values()))
    return StudioError(
        f'{len(damaged)} of the {files} sound files in "{path}" cannot be read'
        f" ({_listed(list(damaged))}): remove them, or leave them out with --skip-damaged (the"
        " setting skip_damaged=true)."
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
