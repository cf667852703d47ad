"""The files of a lesson: only those in its folder are read, none larger than it may be, and no
picture that could reach for another file."""

from __future__ import annotations

import re
from pathlib import Path

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason
from studio.engine.runtime.texts import shortened

PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
MOST_PICTURE = 8 << 20  # bytes
# what makes a drawing read other files, grow without bound, or run something
_REACHING = re.compile(
    rb"<!ENTITY|<image\b|<script\b|<foreignObject\b|<use[^>]+href\s*=\s*.[^#]", re.I
)


def read_file(folder: Path, name: str, most: int) -> bytes:
    """The content of a file in the folder, `most` bytes at the most; StudioError, one sentence,
    where there is none, or where the name leads out of the folder."""
    shown = shortened(name, 60)
    try:
        inside, path = folder.resolve(), (folder / name).resolve()
        if not path.is_relative_to(inside):
            raise StudioError(f"“{shown}” is not in the lesson's folder.")
        if not path.is_file():
            raise StudioError(f"There is no file “{shown}” in the lesson's folder.")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = reason(error) if isinstance(error, OSError) else "it is no name of a file"
        raise StudioError(f"“{shown}” cannot be read: {why}.") from error
    if len(content) > most:
        raise StudioError(f"“{shown}” is larger than {most >> 20} MB.")
    return content


def read_picture(folder: Path, name: str) -> bytes:
    """The same of a picture, which is one of `PICTURES` by its ending."""
    suffix = Path(name).suffix.lower()
    if "://" in name or suffix not in PICTURES:
        raise StudioError(
            f"“{shortened(name, 60)}” is no picture that a lesson can show: those are files of its"
            f" folder that end in {', '.join(PICTURES[:-1])} or {PICTURES[-1]}."
        )
    content = read_file(folder, name, MOST_PICTURE)
    if suffix == ".svg" and _REACHING.search(content):
        raise StudioError(
            f"“{shortened(name, 60)}” is more than a drawing: it names other files, or runs"
            " something."
        )
    return content
