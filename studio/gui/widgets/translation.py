"""`tr`: the window's words in the person's language."""

from __future__ import annotations


def tr(text: str) -> str:
    return text


def plain(text: str) -> str:
    """A text of a menu without its marks."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
