"""Where checkpoints lie, and what they are called: those that come with the studio, the person's
own, and their runs. Free of torch.

A run is called like its folder, everywhere; to rename it is to rename the folder.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from studio.engine.checkpoints.cards import SUFFIX, shipped
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.file_names import FORBIDDEN, LONGEST, RESERVED
from studio.engine.runtime.files import reason

LATEST, BEST = f"latest{SUFFIX}", f"best{SUFFIX}"
CONFIG = "config.json"  # what makes a folder a run
LOCK = ".lock"  # held in it by the process that trains it


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("autoregressive-studio", appauthor=False))


def gallery_file() -> Path:
    """The list of what was made, see `studio.engine.scenes.gallery`."""
    return _data_folder() / "gallery.json"


def sessions_folder() -> Path:
    """Where windows keep what is open in them, see `studio.engine.scenes.autosave`."""
    return Path(platformdirs.user_state_dir("autoregressive-studio", appauthor=False)) / "sessions"


def own_folder() -> Path:
    """Where the person keeps checkpoints of their own."""
    return _data_folder() / "checkpoints"


def runs_folder() -> Path:
    """Where runs are kept unless another place is named."""
    return _data_folder() / "runs"


def run_folders() -> list[Path]:
    """The folders of all runs in `runs_folder()`, the one that was written last first."""
    found = [file.parent for file in runs_folder().glob(f"*/{CONFIG}")]
    return sorted(found, key=_last_written, reverse=True)


def is_run(folder: Path) -> bool:
    """Whether a folder is that of a run, wherever it lies."""
    return (folder / CONFIG).is_file()


def name_of(checkpoint: str | Path) -> str:
    """What a checkpoint is called: a run's by the run's folder, any other by its file."""
    path = Path(checkpoint).absolute()
    if path.name == BEST:
        return f"{path.parent.name} (best)"
    return path.parent.name if path.name == LATEST else path.name.removesuffix(SUFFIX)


def named(name: str) -> Path | None:
    """The checkpoint of that name: a shipped one, one of the person's own, or that of a run; None
    where there is none."""
    if (found := shipped().get(name)) is not None:
        return found
    if FORBIDDEN.search(name):
        return None
    places = (own_folder() / f"{name}{SUFFIX}", runs_folder() / name / LATEST)
    return next((path for path in places if path.is_file()), None)


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
    of_a_run = checkpoint.name in (LATEST, BEST)
    old = checkpoint.parent if of_a_run else checkpoint
    new = old.with_name(name if of_a_run else f"{name}{SUFFIX}")
    if of_a_run and is_trained(old):
        raise StudioError(f'"{old.name}" is being trained: rename it when the training is over.')
    if new.exists() and not new.samefile(old):
        raise StudioError(f'"{name}" is taken: choose another name.')
    try:
        old.rename(new)
    except OSError as error:
        raise StudioError(f'"{old.name}" could not be renamed: {reason(error)}.') from error
    return new / checkpoint.name if of_a_run else new


def is_trained(folder: Path) -> bool:
    """Whether any process is training the run in a folder."""
    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except (OSError, NotImplementedError):  # a disk that has no locks
        return False


def _last_written(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # gone meanwhile
        return 0.0
