"""What an exported file says of itself, as text in its own fields: which program made it, with
which model and seed."""

from __future__ import annotations

from collections.abc import Mapping

from studio import __version__


def text_of(metadata: Mapping[str, object] | None) -> dict[str, str]:
    """The metadata of a file as text, by key; the program's own name comes first."""
    kept = {key.capitalize(): str(value) for key, value in (metadata or {}).items()}
    return {"Software": f"Autoregressive Studio {__version__}", **kept}


def as_comment(metadata: Mapping[str, str]) -> str:
    """All of them in one line, for formats with room for a comment only."""
    return "; ".join(f"{key}: {value}" for key, value in metadata.items())
