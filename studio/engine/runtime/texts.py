"""Texts that come from elsewhere, such as names in files, as they can be shown."""

from __future__ import annotations


def shortened(text: str, most: int = 120) -> str:
    """A text as one line of at most so many characters: without control characters, and with its
    end in place of what is too much in the middle."""
    # what is left out anyway costs nothing, however long it is
    both = text if len(text) <= 4 * most else f"{text[: 2 * most]} {text[-2 * most :]}"
    line = " ".join("".join(c if c.isprintable() else " " for c in both).split())
    if len(line) <= most:
        return line
    end = most // 3
    return f"{line[: most - end - 1]}…{line[-end:]}"
