"""Checkpoints: files of weights with a card. `load` and `save` come with torch when they are first
asked for, so that cards are read without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.checkpoints.storage import load, resolve, save

__all__ = ["load", "resolve", "save"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from studio.engine.checkpoints import storage

    return getattr(storage, name)
