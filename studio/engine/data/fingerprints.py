"""Which data a model learnt from: the path of the person's own, whole, and a fingerprint of what
lay there. Other data of the same name are not taken for them without a word.

The fingerprint is of the files, byte by byte, and not of what is read from them, which another
version of a library may read a little differently.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.engine.data.part_names import labels_beside, set_of
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import reason

KEYS = ("data", "labels", "validation")  # of a recipe: what names files of the person
_SYSTEM_FILES = frozenset(["thumbs.db", "desktop.ini"])


def absolute_paths(recipe: Mapping[str, Any], shipped: Collection[str]) -> dict[str, str]:
    """Where the data that a recipe names lie, by its keys: whole paths, so that they are found from
    any folder. What is no path, or the name of a data set that ships, is left out."""
    named = {key: str(recipe.get(key) or "") for key in KEYS}
    paths = {
        key: Path(name).expanduser() for key, name in named.items() if name and name not in shipped
    }
    # not Path.exists, which raises where a text is too long for a name
    return {key: os.path.abspath(path) for key, path in paths.items() if os.path.exists(path)}


def fingerprint(recipe: Mapping[str, Any]) -> str:
    """Of all files that a recipe names as whole paths, 32 hexadecimal digits; "" where it names
    none. StudioError for a file that cannot be read."""
    own = _own(recipe)
    digest = hashlib.blake2b(digest_size=16)
    for path in own:
        for name, file in _files_of(path):
            try:
                with file.open("rb") as opened:
                    content = hashlib.file_digest(opened, hashlib.blake2b).hexdigest()
            except OSError as error:
                raise StudioError(f'"{file}" cannot be read: {reason(error)}.') from None
            digest.update(f"{name}\0{content}\0".encode(errors="surrogateescape"))
    return digest.hexdigest() if own else ""


def check_unchanged(card: Mapping[str, Any]) -> None:
    """StudioError where the data that a card names are not those that its model learnt from; a card
    without a fingerprint tells nothing."""
    kept = card.get("data_fingerprint")
    recipe = {**(card.get("recipe") or {}), "data": card.get("data")}
    if kept and fingerprint(recipe) not in ("", kept):
        raise StudioError(
            f"The data at {in_words(recipe)} have changed since the model learnt from them: to use"
            " them as they are now, name them with --data."
        )


def in_words(recipe: Mapping[str, Any]) -> str:
    """The files and folders of which the fingerprint is."""
    return " and ".join(f'"{path}"' for path in _own(recipe))


def _own(recipe: Mapping[str, Any]) -> list[Path]:
    paths = [Path(str(recipe.get(key) or "")) for key in KEYS]
    return [path for path in paths if path.is_absolute() and os.path.exists(path)]


def _files_of(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of a data set, each under its name in it: a file with its labels and other parts,
    or all in a folder that are not hidden."""
    if not path.is_dir():
        for part, file in sorted(set_of(path).items()):
            yield part, file
            if (labels := labels_beside(file)) is not None:
                yield f"{part} labels", labels
        return
    seen = {os.path.realpath(path)}  # links may lead round in a circle
    for place, folders, files in os.walk(path, followlinks=True):
        places = {name: os.path.realpath(os.path.join(place, name)) for name in sorted(folders)}
        folders[:] = [name for name, real in places.items() if name[0] != "." and real not in seen]
        seen.update(places.values())
        for name in sorted(files):
            if name[0] != "." and name.lower() not in _SYSTEM_FILES:
                file = Path(place, name)
                yield file.relative_to(path).as_posix(), file
