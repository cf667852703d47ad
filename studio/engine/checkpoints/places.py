"""Where checkpoints lie, and what they are called: those that come with the studio, the person's
own, and their runs. Free of torch.

A run is called like its folder, everywhere; to rename it is to rename the folder.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from filelock import FileLock, Timeout

from studio.engine.checkpoints.cards import SUFFIX, shipped
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import FORBIDDEN, LONGEST, RESERVED
from studio.engine.runtime.files import reason, written_at

LATEST, BEST = f"latest{SUFFIX}", f"best{SUFFIX}"
CONFIG = "config.json"  # what makes a folder a run
LOCK = ".lock"  # held in it by the process that trains it
METRICS = "metrics.csv"
STATUS, NOTES, SWEEP = "status.json", "notes.txt", "sweep.json"
STATE = f"resume{SUFFIX}"  # what a run goes on from
SAMPLES, EPOCHS = "samples", "epochs"  # folders in it
_EPOCH = re.compile(r"epoch-(\d{1,9})")
_HANDLE = re.compile(r"(.+)@(\d{1,9})")


def _data_folder() -> Path:
    import platformdirs  # not before a place of the person is asked for

    return Path(platformdirs.user_data_dir("autoregressive-studio", appauthor=False))


def gallery_file() -> Path:
    """The list of what was made, see `studio.engine.scenes.gallery`."""
    return _data_folder() / "gallery.json"


def sessions_folder() -> Path:
    """Where windows keep what is open in them, see `studio.engine.scenes.autosave`."""
    import platformdirs

    return Path(platformdirs.user_state_dir("autoregressive-studio", appauthor=False)) / "sessions"


def own_folder() -> Path:
    """Where the person keeps checkpoints of their own."""
    return _data_folder() / "checkpoints"


def drawings_folder() -> Path:
    """Where the sets of drawings are kept that models were taught."""
    return _data_folder() / "drawings"


def runs_folder() -> Path:
    """Where runs are kept unless another place is named."""
    return _data_folder() / "runs"


def queue_folder() -> Path:
    """Where trainings wait, see `studio.engine.training.queue`; no run can be called so."""
    return runs_folder() / ".queue"


def run_folders(folder: Path | None = None) -> list[Path]:
    """The folders of all runs in a folder (None: `runs_folder()`), the one that was written last
    first."""
    found = [file.parent for file in (folder or runs_folder()).glob(f"*/{CONFIG}")]
    return sorted(found, key=written_at, reverse=True)


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run, wherever it lies."""
    return (folder / CONFIG).is_file()


def run_of(checkpoint: Path) -> Path | None:
    """The folder of the run that a checkpoint is one of; None where its name says nothing of a
    run."""
    if checkpoint.name in (LATEST, BEST):
        return checkpoint.parent
    of_an_epoch = checkpoint.parent.name == EPOCHS and _EPOCH.fullmatch(_stem(checkpoint))
    return checkpoint.parent.parent if of_an_epoch else None


def by_epoch(folder: Path, suffix: str) -> dict[int, Path]:
    """The files `epoch-003` and so on with this ending in a folder, by their epochs, in order."""
    found = folder.glob(f"epoch-*{suffix}")
    names = ((_EPOCH.fullmatch(path.name.removesuffix(suffix)), path) for path in found)
    return dict(sorted((int(match[1]), path) for match, path in names if match))


def at_epoch(handle: str) -> Path | None:
    """The checkpoint that RUN@3 names, what a run had learnt after three epochs: RUN is its folder
    or its name. None for what names no run; StudioError where that epoch is not kept."""
    if (match := _HANDLE.fullmatch(handle)) is None:
        return None
    places = [Path(match[1])]
    if not FORBIDDEN.search(match[1]):
        places.append(runs_folder() / match[1])
    run = next((folder for folder in places if is_run(folder)), None)
    if run is None:
        return None
    kept = by_epoch(run / EPOCHS, SUFFIX)
    if (found := kept.get(int(match[2]))) is None:
        there = f"it keeps {', '.join(map(str, kept))}" if kept else "it keeps none of an epoch"
        raise StudioError(
            f"The run {run.absolute().name} has no checkpoint of epoch {match[2]}: {there}."
        )
    return found


def name_of(checkpoint: str | Path) -> str:
    """What a checkpoint is called: a run's by the run's folder, any other by its file."""
    path = Path(checkpoint).absolute()
    run = run_of(path)
    if run is None:
        return _stem(path)
    if path.name == BEST:
        return f"{run.name} (best)"
    return run.name if path.name == LATEST else f"{run.name}@{int(_stem(path).partition('-')[2])}"


def named(name: str) -> Path | None:
    """The checkpoint of that name: a shipped one, one of the person's own, or that of a run, also
    of an epoch that it keeps; None where there is none."""
    if (found := shipped().get(name)) is not None:
        return found
    if FORBIDDEN.search(name):
        return None
    places = (own_folder() / f"{name}{SUFFIX}", runs_folder() / name / LATEST)
    if (found := next((path for path in places if os.path.isfile(path)), None)) is not None:
        return found
    try:
        return at_epoch(name)
    except StudioError:
        return None


def run_named(name: str) -> Path:
    """The folder of a new run of that name; StudioError, one sentence, for a name that cannot be
    one or that is taken."""
    folder = runs_folder() / checked(name)
    if folder.exists():
        raise StudioError(
            f'There is a run "{folder.name}" already: choose another name, or resume that run.'
        )
    return folder


def checked(name: str) -> str:
    """A name without spaces round it; StudioError, one sentence, where no run can be called so."""
    name = name.strip()
    if not name or len(name) > LONGEST:
        raise StudioError(f"A name must have 1 to {LONGEST} characters.")
    if (wrong := FORBIDDEN.search(name)) is not None:
        mark = f"the character {wrong[0][0]}" if wrong[0].isprintable() else "control characters"
        raise StudioError(f"A name cannot contain {mark}: choose another.")
    if name[0] in ".-" or name[-1] == ".":
        raise StudioError("A name cannot begin with a dot or a dash, nor end with a dot.")
    if RESERVED.fullmatch(name):
        raise StudioError(f'"{name}" is a reserved name on Windows: choose another name.')
    if name in shipped():
        raise StudioError(f'"{name}" comes with the studio: choose another name.')
    return name


def rename(checkpoint: Path, name: str) -> Path:
    """Give a run, or a checkpoint of the person's own, another name; returns where its checkpoint
    is from now on.

    StudioError, one sentence, for a name that cannot be one or that is taken, for a run that any
    process is training, and where the system refuses.
    """
    name = checked(name)
    run = run_of(checkpoint)
    old = run or checkpoint
    new = old.with_name(name if run else f"{name}{SUFFIX}")
    if run and is_trained(run):
        raise StudioError(f'"{old.name}" is being trained: rename it when the training is over.')
    if new.exists() and not new.samefile(old):
        raise StudioError(f'"{name}" is taken: choose another name.')
    try:
        old.rename(new)
    except OSError as error:
        raise StudioError(f'"{old.name}" could not be renamed: {reason(error)}.') from error
    return new / checkpoint.relative_to(run) if run else new


def is_trained(folder: Path) -> bool:
    """Whether any process is training the run in a folder."""
    return is_held(folder / LOCK)


def is_held(lock: Path) -> bool:
    """Whether any process holds a lock, which is held for a moment to find out."""
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except (OSError, NotImplementedError):  # a disk that has no locks
        return False


def _stem(checkpoint: Path) -> str:
    return checkpoint.name.removesuffix(SUFFIX)
