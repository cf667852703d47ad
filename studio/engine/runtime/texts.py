"""Texts that come from elsewhere, such as names in files, as they can be shown."""

from __future__ import annotations


def shortened(text: str, most: int = 120) -> str:
    """A text as one line of at most so many printable characters, the middle left out where there
    are more; nothing is done with a text that needs nothing."""
    if len(text) > most:
        end = most // 3
        text = f"{text[: most - end - 1]}…{text[-end:]}"
    if text.isprintable():  # nearly all are
        return text
    return "".join(c if c.isprintable() else " " for c in text)
