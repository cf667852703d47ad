"""What is named as "module:name" in a table, imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def by_name(place: str) -> Any:
    """What is called so in a module, "module:name"; the module itself, for "module"."""
    module, _, name = place.partition(":")
    found = import_module(module)
    return getattr(found, name) if name else found
