"""Where the files that come with the studio are: in an installed package,
or at the top of a checkout."""

from functools import cache
from pathlib import Path

from studio.engine.runtime.errors import StudioError


def assets_folder() -> Path:
    """The folder with `data/`, `checkpoints/` and `icons/`;
    StudioError if the installation lacks it."""
    return _found_from(__file__)


@cache
def _found_from(file: str) -> Path:
    package = Path(file).resolve().parents[2]
    # A wheel carries the folder inside the package; a checkout has it next to the package.
    for candidate in (package / "assets", package.parent / "assets"):
        if (candidate / "data").is_dir():
            return candidate
    raise StudioError(
        f"The studio's own data and checkpoints are missing from {package}: install it again."
    )
