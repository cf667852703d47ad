"""Names of files that every system takes, and those in paths of any system."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath

LONGEST = 80  # characters: with an ending and a number after it, every file system takes it
# On one system or another these cannot stand in the name of a file, or mean something else there.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')
RESERVED = re.compile(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\..*)?", re.IGNORECASE)
_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")  # a drive, or the name of a server


def file_name(text: str) -> str:
    """A text as the stem of a file: what some system does not take becomes a dash."""
    name = FORBIDDEN.sub("-", text)[:LONGEST].strip(" .")
    return f"{name}-" if RESERVED.fullmatch(name) else name or "unnamed"


def free_name(text: str, taken: Iterable[str]) -> str:
    """The same with a number after it where the name is taken: in capitals or not is one name to
    Windows and macOS."""
    known, stem = {name.casefold() for name in taken}, file_name(text)
    name, number = stem, 2
    while name.casefold() in known:
        name, number = f"{stem}-{number}", number + 1
    return name


def last_part(path: str) -> str:
    """The name of a file, whose path may have been written on another system."""
    kind = PureWindowsPath if _OF_WINDOWS.match(path) else PurePosixPath
    return kind(path).name
