"""Whose work the studio stands on: the makers of what comes with it, and the libraries it uses,
read from where each says so itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata, requires

from studio.engine.runtime.assets import assets_folder
from studio.engine.runtime.texts import shortened

_LONGEST_LICENCE = 60  # characters; the first of several stand for all


@dataclass(frozen=True)
class Library:
    """licence: as its package names it, "" where it does not."""

    name: str
    version: str
    licence: str


def data_credits() -> list[str]:
    """A sentence for each data set that comes with the studio: what it is, whose, which licence."""
    table = (assets_folder() / "LICENCES.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `data/[^|]*\| (.*) \|$", table, re.MULTILINE)
    return [re.sub(r"; see `[^`]*`\.$", ".", row).replace("`", "") for row in rows]


def libraries() -> list[Library]:
    """The packages that the studio is built on, by name."""
    try:
        needed = requires("autoregressive-studio") or []
    except PackageNotFoundError:  # run from a folder without being installed
        return []
    names = [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in needed if "extra ==" not in text]
    found = []
    for name in sorted(names, key=str.lower):
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        found.append(Library(about["Name"], about["Version"], _licence(about)))
    return found


def _licence(about: PackageMetadata) -> str:
    kinds = [text for text in about.get_all("Classifier") or [] if text.startswith("License ::")]
    fields = ("License-Expression", "License")
    named = [text for field in fields for text in about.get_all(field) or [] if text]
    named += [kind.rpartition(" :: ")[2] for kind in kinds]
    first = next(iter(named), "").strip().partition("\n")[0]
    if len(first) > _LONGEST_LICENCE:
        first = f"{first.partition(' AND ')[0]} and others"
    return shortened(first, _LONGEST_LICENCE)
